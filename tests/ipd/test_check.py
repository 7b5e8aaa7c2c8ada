import pandas as pd
import pytest

from lkcm.evidence.problems import has_errors
from lkcm.ipd.check import RULES, check, check_file


def found(frame):
    return {(item.rule, item.column): item for item in check(frame, "x.csv")[1]}


def test_a_good_file_passes_with_typed_columns(good):
    frame, problems = check(good, "x.csv")
    assert not has_errors(problems)
    assert frame["outcome_post"].isna().sum() == 2
    assert frame["age"].dtype == float and frame["age"].mean() == 39
    assert frame["education"].isna().all()


def test_duplicate_participants(good):
    good.loc[1, "participant"] = "1"
    item = found(good)["participant-repeated", "participant"]
    assert item.row == 2 and "1 of a again" in item.found


def test_one_pseudonym_in_two_trials_is_fine(good):
    assert ("participant-repeated", "participant") not in found(good)


def test_an_arm_with_three_labels(good):
    good["arm"] = ["lkcm", "control", "waitlist", "Control"] + ["lkcm", "control"] * 2
    item = found(good)["arm-labels", "arm"]
    assert (
        "trial a" in item.found and "(4 labels)" in item.found and "lkcm | control" in item.allowed
    )


def test_a_trial_without_a_control(good):
    good.loc[:3, "arm"] = "lkcm"
    assert "trial a" in found(good)["arm-single", "arm"].found


@pytest.mark.parametrize("age", ["-3", "212", "2"])
def test_impossible_ages(good, age):
    good.loc[5, "age"] = age
    item = found(good)["out-of-range", "age"]
    assert (item.row, item.found, item.allowed) == (6, age, "a number from 4 to 110")


def test_an_identifying_column_is_refused_and_not_repeated(good):
    good["E-mail"] = "ann@example.org"
    item = found(good)["column-identifies", "E-mail"]
    assert item.level == "error"
    assert "ann@" not in str(check(good, "x.csv")[1])


def test_identifying_values_are_refused_and_not_repeated(good):
    good["participant"] = [f"someone{i}@example.org" for i in range(8)]
    item = found(good)["value-identifies", "participant"]
    assert item.row == 1 and "e-mail" in item.found and "someone" not in item.found


def test_what_is_missing_or_misplaced(good):
    bad = good.drop(columns="participant").assign(gender="f", outcome_post="many", mood="1")
    rules = found(bad)
    assert ("column-missing", "participant") in rules
    assert rules["not-in-vocabulary", "gender"].allowed == "woman | man | other"
    assert rules["not-a-number", "outcome_post"].found == "many"
    assert rules["column-unknown", "mood"].level == "warning"


def test_weeks_must_follow_one_another(good):
    item = found(good.assign(week_mid="9"))["weeks-out-of-order", "week_mid"]
    assert "mid 9" in item.found
    assert ("varies-in-trial", "week_post") in found(good.assign(week_post=list("88889888")))


def test_what_a_whole_trial_lacks_is_named(good):
    good.loc[:3, "severity"] = ""
    item = found(good)["never-measured", "severity"]
    assert item.level == "warning" and item.found == "trial a"


def test_files(good, tmp_path):
    good.to_csv(tmp_path / "x.csv", index=False)
    frame, problems = check_file(tmp_path / "x.csv")
    assert len(frame) == 8 and not has_errors(problems)
    (tmp_path / "twice.csv").write_text("trial,participant,arm,age,age\na,1,lkcm,2,2\n")
    assert "column-duplicate" in {item.rule for item in check_file(tmp_path / "twice.csv")[1]}
    assert check_file(tmp_path / "none.csv")[1][0].rule == "file-unreadable"


def test_every_rule_is_raised_somewhere(good):
    assert all(mend and level in ("error", "warning") for level, mend in RULES.values())
    assert isinstance(check(pd.DataFrame({"trial": []}), "x")[1], list)
