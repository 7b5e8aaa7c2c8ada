"""The cumulative forest: the estimate after each trial in order of year."""

import altair as alt
import pandas as pd

from lkcm.figures.forest import AXIS
from lkcm.figures.theme import COMPARATOR
from lkcm.words import short_interval

_PLOT = 300


def cumulative_chart(rows: pd.DataFrame, group: str) -> alt.VConcatChart:
    """Return the estimates after each trial, a panel for each kind of synthesis.

    Parameters
    ----------
    rows : DataFrame
        One row a trial and synthesis, in order: ``panel`` (words), ``label`` (the trial added),
        ``k``, ``estimate``, ``ci_low``, ``ci_high``; rows without an estimate are left out.
    group : str
        A key of `COMPARATOR`, for the colour.
    """
    shown = rows[rows["estimate"].notna()]
    shown = shown.assign(
        line="+ " + shown["label"],
        words=[
            f"{short_interval(row.estimate, (row.ci_low, row.ci_high))}, k = {row.k}"
            for row in shown.itertuples()
        ],
    )
    panels = [
        _panel(part, COMPARATOR[group]).properties(title=panel)
        for panel, part in shown.groupby("panel", sort=False)
    ]
    return alt.vconcat(*panels).resolve_scale(x="shared")


def _panel(rows: pd.DataFrame, colour: str) -> alt.LayerChart:
    axis = alt.Axis(labelLimit=235, minExtent=225, ticks=False, domain=False)
    base = alt.Chart(rows).encode(
        y=alt.Y("line:N", sort=list(rows["line"]), title=None, axis=axis)
    )
    x = alt.X("estimate:Q", title=AXIS)
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=alt.X("x:Q"))
    last = alt.Chart(rows.tail(1)).mark_rule(strokeDash=[3, 3], aria=False).encode(x=x)
    interval = base.mark_rule(strokeWidth=3, color=colour, aria=False).encode(
        x=alt.X("ci_low:Q", title=AXIS), x2=alt.X2("ci_high:Q")
    )
    points = base.mark_point(shape="diamond", size=90, color=colour).encode(
        x=x,
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("words:N")],
    )
    words = base.mark_text(align="left", aria=False).encode(
        x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")
    )
    return alt.layer(zero, last, interval, points, words).properties(
        width=_PLOT, height=alt.Step(20)
    )
