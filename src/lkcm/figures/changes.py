"""What moved between two editions, as a chart."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, WIDTH


def moved_estimates(moved: pd.DataFrame) -> alt.LayerChart:
    """Draw each estimate that moved: hollow where it was, solid where it is.

    Parameters
    ----------
    moved : DataFrame
        ``page``, ``was``, ``is_now`` (numbers), ``old`` and ``new`` (texts).

    Returns
    -------
    altair.LayerChart
    """
    row = alt.Y("page:N", title=None, sort=None)
    telling = [alt.Tooltip("page:N"), alt.Tooltip("old:N"), alt.Tooltip("new:N")]
    base = alt.Chart(moved).encode(y=row, tooltip=telling)
    now = alt.X("is_now:Q", title="estimate", scale=alt.Scale(zero=False, padding=12))
    line = base.mark_rule(strokeWidth=2, aria=False).encode(
        x=alt.X("was:Q"), x2=alt.X2("is_now:Q")
    )
    was = base.mark_point(filled=False, color=CATEGORICAL[4], strokeWidth=2).encode(
        x=alt.X("was:Q")
    )
    dot = base.mark_point(filled=True, color=CATEGORICAL[0], size=110).encode(x=now)
    return (line + was + dot).properties(width=WIDTH - 120, height=alt.Step(30))
