import numpy as np
import pandas as pd

from lkcm.effects.arms import arm_labels

PLAIN = {
    **{"sample_id": "s", "study": None, "arm_t": None, "control": "waitlist"},
    **{"outcome": "stress", "instrument": None, "reporter": "self", "timepoint": "post"},
    **{"followup_weeks": np.nan},
}


def labels(*rows):
    return arm_labels(pd.DataFrame([PLAIN | row for row in rows]))


def test_one_measurement_of_two_comparisons_has_one_name():
    found = labels({}, {"control": "relaxation"})
    assert found["treatment"].nunique() == 1
    assert found["control"].tolist() == ["waitlist", "relaxation"]
    assert found["outcome"].nunique() == 1


def test_arms_of_two_experiments_are_different_arms():
    found = labels({"study": "1"}, {"study": "2"})
    assert found["treatment"].nunique() == found["control"].nunique() == 2


def test_rows_of_one_name_are_two_measurements():
    assert labels({}, {})["outcome"].nunique() == 2
    assert labels({}, {"sample_id": "t"})["outcome"].nunique() == 1


def test_times_and_instruments_are_told_apart():
    found = labels({}, {"timepoint": "followup", "followup_weeks": 4.0}, {"instrument": "PSS"})
    assert found["outcome"].nunique() == 3


def test_no_rows_have_no_labels():
    assert arm_labels(pd.DataFrame([PLAIN]).head(0)).empty
