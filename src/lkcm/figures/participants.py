"""Charts of individual participants' data: never a participant, always a trial or a group."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import (
    CATEGORICAL,
    COMPARATOR,
    COMPARATOR_SHAPE,
    DIRECTION,
    SEQUENTIAL,
    scale,
)
from lkcm.words import short_interval

_PLOT, _STEP = 300, 26
#: How a slope is drawn: what randomisation supports, what it does not, what is never to be used.
SLOPES = {
    "within trials": CATEGORICAL[0],
    "across trials": CATEGORICAL[1],
    "merged": CATEGORICAL[4],
}


def beside_truth(rows: pd.DataFrame, axis: str) -> alt.LayerChart:
    """Return estimates with their intervals, and hollow diamonds where the truth lies.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``estimate``, ``low``, ``high``, and ``truth`` (NaN where none is known), in the
        order in which they stand.
    axis : str
        Title of the axis.
    """
    rows = _worded(rows, "estimate")
    y = _quiet(list(rows["label"]))
    base = alt.Chart(rows).encode(y=y)
    whisker = base.mark_rule(strokeWidth=4, aria=False, color=CATEGORICAL[0])
    whisker = whisker.encode(x=alt.X("low:Q", title=axis), x2=alt.X2("high:Q"))
    point = base.mark_point(filled=True, size=85, shape="square").encode(
        x=alt.X("estimate:Q"),
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("label:N"), alt.Tooltip("words:N", title="estimate")],
    )
    layers = [_no_effect(), whisker, point, _beside(base)]
    known = rows[rows["truth"].notna()]
    if len(known):
        truth = alt.Chart(known).mark_point(
            shape="diamond", size=190, filled=False, stroke="currentColor", strokeWidth=2
        )
        layers.append(
            truth.encode(
                x=alt.X("truth:Q"),
                y=y,
                tooltip=[alt.Tooltip("truth:Q", title="truth", format=".2f")],
            )
        )
    return alt.layer(*layers).properties(width=_PLOT, height=alt.Step(_STEP))


def _no_effect() -> alt.Chart:
    return alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=alt.X("x:Q"))


def _quiet(order: list[str]) -> alt.Y:
    axis = alt.Axis(labelLimit=260, ticks=False, domain=False)
    return alt.Y("label:N", sort=order, title=None, axis=axis)


def _worded(rows: pd.DataFrame, column: str) -> pd.DataFrame:
    ends = zip(rows[column], rows["low"], rows["high"], strict=True)
    return rows.assign(words=[short_interval(middle, (a, b)) for middle, a, b in ends])


def trial_forest(trials: pd.DataFrame, pooled: pd.DataFrame) -> alt.LayerChart:
    """Return the effect in each trial and, below, in all together.

    Parameters
    ----------
    trials : DataFrame
        ``label``, ``group`` (a key of `COMPARATOR`), ``yi``, ``low``, ``high``, ``n``.
    pooled : DataFrame
        ``label``, ``estimate``, ``low``, ``high``, ``pi_low``, ``pi_high`` (NaN without).
    """
    y = _quiet([*trials["label"], *pooled["label"]])
    rows = alt.Chart(_worded(trials, "yi")).encode(y=y)
    sums = alt.Chart(_worded(pooled, "estimate")).encode(y=y)
    layers = [_no_effect(), *_trial_marks(rows, trials["group"]), *_pool_marks(sums)]
    return alt.layer(*layers).properties(width=_PLOT, height=alt.Step(_STEP - 3))


def _trial_marks(rows: alt.Chart, groups: pd.Series) -> list[alt.Chart]:
    legend = alt.Legend(title="Comparator", orient="bottom")
    colour = alt.Color("group:N", scale=scale(COMPARATOR, groups.unique()), legend=legend)
    shape = alt.Shape("group:N", scale=scale(COMPARATOR_SHAPE, groups.unique()), legend=legend)
    axis = "favours control  ◂   difference in SDs   ▸  favours LKCM"
    whisker = rows.mark_rule(strokeWidth=2.5, aria=False)
    return [
        whisker.encode(x=alt.X("low:Q", title=axis), x2=alt.X2("high:Q"), color=colour),
        rows.mark_point(filled=True).encode(
            x=alt.X("yi:Q"),
            color=colour,
            shape=shape,
            size=alt.Size("n:Q", legend=None, scale=alt.Scale(range=[40, 220])),
            description=alt.Description("words:N"),
            tooltip=[
                alt.Tooltip("label:N"),
                alt.Tooltip("words:N"),
                alt.Tooltip("n:Q", title="participants"),
            ],
        ),
        _beside(rows),
    ]


def _pool_marks(sums: alt.Chart) -> list[alt.Chart]:
    interval = sums.mark_rule(strokeWidth=8, aria=False, color=CATEGORICAL[0])
    point = sums.mark_point(shape="diamond", filled=True, size=150, stroke="currentColor")
    return [
        sums.mark_rule(strokeWidth=1.5, aria=False).encode(
            x=alt.X("pi_low:Q"), x2=alt.X2("pi_high:Q")
        ),
        interval.encode(x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        point.encode(
            x=alt.X("estimate:Q"),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("label:N"), alt.Tooltip("words:N")],
        ),
        _beside(sums, fontWeight=700),
    ]


def _beside(base: alt.Chart, **style: object) -> alt.Chart:
    text = base.mark_text(align="left", aria=False, **style)
    return text.encode(x=alt.XValue(_PLOT + 12), text=alt.Text("words:N"))


def coverage_chart(shares: pd.DataFrame, titles: dict[str, str]) -> alt.Chart:
    """Return how far each element is filled in, trial by trial.

    Parameters
    ----------
    shares : DataFrame
        ``element``, ``trial``, ``share``.
    titles : dict of str to str
        Words for the elements, in order.
    """
    rows = shares[shares["element"].isin(list(titles))]
    rows = rows.assign(title=rows["element"].map(titles))
    filled = alt.Color(
        "share:Q",
        title="With a value (empty: never)",
        scale=alt.Scale(domain=[0, 1], range=[SEQUENTIAL[0], SEQUENTIAL[4]]),
        legend=alt.Legend(format=".0%", titleLimit=300),
    )
    return (
        alt.Chart(rows)
        .mark_rect(stroke="currentColor", strokeOpacity=0.4)
        .encode(
            x=alt.X("trial:N", title=None, axis=alt.Axis(labelAngle=-90, labelOverlap=False)),
            y=alt.Y("title:N", sort=list(titles.values()), title=None),
            color=alt.condition("datum.share > 0", filled, alt.value("transparent")),
            tooltip=[
                alt.Tooltip("title:N"),
                alt.Tooltip("trial:N"),
                alt.Tooltip("share:Q", format=".0%"),
            ],
        )
        .properties(width=alt.Step(25), height=alt.Step(21))
    )


def slopes_chart(
    effects: pd.DataFrame, lines: pd.DataFrame, moderator: str, *, half: float = 0.5
) -> alt.LayerChart:
    """Return trials' effects at their means, each with its pooled within-trial slope, and lines.

    Parameters
    ----------
    effects : DataFrame
        ``trial``, ``mean``, ``yi``, and ``slope`` (the change within trials per unit).
    lines : DataFrame
        ``kind`` (a key of `SLOPES`), ``x``, ``y``: ends of the lines across all trials.
    moderator : str
        Title of the x axis.
    half : float
        Half the length of a trial's own segment, in units of the moderator.
    """
    segments = effects.assign(
        x=effects["mean"] - half,
        x2=effects["mean"] + half,
        y=effects["yi"] - half * effects["slope"],
        y2=effects["yi"] + half * effects["slope"],
        kind="within trials",
    )
    kinds = ["within trials", *lines["kind"].unique()]
    colour = alt.Color(
        "kind:N", scale=scale(SLOPES, kinds), legend=alt.Legend(title="Slope", orient="bottom")
    )
    x, y = alt.X("x:Q", title=moderator), alt.Y("y:Q", title="Effect in SDs before the programme")
    own = alt.Chart(segments).mark_rule(strokeWidth=3, aria=False)
    points = alt.Chart(segments).mark_point(filled=True, size=60, color=DIRECTION["unknown"])
    tips = ["trial:N", alt.Tooltip("yi:Q", format=".2f")]
    across = alt.Chart(lines).mark_line(strokeWidth=2.5)
    dashes = dict(zip(SLOPES, ([1, 0], [7, 4], [2, 3]), strict=True))
    dash = alt.StrokeDash(
        "kind:N",
        scale=scale(dashes, kinds),
        legend=alt.Legend(title="Slope", orient="bottom"),
    )
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(strokeOpacity=0.5, aria=False)
    return alt.layer(
        zero.encode(y=alt.Y("y:Q")),
        own.encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"), color=colour),
        points.encode(x=alt.X("mean:Q"), y=alt.Y("yi:Q"), tooltip=tips),
        across.encode(x=x, y=y, color=colour, strokeDash=dash),
    ).properties(width=560, height=300)


def band_chart(
    points: pd.DataFrame,
    x_title: str,
    y_title: str,
    *,
    truth: pd.DataFrame | None = None,
    percent: bool = False,
) -> alt.LayerChart:
    """Return a curve, or one by group, with the band of its interval, and the truth dashed.

    Parameters
    ----------
    points : DataFrame
        ``x``, ``y``, ``low``, ``high``; with several curves also ``group``.
    x_title, y_title : str
        Titles of the axes.
    truth : DataFrame, optional
        ``x``, ``y``.
    percent : bool
        Whether ``x`` is a share.
    """
    axis = alt.Axis(format="%") if percent else alt.Axis()
    base = alt.Chart(points).encode(x=alt.X("x:Q", title=x_title, axis=axis))
    if "group" in points:
        groups = list(points["group"].unique())
        colours = alt.Scale(domain=groups, range=list(CATEGORICAL[: len(groups)]))
        dashes = alt.Scale(domain=groups, range=[[1, 0], [7, 4], [2, 3]][: len(groups)])
        legend = alt.Legend(title=None, orient="bottom", symbolType="stroke")
        base = base.encode(color=alt.Color("group:N", scale=colours, legend=legend))
        dash = alt.StrokeDash("group:N", scale=dashes, legend=legend)
    tips = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("x", "y", "low", "high")]
    band = base.mark_area(fillOpacity=0.2, strokeOpacity=0, aria=False).encode(
        y=alt.Y("low:Q", title=y_title), y2=alt.Y2("high:Q")
    )
    line = base.mark_line().encode(y=alt.Y("y:Q"), tooltip=tips)
    line = line.encode(strokeDash=dash) if "group" in points else line
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(strokeOpacity=0.5, aria=False)
    layers = [zero.encode(y=alt.Y("y:Q")), band, line]
    if truth is not None:
        dashed = {"strokeDash": [6, 4], "color": "currentColor", "strokeWidth": 1.5}
        layers.append(alt.Chart(truth).mark_line(**dashed).encode(x=alt.X("x:Q"), y=alt.Y("y:Q")))
    return alt.layer(*layers).properties(width=540, height=270)


def power_chart(curve: pd.DataFrame, wanted: float, here: int | None) -> alt.LayerChart:
    """Return power against the number of trials, by approach, with what is wanted and had.

    Parameters
    ----------
    curve : DataFrame
        ``trials``, ``participants``, ``approach``, ``power``.
    wanted : float
        Power asked for.
    here : int or None
        Number of trials at hand.
    """
    approaches = list(curve["approach"].unique())
    colours = alt.Scale(domain=approaches, range=list(CATEGORICAL[: len(approaches)]))
    shapes = alt.Scale(domain=approaches, range=["square", "circle"])
    legend = alt.Legend(title=None, orient="bottom")
    base = alt.Chart(curve).encode(
        x=alt.X("trials:Q", title="Trials (log scale)").scale(type="log", nice=False, padding=10),
        y=alt.Y(
            "power:Q", title="Power", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
        ),
        color=alt.Color("approach:N", scale=colours, legend=legend),
        shape=alt.Shape("approach:N", scale=shapes, legend=legend),
        tooltip=[
            alt.Tooltip("approach:N"),
            alt.Tooltip("trials:Q"),
            alt.Tooltip("participants:Q", format=",.0f"),
            alt.Tooltip("power:Q", format=".0%"),
        ],
    )
    rule = {"strokeDash": [5, 4], "aria": False}
    line = (
        alt.Chart(pd.DataFrame({"power": [wanted]})).mark_rule(**rule).encode(y=alt.Y("power:Q"))
    )
    layers = [line, base.mark_line(aria=False), base.mark_point(size=60, filled=True)]
    if here:
        had = alt.Chart(pd.DataFrame({"trials": [here], "words": [f"{here} print size and age"]}))
        layers.append(had.mark_rule(**rule).encode(x=alt.X("trials:Q")))
        layers.append(
            had.mark_text(align="right", dx=-5, dy=8, baseline="top").encode(
                x=alt.X("trials:Q"), y=alt.YValue(0), text=alt.Text("words:N")
            )
        )
    return alt.layer(*layers).properties(width=540, height=280)
