"""Charts of publication bias: contour funnel, checks beside their power, and corrections."""

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, COMPARATOR, COMPARATOR_SHAPE, scale

#: How to read the shades of a funnel.
CONTOUR_KEY = (
    "Shades from the middle: p above .10, .10 to .05, .05 to .01; without shade: below .01."
)
#: How to read what the pooled effect adds to a funnel.
POOLED_KEY = (
    "Dashed: pooled effect. Dotted: where 95 % of trials would lie if all had that effect."
)
#: Spreads of true effects, small to large: each is seen on paper and on the dark pages.
SPREAD = ("#178650", "#1f8aa6", "#3b76d0", "#7350cf", "#b0489f")
#: Kinds of selection by colour and shape, with the words of a legend.
SELECTION = {
    "none": "#7f848a",
    "moderate": "#1f64ba",
    "strong": "#dc7900",
    "abstracts": "#b0489f",
}
SELECTION_SHAPE = {
    "none": "cross",
    "moderate": "circle",
    "strong": "square",
    "abstracts": "diamond",
}
#: Words of the legend.
SELECTION_LEGEND = (
    "{'none': 'no selection', 'moderate': 'moderate selection of trials', "
    "'strong': 'strong selection of trials', 'abstracts': 'selection within abstracts'}"
    "[datum.label]"
)


def contour_funnel(
    trials: pd.DataFrame, contours: pd.DataFrame, pooled: float | None, words: str
) -> alt.LayerChart:
    """Return a funnel plot shaded by the p value that a trial at each place would have.

    Parameters
    ----------
    trials : DataFrame
        ``label``, ``group`` (a key of `lkcm.figures.theme.COMPARATOR`), ``yi``, ``se`` and
        ``detail`` (for the tooltip).
    contours : DataFrame
        From `lkcm.bias.funnel.funnel_contours`.
    pooled : float or None
        Pooled effect, a dashed line with the cone of `contours`; None for neither.
    words : str
        Title of the axis of effects.
    """
    y = alt.Y(
        "se:Q",
        title="Standard error (larger trials above)",
        scale=alt.Scale(domain=[0, contours["se"].max()], reverse=True, nice=False),
    )
    x = alt.X("x:Q", title=words)
    lines = [name for name in contours["line"].unique() if name.startswith("p =")]
    layers = [_zone(contours[contours["line"] == name], y, words) for name in reversed(lines)]
    zero = pd.DataFrame({"x": [0.0]})
    layers.append(alt.Chart(zero).mark_rule(strokeOpacity=0.6, aria=False).encode(x=x))
    if pooled is not None:
        middle = alt.Chart(pd.DataFrame({"x": [pooled]}))
        layers.append(middle.mark_rule(strokeDash=[5, 3], aria=False).encode(x=x))
        cone = alt.Chart(contours[~contours["line"].isin(lines)])
        dots = cone.mark_line(strokeDash=[2, 4], strokeWidth=1.2, color="currentColor", aria=False)
        layers.append(dots.encode(x=x, y=y, detail=alt.Detail("side:N"), order=alt.Order("se:Q")))
    groups = scale(COMPARATOR, trials["group"].unique())
    shapes = scale(COMPARATOR_SHAPE, trials["group"].unique())
    legend = None if trials["group"].nunique() == 1 else alt.Legend(title="Comparator")
    layers.append(
        alt.Chart(trials)
        .mark_point(size=80, stroke="currentColor", strokeWidth=0.8)
        .encode(
            x=alt.X("yi:Q", title=words),
            y=y,
            color=alt.Color("group:N", scale=groups, legend=legend),
            shape=alt.Shape("group:N", scale=shapes, legend=legend),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Trial")],
        )
    )
    return alt.layer(*layers).properties(width=540, height=330)


def _zone(line: pd.DataFrame, y: alt.Y, words: str) -> alt.Chart:
    sides = line.pivot(index="se", columns="side", values="x").reset_index()
    frame = sides.rename(columns={-1: "low", 1: "high"})
    return (
        alt.Chart(frame)
        .mark_area(orient="horizontal", color="currentColor", opacity=0.09, aria=False)
        .encode(y=y, x=alt.X("low:Q", title=words), x2=alt.X2("high:Q"))
    )


def power_dots(rates: pd.DataFrame, needed: float, alarms: float) -> alt.LayerChart:
    """Return how often each check is positive, by kind of selection.

    Parameters
    ----------
    rates : DataFrame
        ``name`` (of the check, in order), ``selection`` (a key of `SELECTION`), ``rate`` and
        ``rate_se`` (shares).
    needed, alarms : float
        Power that is enough, and false alarms that are too many: vertical lines.
    """
    rates = _with_words(rates)
    names = list(rates["name"].unique())
    title = "Reviews like this one in which the check is positive"
    x = alt.X(
        "rate:Q",
        title=title,
        axis=alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
        scale=alt.Scale(domain=[0, 1]),
    )
    present = rates["selection"].unique()
    base = alt.Chart(rates).encode(
        y=alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=240)),
        yOffset=alt.YOffset("selection:N", sort=list(SELECTION)),
        color=alt.Color("selection:N", scale=scale(SELECTION, present), legend=_legend()),
    )
    lines = pd.DataFrame(
        {"x": [alarms, needed], "words": ["false alarms allowed", "power needed"]}
    )
    quiet = alt.Chart(lines).encode(x=alt.X("x:Q"))
    return alt.layer(
        quiet.mark_rule(strokeDash=[3, 3], strokeOpacity=0.7, aria=False),
        quiet.mark_text(align="left", dx=4, dy=-7, aria=False).encode(
            y=alt.YValue(0), text=alt.Text("words:N")
        ),
        base.mark_rule(strokeWidth=2, aria=False).encode(
            x=alt.X("low:Q", title=title), x2=alt.X2("high:Q")
        ),
        base.mark_point(size=75).encode(
            x=x,
            shape=alt.Shape(
                "selection:N", scale=scale(SELECTION_SHAPE, present), legend=_legend()
            ),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N")],
        ),
    ).properties(width=420, height=alt.Step(13))


def _with_words(rates: pd.DataFrame) -> pd.DataFrame:
    return rates.assign(
        low=(rates["rate"] - 1.96 * rates["rate_se"]).clip(lower=0),
        high=(rates["rate"] + 1.96 * rates["rate_se"]).clip(upper=1),
        words=[
            f"{r.name}: positive in {100 * r.rate:.0f} % under {_kind(r.selection)}"
            for r in rates.itertuples(index=False)
        ],
    )


def _legend() -> alt.Legend:
    return alt.Legend(
        title=None, orient="bottom", columns=2, labelExpr=SELECTION_LEGEND, labelLimit=260
    )


def _kind(selection: str) -> str:
    words = {"none": "no selection", "abstracts": "selection within abstracts"}
    return words.get(selection, f"{selection} selection of trials")


def bias_left(rows: pd.DataFrame) -> alt.LayerChart:
    """Return the bias that each correction leaves, by kind of selection.

    Parameters
    ----------
    rows : DataFrame
        ``name`` (of the method, in order), ``selection``, ``bias`` and ``bias_se`` in g.
    """
    rows = rows.assign(
        low=rows["bias"] - 1.96 * rows["bias_se"],
        high=rows["bias"] + 1.96 * rows["bias_se"],
        words=[
            f"{r.name}: {r.bias:+.2f} under {_kind(r.selection)}"
            for r in rows.itertuples(index=False)
        ],
    )
    present = rows["selection"].unique()
    title = "Mean error of the estimate (g)  ▸  too high"
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "name:N", sort=list(rows["name"].unique()), title=None, axis=alt.Axis(labelLimit=240)
        ),
        yOffset=alt.YOffset("selection:N", sort=list(SELECTION)),
        color=alt.Color("selection:N", scale=scale(SELECTION, present), legend=_legend()),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=alt.X("x:Q"))
    return alt.layer(
        zero,
        base.mark_rule(strokeWidth=2, aria=False).encode(
            x=alt.X("low:Q", title=title), x2=alt.X2("high:Q")
        ),
        base.mark_point(size=75).encode(
            x=alt.X("bias:Q", title=title),
            shape=alt.Shape(
                "selection:N", scale=scale(SELECTION_SHAPE, present), legend=_legend()
            ),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N")],
        ),
    ).properties(width=420, height=alt.Step(13))


def power_curves(
    grid: pd.DataFrame, points: pd.DataFrame, line: float, title: str = "Power"
) -> alt.ConcatChart:
    """Return power, or false alarms, over the number of trials: a panel a check, a line a tau.

    Parameters
    ----------
    grid : DataFrame
        ``name`` (of the check, in order), ``k``, ``tau`` (five values at most) and ``rate``.
    points : DataFrame
        Reviews to mark: ``name``, ``k``, ``tau``, ``rate`` and ``review`` (a few words).
    line : float
        Power that is enough, or false alarms that are allowed: a quiet line.
    title : str
        Of the vertical axes.
    """
    y = alt.Y(
        "rate:Q",
        title=title,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%", values=[0, 0.2, 0.4, 0.6, 0.8, 1]),
    )
    return _panels(grid, y, line, points)


def bias_curves(grid: pd.DataFrame, reach: float) -> alt.ConcatChart:
    """Return the bias that corrections leave over the number of trials, as `power_curves`.

    Parameters
    ----------
    grid : DataFrame
        ``name`` (of the method, in order), ``k``, ``tau`` (five values at most) and ``bias``.
    reach : float
        The vertical axes reach so far to either side of zero; a line beyond is cut off.
    """
    y = alt.Y(
        "bias:Q", title="Mean error (g)", scale=alt.Scale(domain=[-reach, reach], nice=False)
    )
    return _panels(grid, y, 0.0)


def _panels(
    grid: pd.DataFrame, y: alt.Y, line: float, points: pd.DataFrame | None = None
) -> alt.ConcatChart:
    """Draw two panels a row over the number of trials, with a quiet line across each."""
    x = alt.X(
        "k:Q",
        title="Trials in the review",
        scale=alt.Scale(type="log", domain=[4.5, 220], nice=False),
        axis=alt.Axis(values=[5, 10, 20, 50, 100, 200], grid=False),
    )
    field = y.shorthand.split(":")[0]
    rule = alt.Chart(pd.DataFrame({field: [line]})).encode(y=alt.Y(y.shorthand))
    panels = [
        alt.layer(
            rule.mark_rule(strokeDash=[3, 3], strokeOpacity=0.6, aria=False),
            *_lines(cells, x, y),
            *([] if points is None else _marks(points[points["name"] == name], x, y)),
            title=alt.Title(name, fontSize=12.5),
            width=250,
            height=150,
        )
        for name, cells in grid.groupby("name", sort=False)
    ]
    return alt.concat(*panels, columns=2, spacing={"row": 14, "column": 22})


def _lines(cells: pd.DataFrame, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    taus = sorted(cells["tau"].unique())
    colour = alt.Color(
        "tau:O",
        sort=taus,
        scale=alt.Scale(domain=taus, range=list(SPREAD[: len(taus)])),
        legend=alt.Legend(title="τ", orient="top", columns=len(taus), symbolType="stroke"),
    )
    # One layer a line: a channel for the width would spoil the legend's symbols.
    return [
        alt.Chart(cells[cells["tau"] == tau])
        .mark_line(strokeWidth=float(width), aria=False, clip=True)
        .encode(x=x, y=y, color=colour)
        for tau, width in zip(taus, np.linspace(1.2, 3.2, len(taus)), strict=True)
    ]


def _marks(points: pd.DataFrame, x: alt.X, y: alt.Y) -> list[alt.Chart]:
    reviews = list(points["review"].unique())
    described = points.assign(
        words=[
            f"{p.review}, k = {p.k}, τ = {p.tau:.2f}: {100 * p.rate:.0f} %"
            for p in points.itertuples()
        ]
    )
    base = alt.Chart(described).encode(x=x, y=y)
    shapes = ["diamond", "triangle-up", "square"][: len(reviews)]
    colours = [CATEGORICAL[1], CATEGORICAL[3], CATEGORICAL[2]][: len(reviews)]
    legend = alt.Legend(title=None, orient="top", symbolSize=110)
    return [
        base.mark_point(size=150, stroke="currentColor", strokeWidth=1.2).encode(
            shape=alt.Shape(
                "review:N", scale=alt.Scale(domain=reviews, range=shapes), legend=legend
            ),
            fill=alt.Fill(
                "review:N", scale=alt.Scale(domain=reviews, range=colours), legend=legend
            ),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N")],
        )
    ]
