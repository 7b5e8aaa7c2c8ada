import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lkcm.harms.events import EventsError
from lkcm.harms.worsening import (
    CHANGE,
    SHAPES,
    bootstrap,
    contrast,
    counted,
    counted_contrast,
    number_needed,
    risk,
)

SIMULATIONS = 4000


def changes(worse_t=-2.0, worse_c=-1.0, sd=5.0, n=40):
    return pd.DataFrame([[worse_t, sd, n, worse_c, sd, n]], columns=CHANGE)


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_have_mean_zero_and_sd_one(name):
    assert SHAPES[name].mean() == pytest.approx(0, abs=1e-12)
    assert SHAPES[name].std() == pytest.approx(1)


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_arms_give_a_ratio_of_one_at_threshold_zero(shape):
    found = contrast(changes(-1.5, -1.5), 0.0, shape).iloc[0]
    assert found["rr"] == pytest.approx(1) and found["rd"] == pytest.approx(0)
    assert found["rr_low"] < 1 < found["rr_high"]
    assert found["excess"] > 0


def test_the_normal_share_is_that_of_the_normal_distribution():
    share, _ = risk(-2.0, 5.0, 40, 1.0)
    assert share == pytest.approx(stats.norm.sf(3 / 5))
    assert risk(0.0, 5.0, 40, 0.0)[0] == pytest.approx(0.5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threshold", [0.0, 2.0])
def test_the_variance_is_that_of_simulated_trials(shape, threshold):
    n, worse, sd = 60, -2.0, 5.0
    drawn = worse + sd * SHAPES[shape].rvs(
        size=(SIMULATIONS, n), random_state=np.random.default_rng(7)
    )
    shares, _ = risk(drawn.mean(axis=1), drawn.std(axis=1, ddof=1), n, threshold, shape)
    _, variance = risk(worse, sd, n, threshold, shape)
    assert shares.var() == pytest.approx(float(variance), rel=0.12)


def test_a_known_risk_ratio_is_recovered_within_monte_carlo_error():
    generator = np.random.default_rng(3)
    n, threshold = 80, 1.0
    arms = {"t": (-3.0, 6.0), "c": (-1.0, 6.0)}
    table = {}
    for arm, (worse, sd) in arms.items():
        drawn = worse + sd * generator.standard_normal((SIMULATIONS, n))
        table |= {
            f"worse_{arm}": drawn.mean(axis=1),
            f"sd_{arm}": drawn.std(axis=1, ddof=1),
            f"n_{arm}": n,
        }
    found = contrast(pd.DataFrame(table), threshold)
    true = {arm: stats.norm.sf((threshold - worse) / sd) for arm, (worse, sd) in arms.items()}
    log_rr = np.log(true["t"] / true["c"])
    error = found["log_rr"].std() / np.sqrt(SIMULATIONS)
    # the logarithm of an estimate is biased by the order of its variance
    assert found["log_rr"].mean() == pytest.approx(log_rr, abs=4 * error + 0.01)
    covered = (found["rr_low"] < np.exp(log_rr)) & (np.exp(log_rr) < found["rr_high"])
    assert 0.93 <= covered.mean() <= 0.97
    excluded = found["excess"] > true["t"] - true["c"]
    assert 0.93 <= excluded.mean() <= 0.97


def test_the_bootstrap_agrees_with_the_delta_method_in_large_arms():
    large = changes(-3, -1, 5.0, 2000)
    delta, boot = contrast(large, 1.0), bootstrap(large, 1.0, seed=2)
    for column in boot:
        assert boot[column].iloc[0] == pytest.approx(delta[column].iloc[0], abs=0.01)
    assert bootstrap(large, 1.0, seed=2).equals(boot)


def test_participants_are_counted_and_missing_ones_are_left_out():
    found = counted([1.0, 0.0, -1.0, 2.0, np.nan], [True, True, False, False, True], 0.0)
    assert found == {"a": 1, "n_t": 2, "c": 1, "n_c": 2}


def test_counts_are_compared_as_they_are():
    counts = pd.DataFrame({"a": [6, 0], "n_t": [30, 20], "c": [12, 3], "n_c": [40, 20]})
    found = counted_contrast(counts)
    assert found["rr"].tolist() == pytest.approx([2 / 3, 0])
    assert found["v_log_rr"].iloc[0] == pytest.approx(1 / 6 - 1 / 30 + 1 / 12 - 1 / 40)
    assert found["rd"].tolist() == pytest.approx([-0.1, -0.15])
    assert found["v_rd"].iloc[1] == pytest.approx(0.15 * 0.85 / 20)
    with pytest.raises(EventsError, match="more events than people"):
        counted_contrast(counts.assign(a=99))


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.08, 0.02, 0.14), "one more worse for every 13 people (8 to 50)"),
        ((-0.08, -0.14, -0.02), "one fewer worse for every 13 people (8 to 50)"),
        ((0.0, -0.1, 0.05), "one fewer for every 10 to one more for every 20"),
        ((0.0, -0.1, 0.0), "one more for every ∞"),
    ],
)
def test_the_number_needed_runs_through_infinity(ends, words):
    assert words in number_needed(*ends)


@given(st.floats(-10, 10), st.floats(0.5, 20), st.floats(-10, 10), st.floats(0.01, 100))
def test_the_unit_of_the_scale_is_irrelevant(worse, sd, threshold, unit):
    one = risk(worse, sd, 30, threshold)
    other = risk(unit * worse, unit * sd, 30, unit * threshold)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-15)


def test_what_has_no_risk_is_refused():
    with pytest.raises(EventsError, match="unknown; allowed: normal"):
        risk(0, 1, 10, 0, "uniform")
    with pytest.raises(EventsError, match="SD above zero"):
        risk(0, 0, 10, 0)
    with pytest.raises(EventsError, match="two people"):
        risk(0, 1, 1, 0)
