import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.two_stage import TREATMENT, combine, pool_trials, two_stage
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError


@pytest.fixture
def people(generator):
    rows = []
    for trial in "abcde":
        n = 60
        treatment, baseline = np.tile([0.0, 1.0], n // 2), generator.normal(size=n)
        y = 0.4 * treatment + 0.6 * baseline + generator.normal(size=n)
        rows.append({"trial": trial, TREATMENT: treatment, "baseline": baseline, "y": y})
    return pd.concat([pd.DataFrame(row) for row in rows], ignore_index=True)


def test_each_trial_is_an_analysis_of_covariance(people):
    import statsmodels.formula.api as smf

    found = two_stage(people, "y", ["baseline"])
    for row in found.trials.itertuples():
        own = people[people["trial"] == row.trial]
        fit = smf.ols("y ~ treatment + baseline", own).fit()
        assert row.yi == pytest.approx(fit.params["treatment"])
        assert row.vi == pytest.approx(fit.bse["treatment"] ** 2)
    expected = pool(found.trials["yi"], found.trials["vi"], test="knapp-hartung-adhoc")
    assert found.pooled.estimate == expected.estimate and found.left_out == ()


def test_a_trial_without_a_control_is_named(people):
    people.loc[people["trial"] == "c", TREATMENT] = 1.0
    found = two_stage(people, "y", ["baseline"])
    assert found.left_out == ("c",) and found.pooled.k == 4


def test_nothing_to_pool():
    assert pool_trials([], []) is None


def test_trials_with_and_without_participants_in_one_pool(people):
    with_people = two_stage(people, "y", ["baseline"]).trials
    printed = pd.DataFrame({"trial": ["x", "y", "z"], "yi": [1.0, 1.2, 0.9], "vi": [0.05] * 3})
    found = combine(with_people, printed)
    assert found.pooled.k == 8 and found.trials["participants"].sum() == 5
    difference = with_people["yi"].mean() - printed["yi"].mean()
    assert found.contrast.estimate == pytest.approx(difference, abs=0.1)
    assert combine(with_people, printed.head(1)).contrast is None
    with pytest.raises(PoolError, match="a: with and without"):
        combine(with_people, printed.assign(trial=["a", "y", "z"]))
