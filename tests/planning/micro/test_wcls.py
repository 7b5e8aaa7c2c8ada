import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from lkcm.planning import PlanError
from lkcm.planning.micro.occasions import Occasions
from lkcm.planning.micro.proximal_size import Micro, course
from lkcm.planning.micro.simulation import (
    BINARY_TRUTH,
    binary_moderator,
    omitted_moderator,
    planned_trials,
)
from lkcm.planning.micro.wcls import wcls

#: Trials simulated for each claim on coverage; 2.5 Monte Carlo errors of a share of .95.
TRIALS, NOMINAL = 1000, 2.5 * np.sqrt(0.95 * 0.05 / 1000)


def one(trials: Occasions, place: int = 0) -> Occasions:
    fields = ("outcome", "action", "probability", "available")
    picked = {name: getattr(trials, name)[place] for name in fields}
    covariates = {name: values[place] for name, values in trials.covariates.items()}
    return Occasions(**picked, covariates=covariates)


def constant_probability(seed=0, n=25, occasions=20) -> Occasions:
    random = np.random.default_rng(seed)
    shape = (n, occasions)
    state, person = random.integers(0, 2, shape).astype(float), random.normal(0, 1, (n, 1))
    action = (random.random(shape) < 0.4).astype(float)
    y = person + 0.5 * state + action * (0.2 + 0.3 * state) + random.standard_normal(shape)
    return Occasions(y, action, np.full(shape, 0.4), np.ones(shape), {"state": state})


def design_of(o: Occasions) -> np.ndarray:
    s, centred = o.covariates["state"].ravel(), o.action.ravel() - 0.4
    return np.column_stack([np.ones_like(s), s, centred, centred * s])


@pytest.mark.parametrize(("small_sample", "kind"), [(False, "robust"), (True, "bias_reduced")])
def test_with_one_probability_it_is_a_gee_with_independence(small_sample, kind):
    o = constant_probability()
    groups = np.repeat(np.arange(o.participants), o.outcome.shape[1])
    model = sm.GEE(
        o.outcome.ravel(), design_of(o), groups, cov_struct=sm.cov_struct.Independence()
    )
    theirs = model.fit(cov_type=kind)
    ours = wcls(o, ["state"], small_sample=small_sample)
    assert ours.estimate == pytest.approx(theirs.params[2:], rel=1e-8)
    assert ours.se == pytest.approx(theirs.bse[2:], rel=1e-6)
    assert ours.covariance == pytest.approx(theirs.cov_params()[2:, 2:], rel=1e-6)
    assert ours.df == o.participants - 4


def test_weights_are_those_of_weighted_least_squares():
    o = one(omitted_moderator(20, 25, 1, seed=5))
    reference = 0.45
    a, p, s = o.action.ravel(), o.probability.ravel(), o.covariates["state"].ravel()
    weight = np.where(a == 1, reference / p, (1 - reference) / (1 - p))
    x = np.column_stack([np.ones_like(a), s, a - reference])
    theirs = sm.WLS(o.outcome.ravel(), x, weights=weight).fit()
    ours = wcls(o, (), ["state"], reference=reference)
    assert ours.estimate[0] == pytest.approx(theirs.params[2], rel=1e-9)


def test_occasions_without_availability_count_for_nothing():
    o = constant_probability(seed=3)
    random = np.random.default_rng(1)
    available = (random.random(o.outcome.shape) < 0.6).astype(float)
    wild = np.where(available == 1, o.outcome, 1e3)
    kept = Occasions(o.outcome, o.action, o.probability, available, o.covariates)
    changed = Occasions(wild, o.action, o.probability, available, o.covariates)
    assert wcls(kept, ["state"]).estimate == pytest.approx(wcls(changed, ["state"]).estimate)
    assert wcls(kept).occasions == int(available.sum())


def test_trials_side_by_side_are_trials_one_by_one():
    many = omitted_moderator(15, 12, 4, seed=2)
    together = wcls(many, ["state"], reference=0.5)
    for place in range(4):
        alone = wcls(one(many, place), ["state"], reference=0.5)
        assert together.estimate[place] == pytest.approx(alone.estimate)
        assert together.ci_low[place] == pytest.approx(alone.ci_low)
        assert together.joint_p()[place] == pytest.approx(float(alone.joint_p()))


@pytest.mark.parametrize("n", [30, 60])
@pytest.mark.parametrize("controls", [(), ("state",)])
def test_the_truth_of_boruvka_is_recovered_with_nominal_coverage(n, controls):
    # The context moderates the effect and is left out: the mean effect is still -0.2.
    found = wcls(omitted_moderator(n, 30, TRIALS, seed=7), (), controls)
    error = found.estimate.std() / np.sqrt(TRIALS)
    assert found.estimate.mean() == pytest.approx(-0.2, abs=3 * error)
    covers = (found.ci_low[:, 0] < -0.2) & (found.ci_high[:, 0] > -0.2)
    assert covers.mean() == pytest.approx(0.95, abs=NOMINAL)
    assert found.se.mean() == pytest.approx(found.estimate.std(), rel=0.06)


def test_moderation_is_recovered_with_nominal_coverage():
    found = wcls(omitted_moderator(40, 30, TRIALS, seed=8, moderation=0.3), ["state"])
    for place, truth in enumerate((-0.2, 0.3)):
        covers = (found.ci_low[:, place] < truth) & (found.ci_high[:, place] > truth)
        assert covers.mean() == pytest.approx(0.95, abs=NOMINAL)


def test_a_plain_regression_is_biased_where_the_context_is_left_out():
    o = omitted_moderator(30, 30, 200, seed=9, moderation=0.8)
    x, y = o.action.reshape(200, -1), o.outcome.reshape(200, -1)
    s = o.covariates["state"].reshape(200, -1)
    slopes = [
        np.linalg.lstsq(np.column_stack([np.ones_like(a), b, a]), c, rcond=None)[0][2]
        for a, b, c in zip(x, s, y, strict=True)
    ]
    assert abs(np.mean(slopes) + 0.2) > 0.05
    assert wcls(o, (), ["state"]).estimate.mean() == pytest.approx(-0.2, abs=0.02)


def test_the_truth_of_qian_is_recovered_with_nominal_coverage():
    o = binary_moderator(50, 30, TRIALS, seed=3)
    found = wcls(o, (), ("state", "state_2"), link="log")
    assert BINARY_TRUTH == pytest.approx(0.4770512, abs=1e-6)  # as printed in their programs
    covers = (found.ci_low[:, 0] < BINARY_TRUTH) & (found.ci_high[:, 0] > BINARY_TRUTH)
    assert covers.mean() == pytest.approx(0.95, abs=NOMINAL)
    assert found.estimate.mean() == pytest.approx(BINARY_TRUTH, abs=0.01)
    moderated = wcls(o, ["state"], ("state", "state_2"), link="log")
    assert moderated.estimate.mean(axis=0) == pytest.approx([0.1, 0.3], abs=0.015)


def test_the_log_link_gives_the_risk_ratio_of_a_plain_trial():
    random = np.random.default_rng(4)
    action = (random.random((40, 10)) < 0.5).astype(float)
    y = (random.random((40, 10)) < 0.2 + 0.2 * action).astype(float)
    o = Occasions(y, action, np.full(y.shape, 0.5), np.ones(y.shape))
    ratio = y[action == 1].mean() / y[action == 0].mean()
    assert wcls(o, link="log").estimate[0] == pytest.approx(np.log(ratio), rel=1e-8)


def test_error_and_power_are_those_of_the_plan():
    for mean, expected in ((0.0, 0.05), (0.2, None)):
        trial = Micro(course(8, mean), a_day=3, availability=0.7, tested=1)
        found = wcls(planned_trials(trial, 30, TRIALS, seed=6), (), ("day", "day_2"))
        if expected is None:
            from lkcm.planning.micro.proximal_size import proximal_power

            expected = float(proximal_power(30, trial))
        share = (found.p[:, 0] < 0.05).mean()
        assert share == pytest.approx(expected, abs=3 * np.sqrt(expected / TRIALS) + 0.02)


def test_an_effect_of_three_coefficients_has_the_error_of_its_f_test():
    trial = Micro(course(8, 0.0), a_day=3)
    o = planned_trials(trial, 25, TRIALS, seed=10)
    share = (wcls(o, ("day", "day_2")).joint_p() < 0.05).mean()
    assert share == pytest.approx(0.05, abs=0.02)


def test_the_f_test_of_one_effect_is_its_t_test():
    found = wcls(constant_probability())
    assert found.joint_p() == pytest.approx(found.p[0])


def test_the_effect_at_a_value_of_the_moderator():
    found = wcls(constant_probability(), ["state"])
    effect, low, high = found.at([1])
    assert effect == pytest.approx(found.estimate.sum())
    half = stats.t.isf(0.025, found.df) * np.sqrt(found.covariance.sum())
    assert (low, high) == (pytest.approx(effect - half), pytest.approx(effect + half))
    assert found.at([0])[0] == pytest.approx(found.estimate[0])


def test_the_result_is_a_table():
    found = wcls(constant_probability(), ["state"]).to_frame()
    assert found["effect"].tolist() == ["effect", "effect x state"]
    with pytest.raises(PlanError, match="one trial"):
        wcls(omitted_moderator(10, 5, 2, seed=1)).to_frame()


def test_an_outcome_that_never_happens_has_no_ratio():
    random = np.random.default_rng(4)
    action = (random.random((20, 10)) < 0.5).astype(float)
    o = Occasions(
        np.zeros(action.shape), action, np.full(action.shape, 0.5), np.ones(action.shape)
    )
    with pytest.raises(PlanError, match="finds no estimate"):
        wcls(o, link="log")


def test_units_of_a_covariate_change_nothing_but_its_coefficient():
    o = constant_probability()
    small = {"state": o.covariates["state"] * 1e-5}
    other = Occasions(o.outcome, o.action, o.probability, o.available, small)
    first, second = wcls(o, ["state"]), wcls(other, ["state"])
    assert first.estimate == pytest.approx(second.estimate * [1, 1e-5])
    assert first.p == pytest.approx(second.p)


def test_what_cannot_be_estimated_is_refused():
    o = constant_probability()
    with pytest.raises(PlanError, match="link 'logit'.*reference is 1"):
        wcls(o, link="logit", reference=1)
    with pytest.raises(PlanError, match="outcomes of 1 and 0"):
        wcls(o, link="log")
    with pytest.raises(PlanError, match="needed: at least 2 more"):
        wcls(constant_probability(n=5), ["state"])
    twice = {"state": o.covariates["state"], "again": o.covariates["state"]}
    with pytest.raises(PlanError, match="follows from the others"):
        wcls(Occasions(o.outcome, o.action, o.probability, o.available, twice), list(twice))
