"""The chart of what happens to a synthesis when its assumptions fail (simulated reviews)."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, scale

#: Readings by colour and shape: all levels with variant A or B, or the figures alone.
READINGS = {
    "all levels, variant A": (CATEGORICAL[0], "circle"),
    "all levels, variant B": (CATEGORICAL[1], "square"),
    "figures alone": (CATEGORICAL[4], "diamond"),
}

_PLOT = 190


def assumptions_chart(cells: pd.DataFrame) -> alt.HConcatChart:
    """Return bias and coverage by scenario, a panel each.

    Parameters
    ----------
    cells : DataFrame
        ``scenario`` (in order; a line break splits it), ``reading`` (a key of `READINGS`),
        ``bias`` and ``coverage`` (a share).
    """
    bias = _panel(cells, "bias", "Bias of the estimate (g)", 0.0, axis=True)
    coverage = _panel(cells, "coverage", "Coverage of the 95 % interval", 0.95, axis=False)
    return alt.hconcat(bias, coverage, spacing=18)


def _panel(
    cells: pd.DataFrame, column: str, title: str, wanted: float, *, axis: bool
) -> alt.LayerChart:
    names = [name for name in READINGS if cells["reading"].eq(name).any()]
    labels = alt.Axis(
        labelExpr="split(datum.label, '\\n')",
        labelLimit=180,
        minExtent=165,
        labelLineHeight=13,
        ticks=False,
    )
    percent = "format(100 * datum.value, '.0f') + ' %'"
    share = alt.Axis(tickCount=4, **({"labelExpr": percent} if column == "coverage" else {}))
    x = alt.X(
        f"{column}:Q", title=title, axis=share, scale=alt.Scale(zero=False, nice=False, padding=10)
    )
    base = alt.Chart(cells).encode(
        y=alt.Y(
            "scenario:N",
            sort=list(cells["scenario"].unique()),
            title=None,
            axis=labels if axis else None,
        ),
        yOffset=alt.YOffset("reading:N", sort=names, scale=alt.Scale(paddingOuter=0.6)),
    )
    legend = alt.Legend(title=None, orient="bottom", columns=3, columnPadding=40)
    points = base.mark_point(size=85, filled=True).encode(
        x=x,
        color=alt.Color(
            "reading:N",
            legend=legend,
            scale=scale({name: READINGS[name][0] for name in names}),
        ),
        shape=alt.Shape(
            "reading:N",
            legend=legend,
            scale=scale({name: READINGS[name][1] for name in names}),
        ),
        tooltip=[
            alt.Tooltip("scenario:N"),
            alt.Tooltip("reading:N"),
            alt.Tooltip(f"{column}:Q", format=".2f"),
        ],
    )
    line = alt.Chart(pd.DataFrame({"x": [wanted]})).mark_rule(strokeDash=[3, 3], aria=False)
    return (line.encode(x=alt.X("x:Q")) + points).properties(width=_PLOT, height=alt.Step(11))
