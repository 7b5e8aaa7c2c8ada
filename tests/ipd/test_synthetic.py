import numpy as np
import pandas as pd
import pytest

from lkcm.evidence.problems import has_errors
from lkcm.ipd.check import check
from lkcm.ipd.elements import ELEMENTS
from lkcm.ipd.synthetic import ECOLOGICAL, TRUTH, synthesise


def test_the_file_passes_its_own_check(synthetic):
    frame, _, _ = synthetic
    assert list(frame.columns) == [element.name for element in ELEMENTS]
    assert not has_errors(check(frame.drop(columns=["cluster", "ethnicity", "country"]), "s")[1])


def test_sizes_means_and_sds_are_those_of_the_plan(synthetic):
    frame, _, plan = synthetic
    assert frame.groupby("trial").size().tolist() == plan["n"].tolist()
    arms = frame.groupby("trial")["arm"].value_counts().unstack()
    assert (arms["lkcm"] - arms["control"]).abs().max() <= 1
    assert frame["outcome_baseline"].mean() == pytest.approx(plan["mean"].iloc[0], abs=1)
    spread = frame.groupby("trial")["outcome_baseline"].std().mean()
    assert spread == pytest.approx(plan["sd"].iloc[0], rel=0.05)


def test_one_seed_one_file(synthetic):
    frame, _, plan = synthetic
    pd.testing.assert_frame_equal(frame, synthesise(plan, 20240101))
    assert not frame["outcome_post"].equals(synthesise(plan, 2)["outcome_post"])


def test_the_truth_is_in_the_data(synthetic):
    _, numbers, plan = synthetic
    big = synthesise(plan.assign(n=4000), 1)
    arm = big["arm"] == "lkcm"
    mediator = big.groupby(arm)["mediator_mid"].mean()
    unit = big.groupby("trial")["mediator_baseline"].std().mean()
    assert (mediator[True] - mediator[False]) / unit == pytest.approx(TRUTH.a, abs=0.03)
    assert numbers["worse"].mean() == pytest.approx(0.15, abs=0.04)
    assert TRUTH.indirect == pytest.approx(0.175)
    assert np.sign(ECOLOGICAL.slope_within) != np.sign(ECOLOGICAL.slope_across)
    assert TRUTH.spread(16) > TRUTH.tau
