import pytest

from lkcm.harms.reporting import CLASSES, harm_reporting, reporting_shares, signals

ADVERSE = {"outcome": "adverse-event", "harm": "adverse-event", "model": "counts"}


def test_a_trial_has_the_fullest_class_of_its_reports(evidence):
    trials, effects = evidence(
        [
            {"trial_id": "a", "harms_mentioned": "not-mentioned"},
            {"trial_id": "b", "harms_mentioned": "yes-none-occurred", "sample_id": "b"},
            {"trial_id": "b2", "harms_mentioned": "not-mentioned", "sample_id": "b"},
            {"trial_id": "c", "harms_mentioned": "yes-other", "adverse_events": "hard"},
            {"trial_id": "d", "harms_mentioned": "not-mentioned"},
            {"trial_id": "e"},
        ],
        [
            ADVERSE | {"trial_id": "d", "events_t": 0, "events_c": 0},
            ADVERSE | {"trial_id": "e", "events_t": 0},
        ],
    )
    found = harm_reporting(trials, effects).set_index("sample_id")
    expected = {"a": 3, "b": 1, "c": 2, "d": 0, "e": 2}
    for sample, place in expected.items():
        assert found.loc[sample, "harms"] == list(CLASSES)[place], sample
    assert found.loc["c", "said"] == "hard"


def test_shares_have_exact_intervals_and_periods_are_in_order(evidence):
    years = [1999, 2012, 2015, 2019, 2024, ""]
    trials, effects = evidence([{"trial_id": f"t{i}", "year": y} for i, y in enumerate(years)])
    found = harm_reporting(trials, effects)
    shares = reporting_shares(found).set_index("harms")
    assert shares["trials"].sum() == 6
    assert shares.loc["not mentioned", ["share", "high"]].tolist() == [1, 1]
    assert shares.loc["not mentioned", "low"] == pytest.approx(0.025 ** (1 / 6))
    periods = reporting_shares(found, "period")
    assert list(dict.fromkeys(periods["period"])) == [
        "before 2010",
        "2010 to 2014",
        "2015 to 2019",
        "2020 and later",
        "year not shown",
    ]
    assert periods.drop_duplicates("period")["of"].tolist() == [1, 1, 2, 1, 1]


AGAINST = {"sign": "-", "comparator_type": "waitlist", "effect_scope": "between-group"}


def test_each_signal_is_named_once_the_gravest_first(evidence):
    trials, effects = evidence(
        [{"trial_id": name} for name in "abc"],
        [
            AGAINST | {"trial_id": "a", "significant": "no", "instrument": "one"},
            AGAINST | {"trial_id": "a", "significant": "yes", "p_value": "0.002"},
            AGAINST | {"trial_id": "b", "significant": "not-stated", "outcome": "stress"},
            AGAINST | {"trial_id": "c", "sign": "?", "harm": "worsening", "significant": "no"},
        ],
    )
    found = signals(effects, trials)
    assert found["trial_id"].tolist() == ["a", "b", "c"]
    assert found["strength"].tolist()[0] == "statistically significant"
    assert found["printed"].tolist() == ["p = 0.002", "words only", "words only"]


@pytest.mark.parametrize(
    "change",
    [
        {"sign": "+"},
        {"sign": "?"},
        {"harm": "dropout"},
        {"effect_scope": "within-group"},
        {"about": "child"},
    ],
)
def test_what_is_no_signal(evidence, change):
    trials, effects = evidence([{"trial_id": "a"}], [AGAINST | {"trial_id": "a"} | change])
    assert signals(effects, trials).empty


def test_a_printed_figure_is_shown_as_printed(evidence):
    row = AGAINST | {"trial_id": "a", "stat_kind": "d", "stat_value": -0.25, "p_value": "<0.05"}
    trials, effects = evidence([{"trial_id": "a"}], [row])
    assert signals(effects, trials)["printed"].iloc[0] == "d = -0.25; p <0.05"
