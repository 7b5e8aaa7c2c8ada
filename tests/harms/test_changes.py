import numpy as np
import pandas as pd
import pytest

from lkcm.harms.changes import (
    THRESHOLDS,
    instrument_of,
    one_per_trial,
    symptom_changes,
    thresholds,
)
from lkcm.harms.events import EventsError

TRIALS = [{"trial_id": "alpha"}, {"trial_id": "beta"}]
BOTH_ARMS = {
    "trial_id": "alpha",
    "instrument": "BDI-II",
    "higher_is_better": "no",
    "comparator_type": "waitlist",
    "timepoint": "post",
    **{"n_t": 20, "n_c": 22, "mean_pre_t": 20, "sd_pre_t": 8, "mean_t": 15, "sd_t": 9},
    **{"mean_pre_c": 21, "sd_pre_c": 7, "mean_c": 20, "sd_c": 8},
}
INSTRUMENTS = [
    {
        "instrument_id": "bdi",
        "instrument": "BDI",
        "pattern": r"\bBDI",
        "reliability": 0.9,
        "reliability_kind": "test-retest",
        "mid": 3.5,
    },
    {"instrument_id": "gad", "instrument": "GAD", "pattern": "GAD", "mid": 1.5},
]


def test_means_before_and_after_give_each_arms_change(evidence):
    trials, effects = evidence(TRIALS, [BOTH_ARMS])
    usable, without = symptom_changes(effects, trials, r=0.5)
    assert without.empty
    row = usable.iloc[0]
    assert (row["worse_t"], row["worse_c"]) == (-5, -1)
    assert row["sd_t"] == pytest.approx(np.sqrt(64 + 81 - 72))
    assert row["sd_baseline"] == pytest.approx(np.sqrt((19 * 64 + 21 * 49) / 40))
    assert "correlation assumed" in row["basis"]


def test_a_printed_change_needs_no_correlation_and_higher_may_be_better(evidence):
    printed = {
        **{"mean_change_t": 4, "sd_change_t": 5, "mean_change_c": 1, "sd_change_c": 6},
        "higher_is_better": "yes",
    }
    trials, effects = evidence(TRIALS, [BOTH_ARMS | printed])
    usable, _ = symptom_changes(effects, trials)
    row = usable.iloc[0]
    assert (row["worse_t"], row["sd_t"], row["worse_c"], row["sd_c"]) == (-4, 5, -1, 6)
    assert row["basis"] == "change as printed"


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"mean_pre_c": ""}, "one arm at most"),
        ({"sd_pre_c": ""}, "one arm at most"),
        ({"n_c": ""}, "sizes of the arms"),
        ({"hold": "odd"}, "held: odd"),
        (dict.fromkeys(("mean_t", "mean_c"), ""), "no means before and after"),
        ({"higher_is_better": ""}, "no means before and after"),
    ],
)
def test_no_control_change_is_ever_assumed(evidence, change, because):
    trials, effects = evidence(TRIALS, [BOTH_ARMS | change])
    usable, without = symptom_changes(effects, trials)
    assert usable.empty
    assert because in without["because"].iloc[0]


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "self-compassion"},
        {"effect_scope": "within-group"},
        {"about": "child"},
        {"comparator_type": "other-lkcm"},
    ],
)
def test_what_is_no_randomised_contrast_of_a_symptom_stays_out(evidence, change):
    trials, effects = evidence(TRIALS, [BOTH_ARMS | change])
    usable, without = symptom_changes(effects, trials)
    assert usable.empty and without.empty


def test_one_contrast_a_trial_passive_control_and_depression_first(evidence):
    rows = [
        BOTH_ARMS | {"outcome": "anxiety"},
        BOTH_ARMS | {"comparator_type": "relaxation"},
        BOTH_ARMS | {"timepoint": "followup", "followup_weeks": 12},
        BOTH_ARMS,
        BOTH_ARMS | {"trial_id": "beta", "outcome": "stress"},
    ]
    rows = [row | {"instrument": f"BDI {place}"} for place, row in enumerate(rows)]
    trials, effects = evidence(TRIALS, rows)
    usable, _ = symptom_changes(effects, trials)
    assert one_per_trial(usable)["effect_id"].tolist() == ["e3", "e4"]
    assert one_per_trial(usable.iloc[::-1])["effect_id"].tolist() == ["e4", "e3"]


def test_thresholds_are_jacobson_and_truaxs_and_the_instruments(evidence):
    rows = [BOTH_ARMS, BOTH_ARMS | {"trial_id": "beta", "instrument": "a scale of our own"}]
    trials, effects, instruments = evidence(TRIALS, rows, instruments=INSTRUMENTS)
    usable, _ = symptom_changes(effects, trials)
    found = thresholds(usable, instruments)
    assert list(found) == list(THRESHOLDS)
    sd = usable["sd_baseline"].iloc[0]
    expected = [0, sd / 2, 1.959964 * np.sqrt(2) * sd * np.sqrt(0.1), 3.5]
    assert found.iloc[0].tolist() == pytest.approx(expected, rel=1e-6)
    assert found.iloc[1][["reliable", "important"]].isna().all()


def test_an_instrument_is_found_by_the_first_pattern(evidence):
    _, _, instruments = evidence(TRIALS, [], instruments=INSTRUMENTS)
    found = instrument_of(pd.Series(["bdi-ii (total)", "GAD-7", np.nan]), instruments)
    assert found["instrument_id"].fillna("").tolist() == ["bdi", "gad", ""]
    assert np.isnan(found["reliability"].iloc[1])
    with pytest.raises(EventsError, match="instruments: pattern"):
        instrument_of(pd.Series(["x"]), instruments.assign(pattern="("))
    assert instrument_of(pd.Series(["x"]), instruments.head(0))["mid"].isna().all()


def test_a_correlation_out_of_range_is_refused(evidence):
    trials, effects = evidence(TRIALS, [BOTH_ARMS])
    with pytest.raises(EventsError, match="r is 1"):
        symptom_changes(effects, trials, r=1)
