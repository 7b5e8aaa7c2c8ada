"""How far trials have come with what the commentary asks."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL


def progress_chart(progress: pd.DataFrame) -> alt.LayerChart:
    """Draw one ask: the share of trials that meet it, by period, with its exact interval.

    Parameters
    ----------
    progress : DataFrame
        ``period``, ``yes``, ``trials``, ``share``, ``low`` and ``high`` of one ask.

    Returns
    -------
    altair.LayerChart
    """
    drawn = progress.assign(
        count=[f"{yes} of {n}" for yes, n in zip(progress["yes"], progress["trials"], strict=True)]
    )
    base = alt.Chart(drawn).encode(
        y=alt.Y("period:O", title=None, sort=None),
        tooltip=[
            alt.Tooltip("period:N"),
            alt.Tooltip("count:N"),
            alt.Tooltip("share:Q", format=".0%"),
        ],
    )
    axis = alt.Axis(format="%", tickCount=5)
    x = alt.X("share:Q", title="share of trials", axis=axis, scale=alt.Scale(domain=[0, 1]))
    bars = base.mark_bar(color=CATEGORICAL[0], height=14).encode(
        x=x, description=alt.Description("count:N")
    )
    span = base.mark_rule(strokeWidth=1.5, aria=False).encode(
        x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    words = base.mark_text(align="left", dx=6, aria=False).encode(
        x=alt.X("high:Q"), text=alt.Text("count:N")
    )
    return (bars + span + words).properties(width=420, height=alt.Step(24))
