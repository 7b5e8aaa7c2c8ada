import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.effects import smd

MEANS_SETS = ["dat.normand1999", "dat.gibson2002", "dat.curtis1998"]
ARMS = ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")

sizes = st.integers(2, 500)
means = st.floats(-50, 50)
spreads = st.floats(0.5, 30)


@pytest.mark.parametrize("dataset", MEANS_SETS)
@pytest.mark.parametrize(
    ("measure", "function"), [("SMD", smd.smd), ("MD", smd.mean_difference)], ids=["SMD", "MD"]
)
def test_two_arms_agree_with_escalc(agrees_with_escalc, dataset, measure, function):
    agrees_with_escalc(measure, dataset, lambda data: function(*(data[name] for name in ARMS)))


@pytest.mark.parametrize("dataset", MEANS_SETS)
def test_standardised_mean_change_agrees_with_escalc(agrees_with_escalc, dataset):
    def compute(data):
        product = data["r"] * data["sd1i"] * data["sd2i"]
        sd_change = np.sqrt(data["sd1i"] ** 2 + data["sd2i"] ** 2 - 2 * product)
        return smd.standardised_mean_change(data["m1i"] - data["m2i"], sd_change, data["n1i"])

    agrees_with_escalc("SMCC", dataset, compute)


@pytest.mark.parametrize("dataset", MEANS_SETS)
def test_standardised_mean_change_raw_agrees_with_escalc(agrees_with_escalc, dataset):
    def compute(data):
        change = data["m1i"] - data["m2i"]
        return smd.standardised_mean_change_raw(change, data["sd1i"], data["n1i"], data["r"])

    agrees_with_escalc("SMCR", dataset, compute)


def test_worked_example_of_two_arms():
    g, v = smd.smd(2.9, 0.51, 114, 2.57, 0.62, 86)
    assert g == pytest.approx(0.58718, abs=5e-6)
    assert v == pytest.approx(0.0212618, abs=5e-8)


@pytest.mark.parametrize(
    ("df", "expected"),
    [(2, 0.5641896), (10, 0.9227456), (50, 0.9849119), (1, np.nan), (0, np.nan)],
)
def test_small_sample_factor(df, expected):
    # Gamma(1) = 1 and Gamma(1/2) = sqrt(pi) make J(2) = 1/sqrt(pi)
    np.testing.assert_allclose(smd.small_sample_factor(df), expected, atol=2e-7)


def test_pre_post_control_agrees_with_table_5_of_morris(reference):
    morris = reference["morris2008"]
    names = ("change_t", "sd_pre_t", "n_t", "change_c", "sd_pre_c", "n_c")
    g, v = smd.pre_post_control(*(np.array(morris[name], float) for name in names), r=0.6)
    np.testing.assert_allclose(g, morris["yi"], rtol=1e-8)
    assert [f"{value:.2f}" for value in g] == ["0.77", "0.80", "1.20", "1.05", "0.44"]
    assert (v > 0).all()


@pytest.mark.parametrize("delta", [0.0, 0.5, 1.2])
@pytest.mark.parametrize("r", [0.3, 0.8])
def test_pre_post_control_variance_is_that_of_simulated_trials(delta, r):
    rng = np.random.default_rng(2008)
    trials, n_t, n_c = 40_000, 14, 10

    def arm(n, effect):
        pre = rng.standard_normal((trials, n))
        post = r * pre + np.sqrt(1 - r**2) * rng.standard_normal((trials, n)) + effect
        return (post - pre).mean(axis=1), pre.std(axis=1, ddof=1)

    (change_t, sd_t), (change_c, sd_c) = arm(n_t, delta), arm(n_c, 0.0)
    g, _ = smd.pre_post_control(change_t, sd_t, n_t, change_c, sd_c, n_c, r)
    # the formula is exact at the true effect: give it the change that makes g equal delta
    at_truth = delta / smd.small_sample_factor(n_t + n_c - 2)
    _, expected = smd.pre_post_control(at_truth, 1.0, n_t, 0.0, 1.0, n_c, r)
    assert g.mean() == pytest.approx(delta, abs=4 * g.std() / np.sqrt(trials))
    assert g.var() == pytest.approx(expected, rel=0.04)


@pytest.mark.parametrize(
    ("n_t", "n_c", "r"), [(2, 2, 0.6), (20, 20, 1.0)], ids=["four people", "r of one"]
)
def test_pre_post_control_without_a_variance(n_t, n_c, r):
    assert np.isnan(smd.pre_post_control(1.0, 2.0, n_t, 0.5, 2.0, n_c, r)[1])


def test_changes_are_brought_to_the_raw_metric():
    r = 0.6
    sd_change = np.sqrt(2 * (1 - r)) * 10
    g, v = smd.smd_from_changes(5.0, sd_change, 40, 0.0, sd_change, 40, r)
    expected = smd.smd(5.0, 10.0, 40, 0.0, 10.0, 40)[0]
    assert g == pytest.approx(expected)
    assert v == pytest.approx(0.8 * 0.05 + g**2 / 160)


@pytest.mark.parametrize(
    ("n_t", "n_c", "units", "icc", "expected"),
    [
        pytest.param(100, 100, 10, 0.05, 1.45, id="ten people a cluster"),
        pytest.param(100, 100, 10, 0.0, 1.0, id="no correlation"),
        pytest.param(8, 8, 8, 0.15, 1.0, id="one person a cluster"),
        pytest.param(8, 8, 16, 0.15, 1.0, id="never below one"),
    ],
)
def test_design_effect(n_t, n_c, units, icc, expected):
    assert smd.design_effect(n_t, n_c, units, icc) == pytest.approx(expected)


def test_crossover_from_paired_t_is_unbiased():
    rng = np.random.default_rng(23)
    trials, n, delta, r = 20_000, 25, 0.4, 0.7
    first = rng.standard_normal((trials, n))
    second = r * first + np.sqrt(1 - r**2) * rng.standard_normal((trials, n)) + delta
    change = second - first
    t = change.mean(axis=1) / (change.std(axis=1, ddof=1) / np.sqrt(n))
    g, _ = smd.crossover_from_t(t, n, r)
    assert g.mean() == pytest.approx(delta, abs=4 * g.std() / np.sqrt(trials))
    assert g.var() == pytest.approx(smd.crossover_variance(delta, n, r), rel=0.12)


@given(means, spreads, sizes, means, spreads, sizes)
def test_swapping_arms_flips_g_and_keeps_v(mean_t, sd_t, n_t, mean_c, sd_c, n_c):
    g, v = smd.smd(mean_t, sd_t, n_t, mean_c, sd_c, n_c)
    swapped_g, swapped_v = smd.smd(mean_c, sd_c, n_c, mean_t, sd_t, n_t)
    np.testing.assert_allclose(swapped_g, -g, rtol=1e-12)
    np.testing.assert_allclose(swapped_v, v, rtol=1e-12)


@given(means, spreads, means, spreads, st.floats(0.01, 100), st.floats(-100, 100))
def test_units_of_the_scale_do_not_matter(mean_t, sd_t, mean_c, sd_c, unit, zero):
    g, v = smd.smd(mean_t, sd_t, 30, mean_c, sd_c, 20)
    rescaled = smd.smd(
        unit * mean_t + zero, unit * sd_t, 30, unit * mean_c + zero, unit * sd_c, 20
    )
    np.testing.assert_allclose(rescaled[0], g, atol=1e-8)
    np.testing.assert_allclose(rescaled[1], v, atol=1e-8)
