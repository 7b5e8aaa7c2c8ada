"""The effect direction plot: which arm did better, by trial and outcome."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import DIRECTION, DIRECTION_SHAPE, scale

#: Directions of a cell by colour and shape.
CELL_COLOUR = {
    "favours LKCM": DIRECTION["favours LKCM"],
    "no difference": DIRECTION["no difference"],
    "conflicting": DIRECTION["unknown"],
    "favours control": DIRECTION["favours control"],
}
CELL_SHAPE = {
    **{name: DIRECTION_SHAPE[name] for name in CELL_COLOUR if name in DIRECTION_SHAPE},
    "conflicting": "cross",
}
#: Area of a mark by the size of the trial, in the words of `lkcm.synthesis.effect_direction`.
SIZE = {"below 50": 45, "50 to 300": 130, "above 300": 260, "not known": 45}


def direction_chart(cells: pd.DataFrame, trials: list[str], outcomes: list[str]) -> alt.Chart:
    """Return the effect direction plot.

    Parameters
    ----------
    cells : DataFrame
        ``label`` (trial), ``outcome``, ``direction`` (a key of `CELL_COLOUR`), ``size`` (a key of
        `SIZE`), ``figure`` (bool: whether one of the results has an effect size) and ``detail``.
    trials, outcomes : list of str
        Rows and columns in their order.
    """
    legend = alt.Legend(orient="top", title=None, columns=4)
    directions = set(cells["direction"])
    colour = {"scale": scale(CELL_COLOUR, directions), "legend": legend}
    filled = alt.Scale(type="ordinal", domain=[False, True], range=[0.0, 1.0])
    return (
        alt.Chart(cells)
        .mark_point(filled=True, strokeWidth=1.6)
        .encode(
            x=alt.X(
                "outcome:N",
                sort=outcomes,
                title=None,
                axis=alt.Axis(orient="top", labelAngle=-35, labelOverlap=False, grid=True),
                scale=alt.Scale(domain=outcomes),
            ),
            y=alt.Y(
                "label:N",
                sort=trials,
                title=None,
                axis=alt.Axis(labelLimit=210, ticks=False, domain=False, grid=True),
            ),
            color=alt.Color("direction:N", **colour),
            stroke=alt.Stroke("direction:N", **colour),
            shape=alt.Shape(
                "direction:N",
                scale=scale({name: CELL_SHAPE[name] for name in CELL_COLOUR}, directions),
                legend=legend,
            ),
            fillOpacity=alt.FillOpacity("figure:O", scale=filled, legend=None),
            size=alt.Size(
                "size:O",
                title="People analysed",
                scale=scale(SIZE, set(cells["size"])),
                legend=alt.Legend(orient="bottom"),
            ),
            description=alt.Description("detail:N"),
            tooltip=[
                alt.Tooltip("label:N"),
                alt.Tooltip("outcome:N"),
                alt.Tooltip("detail:N", title="Results"),
            ],
        )
        .properties(width=alt.Step(46), height=alt.Step(19))
    )
