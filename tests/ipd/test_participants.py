import numpy as np
import pytest

from lkcm import evidence as tables
from lkcm.ipd.check import check
from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.participants import (
    aggregate_effects,
    coverage,
    load,
    too_few,
    trial_summary,
)
from lkcm.paths import DATA


@pytest.fixture(scope="module")
def evidence():
    loaded = tables.load(DATA, ["trials", "effects"])
    return loaded.table("trials"), loaded.table("effects")


def test_synthetic_where_there_are_no_files(evidence, tmp_path):
    found = load(tmp_path, *evidence, seed=1)
    assert found.synthetic and found.truth is not None
    assert len(found.frame) == found.plan["n"].sum()


def test_real_files_win(evidence, tmp_path, good):
    (tmp_path / "ipd").mkdir()
    good.to_csv(tmp_path / "ipd" / "two.harmonised.csv", index=False)
    for other in ("dictionary.csv", "two.log.csv"):
        (tmp_path / "ipd" / other).write_text("anything\nelse\n", encoding="utf-8")
    found = load(tmp_path, *evidence, seed=1)
    assert not found.synthetic and found.plan is None and len(found.frame) == 8
    good.to_csv(tmp_path / "ipd" / "again.csv", index=False)
    with pytest.raises(ParticipantError, match="a, b stand in more than one file"):
        load(tmp_path, *evidence, seed=1)


def test_a_bad_file_stops_in_words(evidence, tmp_path, good):
    (tmp_path / "ipd").mkdir()
    good.assign(age="999").to_csv(tmp_path / "ipd" / "bad.csv", index=False)
    with pytest.raises(ParticipantError, match="out-of-range"):
        load(tmp_path, *evidence, seed=1)


def test_scores_are_in_sds_of_the_own_trial(synthetic):
    frame, numbers, _ = synthetic
    spread = numbers.groupby("trial")[["baseline", "mediator_before"]].std()
    np.testing.assert_allclose(spread, 1)
    within = numbers["severity"] - numbers.groupby("trial")["severity"].transform("mean")
    assert within.std() == pytest.approx(1)
    assert set(numbers["treatment"]) == {0.0, 1.0}
    assert numbers.loc[frame["gender"].eq("other"), "woman"].isna().all()


def test_what_aggregate_data_give(synthetic):
    frame, _, _ = synthetic
    table, effects = trial_summary(frame), aggregate_effects(frame)
    assert len(table) == len(effects) == 16
    assert effects["yi"].mean() == pytest.approx(0.4, abs=0.15)
    shares = coverage(frame)
    education = shares[shares["element"].eq("education")]
    assert set(education["share"]) == {0.0, 1.0}


def test_too_few_files_are_said_in_words(synthetic, good):
    frame, _, _ = synthetic
    assert too_few(frame) is None
    assert "2 of 2 trials" in too_few(check(good, "x")[0])
    assert "0 of 16 trials" in too_few(frame.assign(outcome_baseline=np.nan))
    assert "0 of 16 trials" in too_few(frame.assign(cluster=frame["arm"]))
