"""Claims by theme and status."""

import altair as alt
import pandas as pd

#: Colour and shape of each status; readable in grey by shape.
STATUS = {
    "supported": ("#178650", "circle"),
    "contradicted": ("#c94f2b", "cross"),
    "not what this evidence shows": ("#7350cf", "diamond"),
    "cannot be told": ("#7f848a", "square"),
    "no check": ("#b0489f", "triangle-up"),
}


def status_by_theme(ledger: pd.DataFrame) -> alt.Chart:
    """Draw one mark a claim, themes in rows.

    Parameters
    ----------
    ledger : DataFrame
        ``claim_id``, ``theme``, ``claim``, ``status`` and ``number``, one row a claim.

    Returns
    -------
    altair.Chart
    """
    kinds = {name: STATUS[name] for name in STATUS if ledger["status"].eq(name).any()}
    order = {name: i for i, name in enumerate(STATUS)}
    drawn = ledger.assign(order=ledger["status"].map(order))
    drawn = drawn.sort_values(["theme", "order", "claim_id"])
    drawn["place"] = drawn.groupby("theme").cumcount() + 1
    names = list(kinds)
    colour = alt.Scale(domain=names, range=[kinds[name][0] for name in names])
    shape = alt.Scale(domain=names, range=[kinds[name][1] for name in names])
    legend = alt.Legend(title=None, columns=2, labelLimit=260)
    return (
        alt.Chart(drawn[["theme", "place", "claim_id", "claim", "status", "number"]])
        .mark_point(size=190, filled=True)
        .encode(
            x=alt.X("place:O", axis=None),
            y=alt.Y("theme:N", title=None),
            color=alt.Color("status:N", scale=colour, legend=legend),
            shape=alt.Shape("status:N", scale=shape, legend=legend),
            tooltip=[
                alt.Tooltip("claim_id:N"),
                alt.Tooltip("claim:N"),
                alt.Tooltip("status:N"),
                alt.Tooltip("number:N"),
            ],
            description=alt.Description("claim:N"),
        )
        .properties(width=alt.Step(30), height=alt.Step(28))
    )
