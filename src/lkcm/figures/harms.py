"""Charts of harms: what is reported, risks and their differences, and what is excluded."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, COMPARATOR, DIRECTION, WIDTH, scale

#: Classes of reporting by colour, fullest first; the last is hollow.
REPORTING = {
    "per arm": CATEGORICAL[2],
    "none occurred": CATEGORICAL[0],
    "mentioned otherwise": CATEGORICAL[1],
    "not mentioned": "#7f848a",
}
#: Words at the ends of every axis of worsening or drop-out: right favours LKCM here too.
SPARED = "more with LKCM  ◂   people of 100   ▸  fewer with LKCM"
_NOT_EXCLUDED = "Risk not excluded (one-sided 95 %)"
_COLUMNS = 25
_STEP = 24
_PLOT = 300


def reporting_squares(trials: pd.DataFrame) -> alt.Chart:
    """Return one square a trial, coloured by what its source says of harms.

    Parameters
    ----------
    trials : DataFrame
        ``harms`` (a key of `REPORTING`), ``label``, ``said`` and ``address``.
    """
    rank = {name: place for place, name in enumerate(REPORTING)}
    rows = trials.assign(_rank=trials["harms"].map(rank))
    rows = rows.sort_values(["_rank", "label"], kind="stable").reset_index(drop=True)
    rows = rows.assign(
        column=rows.index % _COLUMNS,
        row=rows.index // _COLUMNS,
        detail=rows["label"] + ": " + rows["said"].fillna(rows["harms"]),
    )
    side = WIDTH / _COLUMNS
    present = [name for name in REPORTING if rows["harms"].eq(name).any()]
    return (
        alt.Chart(rows.drop(columns="_rank"))
        .mark_rect(strokeWidth=1.4, width=side - 6, height=side - 6)
        .encode(
            x=alt.X("column:O", axis=None),
            y=alt.Y("row:O", axis=None),
            fill=_reporting_colour(present, alt.Fill, {"not mentioned": "transparent"}),
            stroke=_reporting_colour(present, alt.Stroke, {}),
            href=alt.Href("address:N"),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Trial")],
        )
        .properties(width=WIDTH, height=alt.Step(side))
    )


def _reporting_colour(
    present: list[str], channel: type, instead: dict[str, str]
) -> alt.Fill | alt.Stroke:
    legend = alt.Legend(title="The source on harms", orient="bottom", symbolType="square")
    colours = alt.Scale(domain=present, range=[(REPORTING | instead)[name] for name in present])
    return channel("harms:N", scale=colours, legend=legend)


def spared_chart(rows: pd.DataFrame, bound: float | None = None) -> alt.LayerChart:
    """Return differences of risk as people spared of 100, trials first, pooled ones last.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``group`` (a key of `COMPARATOR`; missing where pooled), ``spared``, ``low``,
        ``high`` (people of 100, right favours LKCM), ``pooled`` (bool), ``words`` (written out)
        and ``detail``; in the order in which they stand.
    bound : float, optional
        One-sided limit of the excess harm, in people of 100; drawn as a dashed line.
    """
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "label:N",
            sort=list(rows["label"]),
            title=None,
            axis=alt.Axis(labelLimit=230, ticks=False, domain=False),
        )
    )
    legend = alt.Legend(title="Comparator", orient="bottom")
    groups = scale(COMPARATOR, set(rows.loc[~rows["pooled"], "group"]))
    by_group = alt.Color("group:N", scale=groups, legend=legend)
    colour = alt.condition("datum.pooled", alt.value(COMPARATOR["unknown"]), by_group)
    thick = alt.condition("datum.pooled", alt.value(8), alt.value(2.5))
    layers = [
        _rule_at(0.0),
        *([] if bound is None else _bound_line(-bound)),
        base.mark_rule(aria=False).encode(
            x=_spared("low"), x2=alt.X2("high:Q"), color=colour, strokeWidth=thick
        ),
        base.mark_point(filled=True, stroke="currentColor", strokeWidth=1).encode(
            size=alt.condition("datum.pooled", alt.value(190), alt.value(100)),
            x=_spared("spared"),
            color=colour,
            shape=alt.condition("datum.pooled", alt.value("diamond"), alt.value("square")),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Difference")],
        ),
        base.mark_text(align="left", aria=False).encode(
            x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")
        ),
    ]
    return alt.layer(*layers).properties(width=_PLOT, height=alt.Step(_STEP))


def _spared(field: str) -> alt.X:
    return alt.X(f"{field}:Q", title=SPARED)


def _rule_at(value: float) -> alt.Chart:
    line = alt.Chart(pd.DataFrame({"x": [value]}))
    return line.mark_rule(aria=False).encode(x=_spared("x"))


def _bound_line(value: float) -> list[alt.Chart]:
    line = alt.Chart(pd.DataFrame({"x": [value], "words": ["one-sided limit"]}))
    rule = line.mark_rule(strokeDash=[4, 3], aria=False, color=DIRECTION["favours control"])
    text = line.mark_text(align="right", dx=-4, dy=-7, fontSize=11.5)
    return [
        rule.encode(x=_spared("x")),
        text.encode(x=_spared("x"), y=alt.YValue(0), text=alt.Text("words")),
    ]


def bounds_chart(rows: pd.DataFrame) -> alt.LayerChart:
    """Return exact upper bounds: the risks that a count of events leaves possible.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``upper`` (a share), ``kind`` and ``words``; in the order in which they stand.
    """
    kinds = list(dict.fromkeys(rows["kind"]))
    by_kind = {
        "title": "Events",
        "scale": alt.Scale(domain=kinds, range=list(CATEGORICAL[: len(kinds)])),
        "legend": alt.Legend(orient="bottom", symbolType="square"),
    }
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=alt.Axis(labelLimit=260)),
        tooltip=[
            alt.Tooltip("label:N"),
            alt.Tooltip("words:N"),
            alt.Tooltip("upper:Q", format=".1%"),
        ],
    )
    bars = base.mark_bar(height=12, fillOpacity=0.35, strokeWidth=1.4).encode(
        x=alt.X("upper:Q", title=_NOT_EXCLUDED, axis=alt.Axis(format="%", grid=False)),
        fill=alt.Fill("kind:N", **by_kind),
        stroke=alt.Stroke("kind:N", **by_kind),
        description=alt.Description("words:N"),
    )
    words = base.mark_text(align="left", dx=5, aria=False).encode(
        x=alt.X("upper:Q"), text=alt.Text("words:N")
    )
    return (bars + words).properties(width=_PLOT, height=alt.Step(_STEP))


def ratio_chart(rows: pd.DataFrame, truth: float) -> alt.LayerChart:
    """Return estimates of one risk ratio on a logarithmic axis, with the truth as a line.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``estimate``, ``low``, ``high``, ``words``, in the order in which they stand.
    truth : float
        The simulated risk ratio.
    """
    x = {"title": "more worse with LKCM  ◂   risk ratio (log scale)   ▸  fewer worse"}
    ratios = alt.Scale(type="log", nice=False, padding=14, reverse=True)
    axis = {"scale": ratios, "axis": alt.Axis(tickCount=6)}
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=alt.Axis(labelLimit=280)),
    )
    line = alt.Chart(pd.DataFrame({"x": [truth]}))
    return alt.layer(
        line.mark_rule(strokeDash=[4, 3], aria=False).encode(x=alt.X("x:Q", **x, **axis)),
        base.mark_rule(strokeWidth=3, color=CATEGORICAL[0], aria=False).encode(
            x=alt.X("low:Q", **x, **axis), x2=alt.X2("high:Q")
        ),
        base.mark_point(shape="diamond", size=110, color=CATEGORICAL[0]).encode(
            x=alt.X("estimate:Q", **x, **axis),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("label"), alt.Tooltip("words")],
        ),
        base.mark_text(align="left", aria=False).encode(
            x=alt.XValue(_PLOT - 20), text=alt.Text("words:N")
        ),
    ).properties(width=_PLOT - 30, height=alt.Step(_STEP))
