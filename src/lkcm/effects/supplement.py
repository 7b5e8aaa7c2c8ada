"""Figures that only the second reading has, added to the first by a stated rule.

Nothing is averaged and nothing is replaced by hand: a row of the second reading takes the place
of the row of the first that it reads again, if it gives an effect where that row gives none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lkcm.effects.convert import convert
from lkcm.effects.printed import SYMBOLS, printed_text
from lkcm.effects.second_reading import match

#: Statuses of rows that give an effect, and all statuses from better to worse.
EFFECT = ("poolable", "sensitivity")
_RANK = {"poolable": 0, "sensitivity": 1, "censored": 2, "excluded": 3}

#: Columns of the log.
LOG = [
    *("reading_id", "effect_id", "trial_id", "outcome", "printed", "first_printed"),
    *("measure", "yi", "vi", "status", "level", "added", "why", "source_url"),
]

#: Why a reading that has a figure is not added, in the order in which it is asked.
REASONS = {
    "several": "fits several rows of the first reading",
    "none": "fits no row of the first reading",
    "held": "the row of the first reading is held back",
    "double": "the row of the first reading repeats another",
    "within": "within one arm only in one of the readings",
    "same": "the first reading prints the same",
    "has-figure": "the first reading has a figure of its own",
    "elsewhere": "the first reading has this figure in another row of the trial",
    "scope": "a test of another contrast (after training, or group by time)",
    "direction": "the two readings contradict each other on the direction",
    "no-gain": "the figure gives no effect, or none better than the first reading's",
    "differ": "several readings of the row give different figures",
    "read-twice": "the same figure was added from another reading",
}


def supplement(
    effects: pd.DataFrame, second: pd.DataFrame, trials: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add the figures that only the second reading has, and log every figure considered.

    A reading with a figure is added when it fits exactly one row of the first reading
    (`lkcm.effects.second_reading.match`) and that row is not held back, repeats no other row,
    compares arms and has no figure of its own; when no other row of the trial holds the same
    figure; when both readings speak of the same contrast (means and counts of both arms may
    stand for either) and not of opposite directions; and when the figure gives an effect of a
    better standing than the first reading's row. The added row has the reading's id and
    figures, and the first reading's codes in the columns that a second reading lacks. The row
    that it supersedes stays in the table and is marked `same_result_as` the new one, so that
    one of the two counts.

    Parameters
    ----------
    effects, second, trials : DataFrame
        The tables effects.csv, second_reading.csv and trials.csv as loaded.

    Returns
    -------
    effects_plus : DataFrame
        `effects` with the superseded rows marked and the added rows last.
    log : DataFrame
        One row a reading that has a figure, with the columns `LOG`: `added` (bool) and, where
        it was not, `why` in the words of `REASONS`. `measure` to `level` are those of the
        effect that the figure gives.
    """
    if second.empty:
        return effects.copy(), pd.DataFrame(columns=LOG)
    matched = match(effects, second)
    considered = matched[has_figure(second).to_numpy()].reset_index(drop=True)
    two = second.set_index("reading_id", drop=False).loc[considered["reading_id"]]
    one = effects.set_index("effect_id", drop=False).reindex(considered["effect_id"])
    one, two = one.reset_index(drop=True), two.reset_index(drop=True)
    new = _as_effects(one, two, effects)
    converted = convert(new, trials)
    why = _refused(considered["rows"], one, two, effects)
    why = why.mask((why == "") & _contradict(one, two, converted), REASONS["direction"])
    before = convert(one.assign(effect_id=new["effect_id"]), trials)
    why = why.mask((why == "") & ~_gain(before, converted), REASONS["no-gain"])
    why = _once(why, one["effect_id"], two)
    log = _log(one, two, converted, why)
    added = new[why == ""]
    marks = pd.Series(added["effect_id"].to_numpy(), index=one.loc[added.index, "effect_id"])
    mark = effects["effect_id"].map(marks).astype("str")
    plus = effects.assign(same_result_as=effects["same_result_as"].fillna(mark))
    return pd.concat([plus, added], ignore_index=True), log


def has_figure(rows: pd.DataFrame) -> pd.Series:
    """Say which rows print a figure: a statistic, a p value, means or counts of both arms."""
    p = (rows["stat_kind"] == "p") & rows["stat_value"].notna()
    return _own_figure(rows) | p | rows["p_value"].notna()


def _own_figure(rows: pd.DataFrame) -> pd.Series:
    """Say which rows print a figure that is more than a p value."""
    printed = rows["stat_kind"].isin(list(SYMBOLS)) & rows["stat_value"].notna()
    return printed | _both_arms(rows)


def _both_arms(rows: pd.DataFrame) -> pd.Series:
    """Say which rows print means or counts of both arms."""
    parts = ("mean", "mean_change", "events")
    return np.logical_or.reduce(
        [rows[[f"{part}_t", f"{part}_c"]].notna().all(axis=1) for part in parts]
    )


def _as_effects(one: pd.DataFrame, two: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Give rows of effects.csv with the second reading's figures and the first one's codes."""
    codes = [column for column in effects.columns if column not in two.columns]
    new = two.reindex(columns=effects.columns)
    new[codes] = one[codes]
    taken = two["reading_id"].isin(effects["effect_id"])
    new["effect_id"] = two["reading_id"].mask(taken, two["reading_id"] + " (second reading)")
    return new


def _refused(
    rows: pd.Series, one: pd.DataFrame, two: pd.DataFrame, effects: pd.DataFrame
) -> pd.Series:
    """Give the first reason, by what the two readings print, not to add a reading; else ""."""
    within = (one["effect_scope"] == "within-group") | (two["effect_scope"] == "within-group")
    conditions = {
        "several": rows > 1,
        "none": rows == 0,
        "held": one["hold"].notna(),
        "double": one["same_result_as"].notna(),
        "within": within,
        "same": (printed_text(one) == printed_text(two))
        | (_figure_keys(one) == _figure_keys(two)),
        "has-figure": _own_figure(one),
        "elsewhere": _figure_keys(two).isin(_figure_keys(effects).dropna()),
        "scope": (one["effect_scope"] != two["effect_scope"]) & ~_both_arms(two),
    }
    codes = np.select(list(conditions.values()), list(conditions), "")
    return pd.Series(codes, index=two.index).map(REASONS).fillna("")


def _figure_keys(rows: pd.DataFrame) -> pd.Series:
    """Name the trial with the kind and size of the printed statistic; missing without one."""
    keys = rows["trial_id"] + " " + rows["stat_kind"] + " " + rows["stat_value"].abs().astype(str)
    return keys.where(rows["stat_value"].notna())


def _contradict(one: pd.DataFrame, two: pd.DataFrame, converted: pd.DataFrame) -> pd.Series:
    """Say where signs, stated directions and the sign of the figures point opposite ways."""
    stated = {"favours-t": 1.0, "favours-c": -1.0}
    signs = pd.concat(
        [
            one["sign"].map({"+": 1.0, "-": -1.0}),
            one["direction"].map(stated),
            two["direction"].map(stated),
            converted["sign_used"],
        ],
        axis=1,
    )
    return (signs.max(axis=1) > 0) & (signs.min(axis=1) < 0)


def _gain(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Say where the new row gives an effect, and one of a better standing than the old row."""
    return after["status"].isin(EFFECT) & (
        after["status"].map(_RANK) < before["status"].map(_RANK)
    )


def _once(why: pd.Series, effect_id: pd.Series, two: pd.DataFrame) -> pd.Series:
    """Keep one reading of a row of the first reading, and none where their figures differ."""
    kept = why == ""
    figures = printed_text(two)[kept].groupby(effect_id[kept])
    differ = figures.transform("nunique").reindex(why.index) > 1
    again = (figures.cumcount().reindex(why.index) > 0) & ~differ
    return why.mask(differ, REASONS["differ"]).mask(again, REASONS["read-twice"])


def _log(
    one: pd.DataFrame, two: pd.DataFrame, converted: pd.DataFrame, why: pd.Series
) -> pd.DataFrame:
    """Give one row a reading that was considered."""
    return pd.DataFrame(
        {
            "reading_id": two["reading_id"],
            "effect_id": one["effect_id"],
            "trial_id": two["trial_id"],
            "outcome": two["outcome"],
            "printed": printed_text(two),
            "first_printed": printed_text(one).where(one["effect_id"].notna()),
            "measure": converted["measure"],
            "yi": converted["yi"],
            "vi": converted["vi"],
            "status": converted["status"],
            "level": converted["level"],
            "added": why == "",
            "why": why,
            "source_url": two["source_url"],
        },
        columns=LOG,
    )
