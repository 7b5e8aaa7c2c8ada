"""Charts of printed p values: how often each form is printed, and an albatross plot."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, DIRECTION, DIRECTION_SHAPE, WIDTH, scale

#: Directions in the words of `lkcm.synthesis.p_values` with their colours.
COLOURS = {
    "favours LKCM": DIRECTION["favours LKCM"],
    "direction not stated": DIRECTION["unknown"],
    "favours control": DIRECTION["favours control"],
}


def censoring_chart(counts: pd.DataFrame) -> alt.LayerChart:
    """Return rows by the printed form of their p value and by direction.

    Parameters
    ----------
    counts : DataFrame
        ``form`` (in order), ``direction`` (a key of `COLOURS`), ``rows`` and ``total`` (of the
        form).
    """
    forms = list(counts["form"].unique())
    base = alt.Chart(counts).encode(
        y=alt.Y(
            "form:N",
            sort=None,
            title=None,
            scale=alt.Scale(domain=forms),
            axis=alt.Axis(labelLimit=280, ticks=False),
        )
    )
    bars = base.mark_bar(height=15).encode(
        x=alt.X("rows:Q", title="Result rows", stack="zero"),
        color=alt.Color(
            "direction:N",
            title=None,
            scale=scale(COLOURS, set(counts["direction"])),
        ),
        order=alt.Order("place:Q"),
        tooltip=[alt.Tooltip("form:N"), alt.Tooltip("direction:N"), alt.Tooltip("rows:Q")],
    )
    totals = base.mark_text(align="left", dx=4, aria=False).encode(
        x=alt.X("total:Q"), text=alt.Text("total:Q")
    )
    return (bars + totals).properties(width=380, height=alt.Step(23))


def p_histogram(bins: pd.DataFrame) -> alt.Chart:
    """Return the printed p values in bins, exact ones apart from bounds.

    Parameters
    ----------
    bins : DataFrame
        ``bin`` (words, in order), ``kind`` ("exact" or "bound") and ``rows``.
    """
    order = list(bins["bin"].unique())
    colours = {"exact": CATEGORICAL[3], "bound": CATEGORICAL[4]}
    return (
        alt.Chart(bins)
        .mark_bar(width=42)
        .encode(
            x=alt.X(
                "bin:N", sort=order, title="Two-sided p as printed", axis=alt.Axis(labelAngle=0)
            ),
            y=alt.Y("rows:Q", title="Result rows", stack="zero"),
            color=alt.Color("kind:N", title="Printed as", scale=scale(colours)),
            tooltip=[alt.Tooltip("bin:N"), alt.Tooltip("kind:N"), alt.Tooltip("rows:Q")],
        )
        .properties(width=WIDTH - 40, height=220)
    )


def albatross_chart(points: pd.DataFrame, contours: pd.DataFrame) -> alt.LayerChart:
    """Return an albatross plot: p value by direction against people, with contours of effects.

    Parameters
    ----------
    points : DataFrame
        ``signed_z``, ``n``, ``direction`` (a key of `COLOURS`), ``bound`` (bool), ``detail``.
    contours : DataFrame
        ``signed_z`` (both signs), ``n``, ``effect`` and ``words`` (the effect, for one point of
        each line, else missing).
    """
    ticks = {-3.29: ".001", -2.58: ".01", -1.96: ".05", 0.0: "1"}
    ticks |= {-z: p for z, p in ticks.items()}
    labels = " : ".join(f"abs(datum.value - ({z})) < .01 ? '{p}'" for z, p in ticks.items())
    axis = alt.Axis(values=list(ticks), labelExpr=f"{labels} : ''", grid=True)
    title = "p, favours control  ◂   two-sided p value   ▸  p, favours LKCM"
    x = alt.X("signed_z:Q", title=title, axis=axis, scale=alt.Scale(domain=[-4.2, 4.2]))
    y = alt.Y(
        "n:Q",
        title="People analysed (log scale)",
        axis=alt.Axis(values=[10, 20, 50, 100, 200, 500, 1000]),
        scale=alt.Scale(type="log", domain=_range(points["n"]), nice=False),
    )
    lines = (
        alt.Chart(contours.drop(columns="words"))
        .mark_line(strokeWidth=1.2, strokeDash=[4, 3], clip=True, color="currentColor")
        .encode(x=x, y=y, detail=alt.Detail("effect:N"), order=alt.Order("signed_z:Q"))
    )
    words = (
        alt.Chart(contours.dropna(subset=["words"]))
        .mark_text(fontSize=11.5, dy=-7, aria=False)
        .encode(x=x, y=y, text=alt.Text("words:N"))
    )
    directions = set(points["direction"])
    shapes = {name: DIRECTION_SHAPE.get(name, "cross") for name in COLOURS}
    hollow = alt.Scale(type="ordinal", domain=[False, True], range=[1.0, 0.0])
    marks = (
        alt.Chart(points)
        .mark_point(size=70, filled=True, strokeWidth=1.5)
        .encode(
            x=x,
            y=y,
            color=alt.Color("direction:N", title=None, scale=scale(COLOURS, directions)),
            stroke=alt.Stroke("direction:N", title=None, scale=scale(COLOURS, directions)),
            shape=alt.Shape("direction:N", title=None, scale=scale(shapes, directions)),
            fillOpacity=alt.FillOpacity("bound:O", scale=hollow, legend=None),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Trial")],
        )
    )
    return alt.layer(lines, words, marks).properties(width=WIDTH - 40, height=340)


def _range(n: pd.Series) -> list[float]:
    return [0.8 * float(n.min()), 1.25 * float(n.max())]
