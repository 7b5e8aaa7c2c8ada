import numpy as np
import pandas as pd
import pytest

from lkcm.effects import convert
from lkcm.informants.agreement_range import Agreement
from lkcm.informants.classes import informant_rows
from lkcm.informants.example import example_tables
from lkcm.informants.methods import DIRECTIONS, direction, joint_effect, multi_method, speaking
from lkcm.informants.simulated_reporters import reporter_correlation, simulate
from lkcm.synthesis.covariance import Reporters
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pooled import PoolError

OUTCOME = ["other-compassion"]


def test_classes_are_those_of_the_dependent_effects_model(example):
    found = multi_method(example, OUTCOME, agreement=Agreement(0.3, 0.3))
    label = example["method"]
    fit = pool_dependent(
        example["yi"], example["vi"], example["sample_id"], intercept=False,
        moderators={name: label.eq(name).astype(float) for name in ("self", "second-person")},
        reporters=Reporters(example["asked"], 0.3),
    )  # fmt: skip
    for one, coefficient in zip(found.classes.values(), fit.coefficients, strict=True):
        assert one.estimate == pytest.approx(coefficient.estimate)
        assert one.ci == pytest.approx(coefficient.ci)
        spread = np.sqrt(fit.tau2 + coefficient.se**2)
        width = one.prediction_interval[1] - one.estimate
        assert width / spread == pytest.approx((one.ci[1] - one.estimate) / coefficient.se)


def test_the_range_of_agreement_widens_the_interval_by_what_it_moves(example):
    wide = Agreement(0.0, 0.6, draws=4)
    found = multi_method(example, OUTCOME, agreement=wide)
    points = [multi_method(example, OUTCOME, agreement=Agreement(r, r)) for r in wide.values()]
    for name, one in found.classes.items():
        each = [point.classes[name] for point in points]
        estimates = np.array([point.estimate for point in each])
        assert one.drawn.over_agreement == pytest.approx((estimates.min(), estimates.max()))
        variance = np.mean([point.drawn.se**2 for point in each]) + estimates.var()
        assert one.drawn.se**2 == pytest.approx(variance)
    frame = found.to_frame()
    assert frame["k"].tolist() == [12, 11]
    assert frame["effects"].tolist() == [12, 14]
    assert (frame["lowest"] < frame["highest"]).all()


def test_an_agreement_above_rho_is_held_at_rho(example):
    high = multi_method(example, OUTCOME, agreement=Agreement(0.9, 1.0))
    held = multi_method(example, OUTCOME, agreement=Agreement(0.6, 0.6))
    name = "second-person"
    assert high.classes[name].estimate == pytest.approx(held.classes[name].estimate)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_below_three_trials_a_class_carries_what_exists(made, k):
    lines = [{"trial": f"t{i}", "g": 0.4 + i / 10} for i in range(4)]
    lines += [{"trial": f"t{i}", "g": 0.2, "reporter": "partner"} for i in range(k)]
    found = multi_method(made(*lines), OUTCOME)
    second = found.classes["second-person"]
    assert (second.k, second.estimate, second.ci, second.prediction_interval) == (k, *[None] * 3)
    assert second.across is None
    assert len(second.rows) == k
    assert "a model needs three" in second.notes[0]
    assert found.classes["self"].estimate == pytest.approx(0.55, abs=0.05)
    assert found.to_frame()["estimate"].isna().tolist() == [False, True]


def test_directions_alone_are_counted_and_enter_across_levels(made):
    rows = made(
        {"trial": "a", "reporter": "partner", "sign": "+", "significant": "yes"},
        {"trial": "b", "reporter": "partner", "sign": "-"},
        {"trial": "c", "reporter": "partner", "sign": "+", "significant": "no"},
        {"trial": "d", "reporter": "partner", "sign": "+"},
        {"trial": "d", "reporter": "peer", "sign": "-"},
        {"trial": "e", "reporter": "partner", "g": 0.4},
    )
    found = multi_method(rows, OUTCOME).classes["second-person"]
    assert found.directions == dict(zip(DIRECTIONS, (2, 1, 1, 1), strict=True))
    assert (found.trials, found.k) == (5, 1)
    assert found.across.fits["A"].k == 5


def test_one_outcome_a_trial_is_taken_in_the_stated_order(made):
    rows = made(
        {"trial": "a", "outcome": "empathy", "sign": "+"},
        {"trial": "a", "outcome": "other-compassion", "sign": "-"},
        {"trial": "b", "outcome": "empathy", "sign": "+"},
    )
    said = speaking(rows, ["other-compassion", "empathy"])
    assert direction(said).tolist() == ["favours control", "favours LKCM"]


def test_a_new_reporter_in_the_evidence_shows_up(made):
    before = made(*[{"trial": f"t{i}", "g": 0.5} for i in range(3)])
    assert multi_method(before, OUTCOME).classes["second-person"].k == 0
    trials, effects = example_tables()
    after = informant_rows(convert(effects, trials))
    assert multi_method(after, OUTCOME).classes["second-person"].k == 11
    assert joint_effect(after, "self", Agreement())[0] == 12


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (("self", "partner"), "class partner is unknown"),
        (("self",), "two different"),
        (("self", "self"), "two different"),
    ],
)
def test_classes_that_cannot_be_contrasted_are_refused(made, classes, words):
    with pytest.raises(PoolError, match=words):
        multi_method(made({"trial": "a", "g": 0.3}), OUTCOME, classes)


@pytest.mark.slow
def test_class_effects_are_unbiased_and_covered():
    """Twelve trials: ten asked both, one each only one; truth .50 and .20, agreement .36."""
    sizes = np.tile([25, 40, 60], 4)
    sets = 800
    drawn = simulate(
        [0.5, 0.2], reporter_correlation([0.6, 0.6]), sizes, sizes,
        sets=sets, between=0.03, within=0.01, seed=3,
    )  # fmt: skip
    study = np.tile(np.arange(12), 2)
    label = np.repeat(["self", "other"], 12)
    keep = ~(((study == 0) & (label == "self")) | ((study == 1) & (label == "other")))
    columns = {name: (label[keep] == name).astype(float) for name in ("self", "other")}
    estimates, covered = np.empty((2, sets, 2))
    for i in range(sets):
        y, v = (table[:, :, i].ravel()[keep] for table in (drawn.g, drawn.v))
        fit = pool_dependent(
            y, v, study[keep], moderators=columns, intercept=False,
            reporters=Reporters(label[keep], 0.36),
        )  # fmt: skip
        estimates[i] = [one.estimate for one in fit.coefficients]
        covered[i] = [
            one.ci[0] <= true <= one.ci[1]
            for one, true in zip(fit.coefficients, (0.5, 0.2), strict=True)
        ]
    error = estimates.std(axis=0) / np.sqrt(sets)
    np.testing.assert_array_less(np.abs(estimates.mean(axis=0) - [0.5, 0.2]), 4 * error)
    assert np.all((covered.mean(axis=0) >= 0.93) & (covered.mean(axis=0) <= 0.97))


def test_directions_are_read_from_sign_and_verdict():
    rows = pd.DataFrame(
        {"sign": ["+", "-", "?", "+"], "significant": ["yes", "not-stated", "yes", "no"]}
    )
    expected = ["favours LKCM", "favours control", "unknown", "no difference"]
    assert direction(rows).tolist() == expected
