import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.effects import ratios

COUNT_MEASURES = {
    "RR": ratios.log_risk_ratio,
    "OR": ratios.log_odds_ratio,
    "RD": ratios.risk_difference,
}
COUNTS = ("ai", "n1i", "ci", "n2i")
ARMS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")


@pytest.mark.parametrize("measure", COUNT_MEASURES)
@pytest.mark.parametrize(
    "dataset",
    [
        "dat.bcg",
        "dat.nielweise2007",
        "dat.linde2005",
        "dat.hine1989",
        "dat.yusuf1985",
        "dat.lau1992",
        "dat.egger2001",
    ],
)
def test_counts_agree_with_escalc(agrees_with_escalc, measure, dataset):
    function = COUNT_MEASURES[measure]
    agrees_with_escalc(measure, dataset, lambda data: function(*(data[name] for name in COUNTS)))


@pytest.mark.parametrize("dataset", ["dat.normand1999", "dat.gibson2002", "dat.curtis1998"])
def test_ratio_of_means_agrees_with_escalc(agrees_with_escalc, dataset):
    def compute(data):
        return ratios.log_ratio_of_means(*(data[name] for name in ARMS))

    agrees_with_escalc("ROM", dataset, compute)


def test_reference_has_tables_with_empty_cells(reference):
    cases = [case["inputs"] for case in reference["cases"] if case["measure"] == "RR"]
    empty = [ratios.has_empty_cell(*(case[name] for name in COUNTS)).sum() for case in cases]
    assert sum(empty) > 5


@pytest.mark.parametrize(
    ("counts", "expected"),
    [((0, 10, 2, 10), True), ((10, 10, 2, 10), True), ((1, 10, 2, 10), False)],
    ids=["none", "all", "some"],
)
def test_empty_cells_are_seen(counts, expected):
    assert ratios.has_empty_cell(*counts) == expected


def test_double_zero_gives_no_difference_with_a_large_variance():
    estimate, variance = ratios.log_risk_ratio(0, 40, 0, 40)
    assert estimate == 0
    assert variance > 3.9


@pytest.mark.parametrize(
    ("mean_t", "mean_c"), [(-1.0, 2.0), (0.0, 2.0)], ids=["opposite signs", "zero"]
)
def test_ratio_of_means_needs_positive_means(mean_t, mean_c):
    assert np.isnan(ratios.log_ratio_of_means(mean_t, 1.0, 20, mean_c, 1.0, 20)).all()


def test_ratio_from_its_interval():
    estimate, variance = ratios.log_ratio_from_interval(3.89, 1.13, 13.41)
    assert estimate == pytest.approx(np.log(3.89))
    # the printed p of this odds ratio is .032
    assert estimate / np.sqrt(variance) == pytest.approx(2.15, abs=0.01)


def test_odds_ratio_to_d_is_the_logistic_scale():
    d, variance = ratios.smd_from_log_odds(np.pi / np.sqrt(3), 1.0)
    assert d == pytest.approx(1.0)
    assert variance == pytest.approx(3 / np.pi**2)


@given(*[st.integers(0, 60)] * 2, *[st.integers(60, 200)] * 2)
def test_swapping_arms_flips_ratios(events_t, events_c, n_t, n_c):
    for measure in COUNT_MEASURES.values():
        estimate, variance = measure(events_t, n_t, events_c, n_c)
        swapped = measure(events_c, n_c, events_t, n_t)
        np.testing.assert_allclose(swapped[0], -estimate, atol=1e-12)
        np.testing.assert_allclose(swapped[1], variance, rtol=1e-12)
