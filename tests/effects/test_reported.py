import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lkcm.effects import reported, smd

R, DELTA = 0.6, 0.5


def simulate_t(model, trials=20_000, n=40):
    """t of the group effect in simulated trials of 2 x n people, by analysis model."""
    rng = np.random.default_rng(6)
    pre = rng.standard_normal((2, trials, n))
    post = R * pre + np.sqrt(1 - R**2) * rng.standard_normal((2, trials, n))
    post[0] += DELTA
    slope = {"post": 0.0, "change": 1.0}.get(model)
    pre_centred = pre - pre.mean(axis=2, keepdims=True)
    s_xx = (pre_centred**2).sum(axis=(0, 2))
    if slope is None:
        slope = (pre_centred * post).sum(axis=(0, 2)) / s_xx
    outcome = post - np.reshape(slope, (-1, 1)) * pre
    difference = np.diff(outcome.mean(axis=2)[::-1], axis=0)[0]
    df = 2 * n - 2 - (model == "ancova")
    error = (outcome.var(axis=2, ddof=1) * (n - 1)).sum(axis=0) / df
    imbalance = np.diff(pre.mean(axis=2), axis=0)[0] ** 2 / s_xx
    return difference / np.sqrt(error * (2 / n + imbalance * (model == "ancova")))


@pytest.mark.parametrize(
    ("model", "unscaled"), [("post", 0.50), ("change", 0.56), ("ancova", 0.62)]
)
def test_t_of_each_model_gives_the_true_effect(model, unscaled):
    t, n = simulate_t(model), 40
    factor = reported.variance_factor(model, R)
    g, v = reported.smd_from_t(t, n, n, factor)
    raw, _ = reported.smd_from_t(t, n, n)
    assert g.mean() == pytest.approx(DELTA, abs=0.006)
    assert raw.mean() == pytest.approx(unscaled, abs=0.007)
    # g^2/2N is the large-sample term: a few per cent off at this size
    assert g.var() == pytest.approx(v.mean(), rel=0.06)


def test_variance_factor_of_an_unknown_model_is_missing():
    factors = reported.variance_factor(["post", "change", "ancova", "multivariate"], R)
    np.testing.assert_allclose(factors, [1, 0.8, 0.64, np.nan])


def test_t_of_two_arms_is_the_smd_of_their_means():
    g, v = smd.smd(12.0, 4.0, 30, 10.0, 5.0, 20)
    pooled = smd.pooled_sd(4.0, 5.0, 30, 20)
    t = 2.0 / (pooled * np.sqrt(1 / 30 + 1 / 20))
    np.testing.assert_allclose(reported.smd_from_t(t, 30, 20), (g, v))


@given(st.floats(0, 20), st.integers(4, 400))
def test_f_eta2_and_p_give_the_same_t(t, df):
    np.testing.assert_allclose(reported.t_from_f(t**2), t, atol=1e-12)
    eta2 = t**2 / (t**2 + df)
    np.testing.assert_allclose(reported.t_from_eta2(eta2, df), t, rtol=1e-6, atol=1e-6)
    p = 2 * stats.t.sf(t, df)
    if p > 1e-12:
        np.testing.assert_allclose(reported.t_from_p(p, df), t, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (reported.t_from_f, (-1.0,)),
        (reported.t_from_eta2, (1.0, 20)),
        (reported.t_from_eta2, (-0.1, 20)),
        (reported.t_from_p, (0.0, 20)),
        (reported.t_from_p, (1.2, 20)),
        (reported.variance_from_interval, (2.0, 1.0)),
    ],
    ids=["F<0", "eta2=1", "eta2<0", "p=0", "p>1", "interval backwards"],
)
def test_impossible_figures_give_nothing(function, arguments):
    assert np.isnan(function(*arguments))


@pytest.mark.parametrize("level", [0.9, 0.95, 0.9875])
@pytest.mark.parametrize("df", [np.inf, 30])
def test_variance_from_an_interval_of_any_level(level, df):
    half = stats.t.ppf((1 + level) / 2, df) * 0.2
    assert reported.variance_from_interval(1 - half, 1 + half, level, df) == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("printed", "kind", "low", "high"),
    [
        ("<0.001", "bound", 0, 0.001),
        ("p<.05", "bound", 0, 0.05),
        (">0.53", "bound", 0.53, 1),
        ("\u2264 0.01", "bound", 0, 0.01),
        ("0.034", "exact", 0.0335, 0.0345),
        ("0.02", "exact", 0.015, 0.025),
        ("1e-5", "exact", 0.5e-5, 1.5e-5),
        ("0.05", "threshold", 0.045, 0.055),
        ("0.0001", "threshold", 0.00005, 0.00015),
        ("0.000", "bound", 0, 0.0005),
        ("1.00", "exact", 0.995, 1),
        ("1.7", "", np.nan, np.nan),
        ("ns", "", np.nan, np.nan),
        (None, "", np.nan, np.nan),
    ],
)
def test_printed_p(printed, kind, low, high):
    p = reported.parse_p(pd.Series([printed], index=[7], dtype="str"))
    assert p.index.tolist() == [7]
    assert p["kind"].item() == kind
    np.testing.assert_allclose(p[["low", "high"]].to_numpy()[0], [low, high], atol=1e-12)


def test_numeric_p_is_read_as_its_shortest_decimal():
    p = reported.parse_p(pd.Series([0.034, np.nan]))
    assert p["kind"].tolist() == ["exact", ""]
    assert p["value"].iloc[0] == 0.034
