import numpy as np
import pandas as pd
import pytest

from lkcm.effects.convert import convert
from lkcm.effects.supplement import REASONS, supplement

MEANS = {"n_t": 20.0, "n_c": 20.0, "mean_t": 10.0, "sd_t": 5.0, "mean_c": 13.0, "sd_c": 5.0}
COLUMNS = [
    *("control", "control_class", "outcome", "instrument", "reporter", "timepoint"),
    *("followup_weeks", "higher_is_better", "n_t", "n_c", "mean_t", "sd_t", "mean_c", "sd_c"),
    *("mean_change_t", "mean_change_c", "events_t", "events_c", "stat_kind", "stat_value"),
    *("df1", "df2", "p_value", "direction", "effect_scope", "source_url"),
]
CODES = ["comparator_type", "model", "sign", "significant", "hold", "same_result_as"]


def _frame(columns, rows):
    table = pd.DataFrame(rows).reindex(columns=columns)
    numbers = [c for c in columns if c[:2] in ("n_", "me", "sd", "ev", "df")]
    numbers += ["followup_weeks", "stat_value"]
    return table.astype({c: float if c in numbers else "str" for c in columns})


@pytest.fixture
def trials():
    return pd.DataFrame(
        {"trial_id": ["a"], "sample_id": ["a"], "n_arms": ["2"], "n_randomised": [40.0]}
    )


@pytest.fixture
def tables():
    """Give a maker of both tables; the first reading tells only that the LKCM arm did better."""
    common = {
        "trial_id": "a",
        "outcome": "stress",
        "reporter": "self",
        "timepoint": "post",
        "control_class": "passive",
        "higher_is_better": "no",
        "effect_scope": "between-group",
        "stat_kind": "text",
        "direction": "favours-t",
    }
    codes = {"comparator_type": "waitlist", "model": "post", "sign": "+", "significant": "yes"}

    def make(first, second):
        effects = [
            common | codes | {"effect_id": f"a-{i}"} | row for i, row in enumerate(first, 1)
        ]
        readings = [common | {"reading_id": f"s{i}"} | row for i, row in enumerate(second, 1)]
        return (
            _frame(["effect_id", "trial_id", *COLUMNS, *CODES], effects),
            _frame(["reading_id", "trial_id", *COLUMNS], readings),
        )

    return make


def test_a_figure_that_only_the_second_reading_has_takes_the_place_of_words(tables, trials):
    effects, second = tables([{}], [MEANS])
    plus, log = supplement(effects, second, trials)
    converted = convert(plus, trials).set_index("effect_id")
    assert log["added"].tolist() == [True]
    assert converted["status"].to_dict() == {"a-1": "excluded", "s1": "poolable"}
    assert converted.loc["a-1", "reason_code"] == "same-result"
    assert converted.loc["s1", "comparator_type"] == "waitlist"
    np.testing.assert_allclose(converted.loc["s1", "yi"], 0.6 * (1 - 3 / (4 * 38 - 1)), rtol=1e-4)
    np.testing.assert_allclose(log["yi"], converted.loc[["s1"], "yi"])


def test_what_was_there_stays_as_it_was_but_for_the_mark(tables, trials):
    effects, second = tables([{}, {"outcome": "pain"}], [MEANS])
    before = effects.copy()
    plus, _ = supplement(effects, second, trials)
    pd.testing.assert_frame_equal(effects, before)
    same = plus.head(2).drop(columns="same_result_as")
    pd.testing.assert_frame_equal(same, effects.drop(columns="same_result_as"))
    assert plus["same_result_as"].iloc[0] == "s1"
    assert plus["same_result_as"].iloc[1:].isna().all()


@pytest.mark.parametrize(
    ("first", "reading", "why"),
    [
        pytest.param([{}, {}], MEANS, "several", id="several"),
        pytest.param([{"outcome": "pain"}], MEANS, "none", id="none"),
        pytest.param([{"hold": "unclear"}], MEANS, "held", id="held"),
        pytest.param([{"same_result_as": "b-1"}], MEANS, "double", id="double"),
        pytest.param([{"effect_scope": "within-group"}], MEANS, "within", id="within"),
        pytest.param([MEANS], MEANS, "same", id="same"),
        pytest.param(
            [{"stat_kind": "beta", "stat_value": 3.0}], MEANS, "has-figure", id="has-figure"
        ),
        pytest.param(
            [{}, {"outcome": "pain", "stat_kind": "d", "stat_value": -0.4}],
            {"stat_kind": "d", "stat_value": 0.4, "n_t": 20, "n_c": 20},
            "elsewhere",
            id="elsewhere",
        ),
        pytest.param(
            [{}],
            {"stat_kind": "t", "stat_value": 2.0, "effect_scope": "group-by-time"},
            "scope",
            id="scope",
        ),
        pytest.param([{"sign": "-"}], MEANS, "direction", id="sign"),
        pytest.param(
            [{}],
            {"stat_kind": "d", "stat_value": 0.4, "direction": "favours-c"},
            "direction",
            id="direction",
        ),
        pytest.param([{}], {"stat_kind": "beta", "stat_value": 0.4}, "no-gain", id="no-effect"),
        pytest.param([{}], {"p_value": "<0.05"}, "no-gain", id="bound-only"),
        pytest.param(
            [{"sign": "?", "direction": "none"}],
            {"stat_kind": "d", "stat_value": 0.4},
            "no-gain",
            id="unsigned",
        ),
    ],
)
def test_a_figure_is_left_out_with_the_reason(tables, trials, first, reading, why):
    effects, second = tables(first, [reading])
    plus, log = supplement(effects, second, trials)
    assert log["why"].tolist() == [REASONS[why]]
    pd.testing.assert_frame_equal(plus, effects)


def test_means_may_stand_for_a_test_of_group_by_time(tables, trials):
    effects, second = tables([{"effect_scope": "group-by-time"}], [MEANS])
    assert supplement(effects, second, trials)[1]["added"].all()


def test_an_exact_p_gives_way_to_an_effect(tables, trials):
    effects, second = tables(
        [{"p_value": "0.04"}], [{"stat_kind": "d", "stat_value": 0.65, "n_t": 20, "n_c": 20}]
    )
    plus, _ = supplement(effects, second, trials)
    assert convert(plus, trials)["status"].tolist() == ["excluded", "poolable"]


def test_of_two_alike_readings_one_is_added_and_of_two_that_differ_none(tables, trials):
    effects, second = tables([{}], [MEANS, MEANS])
    log = supplement(effects, second, trials)[1]
    assert log["why"].tolist() == ["", REASONS["read-twice"]]
    effects, second = tables([{}], [MEANS, MEANS | {"mean_t": 11.0}])
    log = supplement(effects, second, trials)[1]
    assert log["why"].tolist() == [REASONS["differ"]] * 2


def test_an_id_that_is_taken_is_told_apart(tables, trials):
    effects, second = tables([{"effect_id": "s1"}], [MEANS])
    plus, _ = supplement(effects, second, trials)
    assert plus["effect_id"].tolist() == ["s1", "s1 (second reading)"]


def test_nothing_read_twice_adds_nothing(tables, trials):
    effects, second = tables([{}], [MEANS])
    for readings in (second.head(0), second.assign(mean_t=np.nan)):
        plus, log = supplement(effects, readings, trials)
        pd.testing.assert_frame_equal(plus, effects)
        assert log.empty
