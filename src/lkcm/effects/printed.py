"""Results in writing: what a source prints, and the effect that it becomes."""

from __future__ import annotations

from textwrap import shorten
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.words import span

#: How each kind of statistic is written; p and text have no figure but p itself.
SYMBOLS = {
    "d": "d",
    "g": "g",
    "smd": "SMD",
    "t": "t",
    "F": "F",
    "eta2": "partial eta\N{SUPERSCRIPT TWO}",
    "md": "MD",
    "beta": "beta",
    "or": "OR",
    "rr": "RR",
    "hr": "HR",
}

#: Measures of the converted table as a reader meets them, ratios without their logarithm.
MEASURES = {"SMD": "g", "logRR": "RR", "logOR": "OR", "logHR": "HR"}

#: Signs that a printed p value may begin with.
RELATIONS = "<>=\u2264\u2265"

_ARMS = ("t", "c")
_COLUMNS = [
    *("n_t", "n_c", "events_t", "events_c", "mean_t", "mean_c", "sd_t", "sd_c"),
    *("mean_pre_t", "mean_pre_c", "sd_pre_t", "sd_pre_c"),
    *("mean_change_t", "mean_change_c", "sd_change_t", "sd_change_c"),
    *("stat_kind", "stat_value", "ci_low", "ci_high", "ci_level", "df1", "df2", "p_value"),
    *("sign", "significant", "direction"),
]
_BETTER = {"+": "LKCM arm better", "-": "control arm better"}
_DIRECTION = {
    "favours-t": "LKCM arm better",
    "favours-c": "control arm better",
    "none": "no difference",
}
_SIGNIFICANT = {"yes": "statistically significant", "no": "not statistically significant"}


def printed_text(rows: pd.DataFrame) -> pd.Series:
    """Write each row's figures as a source would print them.

    Means before and after, mean changes, counts, the statistic with its degrees of freedom and
    interval, and p, as far as stated and the LKCM arm first: "M 3.2 (0.6) v 2.9 (0.6)",
    "24 of 60 v 30 of 61", "d = 0.54 (95 % CI 0.1 to 0.98), p < 0.001". A row without any of
    them is told in words: "words only: LKCM arm better, statistically significant".

    Parameters
    ----------
    rows : DataFrame
        Rows of effects.csv or second_reading.csv as loaded; columns that a table lacks are
        taken as empty.

    Returns
    -------
    Series of str
        On the index of `rows`.
    """
    records = rows.reindex(columns=_COLUMNS).to_dict("records")
    return pd.Series([_row_text(row) for row in records], index=rows.index, dtype="str")


def _row_text(row: dict[str, Any]) -> str:
    """Write one row."""
    figures = [
        _means("M before", row, "_pre"),
        _means("M", row, ""),
        _means("M of change", row, "_change"),
        _counts(row),
        _statistic(row),
        _p_value(row),
    ]
    return ", ".join(filter(None, figures)) or _words(row)


def plain(value: float) -> str:
    """Write a number without trailing zeros or the noise of binary fractions."""
    return format(value, ".15g")


def _means(symbol: str, row: dict[str, Any], when: str) -> str:
    """Write the means of the two arms with their standard deviations in brackets."""
    arms = [_mean_sd(row[f"mean{when}_{arm}"], row[f"sd{when}_{arm}"]) for arm in _ARMS]
    return f"{symbol} {' v '.join(arm or 'not stated' for arm in arms)}" if any(arms) else ""


def _mean_sd(mean: float, sd: float) -> str:
    if pd.isna(mean):
        return ""
    return plain(mean) + (f" ({plain(sd)})" if pd.notna(sd) else "")


def _counts(row: dict[str, Any]) -> str:
    """Write the people with the event out of those in each arm."""
    arms = [_events(row[f"events_{arm}"], row[f"n_{arm}"]) for arm in _ARMS]
    return " v ".join(arm or "not stated" for arm in arms) if any(arms) else ""


def _events(events: float, n: float) -> str:
    if pd.isna(events):
        return ""
    return plain(events) + (f" of {plain(n)}" if pd.notna(n) else "")


def _statistic(row: dict[str, Any]) -> str:
    """Write the statistic, its degrees of freedom and its interval."""
    symbol = SYMBOLS.get(row["stat_kind"])
    if symbol is None or pd.isna(row["stat_value"]):
        return ""
    dfs = [plain(row[name]) for name in ("df1", "df2") if pd.notna(row[name])]
    freedom = f"({', '.join(dfs)})" if dfs and symbol in ("F", "t") else ""
    return f"{symbol}{freedom} = {plain(row['stat_value'])}{_interval(row)}"


def _interval(row: dict[str, Any]) -> str:
    if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
        return ""
    level = f"{plain(100 * row['ci_level'])} % " if pd.notna(row["ci_level"]) else ""
    return f" ({level}CI {plain(row['ci_low'])} to {plain(row['ci_high'])})"


def _p_value(row: dict[str, Any]) -> str:
    """Write p as printed, from its own column or where it is the statistic."""
    p = row["p_value"]
    if pd.isna(p) or str(p).strip() == "":
        is_p = row["stat_kind"] == "p" and pd.notna(row["stat_value"])
        return f"p = {plain(row['stat_value'])}" if is_p else ""
    text = str(p).strip().removeprefix("p").strip()
    relation = text[0] if text[0] in RELATIONS else "="
    return f"p {relation} {text.lstrip(RELATIONS + ' ')}"


def _words(row: dict[str, Any]) -> str:
    """Tell a row that has no figure; the direction only of a table that has no sign."""
    no_sign = pd.isna(row["sign"])
    better = _DIRECTION.get(row["direction"]) if no_sign else _BETTER.get(row["sign"])
    said = [better, _SIGNIFICANT.get(row["significant"])]
    return "words only: " + (", ".join(filter(None, said)) or "no direction stated")


def effect_text(converted: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Give each effect on the scale on which it is read, with its Wald interval.

    Parameters
    ----------
    converted : DataFrame
        Columns `measure`, `yi` and `vi`, as of `lkcm.effects.convert`.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        On the same index: `measure` (g, RR, OR or HR), `effect`, `low`, `high` (ratios, not
        their logarithms; NaN without an effect) and `interval` ("0.10 to 0.98", missing
        without an effect).
    """
    half = stats.norm.isf((1 - level) / 2) * np.sqrt(converted["vi"])
    ends = {
        "effect": converted["yi"],
        "low": converted["yi"] - half,
        "high": converted["yi"] + half,
    }
    ratio = converted["measure"] != "SMD"
    read = pd.DataFrame({name: end.mask(ratio, np.exp(end)) for name, end in ends.items()})
    read.insert(0, "measure", converted["measure"].map(MEASURES))
    texts = [span(ends) for ends in zip(read["low"], read["high"], strict=True)]
    read["interval"] = pd.Series(texts, index=read.index, dtype="str").where(read["low"].notna())
    return read


def result_names(rows: pd.DataFrame, labels: pd.Series) -> pd.Series:
    """Name each result by its trial and its instrument, else its outcome.

    Parameters
    ----------
    rows : DataFrame
        Columns `trial_id`, `instrument` and `outcome`.
    labels : Series
        Label of a trial by trial_id; a trial that is not there keeps its id.

    Returns
    -------
    Series of str
        On the index of `rows`. Names that would be alike are numbered in the order of the rows.
    """
    trial = rows["trial_id"].map(labels).fillna(rows["trial_id"])
    measured = rows["instrument"].replace("", np.nan).fillna(rows["outcome"])
    short = [shorten(text, 26, placeholder="\N{HORIZONTAL ELLIPSIS}") for text in measured]
    names = trial + ", " + short
    count = (names.groupby(names).cumcount() + 1).astype("str")
    return names.mask(names.duplicated(keep=False), names + " (" + count + ")")
