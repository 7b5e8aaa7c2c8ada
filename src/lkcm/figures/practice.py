"""Charts of responsive practice: delivery, micro-randomised trials, dose and streaks."""

import altair as alt
import pandas as pd

from lkcm.figures.forest import AXIS
from lkcm.figures.theme import CATEGORICAL, WIDTH

#: Kinds of delivery by colour and shape.
DELIVERIES = {"in person": (CATEGORICAL[0], "square"), "digital": (CATEGORICAL[1], "circle")}

_STEP = 26
_PLOT = 330


def delivery_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Return effects by outcome and delivery, with the trials that stand behind each.

    Parameters
    ----------
    table : DataFrame
        ``outcome``, ``delivery`` (a key of `DELIVERIES`), ``estimate``, ``low``, ``high`` (NaN
        where it cannot be told) and ``words``, in the order in which the rows stand.
    """
    rows = table.assign(line=table["outcome"] + ", " + table["delivery"])
    colours, shapes = zip(*DELIVERIES.values(), strict=True)
    kind = {"title": "Delivery", "legend": alt.Legend(orient="bottom", title="Delivery")}
    base = alt.Chart(rows).encode(
        y=alt.Y("line:N", sort=list(rows["line"]), title=None, axis=alt.Axis(labelLimit=230))
    )
    colour = alt.Color("delivery:N", **kind).scale(domain=list(DELIVERIES), range=list(colours))
    axis = alt.Axis(tickCount=6)
    x = alt.X("low:Q", title=AXIS, axis=axis)
    told = base.transform_filter("isValid(datum.estimate)")
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False)
    return alt.layer(
        zero.encode(x=alt.X("x:Q", title=AXIS, axis=axis)),
        told.mark_rule(strokeWidth=3, aria=False).encode(x=x, x2=alt.X2("high:Q"), color=colour),
        told.mark_point(size=90).encode(
            x=alt.X("estimate:Q", title=AXIS, axis=axis),
            color=colour,
            shape=alt.Shape("delivery:N", **kind).scale(
                domain=list(DELIVERIES), range=list(shapes)
            ),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Effect")],
        ),
        base.mark_text(align="left").encode(x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")),
    ).properties(width=_PLOT, height=alt.Step(_STEP))


def proximal_size_chart(table: pd.DataFrame) -> alt.Chart:
    """Return the participants that a micro-randomised trial needs, by the effect of a prompt.

    Parameters
    ----------
    table : DataFrame
        ``effect`` (mean, standardised), ``n`` and ``design`` (in words).
    """
    order = list(dict.fromkeys(table["design"]))
    kind = {"title": None, "sort": order}
    legend = alt.Legend(orient="bottom", columns=1, labelLimit=520)
    axis = alt.Axis(values=[10, 20, 50, 100, 200, 500, 1000], format=",d")
    return (
        alt.Chart(table)
        .mark_line(point=alt.OverlayMarkDef(filled=True, size=50))
        .encode(
            x=alt.X("effect:Q", title="Mean effect of a prompt (standard deviations)").scale(
                zero=False, nice=False, padding=12
            ),
            y=alt.Y("n:Q", title="Participants (log scale)", axis=axis).scale(type="log"),
            color=alt.Color("design:N", legend=legend, **kind),
            strokeDash=alt.StrokeDash("design:N", sort=order, legend=None),
            tooltip=[alt.Tooltip("design:N"), alt.Tooltip("effect:Q"), alt.Tooltip("n:Q")],
        )
        .properties(width=WIDTH, height=280)
    )


def intervals_chart(table: pd.DataFrame, axis: str) -> alt.LayerChart:
    """Return estimates with their intervals, and the truth where it is known.

    Parameters
    ----------
    table : DataFrame
        ``label``, ``estimate``, ``ci_low``, ``ci_high``, ``truth`` (NaN where unknown) and
        ``words``.
    axis : str
        Title of the axis.
    """
    base = alt.Chart(table).encode(
        y=alt.Y("label:N", sort=list(table["label"]), title=None, axis=alt.Axis(labelLimit=250))
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False)
    shown = {"title": axis, "axis": alt.Axis(tickCount=6)}
    truth = base.transform_filter("isValid(datum.truth)")
    return alt.layer(
        zero.encode(x=alt.X("x:Q", **shown)),
        base.mark_rule(strokeWidth=3, color=CATEGORICAL[0], aria=False).encode(
            x=alt.X("ci_low:Q", **shown), x2=alt.X2("ci_high:Q")
        ),
        truth.mark_tick(thickness=2.5, size=22, color="currentColor", aria=False).encode(
            x=alt.X("truth:Q", **shown)
        ),
        base.mark_point(size=80, color=CATEGORICAL[0]).encode(
            x=alt.X("estimate:Q", **shown),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Estimate")],
        ),
        base.mark_text(align="left").encode(x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")),
    ).properties(width=_PLOT, height=alt.Step(_STEP + 4))


def streak_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Return how often practice follows a streak, beside each person's own rate.

    Parameters
    ----------
    table : DataFrame
        Of `lkcm.planning.micro.practice.streak_table`, with ``label`` (of the streak) and
        ``words``.
    """
    percent = alt.Axis(labelExpr="format(100 * datum.value, '.0f') + ' %'", tickCount=6)
    y = alt.Y("rate:Q", title="Practised the next day", axis=percent).scale(domain=[0, 1])
    x = alt.X("label:N", sort=list(table["label"]), title="Days practised in a row so far")
    base = alt.Chart(table).encode(x=x)
    kinds = {"as observed": CATEGORICAL[0], "each person's days shuffled": CATEGORICAL[4]}
    colour = alt.Color("kind:N", title=None).scale(domain=list(kinds), range=list(kinds.values()))
    observed, shuffled = (base.transform_calculate(kind=f'"{kind}"') for kind in kinds)
    return alt.layer(
        shuffled.mark_bar(width=16, opacity=0.45, aria=False).encode(
            y=alt.Y("low:Q", title="Practised the next day", axis=percent),
            y2=alt.Y2("high:Q"),
            color=colour,
        ),
        shuffled.mark_tick(thickness=2, width=26, aria=False).encode(
            y=alt.Y("expected:Q"), color=colour
        ),
        observed.mark_point(size=85).encode(
            y=y,
            color=colour,
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Days")],
        ),
    ).properties(width=WIDTH - 120, height=260)
