"""Charts of the gold standard: the ledger of clinical trials, and limits against treatments."""

import altair as alt
import pandas as pd

from lkcm.figures.theme import CATEGORICAL, DIRECTION

#: A cross of two strokes; Vega's own cross reads as a plus.
_CROSS = "M-1,-.7L-.7,-1L0,-.3L.7,-1L1,-.7L.3,0L1,.7L.7,1L0,.3L-.7,1L-1,.7L-.3,0Z"
#: Cells of the ledger by colour and shape.
CELL = {
    "yes": (CATEGORICAL[2], "square"),
    "no": (DIRECTION["favours control"], _CROSS),
    "not stated": ("#8e9299", "circle"),
}
_STEP = 20
_PLOT = 300


def ledger_chart(cells: pd.DataFrame, items: list[str]) -> alt.Chart:
    """Return the ledger as a matrix, one line a trial, one column an item.

    Parameters
    ----------
    cells : DataFrame
        ``label``, ``item``, ``cell`` (a key of `CELL`), ``detail`` and ``address``; lines in the
        order in which they stand.
    items : list of str
        The columns, in order.
    """
    present = [name for name in CELL if cells["cell"].eq(name).any()]
    colours, shapes = zip(*(CELL[name] for name in present), strict=True)
    sizes = {"yes": 150, "no": 70, "not stated": 16}
    legend = alt.Legend(title="The source says", orient="bottom")
    return (
        alt.Chart(cells.assign(area=cells["cell"].map(sizes)))
        .mark_point(filled=True)
        .encode(
            x=alt.X(
                "item:N",
                sort=items,
                title=None,
                axis=alt.Axis(
                    orient="top", labelAngle=-45, labelOverlap=False, ticks=False, domain=False
                ),
            ),
            y=alt.Y(
                "label:N",
                sort=list(dict.fromkeys(cells["label"])),
                title=None,
                axis=alt.Axis(ticks=False, domain=False, grid=True, labelLimit=240),
            ),
            color=alt.Color(
                "cell:N", scale=alt.Scale(domain=present, range=list(colours)), legend=legend
            ),
            shape=alt.Shape(
                "cell:N", scale=alt.Scale(domain=present, range=list(shapes)), legend=legend
            ),
            size=alt.Size("area:Q", scale=None, legend=None),
            href=alt.Href("address:N"),
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Cell")],
        )
        .properties(width=alt.Step(38), height=alt.Step(_STEP))
    )


def counts_bars(counts: pd.DataFrame) -> alt.LayerChart:
    """Return stacked bars of yes, no and not stated by item.

    Parameters
    ----------
    counts : DataFrame
        Of `lkcm.harms.ledger.counts`, in the order in which the bars stand.
    """
    named = counts.rename(columns={"not_stated": "not stated"})[["item", *CELL]]
    long = named.melt(id_vars="item", var_name="cell", value_name="trials")
    long["place"] = long["cell"].map({name: place for place, name in enumerate(CELL)})
    colours = [colour for colour, _ in CELL.values()]
    y = alt.Y("item:N", sort=list(counts["item"]), title=None, axis=alt.Axis(labelLimit=260))
    bars = (
        alt.Chart(long)
        .mark_bar(height=14)
        .encode(
            x=alt.X("trials:Q", title="Trials", stack="zero"),
            y=y,
            color=alt.Color(
                "cell:N",
                scale=alt.Scale(domain=list(CELL), range=colours),
                legend=alt.Legend(title="The source says", orient="bottom"),
            ),
            order=alt.Order("place:Q"),
            tooltip=[alt.Tooltip("item:N"), alt.Tooltip("cell:N"), alt.Tooltip("trials:Q")],
        )
    )
    words = (
        alt.Chart(counts)
        .mark_text(align="left", aria=False)
        .encode(y=y, x=alt.XValue(_PLOT + 10), text=alt.Text("words:N"))
    )
    return (bars + words).properties(width=_PLOT, height=alt.Step(_STEP + 2))


def limits_chart(rows: pd.DataFrame, margin: float) -> alt.LayerChart:
    """Return where each lower confidence limit may lie, with the margin of non-inferiority.

    Parameters
    ----------
    rows : DataFrame
        ``label``, ``worst``, ``best`` (equal for a figure; a missing ``best`` is open to the
        right), ``reading`` and ``detail``; in the order in which they stand.
    margin : float
        The margin, above zero; drawn at its negative.
    """
    far = max(0.25, float(rows["best"].fillna(0).max()) + 0.2)
    rows = rows.assign(end=rows["best"].fillna(far), open=rows["best"].isna())
    readings = {
        "superior": CATEGORICAL[2],
        "not inferior": CATEGORICAL[0],
        "cannot be told": "#7f848a",
        "inferior": DIRECTION["favours control"],
    }
    present = [name for name in readings if rows["reading"].eq(name).any()]
    colour = alt.Color(
        "reading:N",
        scale=alt.Scale(domain=present, range=[readings[name] for name in present]),
        legend=alt.Legend(title="LKCM is", orient="bottom"),
    )
    title = "treatment better  ◂   lower limit of g   ▸  LKCM better"
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=list(rows["label"]), title=None, axis=alt.Axis(labelLimit=300)),
        color=colour,
    )
    x = alt.X("worst:Q", title=title)
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False)
    line = alt.Chart(pd.DataFrame({"x": [-margin], "words": ["margin"]}))
    return alt.layer(
        zero.encode(x=alt.X("x:Q", title=title)),
        line.mark_rule(strokeDash=[4, 3], aria=False).encode(x=alt.X("x:Q", title=title)),
        line.mark_text(dy=-7, align="right", dx=-3, fontSize=11.5).encode(
            x=alt.X("x:Q", title=title), y=alt.YValue(0), text=alt.Text("words:N")
        ),
        base.mark_rule(strokeWidth=4, aria=False).encode(x=x, x2=alt.X2("end:Q")),
        base.mark_point(shape="stroke", angle=90, size=120, strokeWidth=2.5).encode(
            x=x,
            description=alt.Description("detail:N"),
            tooltip=[alt.Tooltip("detail:N", title="Result")],
        ),
        base.transform_filter("datum.open")
        .mark_point(shape="triangle-right", filled=True, size=90, aria=False)
        .encode(x=alt.X("end:Q", title=title)),
    ).properties(width=_PLOT, height=alt.Step(_STEP + 2))
