"""Charts of the search: the PRISMA 2020 flow, and addresses by year."""

import altair as alt
import pandas as pd

from lkcm.evidence.flow import Flow
from lkcm.figures.theme import CATEGORICAL
from lkcm.words import named

_LEFT, _RIGHT, _WIDTH = (20, 330), (400, 690), 710
_LINE = 17  # pixels a line of text takes

#: Decisions on an address, in the order of the flow, by colour.
DECISIONS = {
    "included": CATEGORICAL[2],
    "duplicate-report": CATEGORICAL[0],
    "unscreened": CATEGORICAL[1],
    "excluded": CATEGORICAL[4],
}


def flow_boxes(flow: Flow) -> pd.DataFrame:
    """Return the boxes of the flow diagram: stage, text, and place in pixels."""
    reasons = [f"{n:,} {named(reason)}" for reason, n in flow.excluded.items()]
    eligible = flow.duplicate_reports + flow.reports
    unscreened = [f"{flow.unscreened:,} not screened yet"] if flow.unscreened else []
    left = [
        ("Identification", [f"{flow.lookups:,} look-ups", f"{flow.results:,} results returned"]),
        ("Screening", [f"{flow.addresses:,} distinct addresses", *unscreened]),
        ("Eligibility", [f"{eligible:,} addresses report", "an eligible randomised trial"]),
        ("Included", [f"{flow.reports:,} reports of {flow.trials:,} trials"]),
    ]
    right = [
        None,
        ("Excluded", [f"{flow.n_excluded:,} excluded:", *reasons]),
        ("Same trials", [f"{flow.duplicate_reports:,} further reports", "of the same trials"]),
        None,
    ]
    rows, top = [], 20
    for main, aside in zip(left, right, strict=True):
        tallest = max(len(lines) for _, lines in filter(None, (main, aside)))
        for box, (start, end) in ((main, _LEFT), (aside, _RIGHT)):
            if box:
                stage, lines = box
                bottom = top + _LINE * len(lines) + 18
                rows.append((stage, "\n".join(lines), start, end, top, bottom))
        top += _LINE * tallest + 18 + 34
    return pd.DataFrame(rows, columns=["stage", "text", "x", "x2", "y", "y2"])


def flow_chart(boxes: pd.DataFrame) -> alt.LayerChart:
    """Return the PRISMA 2020 flow as boxes and arrows.

    Parameters
    ----------
    boxes : DataFrame
        From `flow_boxes`.
    """
    height = int(boxes["y2"].max()) + 20
    across = {"axis": None, "scale": alt.Scale(domain=[0, _WIDTH], nice=False)}
    down = {"axis": None, "scale": alt.Scale(domain=[height, 0], nice=False)}
    x, y = alt.X("x:Q", **across), alt.Y("y:Q", **down)
    base = alt.Chart(boxes)
    outline = base.mark_rect(
        fillOpacity=0, stroke="currentColor", strokeWidth=1.2, cornerRadius=4, aria=False
    ).encode(x=x, x2=alt.X2("x2:Q"), y=y, y2=alt.Y2("y2:Q"))
    words = base.mark_text(
        align="left", baseline="top", dx=12, dy=10, lineBreak="\n", lineHeight=_LINE, fontSize=13
    ).encode(x=x, y=y, text=alt.Text("text:N"), description=alt.Description("text:N"))
    lines = alt.Chart(_arrows(boxes)).encode(x=x, y=y)
    shafts = lines.mark_rule(aria=False).encode(x2=alt.X2("x2:Q"), y2=alt.Y2("y2:Q"))
    heads = lines.mark_point(size=60, color="currentColor", filled=True, aria=False).encode(
        x=alt.X("x2:Q", **across), y=alt.Y("y2:Q", **down), shape=alt.Shape("shape:N", scale=None)
    )
    return (shafts + heads + outline + words).properties(width=_WIDTH, height=height)


def _arrows(boxes: pd.DataFrame) -> pd.DataFrame:
    spine = boxes[boxes["x"] == _LEFT[0]]
    middle = sum(_LEFT) / 2
    down = [
        (middle, above.y2, middle, below.y - 5, "triangle-down")
        for above, below in zip(spine.itertuples(), spine.iloc[1:].itertuples(), strict=False)
    ]
    across = [
        (_LEFT[1], box.y + 17, _RIGHT[0] - 5, box.y + 17, "triangle-right")
        for box in boxes[boxes["x"] == _RIGHT[0]].itertuples()
    ]
    return pd.DataFrame(down + across, columns=["x", "y", "x2", "y2", "shape"])


def decisions_chart(by_year: pd.DataFrame) -> alt.Chart:
    """Return stacked bars of addresses by year and decision.

    Parameters
    ----------
    by_year : DataFrame
        Columns ``year``, ``decision``, ``addresses``.
    """
    present = [decision for decision in DECISIONS if decision in set(by_year["decision"])]
    return (
        alt.Chart(by_year)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title="Year shown for the address", axis=alt.Axis(labelAngle=-45)),
            y=alt.Y("addresses:Q", title="Addresses"),
            color=alt.Color(
                "decision:N",
                title="Decision",
                scale=alt.Scale(domain=present, range=[DECISIONS[d] for d in present]),
            ),
            tooltip=[alt.Tooltip("year:O"), alt.Tooltip("decision:N"), alt.Tooltip("addresses:Q")],
        )
        .properties(height=280)
    )
