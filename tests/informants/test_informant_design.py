import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkcm.informants.informant_design import (
    arm_size,
    effect_on_mean,
    informants_needed,
    mean_reliability,
    power_of,
    reliability_table,
    trial_sizes,
)
from lkcm.informants.simulated_reporters import reporter_correlation
from lkcm.synthesis.pooled import PoolError


def test_spearman_and_brown():
    assert mean_reliability(0.5, [1, 2, 3]) == pytest.approx([0.5, 2 / 3, 0.75])
    assert mean_reliability([0.0, 1.0], 5).tolist() == [0, 1]


@given(st.floats(0.02, 0.98), st.integers(1, 30))
def test_informants_needed_is_the_smallest_number(single, m):
    target = float(mean_reliability(single, m))
    if target < 0.999:
        assert informants_needed(target, single) == m
    needed = informants_needed(0.8, single)
    assert mean_reliability(single, needed) >= 0.8 - 1e-9
    assert needed == 1 or mean_reliability(single, needed - 1) < 0.8


@pytest.mark.parametrize("arguments", [(0, 0.5), (1, 0.5), (0.8, 0), (0.8, 1)])
def test_a_reliability_out_of_range_is_refused(arguments):
    with pytest.raises(PoolError, match="reliability is"):
        informants_needed(*arguments)


def test_the_effect_on_a_mean_is_that_of_simulated_informants():
    rng = np.random.default_rng(2)
    root = np.linalg.cholesky(reporter_correlation([0.6, 0.6, 0.6]))
    ratings = (rng.standard_normal((200_000, 3)) @ root.T).mean(axis=1)
    assert 0.3 / ratings.std() == pytest.approx(effect_on_mean(0.3, 0.36, 3), rel=0.01)
    assert effect_on_mean(0.3, 1, 3) == pytest.approx(0.3)
    assert effect_on_mean(0.3, 0, 4) == pytest.approx(0.6)


@pytest.mark.parametrize("g", [0.1, 0.2, 0.35, 0.5, 0.8, 1.2])
@pytest.mark.parametrize("power", [0.8, 0.9, 0.95])
def test_the_closed_size_is_the_noncentral_ts_within_one_person(g, power):
    n = float(arm_size(g, power))
    assert power_of(g, n + 1) >= power
    assert power_of(g, n - 1) < power


def test_sizes_known_from_textbooks():
    # Cohen (1988, table 2.4.1): d = .50 and .20, two-sided .05, power .80
    assert arm_size([0.5, 0.2]).tolist() == [64, 394]
    assert np.isinf(arm_size(0.0))


def test_sizes_of_the_trial_that_would_tell():
    found = trial_sizes(0.5, 0.4, 0.4, lost=0.2)
    assert found["reading"].tolist() == ["trait"] * 3 + ["score"] * 3
    assert found["informants"].tolist() == [1, 2, 3] * 2
    assert found["g"].iloc[[0, 3]].tolist() == pytest.approx([0.5, 0.2])
    assert found["per_arm"].iloc[[0, 3]].tolist() == [64, 394]
    assert found["people"].iloc[[0, 3]].tolist() == [160, 986]
    assert found.groupby("reading")["people"].is_monotonic_decreasing.all()
    assert found["reliability"].iloc[1] == pytest.approx(0.8 / 1.4)


def test_without_agreement_others_who_follow_the_score_cannot_be_sized():
    found = trial_sizes(0.5, 0.0, 0.4)
    assert found["people"].isna().tolist() == [False] * 3 + [True] * 3
    whole = trial_sizes(0.5, 1.0, 0.4)
    assert whole["people"].iloc[:3].tolist() == whole["people"].iloc[3:].tolist()


def test_all_problems_are_named():
    with pytest.raises(PoolError, match="agreement is 2.*; lost is 1; .*; power is 0.01"):
        trial_sizes(0.5, 2, 0.4, lost=1, power=0.01)


def test_the_table_of_reliabilities():
    found = reliability_table([0.5])
    assert found.loc[0, ["0.5", "0.6", "0.7", "0.8"]].tolist() == [1, 2, 3, 4]
    assert found.loc[0, ["one", "two", "three"]].tolist() == pytest.approx([0.5, 2 / 3, 0.75])
