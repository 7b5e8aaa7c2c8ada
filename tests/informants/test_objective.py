import numpy as np
import pytest

from lkcm.informants.objective import (
    GROUPS,
    by_trial,
    counts_as_odds,
    direction_bounds,
    marker_counts,
    objective_rows,
)


def task(trial, instrument="charity donation", **line):
    line = {"outcome": "prosocial-behaviour", "sign": "+"} | line
    return {"trial": trial, "reporter": "behaviour", "instrument": instrument, **line}


@pytest.mark.parametrize(
    ("instrument", "outcome", "reporter", "expected"),
    [
        ("dictator game offer", "prosocial-behaviour", "task", "choices with money or goods"),
        ("offered seat to a sufferer", "prosocial-behaviour", "task", "helping"),
        ("out-group altruism", "prosocial-behaviour", "task", "other prosocial behaviour"),
        ("RMET", "empathy", "task", "reading of others' feelings"),
        ("aggressive behaviour", "other", "task", "aggression"),
        ("Flanker", "cognition", "task", "cognition and other tasks"),
        ("IAT", "implicit-bias", "implicit", "implicit bias"),
        ("lexical decision", "other", "implicit", "other implicit tasks"),
        ("HRV", "physiology", "device", "heart rate variability"),
        (
            "heart rate variability stress response",
            "physiology",
            "device",
            "heart rate variability",
        ),
        ("hair cortisol", "physiology", "device", "cortisol"),
        ("CRP", "physiology", "device", "inflammation and immunity"),
        ("heart rate", "physiology", "device", "arousal, heart rate, pressure"),
        ("fMRI mOFC", "brain", "device", "brain"),
        ("body weight", "physiology", "device", "metabolism, ageing and other"),
        (None, "physiology", "device", "metabolism, ageing and other"),
    ],
)
def test_tasks_and_markers_find_their_group(made, instrument, outcome, reporter, expected):
    rows = made({"trial": "a", "sign": "+", "outcome": outcome})
    method = {"task": "behaviour", "implicit": "implicit", "device": "physiology"}[reporter]
    found = objective_rows(rows.assign(method=method, instrument=instrument))
    assert found["marker"].tolist() == [expected]
    assert expected in GROUPS


def test_a_result_printed_twice_counts_once(made):
    rows = made(task("a"), task("a", "money given"))
    rows = rows.assign(same_result_as=["", rows["effect_id"].iloc[0]])
    assert len(objective_rows(rows)) == 1


def test_one_direction_a_trial_and_group(made):
    rows = made(
        task("a"), task("a", "dictator game"),
        task("b"), task("b", "dictator game", significant="no"),
        task("c", significant="no"),
        task("d", sign="?"),
        {"trial": "e", "sign": "+"},
    )  # fmt: skip
    found = by_trial(objective_rows(rows)).set_index("sample_id")
    assert found["direction"].to_dict() == {
        "a": "favours LKCM",
        "b": "mixed",
        "c": "no difference",
        "d": "cannot be used",
    }
    assert found.loc["a", "results"] == 2
    assert found["place"].tolist() == [1, 2, 3, 4]
    bounds = direction_bounds(found.reset_index()).iloc[0]
    assert (bounds["trials"], bounds["better"], bounds["known"]) == (4, 1, 3)
    assert (bounds["low"], bounds["high"]) == pytest.approx((1 / 4, 1 / 3))


def test_results_mentioned_for_each_one_that_is_better(made):
    rows = objective_rows(
        made(task("a"), task("a", "dictator game", significant="no"), task("b", sign="-"))
    )
    found = marker_counts(rows).set_index("marker")
    assert found.index.tolist() == ["choices with money or goods", "all"]
    line = found.loc["all"]
    assert line[["trials", "mentioned", "better", "none", "worse", "untold"]].tolist() == [
        2, 3, 1, 1, 1, 0,
    ]  # fmt: skip
    assert line["per_better"] == 3
    assert line["chance"] == pytest.approx(1 - 0.95**3)


def test_no_rows_give_empty_tables(made):
    rows = objective_rows(made({"trial": "a", "sign": "+"}))
    assert marker_counts(rows).empty
    assert by_trial(rows).empty
    assert direction_bounds(by_trial(rows)).empty


def test_counts_become_odds_ratios_and_printed_ratios_stand(made):
    rows = objective_rows(made(task("a", "offered seat"), task("b", "donation"), task("c")))
    effects = rows[["effect_id"]].assign(
        events_t=[10, np.nan, np.nan], n_t=20, events_c=[3, np.nan, np.nan], n_c=19,
        ci_low=[np.nan, 1.3, np.nan], ci_high=np.nan, ci_level=np.nan,
    )  # fmt: skip
    rows = rows.assign(
        measure=["SMD", "logRR", "SMD"], yi=[np.nan, np.log(2), np.nan], vi=[np.nan, 0.04, np.nan]
    )
    found = counts_as_odds(rows, effects).set_index("sample_id")
    assert found.index.tolist() == ["a", "b"]
    assert found.loc["a", "ratio"] == pytest.approx(10 / 10 * 16 / 3)
    assert found.loc["a", "variance"] == pytest.approx(1 / 10 + 1 / 10 + 1 / 3 + 1 / 16)
    assert found.loc["a", "measure"] == "OR"
    assert found.loc["b", ["measure", "ratio"]].tolist() == ["RR", pytest.approx(2)]
    assert np.isnan(found.loc["b", "log_or"])
    assert found.loc["b", ["low", "high"]].tolist() == [
        1.3, pytest.approx(2 * np.exp(1.959964 * 0.2)),
    ]  # fmt: skip
