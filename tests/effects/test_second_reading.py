import numpy as np
import pandas as pd
import pytest

from lkcm.effects.second_reading import agreement_by_item, compare, match, votes
from lkcm.evidence.effect_tables import Effects, SecondReading


def _table(schema, rows):
    """Make a table with all columns of its schema, as the loader gives it."""
    names = list(schema.to_schema().columns)
    texts = [
        name for name, column in schema.to_schema().columns.items() if "str" in str(column.dtype)
    ]
    table = pd.DataFrame(rows).reindex(columns=names)
    return table.astype(dict.fromkeys(texts, "str")).astype(
        {name: float for name in names if name not in texts}
    )


def _row(**fields):
    common = {
        "trial_id": "a",
        "outcome": "stress",
        "reporter": "self",
        "timepoint": "post",
        "control": "waitlist",
        "control_class": "passive",
        "effect_scope": "between-group",
        "stat_kind": "text",
        "direction": "favours-t",
    }
    return common | fields


@pytest.fixture
def tables():
    """Give a maker of both tables from lists of fields."""

    def make(first, second):
        effects = [_row(effect_id=f"a-{i}", **fields) for i, fields in enumerate(first, 1)]
        readings = [_row(reading_id=f"s{i}", **fields) for i, fields in enumerate(second, 1)]
        return _table(Effects, effects), _table(SecondReading, readings)

    return make


@pytest.mark.parametrize(
    ("first", "reading", "effect_id"),
    [
        pytest.param([{}], {}, "a-1", id="only-row"),
        pytest.param([{"outcome": "anxiety"}], {}, None, id="other-outcome"),
        pytest.param([{"timepoint": "followup"}], {}, None, id="other-time"),
        pytest.param([{"reporter": "parent"}], {}, None, id="other-reporter"),
        pytest.param([{"control_class": "active"}], {}, None, id="other-comparator"),
        pytest.param([{"control_class": None}], {}, "a-1", id="comparator-not-stated"),
        pytest.param([{"instrument": "PSS-10"}], {"instrument": "DASS"}, None, id="other-scale"),
        pytest.param([{"instrument": "PSS-10"}], {}, "a-1", id="scale-not-stated"),
        pytest.param(
            [{"instrument": "child hair cortisol"}, {"instrument": "parent hair cortisol"}],
            {"instrument": "Child hair cortisol concentration"},
            "a-1",
            id="closest-scale",
        ),
        pytest.param([{}, {}], {}, None, id="several-rows"),
        pytest.param([{}, {"same_result_as": "a-1"}], {}, "a-1", id="repeat-gives-way"),
        pytest.param(
            [{"control": "relaxation training"}, {"control": "wait list"}],
            {"control": "relaxation"},
            "a-1",
            id="closest-control",
        ),
        pytest.param(
            [{"effect_scope": "within-group"}, {}],
            {"effect_scope": "group-by-time"},
            "a-2",
            id="same-scope",
        ),
        pytest.param([{"effect_scope": "within-group"}], {}, "a-1", id="only-row-other-scope"),
        pytest.param([{"followup_weeks": 4}], {"followup_weeks": 26}, None, id="other-week"),
        pytest.param([{"followup_weeks": 9}], {"followup_weeks": 8.7}, "a-1", id="rounded-week"),
    ],
)
def test_a_reading_is_matched_to_the_one_row_that_it_reads_again(
    tables, first, reading, effect_id
):
    found = match(*tables(first, [reading]))["effect_id"].iloc[0]
    assert found == effect_id if effect_id else pd.isna(found)


def test_matches_do_not_depend_on_the_order_of_rows(tables):
    effects, second = tables(
        [{"instrument": "PSS"}, {"instrument": "DASS"}, {"outcome": "anxiety"}],
        [
            {"instrument": "DASS"},
            {"instrument": "PSS"},
            {"outcome": "anxiety"},
            {"outcome": "pain"},
        ],
    )
    straight = match(effects, second).set_index("reading_id")
    turned = match(effects[::-1], second[::-1]).set_index("reading_id")
    pd.testing.assert_frame_equal(straight, turned.loc[straight.index])
    assert straight["effect_id"].tolist()[:3] == ["a-2", "a-1", "a-3"]
    assert straight["rows"].tolist() == [1, 1, 1, 0]


def test_a_table_compared_with_itself_agrees_in_everything(tables):
    row = {
        "stat_kind": "d",
        "stat_value": 0.4,
        "n_t": 20,
        "p_value": "<0.05",
        "significant": "yes",
    }
    effects, second = tables([row], [{k: v for k, v in row.items() if k != "significant"}])
    compared = compare(effects, second, match(effects, second))
    assert compared["agree"].all()
    assert set(compared["item"]) == {
        *("direction", "significance", "scope", "kind of statistic", "statistic", "p value"),
        "n, LKCM arm",
    }


@pytest.mark.parametrize(
    ("item", "first", "reading", "agree"),
    [
        pytest.param("direction", {"direction": "none"}, {}, False, id="direction"),
        pytest.param(
            "direction", {"direction": None, "sign": "+"}, {}, True, id="direction-from-sign"
        ),
        pytest.param(
            "significance", {"significant": "no"}, {"p_value": "0.03"}, False, id="significance"
        ),
        pytest.param(
            "significance",
            {"significant": "no"},
            {"direction": "none"},
            True,
            id="no-difference-is-no-significance",
        ),
        pytest.param("scope", {"effect_scope": "within-group"}, {}, False, id="scope"),
        pytest.param("scope", {"effect_scope": "group-by-time"}, {}, True, id="both-between-arms"),
        pytest.param("p value", {"p_value": "<0.05"}, {"p_value": "0.02"}, True, id="p-in-bound"),
        pytest.param("p value", {"p_value": ">0.05"}, {"p_value": "0.02"}, False, id="p-differs"),
        pytest.param(
            "kind of statistic",
            {"stat_kind": "hr", "stat_value": 2.6},
            {"stat_kind": "rr", "stat_value": 2.6},
            False,
            id="kind",
        ),
        pytest.param(
            "kind of statistic",
            {"stat_kind": "g", "stat_value": 0.3},
            {"stat_kind": "smd", "stat_value": 0.3},
            True,
            id="standardised-is-one-kind",
        ),
        pytest.param(
            "statistic",
            {"stat_kind": "d", "stat_value": 0.04},
            {"stat_kind": "d", "stat_value": -0.1},
            False,
            id="statistic",
        ),
        pytest.param("n, LKCM arm", {"n_t": 42}, {"n_t": 27}, False, id="size"),
    ],
)
def test_items_agree_only_where_both_say_the_same(tables, item, first, reading, agree):
    effects, second = tables([first], [reading])
    compared = compare(effects, second, match(effects, second)).set_index("item")
    assert compared.loc[item, "agree"] == agree


def test_what_only_one_reading_states_is_not_compared(tables):
    effects, second = tables(
        [{"n_t": 20, "stat_kind": "d", "stat_value": 0.3}], [{"stat_kind": "t", "stat_value": 2.0}]
    )
    items = set(compare(effects, second, match(effects, second))["item"])
    assert items == {"direction", "scope", "kind of statistic"}


def test_agreement_counts_shares_and_absolute_differences(tables):
    effects, second = tables(
        [{"outcome": "x", "n_t": 10}, {"outcome": "y", "n_t": 10}, {"outcome": "z", "n_t": 10}],
        [{"outcome": "x", "n_t": 10}, {"outcome": "y", "n_t": 7}, {"outcome": "z", "n_t": 12}],
    )
    found = agreement_by_item(compare(effects, second, match(effects, second))).set_index("item")
    sizes = found.loc["n, LKCM arm"]
    assert (sizes["compared"], sizes["agree"]) == (3, 1)
    assert sizes["median_difference"] == 2
    assert sizes["largest_difference"] == 3
    assert np.isnan(found.loc["direction", "median_difference"])


def test_pages_are_told_apart(tables):
    effects, second = tables(
        [{"outcome": "x", "source_url": "u"}, {"outcome": "y", "source_url": "u"}],
        [{"outcome": "x", "source_url": "u", "direction": "none"}, {"outcome": "y"}],
    )
    found = agreement_by_item(compare(effects, second, match(effects, second))).set_index("item")
    assert found.loc[
        "direction", ["compared", "agree", "same_page", "same_page_agree"]
    ].tolist() == [
        2,
        1,
        1,
        0,
    ]


def test_the_first_reading_votes_once_on_a_row_read_three_times(tables):
    effects, second = tables([{}], [{}, {"direction": "none"}])
    cast = votes(compare(effects, second, match(effects, second)), "direction")
    assert sorted(cast["reader"]) == ["first", "s1", "s2"]
    assert sorted(cast["decision"]) == ["favours-t", "favours-t", "none"]


def test_no_second_reading_gives_empty_tables(tables):
    effects, second = tables([{}], [{}])
    matched = match(effects, second.head(0))
    compared = compare(effects, second.head(0), matched)
    assert matched.empty
    assert agreement_by_item(compared).empty
