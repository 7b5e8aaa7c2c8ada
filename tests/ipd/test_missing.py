import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.missing import (
    completed_effect,
    delta_table,
    impute,
    rubin,
    tipping_point,
)
from lkcm.ipd.two_stage import TREATMENT, two_stage


@pytest.fixture(scope="module")
def people():
    generator = np.random.default_rng(5)
    k, n = 6, 500
    trial = np.repeat([f"t{i}" for i in range(k)], n)
    treatment = np.tile([0.0, 1.0], k * n // 2)
    baseline = generator.normal(size=k * n)
    helper = 0.7 * baseline + generator.normal(0, 0.7, k * n)
    full = 0.4 * treatment + 0.3 * baseline + 0.6 * helper + generator.normal(0, 0.6, k * n)
    # Those who were low on the helper leave, and more often where they were treated.
    gone = generator.random(k * n) < 1 / (1 + np.exp(1.2 + (0.5 + 1.2 * treatment) * helper))
    columns = {"trial": trial, TREATMENT: treatment, "baseline": baseline, "helper": helper}
    return pd.DataFrame(columns | {"full": full, "post": np.where(gone, np.nan, full)})


def test_rubins_rules_by_hand():
    estimate, variance, share = rubin(np.array([[1.0], [2.0], [3.0]]), np.full((3, 1), 0.5))
    assert estimate[0] == 2 and variance[0] == pytest.approx(0.5 + 4 / 3)
    assert share[0] == pytest.approx((4 / 3) / (0.5 + 4 / 3))


def test_imputation_recovers_what_leavers_would_have_said(people):
    whole = two_stage(people, "full", ["baseline"]).pooled.estimate
    stayed = two_stage(people, "post", ["baseline"]).pooled.estimate
    imputed = impute(people, ["post", "baseline", "helper"], m=20, seed=1)
    found = completed_effect(imputed, "post")
    assert abs(found.pooled.estimate - whole) < 0.5 * abs(stayed - whole)
    assert found.trials["share"].between(0, 0.6).all()
    observed = people["post"].notna().to_numpy()
    kept = imputed.column("post")[:, observed]
    np.testing.assert_array_equal(kept, np.tile(people.loc[observed, "post"], (20, 1)))


def test_statsmodels_mice_agrees(people):
    import statsmodels.formula.api as smf
    from statsmodels.imputation.mice import MICEData

    arm = people[(people["trial"] == "t0") & (people[TREATMENT] == 1)]
    columns = ["post", "baseline", "helper"]
    np.random.seed(1)  # noqa: NPY002 - MICEData knows no other generator
    theirs = MICEData(arm[columns].reset_index(drop=True), k_pmm=3)
    draws = []
    for _ in range(60):
        theirs.update_all(2)
        draws.append(theirs.data["post"].mean())
    two = people[people["trial"] == "t0"]
    ours = impute(two, columns, m=60, seed=1)
    treated = ours.frame[TREATMENT].to_numpy() == 1
    means = ours.column("post")[:, treated].mean(axis=1)
    # Predictive mean matching borrows from those who stayed, who were better than it predicts.
    assert means.mean() == pytest.approx(np.mean(draws), abs=0.06)
    line = smf.ols("post ~ baseline + helper", arm).fit()
    assert means.mean() == pytest.approx(arm["post"].fillna(line.predict(arm)).mean(), abs=0.01)


def test_a_column_that_a_trial_never_measured_is_named_not_imputed(people):
    lacking = people.assign(helper=people["helper"].where(people["trial"] != "t2"))
    imputed = impute(lacking, ["post", "baseline", "helper"], m=3, seed=1)
    assert imputed.never == {"helper": ("t2",)}
    there = (imputed.frame["trial"] == "t2").to_numpy()
    assert np.isnan(imputed.column("helper")[:, there]).all()
    assert np.isfinite(imputed.column("post")).all()
    with_helper = completed_effect(imputed, "post", ["baseline", "helper"])
    assert "t2" not in set(with_helper.trials["trial"])


def test_small_arms_are_imputed_together_and_said(people):
    few = people.groupby("trial").head(14)
    assert set(impute(few, ["post", "baseline", "helper"], m=3, seed=1).together) == set(
        few["trial"]
    )


def test_worse_leavers_lower_the_effect_in_a_straight_line(people):
    imputed = impute(people, ["post", "baseline", "helper"], m=10, seed=1)
    table = delta_table(imputed, "post", [0.0, -1.0, -2.0, -3.0])
    only = table[table["arms"] == "LKCM arm only"]["estimate"].to_numpy()
    both = table[table["arms"] == "both arms"]["estimate"].to_numpy()
    assert (np.diff(only) < 0).all() and (only[1:] < both[1:]).all()
    np.testing.assert_allclose(np.diff(only), np.diff(only)[0], rtol=0.1)
    tip = tipping_point(table)
    assert -3 < tip < 0
    at_tip = completed_effect(imputed, "post", delta_t=tip).pooled
    assert at_tip.ci[0] == pytest.approx(0, abs=0.03)
    assert tipping_point(table[table["delta"] > -0.5]) is None
