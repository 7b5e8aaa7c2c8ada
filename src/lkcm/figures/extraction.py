"""Charts of the extraction: where rows fall out, and how far assumptions move an effect."""

from textwrap import fill

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL

#: What becomes of rows, by colour.
FATES = {
    "left out": CATEGORICAL[3],
    "bound or direction only": CATEGORICAL[1],
    "sensitivity only": CATEGORICAL[2],
    "poolable": CATEGORICAL[0],
    "rows that remain": CATEGORICAL[4],
}

_SPLIT = "split(datum.label, '\\n')"
_TWO_LINES = "indexof(datum.label, '\\n') >= 0"
_LINE = 42  # characters of a step's name on one line

#: The fate of each status of `lkcm.effects.convert`.
FATE_OF = {
    "excluded": "left out",
    "censored": "bound or direction only",
    "sensitivity": "sensitivity only",
    "poolable": "poolable",
}

#: Levels of evidence in words.
LEVELS = {
    "1": "level 1: means or counts of both arms",
    "2a": "level 2a: statistic, arm sizes stated",
    "2b": "level 2b: equal arms assumed from the total",
    "2c": "level 2c: exact p with arm sizes",
}

#: Conversions in a few words; their formulas are in the converted table.
CONVERSIONS = {
    "events": "counts",
    "means:pre-post-control": "means before and after",
    "means:post": "means after",
    "means:change": "mean changes",
    "or:dichotomised": "odds ratio of a dichotomised scale",
    "ratio:interval": "ratio with interval",
    "md:sd": "mean difference with SD",
    "md:interval": "mean difference with interval",
    "printed": "printed d or g",
    "printed:interval": "printed d or g with interval",
    "t": "t",
    "F": "F",
    "eta2": "eta squared",
    "p": "exact p",
}


#: Dashes of lines by conversion: a second cue beside colour.
_DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4]]


def conversion_words(conversions: pd.Series) -> pd.Series:
    """Return conversion codes in a few words, without the analysis model that may end them."""
    without_model = conversions.str.rpartition(":")[0]
    return conversions.map(CONVERSIONS).fillna(without_model.map(CONVERSIONS))


def waterfall_steps(counts: pd.DataFrame, reasons_shown: int = 6) -> pd.DataFrame:
    """Return the steps from all rows to poolable effects, each with its place on the axis.

    Parameters
    ----------
    counts : DataFrame
        Result of `lkcm.effects.waterfall`.
    reasons_shown : int
        Reasons named for rows left out, and for rows that give a bound or direction; the
        others are summed.

    Returns
    -------
    DataFrame
        `step` (words, unique), `rows`, `start`, `end` (rows before and after) and `fate`. A
        total starts at zero; every other step starts where the one before it ended, and the
        levels of the poolable effects end at zero.
    """
    by_status = counts.groupby("status")["rows"].sum()
    left = int(counts["rows"].sum())
    steps = [("all result rows", left, 0, left, "rows that remain")]
    after = {"excluded": "rows that may count", "censored": "rows with an effect"}
    for status, remain in after.items():
        for words, rows in _reasons(counts[counts["status"] == status], reasons_shown):
            steps.append((words, rows, left, left - rows, FATE_OF[status]))
            left -= rows
        if by_status.get(status, 0):
            steps.append((remain, left, 0, left, "rows that remain"))
    for status in ("sensitivity", "poolable"):
        levels = counts[counts["status"] == status].groupby("level")["rows"].sum()
        for level, rows in levels.items():
            steps.append((LEVELS[level], int(rows), left, left - int(rows), FATE_OF[status]))
            left -= int(rows)
    return pd.DataFrame(steps, columns=["step", "rows", "start", "end", "fate"])


def _reasons(counts: pd.DataFrame, shown: int) -> list[tuple[str, int]]:
    """Return the most frequent reasons with their rows, and the sum of the others last."""
    rows = counts.groupby("reason")["rows"].sum().sort_values(ascending=False, kind="stable")
    first, others = rows.iloc[:shown], rows.iloc[shown:]
    if len(others) == 1:  # a sum of one reason would hide it and save nothing
        first, others = rows, others.iloc[:0]
    named = [(str(words), int(n)) for words, n in first.items()]
    status = counts["status"].iloc[0] if len(counts) else ""
    sums = {"excluded": "kept out", "censored": "without a usable figure"}
    rest = f"{len(others)} other reasons, {sums.get(status, '')}"
    return [*named, (rest, int(others.sum()))] if len(others) else named


def waterfall_chart(steps: pd.DataFrame) -> alt.LayerChart:
    """Return the waterfall from all rows to poolable effects, each step with its number.

    Parameters
    ----------
    steps : DataFrame
        From `waterfall_steps`.
    """
    present = [fate for fate in FATES if fate in set(steps["fate"])]
    names = [fill(step, _LINE) for step in steps["step"]]
    drawn = steps.assign(step=names, far=steps[["start", "end"]].max(axis=1))
    base = alt.Chart(drawn).encode(
        y=alt.Y(
            "step:N",
            sort=names,
            title=None,
            axis=alt.Axis(
                labelExpr=_SPLIT,
                labelLineHeight=13,
                labelOffset={"condition": {"test": _TWO_LINES, "value": -6}, "value": 0},
                minExtent=300,
                ticks=False,
                domain=False,
            ),
        )
    )
    bars = base.mark_bar(height=16).encode(
        x=alt.X("start:Q", title="Result rows", axis=alt.Axis(tickCount=5, format=",d")),
        x2=alt.X2("end:Q"),
        color=alt.Color(
            "fate:N",
            title=None,
            legend=alt.Legend(columns=3, columnPadding=40),
            scale=alt.Scale(domain=present, range=[FATES[fate] for fate in present]),
        ),
        tooltip=[alt.Tooltip("step:N"), alt.Tooltip("rows:Q", format=",d"), alt.Tooltip("fate:N")],
    )
    numbers = base.mark_text(align="left", dx=4, aria=False).encode(
        x=alt.X("far:Q"), text=alt.Text("rows:Q", format=",d")
    )
    return (bars + numbers).properties(width=340, height=alt.Step(29))


def correlation_chart(table: pd.DataFrame, base: float) -> alt.HConcatChart:
    """Return effect and standard error against the pre-post correlation, a line an effect.

    Parameters
    ----------
    table : DataFrame
        Columns `setting` (r), `effect_id`, `label`, `kind` (words for the conversion), `yi`
        and `se`.
    base : float
        The r of the main analysis, marked by a line.
    """
    kinds = list(table["kind"].drop_duplicates())
    colours = [CATEGORICAL[i % len(CATEGORICAL)] for i in range(len(kinds))]
    legend = alt.Legend(title="Computed from", columns=2, columnPadding=40, symbolSize=250)
    lines = (
        alt.Chart(table)
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X(
                "setting:Q",
                title="Pre-post correlation r",
                axis=alt.Axis(labelFlush=False, tickCount=8),
                scale=alt.Scale(zero=False, nice=False),
            ),
            detail=alt.Detail("effect_id:N"),
            color=alt.Color("kind:N", legend=legend, scale=alt.Scale(domain=kinds, range=colours)),
            strokeDash=alt.StrokeDash(
                "kind:N",
                legend=legend,
                scale=alt.Scale(
                    domain=kinds, range=[_DASHES[i % len(_DASHES)] for i in range(len(kinds))]
                ),
            ),
            tooltip=[
                alt.Tooltip("label:N", title="Result"),
                alt.Tooltip("setting:Q", title="r"),
                alt.Tooltip("yi:Q", title="g", format=".2f"),
                alt.Tooltip("se:Q", title="standard error", format=".2f"),
            ],
        )
        .properties(width=270, height=280)
    )
    mark = alt.Chart(pd.DataFrame({"setting": [base]})).mark_rule(strokeDash=[3, 3], aria=False)
    panels = [
        lines.encode(y=alt.Y(f"{column}:Q", title=title)) + mark.encode(x=alt.X("setting:Q"))
        for column, title in (("yi", "g, up favours LKCM"), ("se", "Standard error"))
    ]
    return alt.hconcat(*panels)


def range_chart(changes: pd.DataFrame) -> alt.VConcatChart:
    """Return how far each effect can move: a point as assumed, a bar over the other settings.

    Parameters
    ----------
    changes : DataFrame
        Columns `label` (unique within an assumption), `assumption`, `yi`, `lowest`, `highest`
        and `change`, in the order in which the lines stand.
    """
    panels = [
        _assumption_panel(rows).properties(title=assumption)
        for assumption, rows in changes.groupby("assumption", sort=False)
    ]
    return alt.vconcat(*panels).resolve_scale(x="shared")


def _assumption_panel(changes: pd.DataFrame) -> alt.LayerChart:
    axis = alt.Axis(labelLimit=320, minExtent=330)
    base = alt.Chart(changes).encode(
        y=alt.Y("label:N", sort=list(changes["label"]), title=None, axis=axis)
    )
    bars = base.mark_rule(strokeWidth=4, color=CATEGORICAL[4], aria=False).encode(
        x=alt.X("lowest:Q", title="g, right favours LKCM"), x2=alt.X2("highest:Q")
    )
    points = base.mark_point(size=60, color=CATEGORICAL[0]).encode(
        x=alt.X("yi:Q"),
        tooltip=[
            alt.Tooltip("label:N", title="Result"),
            alt.Tooltip("yi:Q", title="g in the main analysis", format=".2f"),
            alt.Tooltip("lowest:Q", format=".2f"),
            alt.Tooltip("highest:Q", format=".2f"),
        ],
    )
    return (bars + points).properties(width=340, height=alt.Step(22))
