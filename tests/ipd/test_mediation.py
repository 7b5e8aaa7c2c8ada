import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.mediation import _paths, in_order, mediate
from lkcm.ipd.synthetic import TRUTH
from lkcm.synthesis.pool import pool_many


@pytest.fixture(scope="module")
def found(synthetic):
    _, numbers, _ = synthetic
    return mediate(numbers, seed=1)


def test_the_truth_is_within_its_intervals(found):
    for fit, truth in (
        (found.a, TRUTH.a),
        (found.b, TRUTH.b),
        (found.indirect, TRUTH.indirect),
        (found.natural_indirect, TRUTH.indirect),
        (found.natural_direct, TRUTH.effect - TRUTH.indirect),
        (found.total, TRUTH.effect),
    ):
        assert fit.ci[0] < truth < fit.ci[1]
    assert found.bootstrap[0] < TRUTH.indirect < found.bootstrap[1]


def test_paths_are_those_of_regressions_in_each_trial(synthetic, found):
    import statsmodels.formula.api as smf

    _, numbers, _ = synthetic
    columns = ["treatment", "mediator", "post", "baseline", "mediator_before"]
    own = numbers[numbers["trial"] == "S03"].dropna(subset=columns)
    row = found.trials.set_index("trial").loc["S03"]
    a = smf.ols("mediator ~ treatment + baseline + mediator_before", own).fit()
    assert row["a"] == pytest.approx(a.params["treatment"])
    assert row["v_a"] == pytest.approx(a.bse["treatment"] ** 2)
    own = own.assign(m=own["mediator"] - own.loc[own["treatment"] == 0, "mediator"].mean())
    b = smf.ols("post ~ treatment * m + baseline + mediator_before", own).fit()
    moved = b.params["m"] + b.params["treatment:m"]
    assert row["moved"] == pytest.approx(moved)
    assert row["v_moved"] == pytest.approx(
        float(np.array([0, 0, 1, 1, 0, 0]) @ b.cov_params() @ np.array([0, 0, 1, 1, 0, 0]))
    )
    assert row["natural_direct"] == pytest.approx(b.params["treatment"])
    assert row["indirect"] == pytest.approx(row["a"] * row["b"])


def test_without_an_interaction_direct_and_indirect_add_up(found):
    direct = found.trials["total"] - found.trials["indirect"]
    weights = 1 / found.trials["v_total"]
    expected = TRUTH.effect - TRUTH.indirect
    assert np.average(direct, weights=weights) == pytest.approx(expected, abs=0.1)


def test_no_confounding_is_the_estimate_and_some_makes_it_zero(found):
    zero = found.sensitivity.iloc[(found.sensitivity["rho"].abs()).argmin()]
    assert zero["estimate"] == pytest.approx(found.indirect.estimate, rel=1e-6)
    falling = found.sensitivity["estimate"].diff().dropna()
    assert (falling < 0).all()
    assert 0 < found.rho_unclear < found.rho_zero < 0.7


def test_a_mediator_after_the_outcome_is_refused(synthetic):
    frame, _, _ = synthetic
    late = frame.assign(
        week_mid=frame["week_mid"].where(frame["trial"] != "S01", 30),
        week_post=frame["week_post"].where(frame["trial"] != "S02"),
        mediator_mid=frame["mediator_mid"].where(frame["trial"] != "S03"),
    )
    usable, refused = in_order(late)
    assert len(usable) == 13
    assert refused["S01"] == "mediator in week 30, outcome in week 8"
    assert "not stated" in refused["S02"] and "not measured" in refused["S03"]


def test_two_trials_are_too_few(synthetic):
    _, numbers, _ = synthetic
    with pytest.raises(ParticipantError, match="three or more"):
        mediate(numbers[numbers["trial"].isin(["S01", "S02"])], seed=1)


@pytest.mark.slow
def test_the_indirect_effect_has_its_coverage(generator):
    k, n, sets = 8, 60, 400
    size = k * n * sets
    trial, treatment = np.repeat(np.arange(k * sets), n), np.tile([0.0, 1.0], size // 2)
    a = 0.5 + generator.normal(0, 0.1, k * sets)[trial]
    b = 0.4 + generator.normal(0, 0.05, k * sets)[trial]
    mediator = a * treatment + generator.normal(size=size)
    outcome = 0.2 * treatment + b * mediator + generator.normal(size=size)
    people = pd.DataFrame({"trial": trial, "treatment": treatment, "m": mediator, "y": outcome})
    people["product"] = people["treatment"] * people["m"]
    paths, _ = _paths(people, "y", "m", ())
    va, vb = paths["v_a"], paths["v_b"]
    # At the true paths: in `mediate` the pooled ones stand in.
    vi = 0.5**2 * vb + 0.4**2 * va + va * vb
    shaped = [(v.to_numpy().reshape(sets, k).T) for v in (paths["a"] * paths["b"], vi)]
    fits = pool_many(*shaped, test="knapp-hartung")
    covered = ((fits["ci_low"] < 0.2) & (fits["ci_high"] > 0.2)).mean()
    assert covered == pytest.approx(0.95, abs=0.03)
    assert fits["estimate"].mean() == pytest.approx(0.2, abs=0.01)
