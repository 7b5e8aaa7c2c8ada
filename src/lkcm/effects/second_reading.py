"""The second reading beside the first: which rows are the same result, and what differs.

The second reading has ids of its own. A row of it is the same result as a row of effects.csv
when trial, outcome, reporter and time point are the same, and comparator class, follow-up and
instrument are not known to differ. A reading that fits several rows is not compared.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from lkcm.effects.printed import SYMBOLS, plain
from lkcm.effects.reported import parse_p
from lkcm.effects.rows import ALPHA

KEYS = ["trial_id", "outcome", "reporter", "timepoint"]

#: Instruments are the same where this share of the words of the shorter name is in the longer.
SAME_NAME = 0.75

#: Weeks by which the stated follow-up of one result may differ between readings.
SAME_WEEK = 1.0

#: Sizes, means and counts that are compared, with the words for them.
NUMBERS = {
    "n_t": "n, LKCM arm",
    "n_c": "n, control arm",
    "mean_t": "mean, LKCM arm",
    "mean_c": "mean, control arm",
    "events_t": "events, LKCM arm",
    "events_c": "events, control arm",
}

#: Kinds of statistic that are one and the same figure under several names.
_STANDARDISED = {"g": "d", "smd": "d"}

_WORD = re.compile(r"\w+")


def match(effects: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Find the row of the first reading that each row of the second reads again.

    Among several rows that fit, a row that only repeats another (`same_result_as`) gives way to
    it; then the closest instrument, the closest name of the control, and the same scope
    (between arms or within one) decide.

    Parameters
    ----------
    effects, second : DataFrame
        The tables effects.csv and second_reading.csv as loaded.

    Returns
    -------
    DataFrame
        One row a reading, in its order: `reading_id`, `rows` (how many rows of the first
        reading fit) and `effect_id` (missing unless exactly one fits).
    """
    sides = ["control", "control_class", "instrument", "followup_weeks", "effect_scope"]
    pairs = second[[*KEYS, "reading_id", *sides]].merge(
        effects[[*KEYS, "effect_id", "same_result_as", *sides]], on=KEYS, suffixes=("_2", "_1")
    )
    fit = _best(pairs[_may_be_same(pairs)])
    found = fit.groupby("reading_id")["effect_id"].agg(rows="size", effect_id="first")
    found = found.reindex(second["reading_id"]).reset_index()
    found["rows"] = found["rows"].fillna(0).astype(int)
    found["effect_id"] = found["effect_id"].where(found["rows"] == 1)
    return found


def _may_be_same(pairs: pd.DataFrame) -> pd.Series:
    """Refuse pairs whose comparator class, follow-up or instrument are known to differ."""
    one, two = pairs["control_class_1"], pairs["control_class_2"]
    weeks = (pairs["followup_weeks_1"] - pairs["followup_weeks_2"]).abs()
    return ~(
        ((one != two) & one.notna() & two.notna())
        | (weeks > SAME_WEEK)
        | (_overlap(pairs, "instrument") < SAME_NAME)
    )


def _best(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep, for each reading, the pairs that fit best."""
    original = pairs["reading_id"] + "\n" + pairs["same_result_as"].fillna("")
    pairs = _prefer(pairs, ~original.isin(pairs["reading_id"] + "\n" + pairs["effect_id"]))
    for name in ("instrument", "control"):
        overlap = _overlap(pairs, name).fillna(0.0)
        closest = overlap.groupby(pairs["reading_id"]).transform("max")
        pairs = _prefer(pairs, overlap == closest)
    within_1, within_2 = (pairs[f"effect_scope_{n}"] == "within-group" for n in (1, 2))
    return _prefer(pairs, within_1 == within_2)


def _prefer(pairs: pd.DataFrame, better: pd.Series) -> pd.DataFrame:
    """Drop the pairs that are not `better` of those readings that have a better one."""
    has_better = better.groupby(pairs["reading_id"]).transform("any")
    return pairs[better | ~has_better]


def _overlap(pairs: pd.DataFrame, name: str) -> pd.Series:
    """Give the share of the shorter text's words that the longer has; NaN where one is empty."""
    shares = [
        len(one & two) / min(len(one), len(two)) if one and two else np.nan
        for one, two in zip(
            pairs[f"{name}_1"].map(_words), pairs[f"{name}_2"].map(_words), strict=True
        )
    ]
    return pd.Series(shares, index=pairs.index, dtype=float)


def _words(text: object) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower())) if isinstance(text, str) else frozenset()


def compare(effects: pd.DataFrame, second: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    """Set what the second reading says beside what the first says, item by item.

    Items are `direction`, `significance`, `scope` (between arms or within one), `kind of
    statistic` (d, g and SMD are one), `statistic` (where the kind is the same), `p value`
    (equal where one p could have been printed in both ways), and the `NUMBERS`.

    Parameters
    ----------
    effects, second : DataFrame
        As in `match`.
    matched : DataFrame
        Result of `match`.

    Returns
    -------
    DataFrame
        One row for each item of a matched reading that both readings state: `reading_id`,
        `effect_id`, `same_page` (whether both read one address), `item`, `first` and `second`
        (text), `agree` (bool) and `difference` (second minus first, NaN if no number).
    """
    pairs = matched.dropna(subset=["effect_id"])
    one = effects.set_index("effect_id").loc[pairs["effect_id"]].reset_index()
    two = second.set_index("reading_id").loc[pairs["reading_id"]].reset_index()
    ids = pd.DataFrame({"reading_id": two["reading_id"], "effect_id": one["effect_id"]})
    ids["same_page"] = one["source_url"] == two["source_url"]
    items = [
        _words_item(ids, "direction", _direction(one), _direction(two)),
        _words_item(ids, "significance", significance(one), significance(two)),
        _words_item(ids, "scope", _scope(one), _scope(two)),
        _statistic_items(ids, one, two),
        _p_item(ids, one, two),
        *(_number_item(ids, words, one[name], two[name]) for name, words in NUMBERS.items()),
    ]
    return pd.concat(items, ignore_index=True)


def _direction(rows: pd.DataFrame) -> pd.Series:
    """Give the stated direction, which mixes sign with significance in both readings."""
    if "sign" not in rows:
        return rows["direction"]
    by_sign = rows["sign"].map({"+": "favours-t", "-": "favours-c"}).astype("str")
    return rows["direction"].fillna(by_sign)


def significance(rows: pd.DataFrame) -> pd.Series:
    """Say whether a row reports statistical significance at .05: "yes", "no" or missing.

    The column `significant` where the table has it, else p, else a direction of "none".
    """
    p = parse_p(_printed_p(rows))
    by_p = pd.Series(
        np.select([p["high"] <= ALPHA, p["low"] >= ALPHA], ["yes", "no"], ""), index=rows.index
    )
    said = by_p.where(by_p != "").fillna(rows["direction"].map({"none": "no"}).astype("str"))
    if "significant" not in rows:
        return said
    return rows["significant"].where(rows["significant"].isin(["yes", "no"])).fillna(said)


def _scope(rows: pd.DataFrame) -> pd.Series:
    within = rows["effect_scope"] == "within-group"
    return pd.Series(np.where(within, "within one arm", "between arms"), index=rows.index)


def _item(
    ids: pd.DataFrame,
    item: str,
    one: pd.Series,
    two: pd.Series,
    agree: pd.Series,
    difference: pd.Series | float = np.nan,
) -> pd.DataFrame:
    """Put one item into rows, where both readings state it."""
    rows = ids.assign(item=item, first=one, second=two, agree=agree, difference=difference)
    return rows[one.notna() & two.notna()].astype({"first": "str", "second": "str"})


def _words_item(ids: pd.DataFrame, item: str, one: pd.Series, two: pd.Series) -> pd.DataFrame:
    return _item(ids, item, one, two, one == two)


def _number_item(ids: pd.DataFrame, item: str, one: pd.Series, two: pd.Series) -> pd.DataFrame:
    texts = [side.map(plain, na_action="ignore") for side in (one, two)]
    equal = pd.Series(np.isclose(one, two, rtol=1e-9, atol=0), index=one.index)
    return _item(ids, item, *texts, equal, two - one)


def _kind(rows: pd.DataFrame) -> pd.Series:
    """Give the kind of the printed figure, missing where there is none but a p."""
    kind = rows["stat_kind"].replace(_STANDARDISED)
    return kind.where(rows["stat_kind"].isin(list(SYMBOLS)) & rows["stat_value"].notna())


def _statistic_items(ids: pd.DataFrame, one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    """Compare the kind of the printed figure and, where it is the same, the figure."""
    kind_1, kind_2 = _kind(one), _kind(two)
    same = kind_1 == kind_2
    values = (side["stat_value"].where(same) for side in (one, two))
    return pd.concat(
        [
            _words_item(ids, "kind of statistic", kind_1, kind_2),
            _number_item(ids, "statistic", *values),
        ]
    )


def _p_item(ids: pd.DataFrame, one: pd.DataFrame, two: pd.DataFrame) -> pd.DataFrame:
    """Compare printed p: they agree where one p could have been printed in both ways."""
    texts = [_printed_p(side) for side in (one, two)]
    p_1, p_2 = (parse_p(text) for text in texts)
    common = np.maximum(p_1["low"], p_2["low"]) <= np.minimum(p_1["high"], p_2["high"])
    readable = [text.where(p["kind"] != "") for text, p in zip(texts, (p_1, p_2), strict=True)]
    return _item(ids, "p value", *readable, common)


def _printed_p(rows: pd.DataFrame) -> pd.Series:
    """Give p as printed, from its own column or where it is the statistic."""
    is_p = (rows["stat_kind"] == "p") & rows["stat_value"].notna()
    value = rows["stat_value"].where(is_p).map(plain, na_action="ignore")
    return rows["p_value"].fillna(value.astype("str"))


def agreement_by_item(compared: pd.DataFrame) -> pd.DataFrame:
    """Count agreement item by item.

    Parameters
    ----------
    compared : DataFrame
        Result of `compare`.

    Returns
    -------
    DataFrame
        `item`, `compared`, `agree`, `share`, `same_page` and `same_page_agree` (those of
        `compared` and `agree` read from one page), `median_difference` and
        `largest_difference` (absolute; NaN if no number), in the order of `compared`.
    """
    sizes = compared.assign(
        difference=compared["difference"].abs(),
        same_page_agree=compared["same_page"] & compared["agree"],
    )
    return (
        sizes.groupby("item", sort=False)
        .agg(
            compared=("agree", "size"),
            agree=("agree", "sum"),
            share=("agree", "mean"),
            same_page=("same_page", "sum"),
            same_page_agree=("same_page_agree", "sum"),
            median_difference=("difference", "median"),
            largest_difference=("difference", "max"),
        )
        .reset_index()
    )


def votes(compared: pd.DataFrame, item: str) -> pd.DataFrame:
    """Give one row a vote on an item, as `lkcm.evidence.agreement.agreement` takes them.

    Parameters
    ----------
    compared : DataFrame
        Result of `compare`.
    item : str
        The item.

    Returns
    -------
    DataFrame
        `effect_id`, `reader` ("first", or the reading_id) and `decision`. The first reading
        votes once on a row, however often the row was read again.
    """
    rows = compared[compared["item"] == item]
    first = rows.drop_duplicates("effect_id").assign(reader="first")
    return pd.concat(
        [
            first[["effect_id", "reader", "first"]].rename(columns={"first": "decision"}),
            rows[["effect_id", "reading_id", "second"]].rename(
                columns={"reading_id": "reader", "second": "decision"}
            ),
        ],
        ignore_index=True,
    )
