import numpy as np
import pytest

from lkcm.informants.agreement_range import Agreement
from lkcm.informants.compared_arms import compared_arms
from lkcm.informants.methods import multi_method
from lkcm.synthesis.covariance import Reporters
from lkcm.synthesis.dependent import pool_dependent

OUTCOME = ["other-compassion"]


def several_controls(made):
    lines = [{"trial": f"t{i}", "g": 0.3 + i / 5} for i in range(4)]
    lines += [{"trial": f"t{i}", "g": 0.2, "reporter": "partner"} for i in range(4)]
    lines += [
        {"trial": "t0", "g": 0.9, "comparator": "no-treatment", "instrument": "scale 0", "n": 30}
    ]
    return made(*lines)


def test_trials_with_one_pair_of_arms_need_none(made):
    lines = [{"trial": t, "g": 0.3} for t in ("a", "a", "b")]
    assert compared_arms(made(*lines)) is None
    shared = several_controls(made)
    assert compared_arms(shared.assign(n_t_used=np.nan)) is None


def test_two_controls_of_one_arm_share_it(made):
    rows = several_controls(made)
    arms = compared_arms(rows)
    first, last = arms.outcome.iloc[[0, -1]]
    assert first == last
    assert arms.treatment.iloc[0] == arms.treatment.iloc[-1]
    assert arms.control.iloc[0] != arms.control.iloc[-1]
    found = multi_method(rows, OUTCOME, agreement=Agreement(0.3, 0.3))
    fit = pool_dependent(
        rows["yi"], rows["vi"], rows["sample_id"], intercept=False, arms=arms,
        moderators={n: rows["method"].eq(n).astype(float) for n in found.classes},
        reporters=Reporters(rows["asked"], 0.3),
    )  # fmt: skip
    for one, coefficient in zip(found.classes.values(), fit.coefficients, strict=True):
        assert one.estimate == pytest.approx(coefficient.estimate)
        assert one.ci == pytest.approx(coefficient.ci)


def test_effects_that_look_alike_and_experiments_stay_apart(made):
    rows = several_controls(made)
    twice = rows.assign(
        instrument="one scale", sample_id="a", study=["1"] * 4 + ["2"] * 5, asked="self"
    )
    arms = compared_arms(twice)
    assert arms.outcome.nunique() >= 8
    assert set(arms.treatment) == {"t1/", "t2/"}
    blank = compared_arms(rows.assign(instrument=""))
    assert blank.outcome.tolist() == rows["effect_id"].tolist()
