"""Charts of the trials: size over time, evidence gap map, counts, and what is reported."""

import altair as alt
import pandas as pd

from lkcm.evidence.describe import OTHER_OUTCOMES
from lkcm.figures.theme import CATEGORICAL, DIRECTION, WIDTH

#: How the size of an LKCM group is known, by colour and shape.
BASIS = {
    "stated": (CATEGORICAL[0], "circle"),
    "equal arms assumed": (CATEGORICAL[1], "diamond"),
}

#: Direction of most trials in a cell of the gap map.
CELL = {
    "most favour LKCM": DIRECTION["favours LKCM"],
    "mixed or not stated": DIRECTION["unknown"],
    "most favour control": DIRECTION["favours control"],
}


def size_chart(sizes: pd.DataFrame, large: int) -> alt.LayerChart:
    """Return the size of the LKCM group against the year of the report.

    Parameters
    ----------
    sizes : DataFrame
        Columns ``year``, ``group_n``, ``group_basis``, ``label``, ``address``; complete rows.
    large : int
        Where the reference line stands.
    """
    bases = [basis for basis in BASIS if basis in set(sizes["group_basis"])]
    colours, shapes = zip(*(BASIS[basis] for basis in bases), strict=True)
    known_by = {"title": "Size of the LKCM group"}
    points = (
        alt.Chart(sizes)
        .mark_point(filled=False, strokeWidth=1.6, size=55)
        .encode(
            x=alt.X(
                "year:Q", title="Year", axis=alt.Axis(format="d", grid=False, tickMinStep=1)
            ).scale(zero=False, nice=False, padding=12),
            y=alt.Y("group_n:Q", title="Participants in the LKCM group (log scale)").scale(
                type="log", nice=False, padding=8
            ),
            color=alt.Color(
                "group_basis:N", scale=alt.Scale(domain=bases, range=list(colours)), **known_by
            ),
            shape=alt.Shape(
                "group_basis:N", scale=alt.Scale(domain=bases, range=list(shapes)), **known_by
            ),
            href=alt.Href("address:N"),
            description=alt.Description("label:N"),
            tooltip=[
                alt.Tooltip("label:N", title="Trial"),
                alt.Tooltip("group_n:Q", title="LKCM group", format=".0f"),
                alt.Tooltip("group_basis:N", title="Size"),
            ],
        )
    )
    line = alt.Chart(pd.DataFrame({"large": [large]})).encode(y=alt.Y("large:Q"))
    rule = line.mark_rule(strokeDash=[6, 4], aria=False)
    words = line.mark_text(align="left", dx=4, dy=-7).encode(
        x=alt.XValue(0), text=alt.TextValue(f"{large} in the LKCM group")
    )
    return (rule + words + points).properties(width=WIDTH, height=360)


def gap_map_chart(cells: pd.DataFrame, comparators: list[str]) -> alt.FacetChart:
    """Return the evidence gap map: outcome by comparator, one panel a population.

    Parameters
    ----------
    cells : DataFrame
        Columns ``population``, ``outcome``, ``comparator``, ``trials``, ``direction``.
    comparators : list of str
        Order of the columns of the map.
    """
    order = cells.groupby("outcome")["trials"].sum().sort_values(ascending=False).index
    last = [outcome for outcome in order if outcome == OTHER_OUTCOMES]
    outcomes = [outcome for outcome in order if outcome not in last] + last
    x = alt.X(
        "comparator:N",
        sort=comparators,
        title=None,
        axis=alt.Axis(labelAngle=-45, labelOverlap=False),
    )
    base = alt.Chart().encode(x=x, y=alt.Y("outcome:N", sort=outcomes, title=None))
    directions = [direction for direction in CELL if direction in set(cells["direction"])]
    bubbles = base.mark_point(filled=True, shape="square").encode(
        size=alt.Size("trials:Q", legend=None, scale=alt.Scale(type="sqrt", range=[130, 520])),
        color=alt.Color(
            "direction:N",
            title="Trials in a cell",
            scale=alt.Scale(domain=directions, range=[CELL[d] for d in directions]),
        ),
        tooltip=[
            alt.Tooltip("population:N"),
            alt.Tooltip("outcome:N"),
            alt.Tooltip("comparator:N"),
            alt.Tooltip("trials:Q"),
            alt.Tooltip("favours_lkcm:Q", title="favour LKCM"),
            alt.Tooltip("favours_control:Q", title="favour control"),
            alt.Tooltip("mixed:Q", title="both ways"),
            alt.Tooltip("unknown:Q", title="direction not stated"),
        ],
    )
    numbers = base.mark_text(color="white", fontWeight=600, fontSize=12, aria=False).encode(
        text=alt.Text("trials:Q")
    )
    panel = (bubbles + numbers).properties(width=270, height=alt.Step(27))
    return panel.facet(
        column=alt.Column("population:N", title=None, sort=["clinical", "non-clinical"]),
        data=cells,
    ).resolve_scale(x="shared", y="shared")


def counts_chart(counts: pd.DataFrame, column: str) -> alt.LayerChart:
    """Return horizontal bars of trials by the values of a column, each with its number.

    Parameters
    ----------
    counts : DataFrame
        Columns ``column`` and ``trials``, in the order in which the bars stand.
    column : str
        Whose values are counted.
    """
    base = alt.Chart(counts).encode(
        x=alt.X("trials:Q", title="Trials"),
        y=alt.Y(f"{column}:N", sort=list(counts[column]), title=None),
        tooltip=[alt.Tooltip(f"{column}:N"), alt.Tooltip("trials:Q")],
    )
    return (
        base.mark_bar()
        + base.mark_text(align="left", dx=4, aria=False).encode(text=alt.Text("trials:Q"))
    ).properties(width=480, height=alt.Step(22))


def reporting_chart(reporting: pd.DataFrame) -> alt.LayerChart:
    """Return the share of trials whose source states an item, with exact intervals.

    Parameters
    ----------
    reporting : DataFrame
        Columns ``item``, ``share``, ``low``, ``high``, ``stated``, ``trials``, in order.
    """
    base = alt.Chart(reporting).encode(
        y=alt.Y("item:N", sort=list(reporting["item"]), title=None),
    )
    percent = alt.Axis(format="%")
    bars = base.mark_rule(strokeWidth=4, color=CATEGORICAL[0], aria=False).encode(
        x=alt.X(
            "low:Q",
            title="Share of trials whose source states it (95 % interval)",
            axis=percent,
            scale=alt.Scale(domain=[0, 1]),
        ),
        x2=alt.X2("high:Q"),
    )
    points = base.mark_point(size=60, color=CATEGORICAL[0]).encode(
        x=alt.X("share:Q"),
        tooltip=[
            alt.Tooltip("item:N"),
            alt.Tooltip("stated:Q"),
            alt.Tooltip("trials:Q"),
            alt.Tooltip("share:Q", format=".0%"),
        ],
    )
    return (bars + points).properties(width=440, height=alt.Step(24))
