"""Who was asked of whom, two views of one trial, published agreement, and classes in a forest."""

import altair as alt
import pandas as pd

from lkcm.figures.forest import AXIS
from lkcm.figures.theme import DIRECTION, DIRECTION_SHAPE, SEQUENTIAL, scale
from lkcm.informants.classes import SECOND_PERSON
from lkcm.words import short_interval, two

#: Classes of reporter by colour; other classes are drawn in the ink of the page.
METHOD = {"self-report": "#7f848a", "second-person report": "#b0489f"}
#: The same by shape.
METHOD_SHAPE = {"self-report": "square", "second-person report": "circle"}
#: The class whose rows and intervals stand out.
SECOND = "second-person report"

_STEP = 26
_FOREST = 290
#: A column's words on lines of their own, small words kept with the next.
_LINES = "split(replace(replace(datum.label, 'self-', 'self- '), / (to|and) /, ' $1\u00a0'), ' ')"


def asked_chart(cells: pd.DataFrame) -> alt.LayerChart:
    """Return the map of who was asked about what: trials in each cell, empty ones too.

    Parameters
    ----------
    cells : DataFrame
        Of `lkcm.informants.classes.asked_matrix`, with ``words`` (for the tooltip).
    """
    rows = list(dict.fromkeys(cells["rater"]))
    columns = list(dict.fromkeys(cells["about"]))
    most = max(int(cells["trials"].max()), 1)
    # few trials must not look like none: the scale rises by the root of the count
    second = list(SECOND_PERSON.values())
    shade = alt.Scale(type="sqrt", domain=[1, max(most, 2)], range=list(SEQUENTIAL[:5]))
    base = alt.Chart(cells).encode(
        x=alt.X(
            "about:N",
            sort=columns,
            title=None,
            axis=alt.Axis(
                orient="top", domain=False, ticks=False, labelOverlap=False, labelPadding=19,
                labelExpr=_LINES,
            ),
        ),
        y=alt.Y(
            "rater:N",
            sort=rows,
            title=None,
            axis=alt.Axis(
                domain=False,
                ticks=False,
                labelFontWeight=alt.condition(
                    alt.FieldOneOfPredicate("label", second), alt.value(700), alt.value(400)
                ),
            ),
        ),
    )  # fmt: skip
    asked = alt.datum.trials > 0
    boxes = base.mark_rect(cornerRadius=3).encode(
        stroke=alt.condition(
            alt.FieldOneOfPredicate("rater", second),
            alt.value(METHOD[SECOND]),
            alt.value("currentColor"),
        ),
        strokeOpacity=alt.condition(
            alt.FieldOneOfPredicate("rater", second), alt.value(0.8), alt.value(0.25)
        ),
    )
    filled = boxes.transform_filter(asked).encode(
        color=alt.Color("trials:Q", scale=shade, legend=None),
        tooltip=[alt.Tooltip("words:N", title="Asked")],
        description=alt.Description("words:N"),
    )
    empty = boxes.transform_filter(~asked).encode(color=alt.ColorValue("transparent"))
    dark = alt.datum.trials > most / 3
    numbers = base.mark_text(fontSize=13, fontWeight=600, aria=False)
    return alt.layer(
        empty,
        filled,
        numbers.transform_filter(asked & ~dark).encode(
            text=alt.Text("trials:Q"), color=alt.ColorValue("#14181e")
        ),
        numbers.transform_filter(asked & dark).encode(
            text=alt.Text("trials:Q"), color=alt.ColorValue("#ffffff")
        ),
        base.mark_text(fontSize=12, opacity=0.55, aria=False)
        .transform_filter(~asked)
        .encode(text=alt.TextValue("0")),
    ).properties(width=alt.Step(86), height=alt.Step(_STEP))


def paired_chart(pairs: pd.DataFrame) -> alt.LayerChart:
    """Return two columns of symbols: the person's own view and the second person's.

    Parameters
    ----------
    pairs : DataFrame
        One row a second-person result, in the order in which they stand: ``label``, ``self`` and
        ``other`` (a key of `DIRECTION`, or "not printed", or "differ"), ``g_self``, ``g_other``
        (NaN without a figure), ``rater``, ``asked`` (what was rated) and ``address``.
    """
    pairs = pairs.assign(row=[str(place) for place in range(len(pairs))])
    views = pd.concat(
        [
            _view(pairs, "the person", pairs["self"], pairs["g_self"]),
            _view(pairs, "someone else", pairs["other"], pairs["g_other"]),
        ]
    )
    order = list(pairs["row"])
    y = alt.Y("row:N", sort=order, title=None, axis=None)
    present = [name for name in DIRECTION if views["said"].eq(name).any()]
    columns = alt.X(
        "who:N",
        sort=["the person", "someone else"],
        title=None,
        axis=alt.Axis(orient="top", domain=False, ticks=False, labelFontWeight=600),
    )
    seen = alt.Chart(views).encode(x=columns, y=y)
    symbols = (
        seen.transform_filter(alt.FieldOneOfPredicate("said", list(DIRECTION)))
        .mark_point(size=150, filled=True, strokeWidth=1.5)
        .encode(
            color=alt.Color("said:N", scale=scale(DIRECTION, present), legend=_legend()),
            stroke=alt.Stroke("said:N", scale=scale(DIRECTION, present), legend=_legend()),
            shape=alt.Shape("said:N", scale=scale(DIRECTION_SHAPE, present), legend=_legend()),
            fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="View")],
        )
    )
    figures = seen.mark_text(align="left", dx=13, fontWeight=600, aria=False).encode(
        text=alt.Text("g:N")
    )
    silent = seen.transform_filter(
        "datum.said === 'not printed' || datum.said === 'differ'"
    ).mark_text(fontSize=11.5, opacity=0.8, aria=False)
    names = alt.Chart(pairs).encode(y=y)
    return alt.layer(
        names.mark_text(align="right", dx=-8, limit=190).encode(
            x=alt.XValue(0),
            text=alt.Text("label:N"),
            href=alt.Href("address:N"),
            description=alt.Description("label:N"),
        ),
        symbols,
        figures,
        silent.encode(text=alt.Text("said:N")),
        names.mark_text(align="left", dx=8, limit=260, fontSize=11.5, aria=False).encode(
            x=alt.XValue(240), text=alt.Text("asked:N")
        ),
    ).properties(width=240, height=alt.Step(_STEP))


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="bottom", symbolOpacity=1)


def _view(pairs: pd.DataFrame, who: str, said: pd.Series, g: pd.Series) -> pd.DataFrame:
    printed = [f"g {two(value)}" if pd.notna(value) else "" for value in g]
    words = [
        f"{label}, {who}: {told}{f', {figure}' if figure else ''}"
        for label, told, figure in zip(pairs["label"], said, printed, strict=True)
    ]
    fill = g.notna().map({True: 1.0, False: 0.0})
    return pd.DataFrame(
        {"row": pairs["row"], "who": who, "said": said, "g": printed, "fill": fill, "words": words}
    )


def agreement_chart(rows: pd.DataFrame, low: float, high: float) -> alt.LayerChart:
    """Return published self-other correlations over the range that this chapter draws from.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``correlation``, ``corrected`` (bool; drawn hollow), ``own`` (bool; whether one
        side is a self-report), ``words`` and ``address``, in the order in which they stand.
    low, high : float
        Range of the agreement of change that is assumed.
    """
    rows = rows.assign(fill=rows["corrected"].map({True: 0.0, False: 1.0}))
    band = pd.DataFrame({"low": [low], "high": [high], "words": ["range assumed for change"]})
    x = alt.X(
        "correlation:Q", title="correlation", scale=alt.Scale(domain=[0, 0.8]),
        axis=alt.Axis(tickCount=5),
    )  # fmt: skip
    y = alt.Y("label:N", sort=list(rows["label"]), title=None, axis=alt.Axis(labelLimit=310))
    base = alt.Chart(rows).encode(y=y)
    return alt.layer(
        alt.Chart(band)
        .mark_rect(color=METHOD[SECOND], opacity=0.13, aria=False)
        .encode(x=alt.X("low:Q"), x2=alt.X2("high:Q")),
        alt.Chart(band)
        .mark_text(align="left", dy=-8, fontSize=11.5)
        .encode(x=alt.X("low:Q"), y=alt.YValue(0), text=alt.Text("words:N")),
        base.mark_point(
            size=110, color=METHOD[SECOND], filled=True, strokeWidth=1.8,
            stroke=METHOD[SECOND],
        ).encode(
            x=x,
            fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
            href=alt.Href("address:N"),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Agreement")],
        ),
        base.mark_text(align="left", dx=9, aria=False).encode(
            x=x, text=alt.Text("correlation:Q", format=".2f")
        ),
    ).properties(width=300, height=alt.Step(22))  # fmt: skip


def class_forest(
    effects: pd.DataFrame,
    pooled: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
) -> alt.LayerChart:
    """Return a forest plot by class of reporter, with what a second person should see.

    Parameters
    ----------
    effects : DataFrame
        One row an effect: ``label``, ``class`` (words), ``yi``, ``low``, ``high``.
    pooled : DataFrame, optional
        One row a class that is pooled: ``class``, ``label``, ``estimate``, ``low``, ``high``,
        ``pi_low``, ``pi_high``.
    bounds : DataFrame, optional
        One row a reading: ``words``, ``low``, ``high``; drawn as bands above the trials.
    """
    classes, lines = list(dict.fromkeys(effects["class"])), []
    for name in classes:
        lines += list(effects.loc[effects["class"] == name, "label"])
        if pooled is not None:
            lines += list(pooled.loc[pooled["class"] == name, "label"])
    lines = ([] if bounds is None else list(bounds["words"])) + list(dict.fromkeys(lines))
    y = alt.Y(
        "label:N", sort=lines, title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False)
    )
    layers = [_zero()]
    if bounds is not None:
        layers.append(
            alt.Chart(bounds.assign(label=bounds["words"]))
            .mark_rule(strokeWidth=12, opacity=0.55, strokeCap="round", color=METHOD[SECOND])
            .encode(x=_x("low"), x2=alt.X2("high:Q"), y=y, description=alt.Description("words:N"))
        )
    colour = _by_class("Color", classes)
    base = alt.Chart(_with_words(effects, "yi")).encode(y=y, color=colour)
    layers += [
        base.mark_rule(strokeWidth=2.5, aria=False).encode(x=_x("low"), x2=alt.X2("high:Q")),
        base.mark_point(size=80, filled=True).encode(
            x=_x("yi"),
            shape=_by_class("Shape", classes),
            description=alt.Description("words:N"),
            tooltip=alt.Tooltip("words:N"),
        ),
        _figures(base),
    ]
    if pooled is not None and len(pooled):
        sums = alt.Chart(_with_words(pooled, "estimate")).encode(y=y, color=colour)
        layers += _pooled_layers(sums, AXIS)
    return alt.layer(*layers).properties(width=_FOREST, height=alt.Step(21))


def _pooled_layers(sums: alt.Chart, axis: str, **style: object) -> list[alt.Chart]:
    """Return the prediction interval, the interval, the estimate and its figures."""
    return [
        sums.mark_rule(strokeWidth=1.5, aria=False).encode(
            x=_x("pi_low", axis), x2=alt.X2("pi_high:Q")
        ),
        sums.mark_rule(strokeWidth=8, aria=False).encode(x=_x("low", axis), x2=alt.X2("high:Q")),
        sums.mark_point(
            size=160, shape="diamond", filled=True, stroke="currentColor", **style
        ).encode(x=_x("estimate", axis), description=alt.Description("words:N")),
        _figures(sums, fontWeight=700),
    ]


def contrast_chart(
    trials: pd.DataFrame, pooled: pd.DataFrame, ends: str = "others see more  ◂  {}  ▸  self more"
) -> alt.LayerChart:
    """Return contrasts of two reporters within trials, and pooled ones below them.

    Parameters
    ----------
    trials : DataFrame
        ``label``, ``contrast``, ``low``, ``high``.
    pooled : DataFrame
        ``label``, ``estimate``, ``low``, ``high``, ``pi_low``, ``pi_high``: within trials and
        between trials, one row each, never merged.
    ends : str
        Title of the axis, with the unit at {}.
    """
    lines = [*trials["label"], *pooled["label"]]
    axis = ends.format("self − second person, g")
    y = alt.Y(
        "label:N", sort=lines, title=None, axis=alt.Axis(labelLimit=300, ticks=False, domain=False)
    )
    base = alt.Chart(_with_words(trials, "contrast")).encode(y=y)
    sums = alt.Chart(_with_words(pooled, "estimate")).encode(y=y)
    colour = METHOD[SECOND]
    return alt.layer(
        _zero(axis),
        base.mark_rule(strokeWidth=2.5, color=colour, aria=False).encode(
            x=_x("low", axis), x2=alt.X2("high:Q")
        ),
        base.mark_point(size=80, filled=True, color=colour).encode(
            x=_x("contrast", axis),
            description=alt.Description("words:N"),
            tooltip=alt.Tooltip("words:N"),
        ),
        _figures(base),
        *_pooled_layers(sums, axis, color="currentColor"),
    ).properties(width=_FOREST, height=alt.Step(22))


def _x(field: str, title: str = AXIS) -> alt.X:
    return alt.X(f"{field}:Q", title=title)


def _zero(title: str = AXIS) -> alt.Chart:
    return alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x", title))


def _by_class(channel: str, classes: list[str]) -> alt.Color | alt.Shape:
    palette = METHOD if channel == "Color" else METHOD_SHAPE
    default = "currentColor" if channel == "Color" else "diamond"
    values = [palette.get(name, default) for name in classes]
    kind = getattr(alt, channel)
    return kind(
        "class:N",
        scale=alt.Scale(domain=classes, range=values),
        legend=alt.Legend(title=None, orient="bottom"),
    )


def _with_words(frame: pd.DataFrame, estimate: str) -> pd.DataFrame:
    words = [
        short_interval(value, (low, high) if pd.notna(low) else None)
        for value, low, high in zip(frame[estimate], frame["low"], frame["high"], strict=True)
    ]
    return frame.assign(words=words)


def _figures(base: alt.Chart, **style: object) -> alt.Chart:
    return base.mark_text(align="left", color="currentColor", aria=False, **style).encode(
        x=alt.XValue(_FOREST + 12), text=alt.Text("words:N"), color=alt.ColorValue("currentColor")
    )
