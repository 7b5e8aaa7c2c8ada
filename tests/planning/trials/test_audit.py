import pandas as pd
import pytest

from lkcm.planning.trials.audit import audit, by_period, trial_arms
from lkcm.planning.trials.two_arm import TwoArm, power


@pytest.fixture
def tables():
    trials = pd.DataFrame(
        {
            "trial_id": ["a", "a2", "b", "c", "d"],
            "sample_id": ["a", "a", "b", "c", "d"],
            "year": [2010, 2012, 2011, 2019, None],
            "n_randomised": [80, 80, 90, None, 60],
            "n_arms": ["2", "2", "3", "2", "not-stated"],
        }
    )
    effects = pd.DataFrame(
        {
            "trial_id": ["a", "a2", "c", "c"],
            "n_t": [30, 38, 20, None],
            "n_c": [32, 39, 60, None],
        }
    )
    return trials, effects


def test_sizes_come_from_the_largest_comparison_else_from_equal_arms(tables):
    arms = trial_arms(*tables).set_index("sample_id")
    assert arms.loc["a", ["arm_t", "arm_c", "basis"]].tolist() == [38, 39, "stated"]
    assert arms.loc["b", ["arm_t", "arm_c", "basis"]].tolist() == [30, 30, "equal arms assumed"]
    assert arms.loc["d", "basis"] == "not stated"
    assert len(arms) == 4


def test_unequal_arms_have_the_power_of_their_own_sizes(tables):
    audited = audit(trial_arms(*tables), {"large": 0.81, "small": 0.23}, TwoArm())
    assert len(audited) == 6
    found = audited[(audited["sample_id"] == "c") & (audited["effect"] == "large")]["power"]
    # The standard error is exact, the degrees of freedom are those of equal arms.
    assert found.item() == pytest.approx(float(power(0.81, 20, TwoArm(ratio=3))), abs=0.01)


def test_a_baseline_raises_power(tables):
    arms = trial_arms(*tables)
    plain, ancova = (audit(arms, {"d": 0.5}, TwoArm(r=r))["power"] for r in (0, 0.6))
    assert (ancova > plain).all()


def test_periods_end_in_the_last_year(tables):
    table = by_period(audit(trial_arms(*tables), {"d": 0.5}, TwoArm()))
    assert table["last"].max() == 2019
    assert table[["first", "last", "trials"]].to_numpy().tolist() == [
        [2008, 2011, 2],
        [2016, 2019, 1],
    ]


def test_no_trial_gives_an_empty_audit(tables):
    trials, effects = tables
    audited = audit(trial_arms(trials.tail(1), effects.head(0)), {"d": 0.5}, TwoArm())
    assert audited.empty
    assert by_period(audited).empty
