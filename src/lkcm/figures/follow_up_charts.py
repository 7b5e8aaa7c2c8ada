"""Charts of follow-up: effects over time, and what the same trials say twice."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import COMPARATOR, COMPARATOR_SHAPE, DIRECTION, WIDTH, scale

#: What is said of a result (`lkcm.synthesis.follow_up.SAID`) by colour, shape and fill.
SAID_MARK = {
    "favours LKCM, statistically significant": (DIRECTION["favours LKCM"], "triangle-right", 1.0),
    "favours LKCM, significance not told": (DIRECTION["favours LKCM"], "triangle-right", 0.0),
    "no difference": (DIRECTION["no difference"], "diamond", 1.0),
    "statistically significant, direction not told": (DIRECTION["unknown"], "cross", 1.0),
    "favours control": (DIRECTION["favours control"], "triangle-left", 1.0),
    "nothing told": (DIRECTION["unknown"], "cross", 0.0),
}
#: The two columns of the chart of what is said.
TIMES = ("after training", "at follow-up")


def twice_chart(marks: pd.DataFrame) -> alt.LayerChart:
    """Return what each result says after training and at follow-up, joined by a line.

    Parameters
    ----------
    marks : DataFrame
        Two rows a pair, pairs in order: ``line`` (trial and result), ``time`` (of `TIMES`),
        ``said`` (a key of `SAID_MARK`), and ``weeks`` (words on the second row, else "").
    """
    marks = marks.assign(fill=marks["said"].map({name: fill for name, (*_, fill) in _ITEMS}))
    present = set(marks["said"])
    y = alt.Y(
        "line:N",
        sort=list(marks["line"].unique()),
        title=None,
        axis=alt.Axis(labelLimit=360, minExtent=365, ticks=False, domain=False),
    )
    axis = alt.Axis(orient="top", labelFontWeight=600, ticks=False, domain=False)
    x = alt.X(
        "time:N", sort=list(TIMES), title=None, axis=axis, scale=alt.Scale(domain=list(TIMES))
    )
    base = alt.Chart(marks).encode(x=x, y=y)
    legend = alt.Legend(title=None, orient="bottom", columns=1)
    colours = scale({name: colour for name, (colour, *_) in _ITEMS}, present)
    points = base.mark_point(size=110, filled=True, strokeWidth=1.7).encode(
        color=alt.Color("said:N", scale=colours, legend=legend),
        stroke=alt.Stroke("said:N", scale=colours, legend=legend),
        shape=alt.Shape(
            "said:N",
            scale=scale({name: shape for name, (_, shape, _) in _ITEMS}, present),
            legend=legend,
        ),
        fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
        tooltip=[
            alt.Tooltip("line:N"),
            alt.Tooltip("time:N"),
            alt.Tooltip("said:N"),
            alt.Tooltip("weeks:N"),
        ],
    )
    joined = base.mark_line(color="currentColor", strokeWidth=1, strokeOpacity=0.35).encode(
        detail=alt.Detail("line:N")
    )
    weeks = (
        alt.Chart(marks[marks["time"] == TIMES[1]])
        .mark_text(align="left", dx=12, aria=False)
        .encode(x=x, y=y, text=alt.Text("weeks:N"))
    )
    return alt.layer(joined, points, weeks).properties(width=210, height=alt.Step(21))


_ITEMS = tuple(SAID_MARK.items())


def time_chart(effects: pd.DataFrame) -> alt.LayerChart:
    """Return effects against weeks since the end of training, the same result joined by a line.

    Parameters
    ----------
    effects : DataFrame
        ``weeks`` (0 after training), ``yi``, ``low``, ``high``, ``group`` (a key of
        `COMPARATOR`), ``pair`` (a name for the same result), ``words`` (beside the last point,
        else missing) and ``detail``.
    """
    groups = set(effects["group"])
    colour = alt.Color("group:N", title="Comparator", scale=scale(COMPARATOR, groups))
    x = alt.X(
        "weeks:Q", title="Weeks since the end of training", scale=alt.Scale(nice=False, padding=12)
    )
    base = alt.Chart(effects.drop(columns="words")).encode(
        x=x,
        y=alt.Y("yi:Q", title="Hedges g, up favours LKCM"),
        color=colour,
    )
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(aria=False).encode(y=alt.Y("y:Q"))
    lines = base.mark_line(strokeWidth=2).encode(
        detail=alt.Detail("pair:N"), order=alt.Order("weeks:Q")
    )
    intervals = base.mark_rule(strokeWidth=1.5, aria=False).encode(
        y=alt.Y("low:Q", title="Hedges g, up favours LKCM"), y2=alt.Y2("high:Q"), color=colour
    )
    points = base.mark_point(size=80, filled=True).encode(
        shape=alt.Shape("group:N", title="Comparator", scale=scale(COMPARATOR_SHAPE, groups)),
        description=alt.Description("detail:N"),
        tooltip=[alt.Tooltip("detail:N", title="Result")],
    )
    told = effects.dropna(subset=["words"])
    # the words of earlier points run into the last ones, whose words therefore stand below
    last = told["weeks"].eq(told["weeks"].max())
    words = [
        alt.Chart(some)
        .mark_text(align="left", dx=4, dy=dy, aria=False)
        .encode(x=x, y=alt.Y("yi:Q"), text=alt.Text("words:N"))
        for some, dy in ((told[~last], -9), (told[last], 14))
        if len(some)
    ]
    return alt.layer(zero, intervals, lines, points, *words).properties(
        width=WIDTH - 180, height=300
    )
