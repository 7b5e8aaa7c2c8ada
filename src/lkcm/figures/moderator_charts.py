"""Bubble plots: effects of trials by a number that may moderate them."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import COMPARATOR, COMPARATOR_SHAPE, scale

#: Axis of effects that stands upright.
UPRIGHT = "Hedges g  ▸  favours LKCM"


#: How the axis of a transformed number is labelled in its own unit.
LABELS = {
    "doublings": "format(pow(2, datum.value), ',.0f')",
    "decades": "format(2020 + 10 * datum.value, '.0f')",
}


def bubble_chart(
    points: pd.DataFrame, line: pd.DataFrame, title: str, number: str = ""
) -> alt.LayerChart:
    """Return trials by a number, area by weight, with the fitted line and its 95 % band.

    Parameters
    ----------
    points : DataFrame
        One row a trial: ``x``, ``yi``, ``vi``, ``group`` (a key of `COMPARATOR`) and ``detail``.
    line : DataFrame
        ``x``, ``estimate``, ``low``, ``high``; no rows where nothing is fitted.
    title : str
        Of the axis.
    number : str
        A key of `LABELS` where the axis is to be labelled in the unit of the trials.
    """
    points = points.assign(precision=1 / points["vi"])
    step = 1 if number == "doublings" else 0.2  # whole powers of two: 64, not 45 and 91
    axis = alt.Axis(labelExpr=LABELS[number], tickMinStep=step) if number in LABELS else alt.Axis()
    # a doubling or a year may be negative, a dose not: no room is made below its zero
    room = {"padding": 12} if number in LABELS else {"domainMin": 0}
    x = {"title": title, "axis": axis, "scale": alt.Scale(zero=False, nice=True, **room)}
    # the band may be wider than any effect: the axis follows the trials
    ends = [min(0.0, points["yi"].min()) - 0.4, max(0.0, points["yi"].max()) + 0.4]
    upright = {"title": UPRIGHT, "scale": alt.Scale(domain=ends, nice=False)}
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(aria=False)
    layers: list[alt.Chart] = [zero.encode(y=alt.Y("y:Q", **upright))]
    if len(line):
        base = alt.Chart(line).encode(x=alt.X("x:Q", **x))
        band = {"opacity": 0.18, "color": "currentColor", "aria": False, "clip": True}
        if line["low"].notna().all():
            layers.append(
                base.mark_area(**band).encode(y=alt.Y("low:Q", **upright), y2=alt.Y2("high:Q"))
            )
        layers.append(
            base.mark_line(color="currentColor", aria=False, clip=True).encode(
                y=alt.Y("estimate:Q", **upright)
            )
        )
    groups = points["group"].unique()
    legend = alt.Legend(title="Comparator", orient="bottom")
    marks = alt.Chart(points).mark_point(filled=True, fillOpacity=0.75, strokeWidth=1)
    layers.append(
        marks.encode(
            x=alt.X("x:Q", **x),
            y=alt.Y("yi:Q", **upright),
            size=alt.Size("precision:Q", legend=None, scale=alt.Scale(range=[40, 700])),
            color=alt.Color("group:N", scale=scale(COMPARATOR, groups), legend=legend),
            shape=alt.Shape("group:N", scale=scale(COMPARATOR_SHAPE, groups), legend=legend),
            stroke=alt.StrokeValue("currentColor"),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Trial")],
        )
    )
    return alt.layer(*layers).properties(width=460, height=260)
