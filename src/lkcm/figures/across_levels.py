"""Charts of the synthesis across levels: from figures to all levels, trial by trial."""

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.forest import AXIS
from lkcm.figures.theme import COMPARATOR, scale
from lkcm.words import short_interval

#: Where the axes of effects end; what lies beyond is cut there, with an arrow.
LIMITS = (-1.0, 2.0)
#: How the two readings of a bare direction are drawn.
READING_SHAPE = {"A": "circle", "B": "square"}

_PLOT = 300
_STEP = 24


def cut(rows: pd.DataFrame, low: str, high: str) -> pd.DataFrame:
    """Cut intervals at `LIMITS`.

    Parameters
    ----------
    rows : DataFrame
        With the columns named `low` and `high`; infinite where open.

    Returns
    -------
    DataFrame
        With ``from``, ``to``, and ``left``, ``right``: where an arrow stands, NaN without one.
    """
    left, right = LIMITS
    start = rows[low].clip(left, right)
    end = rows[high].clip(left, right)
    return rows.assign(
        **{"from": start, "to": end},
        left=pd.Series(left, rows.index).where(rows[low] < left),
        right=pd.Series(right, rows.index).where(rows[high] > right),
    )


def steps_chart(steps: pd.DataFrame, references: dict[str, float] | None = None) -> alt.LayerChart:
    """Return the estimates on the way from pooled figures to all levels, a panel a comparator.

    Parameters
    ----------
    steps : DataFrame
        Rows of `lkcm.synthesis.censored.waterfall` with ``group`` (a key of `COMPARATOR`) and
        ``panel`` (its heading); groups in the order of the panels.
    references : dict of str to float, optional
        Quiet vertical lines, by the words beside them.
    """
    rows = cut(steps, "ci_low", "ci_high")
    rows = rows.assign(
        words=[
            f"k = {s.k}: {_told(s)}" if pd.isna(s.estimate) else f"{_interval(s)}, k = {s.k}"
            for s in rows.itertuples()
        ],
        estimate=rows["estimate"].where(rows["estimate"].between(*LIMITS)),
        fill=np.where(rows["variant"].eq("B"), 0.0, 1.0),
    )
    panels = [
        _steps_panel(part, references or {}).properties(title=part["panel"].iloc[0])
        for _, part in rows.groupby("group", sort=False)
    ]
    return alt.vconcat(*panels).resolve_scale(x="shared")


def _told(step: object) -> str:
    return "no trial yet" if step.k == 0 else "no estimate"


def _interval(step: object) -> str:
    ends = None if pd.isna(step.ci_low) else (step.ci_low, step.ci_high)
    return short_interval(step.estimate, ends)


def _x(field: str, title: str = AXIS, ticks: int = 7) -> alt.X:
    axis = alt.Axis(tickCount=ticks)
    return alt.X(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(domain=list(LIMITS)))


def _steps_panel(rows: pd.DataFrame, references: dict[str, float]) -> alt.LayerChart:
    axis = alt.Axis(labelLimit=215, minExtent=205, ticks=False, domain=False)
    base = alt.Chart(rows).encode(
        y=alt.Y("step:N", sort=list(rows["step"]), title=None, axis=axis)
    )
    colour = COMPARATOR[rows["group"].iloc[0]]
    points = base.mark_point(
        size=80, filled=True, stroke=colour, color=colour, strokeWidth=1.8
    ).encode(
        x=_x("estimate"),
        fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
        description=alt.Description("words:N"),
        tooltip=[
            alt.Tooltip("step:N", title="Step"),
            alt.Tooltip("added:Q", title="trials added"),
            alt.Tooltip("words:N", title="g (95 % CI)"),
        ],
    )
    words = base.mark_text(align="left", aria=False).encode(
        x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")
    )
    interval = base.mark_rule(strokeWidth=5, color=colour, aria=False).encode(
        x=_x("from"), x2=alt.X2("to:Q")
    )
    return alt.layer(
        *_reference_lines(references), interval, *_arrows(base, colour), points, words
    ).properties(width=_PLOT, height=alt.Step(_STEP))


def _reference_lines(references: dict[str, float]) -> list[alt.Chart]:
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x"))
    if not references:
        return [zero]
    frame = pd.DataFrame({"x": list(references.values()), "words": list(references)})
    quiet = alt.Chart(frame).encode(x=_x("x"))
    words = [
        alt.Chart(frame.iloc[[place]])
        .mark_text(align="left", dx=3, dy=-5 - 13 * place, fontSize=11.5)
        .encode(x=_x("x"), y=alt.YValue(0), text=alt.Text("words:N"))
        for place in range(len(frame))
    ]
    return [zero, quiet.mark_rule(strokeDash=[2, 4], strokeOpacity=0.7, aria=False), *words]


def _arrows(base: alt.Chart, colour: str) -> list[alt.Chart]:
    return [
        base.mark_point(
            shape=f"triangle-{side}", size=70, filled=True, color=colour, aria=False
        ).encode(x=_x(side))
        for side in ("left", "right")
    ]


def said_chart(trials: pd.DataFrame) -> alt.VConcatChart:
    """Return what each report says of its effect: a figure with its interval, or bounds.

    Parameters
    ----------
    trials : DataFrame
        One row a trial, in order: ``label``, ``group`` (a key of `COMPARATOR`), ``panel`` (its
        heading), ``figure`` (bool), ``yi``, ``low``, ``high`` (the 95 % interval of a figure, the
        bounds otherwise; infinite where open), ``either`` (bool: whether the effect may as well
        lie on the other side of zero), ``says`` (words) and ``address``.
    """
    rows = cut(trials, "low", "high").assign(yi=trials["yi"].where(trials["figure"]))
    both = rows["either"].astype(bool)
    rows["other_from"] = (-rows["to"]).clip(*LIMITS).where(both)
    rows["other_to"] = (-rows["from"]).where(both)
    rows["left"] = rows["left"].mask(both, LIMITS[0])
    panels = [
        _said_panel(part).properties(title=part["panel"].iloc[0])
        for _, part in rows.groupby("group", sort=False)
    ]
    return alt.vconcat(*panels).resolve_scale(x="shared")


def _said_panel(rows: pd.DataFrame) -> alt.LayerChart:
    axis = alt.Axis(labelLimit=215, minExtent=215, ticks=False, domain=False)
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=axis)
    )
    colour = COMPARATOR[rows["group"].iloc[0]]
    figures, bounds = alt.datum.figure, ~alt.datum.figure
    described = {"description": "says:N", "tooltip": ["label:N", "says:N"], "href": "address:N"}
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x"))
    pale = {"height": 8, "fill": colour, "fillOpacity": 0.16, "stroke": colour, "strokeWidth": 1.2}
    hollow = (
        base.transform_filter(bounds)
        .mark_bar(**pale)
        .encode(x=_x("from"), x2=alt.X2("to:Q"), **described)
    )
    other = (
        base.transform_filter(alt.datum.either)
        .mark_bar(**pale, aria=False)
        .encode(x=_x("other_from"), x2=alt.X2("other_to:Q"))
    )
    whiskers = (
        base.transform_filter(figures)
        .mark_rule(strokeWidth=2.5, color=colour, aria=False)
        .encode(x=_x("from"), x2=alt.X2("to:Q"))
    )
    points = (
        base.transform_filter(figures)
        .mark_point(shape="square", size=80, filled=True, color=colour)
        .encode(x=_x("yi"), **described)
    )
    words = base.mark_text(align="left", aria=False).encode(
        x=alt.XValue(_PLOT + 12), text=alt.Text("says:N")
    )
    # a layer without a mark would be an image without a name
    figured = [points] if rows["figure"].any() else []
    return alt.layer(
        zero, hollow, other, whiskers, *_arrows(base, colour), *figured, words
    ).properties(width=_PLOT, height=alt.Step(20))


def outcomes_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """Return estimates across levels by outcome and comparator, both readings of directions.

    Parameters
    ----------
    rows : DataFrame
        One row an estimate: ``line`` (outcome and comparator), ``group`` (a key of
        `COMPARATOR`), ``reading`` ("A" or "B"), ``estimate``, ``low``, ``high``, ``words``.
    """
    drawn = cut(rows, "low", "high").assign(
        estimate=rows["estimate"].where(rows["estimate"].between(*LIMITS))
    )
    groups = scale(COMPARATOR, drawn["group"])
    base = alt.Chart(drawn).encode(
        y=alt.Y(
            "line:N",
            sort=None,
            scale=alt.Scale(domain=list(drawn["line"].unique())),
            title=None,
            axis=alt.Axis(labelLimit=300, minExtent=190, ticks=False, domain=False),
        ),
        yOffset=alt.YOffset(
            "reading:N",
            sort=None,
            scale=alt.Scale(domain=list(READING_SHAPE), paddingOuter=0.4),
        ),
        color=alt.Color(
            "group:N", scale=groups, legend=alt.Legend(title="Comparator", orient="bottom")
        ),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x"))
    readings = alt.Scale(domain=list(READING_SHAPE), range=list(READING_SHAPE.values()))
    points = base.mark_point(size=70, filled=False, strokeWidth=2).encode(
        x=_x("estimate"),
        shape=alt.Shape(
            "reading:N",
            scale=readings,
            legend=alt.Legend(title="Bare directions read as", orient="bottom"),
        ),
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("line:N"), alt.Tooltip("reading:N"), alt.Tooltip("words:N")],
    )
    interval = base.mark_rule(strokeWidth=3, aria=False).encode(x=_x("from"), x2=alt.X2("to:Q"))
    arrows = [
        base.mark_point(shape=f"triangle-{side}", size=60, filled=True, aria=False).encode(
            x=_x(side)
        )
        for side in ("left", "right")
    ]
    words = base.mark_text(align="left", aria=False).encode(
        x=alt.XValue(_PLOT + 12), text=alt.Text("words:N"), color=alt.ColorValue("currentColor")
    )
    return alt.layer(zero, interval, *arrows, points, words).properties(
        width=_PLOT, height=alt.Step(18)
    )
