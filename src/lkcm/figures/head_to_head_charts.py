"""Charts of trials of LKCM against one other programme: what each says, and how far it reaches."""

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.forest import AXIS
from lkcm.figures.theme import COMPARATOR, DIRECTION, DIRECTION_SHAPE, scale

#: Where open ends of bounds are cut.
EDGE = 1.0

_CELL = 26


def unit_chart(said: pd.DataFrame, other: str) -> alt.LayerChart:
    """Return one symbol a trial and outcome: which programme did better, or neither.

    Parameters
    ----------
    said : DataFrame
        One row a trial and outcome: ``outcome``, ``says`` (a key of `DIRECTION`), ``used``
        (bool; rows that are held back are hollow) and ``detail`` (for the tooltip).
    other : str
        The other programme, for the words at the ends.
    """
    order = list(DIRECTION)
    rows = said.assign(rank=said["says"].map(order.index))
    rows = rows.sort_values(["outcome", "rank", "used"], ascending=[True, True, False])
    rows["place"] = rows.groupby("outcome").cumcount() + 1
    rows["fill"] = rows["used"].map({True: 1.0, False: 0.0})
    names = {
        "favours LKCM": "LKCM did better",
        "no difference": "no difference",
        "favours control": f"{other} did better",
        "unknown": "not told",
    }
    rows["words"] = rows["says"].map(names)
    present = [names[key] for key in order if rows["says"].eq(key).any()]
    keys = [key for key in order if rows["says"].eq(key).any()]
    often = rows.groupby("outcome").size().sort_values(ascending=False, kind="stable")
    legend = alt.Legend(title=None, orient="top")
    points = (
        alt.Chart(rows)
        .mark_point(size=150, filled=True, strokeWidth=1.8)
        .encode(
            x=alt.X("place:O", title="trials, one symbol each", axis=alt.Axis(labels=False)),
            y=alt.Y("outcome:N", sort=list(often.index), title=None),
            color=alt.Color(
                "words:N",
                scale=alt.Scale(domain=present, range=[DIRECTION[key] for key in keys]),
                legend=legend,
            ),
            stroke=alt.Stroke(
                "words:N",
                scale=alt.Scale(domain=present, range=[DIRECTION[key] for key in keys]),
                legend=legend,
            ),
            shape=alt.Shape(
                "words:N",
                scale=alt.Scale(domain=present, range=[DIRECTION_SHAPE[key] for key in keys]),
                legend=legend,
            ),
            fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Trial")],
        )
    )
    width = _CELL * int(rows["place"].max())
    return alt.layer(points).properties(width=max(width, 240), height=alt.Step(_CELL))


def bounds_chart(
    rows: pd.DataFrame, group: str, edge: float = EDGE, title: str = AXIS
) -> alt.LayerChart:
    """Return the range in which each trial's effect lies by what it says; open ends are arrows.

    Parameters
    ----------
    rows : DataFrame
        ``label`` (unique), ``low``, ``high`` (may be infinite), ``words`` and ``detail``.
    group : str
        A key of `COMPARATOR`, for the colour.
    edge : float
        Where open ends are cut, at both sides.
    title : str
        Of the axis.
    """
    cut = rows.assign(
        from_=rows["low"].clip(-edge, edge),
        to=rows["high"].clip(-edge, edge),
        left=np.where(rows["low"] < -edge, -edge, np.nan),
        right=np.where(rows["high"] > edge, edge, np.nan),
    ).drop(columns=["low", "high"])
    x = {"title": title, "scale": alt.Scale(domain=[-edge, edge], nice=False)}
    base = alt.Chart(cut).encode(
        y=alt.Y(
            "label:N",
            sort=list(cut["label"]),
            title=None,
            axis=alt.Axis(labelLimit=260, ticks=False, domain=False),
        ),
        color=alt.Color("group:N", scale=scale(COMPARATOR, [group]), legend=None),
    )
    base = base.transform_calculate(group=f"'{group}'")
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False)
    arrows = [
        base.mark_point(shape=f"triangle-{side}", filled=True, size=80, aria=False).encode(
            x=alt.X(f"{side}:Q", **x)
        )
        for side in ("left", "right")
        if cut[side].notna().any()
    ]
    bars = base.mark_bar(height=11, filled=False, strokeWidth=1.8).encode(
        x=alt.X("from_:Q", **x),
        x2=alt.X2("to:Q"),
        description=alt.Description("detail:N"),
        tooltip=[alt.Tooltip("detail:N", title="Trial")],
    )
    words = base.mark_text(align="left", aria=False).encode(
        x=alt.XValue(302), text=alt.Text("words:N"), color=alt.ColorValue("currentColor")
    )
    layers = [zero.encode(x=alt.X("x:Q", **x)), bars, *arrows, words]
    return alt.layer(*layers).properties(width=290, height=alt.Step(24))
