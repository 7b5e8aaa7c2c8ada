"""Charts of plans: power that trials had, what further trials tell, looks at growing evidence."""

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, WIDTH
from lkcm.planning.trials.audit import ADEQUATE

_PERCENT = "format(100 * datum.value, '.0f') + ' %'"
#: How the sizes of a trial are known, by colour and shape; as in the chart of the trials.
BASIS = {
    "stated": (CATEGORICAL[0], "circle"),
    "equal arms assumed": (CATEGORICAL[1], "diamond"),
}


def audit_chart(audited: pd.DataFrame, periods: pd.DataFrame) -> alt.VConcatChart:
    """Return the power of each trial by year, one panel an effect.

    Parameters
    ----------
    audited : DataFrame
        From `lkcm.planning.trials.audit.audit`, with a year, ``label`` and ``address``; the
        panels stand in the order of ``effect``.
    periods : DataFrame
        From `lkcm.planning.trials.audit.by_period`: medians, drawn as steps.
    """
    present = [basis for basis in BASIS if basis in set(audited["basis"])]
    names = list(audited["effect"].unique())
    panels = [
        _audit_panel(
            audited[audited["effect"] == name], periods[periods["effect"] == name], present
        ).properties(width=WIDTH, height=165, title=alt.TitleParams(name, fontSize=13, offset=6))
        for name in names
    ]
    return alt.vconcat(*panels, spacing=14).resolve_scale(color="shared", shape="shared")


def _audit_panel(rows: pd.DataFrame, steps: pd.DataFrame, present: list[str]) -> alt.LayerChart:
    """Return the trials of one effect, the usual aim, and the medians by years."""
    colours, shapes = zip(*(BASIS[basis] for basis in present), strict=True)
    axis = alt.Axis(format="d", grid=False, tickMinStep=1)
    year = alt.X("year:Q", title="Year of report", axis=axis)
    colour = alt.Scale(domain=present, range=list(colours))
    points = (
        alt.Chart(rows)
        .mark_point(filled=False, strokeWidth=1.5, size=45)
        .encode(
            x=year.scale(zero=False, nice=False, padding=10),
            y=_chance("power:Q", "Power"),
            color=alt.Color("basis:N", title="Sizes", scale=colour),
            shape=alt.Shape("basis:N", title="Sizes").scale(domain=present, range=list(shapes)),
            href=alt.Href("address:N"),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Trial")],
        )
    )
    adequate = alt.Chart(pd.DataFrame({"power": [ADEQUATE]})).encode(y=alt.Y("power:Q"))
    medians = (
        alt.Chart(steps)
        .mark_rule(strokeWidth=4)
        .encode(
            x=alt.X("first:Q"),
            x2=alt.X2("last:Q"),
            y=alt.Y("median:Q"),
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Median")],
        )
    )
    return points + adequate.mark_rule(strokeDash=[6, 4], aria=False) + medians


def _chance(field: str, title: str) -> alt.Y:
    axis = alt.Axis(labelExpr=_PERCENT, tickCount=6)
    return alt.Y(field, title=title, axis=axis).scale(domain=[0, 1])


#: Widths that a further trial changes, and the words for them.
WIDTHS = {
    "ci_width": "Confidence interval of the mean (width, g)",
    "pi_width": "Prediction interval (width, g)",
}


def next_trial_chart(value: pd.DataFrame) -> alt.HConcatChart:
    """Return expected widths of the two intervals by size and number of trials to come.

    Parameters
    ----------
    value : DataFrame
        ``n_arm``, ``trials`` (how many, in words), the columns of `WIDTHS` and ``words``; rows
        with ``n_arm`` 0 are the present widths, drawn as lines.
    """
    order = list(dict.fromkeys(value["trials"]))
    further, now = value[value["n_arm"] > 0], value[value["n_arm"] == 0].head(1)
    x = alt.X("n_arm:Q", title="People in each arm (log scale)").scale(
        type="log", nice=False, padding=14
    )
    x = x.axis(values=sorted(further["n_arm"].unique()), format=",d")
    panels = []
    for column, words in WIDTHS.items():
        kind = {"title": "Further trials", "scale": alt.Scale(domain=order)}
        base = alt.Chart(further).encode(
            x=x,
            y=alt.Y(f"{column}:Q", title=None).scale(zero=True),
            color=alt.Color("trials:N", **kind),
            shape=alt.Shape("trials:N", **kind),
        )
        points = base.mark_point(size=70).encode(
            description=alt.Description("words:N"),
            tooltip=[alt.Tooltip("words:N", title="Expected")],
        )
        layers = [base.mark_line(aria=False), points]
        if now[column].notna().any():
            today = alt.Chart(now).encode(y=alt.Y(f"{column}:Q"))
            note = today.mark_text(align="left", dx=4, dy=-8)
            layers.append(today.mark_rule(strokeDash=[6, 4], aria=False))
            layers.append(note.encode(x=alt.XValue(0), text=alt.TextValue("today")))
        title = alt.TitleParams(words, fontSize=12.5, offset=12)
        panels.append(alt.layer(*layers).properties(width=265, height=250, title=title))
    return alt.hconcat(*panels, spacing=30).resolve_scale(color="shared", shape="shared")


def review_power_chart(table: pd.DataFrame) -> alt.LayerChart:
    """Return the power of a future review by its number of trials.

    Parameters
    ----------
    table : DataFrame
        ``k``, ``power``, ``kind`` (what is asked and with how much heterogeneity, in words).
    """
    order = list(dict.fromkeys(table["kind"]))
    line = (
        alt.Chart(table)
        .mark_line()
        .encode(
            x=alt.X("k:Q", title="Trials in the review", axis=alt.Axis(tickCount=10)).scale(
                domain=[0, int(table["k"].max())]
            ),
            y=_chance("power:Q", "Power"),
            color=alt.Color(
                "kind:N",
                title=None,
                sort=order,
                legend=alt.Legend(orient="bottom", columns=1, labelLimit=520),
            ),
            strokeDash=alt.StrokeDash("kind:N", sort=order, legend=None),
        )
    )
    adequate = alt.Chart(pd.DataFrame({"power": [ADEQUATE]})).encode(y=alt.Y("power:Q"))
    return (line + adequate.mark_rule(strokeDash=[6, 4], aria=False)).properties(
        width=WIDTH, height=280
    )


def monitor_chart(looks: pd.DataFrame, to_come: pd.DataFrame, unadjusted: float) -> alt.LayerChart:
    """Return the statistic at each look between its boundaries.

    Parameters
    ----------
    looks : DataFrame
        Of `lkcm.planning.review.sequential.Monitored`, with ``words``.
    to_come : DataFrame
        Of `lkcm.planning.review.sequential.boundaries_to_come`, drawn dashed.
    unadjusted : float
        Critical value of a single test, drawn as a quiet line.
    """
    top = float(np.ceil(max(looks["z"].abs().max(), unadjusted) + 1.5))
    rows = looks.assign(share=100 * looks["fraction"])
    title = "Information so far, in per cent of the information needed"
    x = alt.X("share:Q", title=title, axis=alt.Axis(tickCount=10))
    x = x.scale(nice=False, domain=[0, max(100.0, float(rows["share"].max()))])
    y = alt.Y("z:Q", title="Cumulative z   (up: favours LKCM)").scale(domain=[-top, top])
    base = alt.Chart(rows).encode(x=x)
    bounds = [
        _boundary(table, side, x, top, dash)
        for table, dash in ((rows, []), (to_come, [6, 4]))
        for side in (1, -1)
    ]
    single = pd.DataFrame({"z": [unadjusted, -unadjusted]})
    quiet = alt.Chart(single).mark_rule(strokeDash=[2, 4], strokeOpacity=0.7, aria=False)
    zero = alt.Chart(pd.DataFrame({"z": [0.0]})).mark_rule(strokeOpacity=0.6, aria=False)
    return (
        alt.layer(
            zero.encode(y=y),
            quiet.encode(y=y),
            *bounds,
            base.mark_line(color=CATEGORICAL[0], aria=False).encode(y=y),
            base.mark_point(size=80, color=CATEGORICAL[0]).encode(
                y=y,
                description=alt.Description("words:N"),
                tooltip=[alt.Tooltip("words:N", title="Look")],
            ),
        )
    ).properties(width=WIDTH, height=300)


def _boundary(table: pd.DataFrame, side: int, x: alt.X, top: float, dash: list[int]) -> alt.Chart:
    """Return one boundary, cut off where it leaves the chart."""
    line = pd.DataFrame(
        {"share": 100 * table["fraction"], "z": side * table["boundary"].clip(upper=top)}
    )
    return (
        alt.Chart(line)
        .mark_line(color=CATEGORICAL[1], strokeWidth=2, strokeDash=dash, aria=False)
        .encode(x=x, y=alt.Y("z:Q"))
    )
