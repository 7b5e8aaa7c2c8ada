"""Charts of what sources print: the matrix of trials and outcomes, and its shares."""

import altair as alt
import pandas as pd

from lkcm.bias.reporting import STATES
from lkcm.figures.theme import WIDTH, scale

#: States of the matrix by colour; what is not mentioned is left blank.
COLOURS = {
    "figure": "#1f64ba",
    "significant": "#7350cf",
    "no difference": "#dc7900",
    "direction": "#178650",
    "silent": "#7f848a",
}
_LEGEND = (
    "{'figure': 'figure', 'significant': 'significant, no figure', 'no difference': "
    "'no difference, no figure', 'direction': 'direction only', 'silent': "
    "'measured, nothing usable'}[datum.label]"
)


def matrix_chart(matrix: pd.DataFrame, labels: pd.Series) -> alt.Chart:
    """Return the matrix: an outcome a row, a trial a narrow column.

    Parameters
    ----------
    matrix : DataFrame
        From `lkcm.bias.reporting.reporting_matrix`.
    labels : Series of str
        What to call each trial, by ``sample_id``.
    """
    long = _cells(matrix, labels)
    present = long["state"].unique()
    return (
        alt.Chart(long)
        .mark_rect()
        .encode(
            x=alt.X(
                "start:Q",
                title=f"Trials ({len(matrix)}), those that give most first",
                scale=alt.Scale(domain=[0, len(matrix)], nice=False),
                axis=alt.Axis(labels=False, ticks=False, grid=False),
            ),
            x2=alt.X2("end:Q"),
            y=alt.Y(
                "outcome:N",
                sort=list(matrix.columns),
                title=None,
                scale=alt.Scale(paddingInner=0.18),
                axis=alt.Axis(ticks=False, domain=False),
            ),
            color=_colour(present),
            tooltip=[alt.Tooltip("words:N", title="Trial")],
            description=alt.Description("words:N"),
        )
        .properties(width=WIDTH - 60, height=alt.Step(22))
    )


def _cells(matrix: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    rank = {state: place for place, state in enumerate(STATES)}
    coded = matrix.apply(lambda column: column.map(rank))
    order = coded.assign(best=coded.min(axis=1)).sort_values(
        ["best", *matrix.columns], kind="stable"
    )
    long = matrix.loc[order.index].reset_index().melt("sample_id", None, "outcome", "state")
    long = long[long["state"] != "not mentioned"]
    place = pd.Series(range(len(order)), index=order.index)
    return long.assign(
        start=long["sample_id"].map(place),
        end=long["sample_id"].map(place) + 1,
        words=[
            f"{labels.get(r.sample_id, r.sample_id)}, {r.outcome}: {STATES[r.state]}"
            for r in long.itertuples()
        ],
    )


def shares_chart(shares: pd.DataFrame) -> alt.LayerChart:
    """Return, for each outcome, what the trials that mention it print, as stacked shares.

    Parameters
    ----------
    shares : DataFrame
        From `lkcm.bias.reporting.reporting_shares`.
    """
    rank = {state: place for place, state in enumerate(STATES)}
    rows = shares.dropna(subset="share")
    rows = rows.assign(
        rank=rows["state"].map(rank),
        words=[
            f"{r.outcome}, {STATES[r.state]}: {r.trials} of {r.of} trials "
            f"({100 * r.low:.0f} to {100 * r.high:.0f} %)"
            for r in rows.itertuples()
        ],
    )
    outcomes = list(rows["outcome"].unique())
    base = alt.Chart(rows).encode(
        y=alt.Y("outcome:N", sort=outcomes, title=None, axis=alt.Axis(ticks=False, domain=False))
    )
    bars = base.mark_bar(height=15).encode(
        x=alt.X(
            "share:Q",
            stack="zero",
            title="Share of the trials that mention the outcome",
            axis=alt.Axis(format="%", tickCount=5),
        ),
        color=_colour(rows["state"].unique()),
        order=alt.Order("rank:Q"),
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("words:N", title="Share")],
    )
    counts = base.transform_filter("datum.state == 'figure'").mark_text(
        align="left", dx=6, aria=False
    )
    totals = counts.encode(x=alt.datum(1.0), text=alt.Text("of:Q"))
    return (bars + totals).properties(width=420, height=alt.Step(22))


def _colour(present: list[str]) -> alt.Color:
    legend = alt.Legend(title=None, orient="bottom", columns=3, labelExpr=_LEGEND, labelLimit=220)
    return alt.Color("state:N", scale=scale(COLOURS, present), legend=legend)
