"""Forest plots: trials with their pooled effects, and pooled effects beside published ones."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import COMPARATOR, LEVEL_FILL, scale
from lkcm.words import short_interval

#: Words at the ends of every axis of effects.
AXIS = "favours control  ◂   Hedges g   ▸  favours LKCM"

#: How an evidence level is drawn.
LEVEL_AS = {"1": "figure", "2a": "figure", "2b": "assumed", "2c": "assumed"}

_STEP = 24
_PLOT = 300


def forest(
    trials: pd.DataFrame, pooled: pd.DataFrame, references: dict[str, float] | None = None
) -> alt.LayerChart:
    """Return a forest plot: trials by group, each group followed by its pooled effect.

    Parameters
    ----------
    trials : DataFrame
        One row a trial: ``label``, ``group`` (a key of `COMPARATOR`), ``yi``, ``low``, ``high``,
        ``weight`` (per cent within its group; written out where the group is pooled),
        ``level``, ``detail`` (for the tooltip) and ``address`` (http or https, or missing).
    pooled : DataFrame
        One row a group that has a pooled effect: ``label``, ``group``, ``estimate``, ``low``,
        ``high``, and ``pi_low``, ``pi_high`` (NaN without a prediction interval).
    references : dict of str to float, optional
        Quiet vertical lines, by the text beside them.
    """
    rows, sums = _lines(trials, pooled)
    groups = scale(COMPARATOR, {*rows["group"], *sums["group"]})
    order = pd.concat([rows[["line", "place"]], sums[["line", "place"]]]).sort_values("place")
    y = alt.Y(
        "line:N",
        sort=list(order["line"]),
        title=None,
        axis=alt.Axis(labelLimit=230, ticks=False, domain=False),
    )
    layers = [*_reference_lines(references or {})]
    layers += [*_trial_marks(rows, y, groups)] if len(rows) else []
    layers += [*_pooled_marks(sums, y, groups)] if len(sums) else []
    return alt.layer(*layers).properties(width=_PLOT, height=alt.Step(_STEP))


def _lines(trials: pd.DataFrame, pooled: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    rank = {group: place * 1e6 for place, group in enumerate(COMPARATOR)}
    rows = trials.reset_index(drop=True).assign(
        line=trials["label"].to_numpy(),
        place=lambda t: t["group"].map(rank) + t.index,
        shown=lambda t: t["level"].astype(str).map(LEVEL_AS),
        words=lambda t: _figures(t["yi"], t["low"], t["high"]),
    )
    twice = rows["line"].duplicated(keep=False)
    rows["line"] = rows["line"].mask(twice, rows["line"] + ", " + rows["group"])
    share = rows["weight"].map("   {:.0f} %".format)
    rows["words"] += share.where(rows["group"].isin(pooled["group"]), "")
    sums = pooled.reset_index(drop=True).assign(
        line=pooled["label"].to_numpy(),
        place=lambda t: t["group"].map(rank) + 5e5,
        words=lambda t: _figures(t["estimate"], t["low"], t["high"]),
    )
    return rows, sums


def _figures(estimate: pd.Series, low: pd.Series, high: pd.Series) -> list[str]:
    return [
        short_interval(e, (a, b) if pd.notna(a) else None)
        for e, a, b in zip(estimate, low, high, strict=True)
    ]


def _x(field: str, **options: object) -> alt.X:
    return alt.X(f"{field}:Q", title=AXIS, **options)


def _reference_lines(references: dict[str, float]) -> list[alt.Chart]:
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x"))
    if not references:
        return [zero]
    frame = pd.DataFrame({"x": list(references.values()), "words": list(references)})
    quiet = alt.Chart(frame)
    rules = quiet.mark_rule(strokeDash=[2, 4], strokeOpacity=0.7, aria=False).encode(x=_x("x"))
    # One above the other, since close values would write over one another.
    words = [
        alt.Chart(frame.iloc[[place]])
        .mark_text(align="left", dx=3, dy=-7 - 13 * place, fontSize=11.5)
        .encode(x=_x("x"), y=alt.YValue(0), text=alt.Text("words:N"))
        for place in range(len(frame))
    ]
    return [zero, rules, *words]


def _trial_marks(rows: pd.DataFrame, y: alt.Y, groups: alt.Scale) -> list[alt.Chart]:
    base = alt.Chart(rows).encode(y=y)
    levels = rows["shown"].unique()
    colour = _colour(groups)
    whiskers = base.mark_rule(strokeWidth=2.5, aria=False).encode(
        x=_x("low"), x2=alt.X2("high:Q"), color=colour
    )
    squares = base.encode(
        x=_x("yi"),
        size=alt.Size("weight:Q", legend=None, scale=alt.Scale(range=[50, 260], zero=True)),
        color=colour,
    )
    filled = squares.mark_point(shape="square", filled=True, aria=False).encode(
        fillOpacity=alt.FillOpacity("shown:O", scale=scale(LEVEL_FILL, levels), legend=None)
    )
    outlined = squares.mark_point(shape="square", filled=False, strokeWidth=1.5).encode(
        href=alt.Href("address:N"),
        description=alt.Description("detail:N"),
        tooltip=[alt.Tooltip("detail:N", title="Trial")],
    )
    return [whiskers, filled, outlined, _words(base)]


def _pooled_marks(sums: pd.DataFrame, y: alt.Y, groups: alt.Scale) -> list[alt.Chart]:
    base = alt.Chart(sums).encode(y=y)
    colour = _colour(groups)
    prediction = base.mark_rule(strokeWidth=1.5, aria=False).encode(
        x=_x("pi_low"), x2=alt.X2("pi_high:Q"), color=colour
    )
    interval = base.mark_rule(strokeWidth=8, aria=False).encode(
        x=_x("low"), x2=alt.X2("high:Q"), color=colour
    )
    point = base.mark_point(shape="diamond", filled=True, size=150, stroke="currentColor").encode(
        x=_x("estimate"),
        color=colour,
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("label:N"), alt.Tooltip("words:N")],
    )
    return [prediction, interval, point, _words(base, fontWeight=700)]


def _colour(groups: alt.Scale) -> alt.Color:
    legend = alt.Legend(title="Comparator", orient="bottom")
    return alt.Color("group:N", scale=groups, legend=legend)


def _words(base: alt.Chart, **style: object) -> alt.Chart:
    return base.mark_text(align="left", aria=False, **style).encode(
        x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")
    )


def comparison(rows: pd.DataFrame) -> alt.LayerChart:
    """Return estimates of several sources under one another, ours filled, the others hollow.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``estimate``, ``low``, ``high`` (NaN where not printed), ``ours`` (bool) and
        ``detail``, in the order in which they stand.
    """
    rows = rows.assign(
        words=_figures(rows["estimate"], rows["low"], rows["high"]),
        fill=rows["ours"].map({True: 1.0, False: 0.0}),
    )
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=alt.Axis(labelLimit=260)),
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x"))
    interval = base.mark_rule(strokeWidth=3, color=COMPARATOR["passive"], aria=False).encode(
        x=_x("low"), x2=alt.X2("high:Q")
    )
    points = base.mark_point(
        shape="diamond", size=110, filled=True, stroke=COMPARATOR["passive"], strokeWidth=1.8
    ).encode(
        x=_x("estimate"),
        fillOpacity=alt.FillOpacity("fill:Q", scale=None, legend=None),
        description=alt.Description("detail:N"),
        tooltip=[alt.Tooltip("detail:N", title="Estimate")],
    )
    return alt.layer(zero, interval, points, _words(base)).properties(
        width=_PLOT - 20, height=alt.Step(_STEP)
    )


def leave_one_out_chart(rows: pd.DataFrame, estimate: float) -> alt.LayerChart:
    """Return the pooled effect without each trial in turn; the line is the effect with all.

    Parameters
    ----------
    rows : DataFrame
        ``label`` (the trial left out), ``estimate``, ``low`` and ``high``.
    estimate : float
        Pooled effect of all trials.
    """
    rows = rows.assign(words=_figures(rows["estimate"], rows["low"], rows["high"]))
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=alt.Axis(labelLimit=230)),
    )
    every = alt.Chart(pd.DataFrame({"x": [estimate]}))
    return alt.layer(
        alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False).encode(x=_x("x")),
        every.mark_rule(strokeDash=[4, 3], aria=False).encode(x=_x("x")),
        base.mark_rule(strokeWidth=3, color=COMPARATOR["passive"], aria=False).encode(
            x=_x("low"), x2=alt.X2("high:Q")
        ),
        base.mark_point(shape="diamond", size=90, color=COMPARATOR["passive"]).encode(
            x=_x("estimate"), tooltip=[alt.Tooltip("label:N"), alt.Tooltip("words:N")]
        ),
        _words(base),
    ).properties(width=_PLOT, height=alt.Step(_STEP))
