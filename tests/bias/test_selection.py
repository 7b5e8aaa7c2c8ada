import numpy as np
import pytest

from lkcm.bias.selection import (
    FOUR_PSM,
    THREE_PSM,
    step_selection,
    step_selection_many,
)
from lkcm.synthesis.pooled import PoolError

SETS = (
    *("curtis1998_rom", "raudenbush1985", "berkey1998", "bangertdrowns2004"),
    *("konstantopoulos2011", "linde2005_rr", "molloy2014_zcor", "cohen1981_zcor", "bcg_rr"),
    *("normand1999_smd", "li2007_or", "gibson2002_smd", "hart1999_irr"),
)
#: metafor's optimiser walks without derivatives of its own, on log tau2.
LIKELIHOOD = 1e-4


def compare(ours, expected):
    """Ours is at least as high; where the tops are one, so are the estimates."""
    assert ours.loglik >= expected["loglik"] - 1e-6
    assert ours.loglik == pytest.approx(expected["loglik"], abs=LIKELIHOOD)
    assert ours.lrt_p == pytest.approx(expected["lrt_p"], rel=1e-3, abs=LIKELIHOOD)
    assert ours.estimate == pytest.approx(expected["estimate"], rel=5e-4, abs=LIKELIHOOD)
    assert ours.tau2 == pytest.approx(expected["tau2"], rel=1e-3, abs=LIKELIHOOD)
    np.testing.assert_allclose(ours.weights, expected["weights"], rtol=1e-3)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("steps", [THREE_PSM, FOUR_PSM], ids=["3PSM", "4PSM"])
def test_metafor_agrees(oracle, name, steps):
    case = oracle[name]
    expected = case.get(f"step_{len(steps)}")
    ours = step_selection(case["sign"] * case["yi"], case["vi"], steps)
    if ours.needs is not None:
        # metafor refuses an empty interval above the first, and holds a weight at its bound
        # where the first is empty.
        assert "every side" in ours.needs
        return
    if max(ours.weights) > 99:
        assert max(expected["weights"]) == pytest.approx(100)
        return
    compare(ours, expected)
    if ours.tau2 > 1e-6:
        assert ours.se == pytest.approx(expected["se"], rel=LIKELIHOOD)
        np.testing.assert_allclose(ours.weights_se, expected["weights_se"], rtol=1e-3)


def test_enough_sets_are_compared(oracle):
    for steps in (THREE_PSM, FOUR_PSM):
        compared = [oracle[name].get(f"step_{len(steps)}") for name in SETS]
        assert sum(case is not None for case in compared) >= 9


def test_selection_of_a_fifth_is_recovered(selected):
    table = step_selection_many(*selected)
    assert table["estimate"].mean() == pytest.approx(0.3, abs=0.02)
    assert table["tau2"].mean() == pytest.approx(0.04, abs=0.01)
    assert table["weight_1"].median() == pytest.approx(0.2, abs=0.03)
    assert (table["lrt_p"] < 0.05).mean() > 0.9


def test_many_data_sets_are_those_one_by_one(simulated):
    yi, vi = simulated(15, 12)
    yi[12:, :4] = vi[12:, :4] = np.nan
    table = step_selection_many(yi, vi)
    for i in (0, 3, 6, 11):
        kept = ~np.isnan(yi[:, i])
        one = step_selection(yi[kept, i], vi[kept, i])
        row = table.loc[i, ["estimate", "se", "tau2", "weight_1", "lrt"]].tolist()
        assert row == pytest.approx(
            [one.estimate, one.se, one.tau2, *one.weights, one.lrt], rel=1e-5, abs=1e-8
        )


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_a_change_of_unit_scales_the_estimate(simulated, unit):
    yi, vi = simulated(20, 50)
    plain, scaled = step_selection_many(yi, vi), step_selection_many(unit * yi, unit**2 * vi)
    for column in ("estimate", "se"):
        np.testing.assert_allclose(scaled[column], unit * plain[column], rtol=1e-4)
    np.testing.assert_allclose(scaled["lrt"], plain["lrt"], atol=1e-7)


@pytest.mark.parametrize(
    ("yi", "words"),
    [
        pytest.param([1, 2, 3], "needs k >= 4", id="three trials"),
        pytest.param([5.0, 6, 7, 8, 9], "needs results on every side", id="all significant"),
        pytest.param([-1.0, 0, 0.1, 0.2, -2], "needs results on every side", id="none"),
    ],
)
def test_too_little_is_told_in_words(yi, words):
    result = step_selection(yi, np.linspace(0.1, 0.5, len(yi)))
    assert result.needs.startswith(words)
    assert (result.estimate, result.lrt_p, result.weights) == (None, None, ())


@pytest.mark.parametrize("steps", [(), (0.5, 0.025), (0.0,), (0.025, 1.0), (0.1, 0.1)])
def test_steps_that_do_not_rise_are_told_in_words(steps):
    with pytest.raises(PoolError, match="steps are"):
        step_selection([1, 2, 3, 4], [1, 1, 1, 1], steps)
