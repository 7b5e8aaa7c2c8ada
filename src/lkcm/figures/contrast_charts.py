"""Charts of groups of trials beside one another, and of the difference between them."""

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from lkcm.figures.forest import AXIS
from lkcm.figures.theme import CATEGORICAL, COMPARATOR
from lkcm.synthesis.level_contrasts import LevelContrast
from lkcm.words import short_interval

#: Colours of the lines of a contrast: the groups of comparators and their difference.
CONTRAST = {**COMPARATOR, "difference": CATEGORICAL[3]}

_PLOT, _STEP = 290, 24


def group_chart(
    rows: pd.DataFrame,
    palette: Mapping[str, str],
    *,
    domain: tuple[float, float] = (-1.0, 2.0),
    references: Mapping[str, float] | None = None,
    title: str = AXIS,
    legend: str | None = None,
) -> alt.LayerChart:
    """Return estimates of groups under one another; what is cut at the edge ends in an arrow.

    Parameters
    ----------
    rows : DataFrame
        One row a line, in order: ``label`` (unique), ``group`` (a key of `palette`),
        ``estimate``, ``low``, ``high`` (NaN where there is no estimate), ``solid`` (bool: from
        figures, else from all levels, drawn hollow) and ``words`` (written at the right end).
    palette : mapping of str to str
        Colour of each group.
    domain : tuple of two floats
        Ends of the axis.
    references : mapping of str to float, optional
        Quiet vertical lines, by the text beside them.
    title : str
        Of the axis.
    legend : str, optional
        Title of the legend of colours; without it there is none.
    """
    low, high = domain
    rows = rows.assign(
        from_=rows["low"].clip(low, high),
        to=rows["high"].clip(low, high),
        at=rows["estimate"].where(rows["estimate"].between(low, high)),
        left=pd.Series(low, index=rows.index).where(rows["low"] < low),
        right=pd.Series(high, index=rows.index).where(rows["high"] > high),
        fill=rows["solid"].map({True: 1.0, False: 0.0}),
    )
    x = {"title": title, "scale": alt.Scale(domain=list(domain), nice=False)}
    present = [name for name in palette if rows["group"].eq(name).any()]
    colour = alt.Color(
        "group:N",
        scale=alt.Scale(domain=present, range=[palette[name] for name in present]),
        legend=alt.Legend(title=legend, orient="bottom") if legend else None,
    )
    base = alt.Chart(rows).encode(
        y=alt.Y(
            "label:N",
            sort=list(rows["label"]),
            title=None,
            axis=alt.Axis(labelLimit=250, ticks=False, domain=False),
        )
    )
    bars = base.mark_rule(strokeWidth=5, aria=False).encode(
        x=alt.X("from_:Q", **x), x2=alt.X2("to:Q"), color=colour
    )
    arrows = [
        base.mark_point(shape=f"triangle-{side}", filled=True, size=70, aria=False).encode(
            x=alt.X(f"{side}:Q", **x), color=colour
        )
        for side in ("left", "right")
        if rows[side].notna().any()
    ]
    points = base.mark_point(
        shape="diamond", size=120, filled=True, strokeWidth=1.8, opacity=1
    ).encode(
        x=alt.X("at:Q", **x),
        stroke=colour,
        color=colour,
        description=alt.Description("words:N"),
        tooltip=[alt.Tooltip("label:N"), alt.Tooltip("words:N")],
    )
    # a hollow middle in the page's own colour: the synthesis of all levels
    hollow = base.mark_point(shape="diamond", size=36, filled=True, aria=False).encode(
        x=alt.X("at:Q", **x),
        color=alt.ColorValue("white"),
        fillOpacity=alt.condition("datum.fill == 0", alt.value(1), alt.value(0)),
    )
    words = base.mark_text(align="left", aria=False).encode(
        x=alt.XValue(_PLOT + 12), text=alt.Text("words:N")
    )
    layers = [*_reference_lines(references or {}, x), bars, *arrows, points, hollow, words]
    return alt.layer(*layers).properties(width=_PLOT, height=alt.Step(_STEP))


def rho_chart(rows: pd.DataFrame, title: str) -> alt.LayerChart:
    """Return an estimate by the assumed correlation within trials, with its interval.

    Parameters
    ----------
    rows : DataFrame
        ``rho``, ``estimate``, ``ci_low``, ``ci_high``.
    title : str
        What the estimate is.
    """
    base = alt.Chart(rows).encode(
        x=alt.X(
            "rho:Q",
            title="assumed correlation of two outcomes of a trial",
            scale=alt.Scale(domain=[0.15, 0.95], nice=False),
        )
    )
    zero = alt.Chart(pd.DataFrame({"y": [0.0]})).mark_rule(aria=False).encode(y=alt.Y("y:Q"))
    colour = CONTRAST["difference"]
    bars = base.mark_rule(strokeWidth=5, color=colour, aria=False).encode(
        y=alt.Y("ci_low:Q", title=title), y2=alt.Y2("ci_high:Q")
    )
    points = base.mark_point(
        shape="diamond", size=120, color=colour, stroke="currentColor", strokeWidth=1
    ).encode(
        y=alt.Y("estimate:Q", title=title),
        tooltip=[
            alt.Tooltip("rho:Q", title="correlation"),
            alt.Tooltip("estimate:Q", format=".2f"),
            alt.Tooltip("ci_low:Q", format=".2f"),
            alt.Tooltip("ci_high:Q", format=".2f"),
        ],
    )
    return alt.layer(zero, bars, points).properties(width=420, height=200)


def line_words(estimate: float, low: float, high: float, k: int | None) -> str:
    """Return the words at the end of a line: estimate, interval and number of trials.

    Parameters
    ----------
    estimate, low, high : float
        NaN where there is no estimate.
    k : int or None
        Number of trials; None for a difference.
    """
    trials = "" if k is None else f"k = {k}"
    if pd.isna(estimate):
        return f"not fitted  {trials}".rstrip()
    ends = None if pd.isna(low) else (low, high)
    return f"{short_interval(estimate, ends)}  {trials}".rstrip()


def _reference_lines(references: Mapping[str, float], x: dict[str, object]) -> list[alt.Chart]:
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(aria=False)
    layers = [zero.encode(x=alt.X("x:Q", **x))]
    for place, (words, value) in enumerate(references.items()):
        line = alt.Chart(pd.DataFrame({"x": [value], "words": [words]}))
        layers.append(
            line.mark_rule(strokeDash=[2, 4], strokeOpacity=0.7, aria=False).encode(
                x=alt.X("x:Q", **x)
            )
        )
        # one above the other, since close values would write over one another
        layers.append(
            line.mark_text(align="left", dx=3, dy=-7 - 13 * place, fontSize=11.5).encode(
                x=alt.X("x:Q", **x), y=alt.YValue(0), text=alt.Text("words:N")
            )
        )
    return layers


def level_lines(
    found: LevelContrast, label: str, names: Sequence[str], variant: str = "A"
) -> list[dict[str, object]]:
    """Return the lines of `group_chart` for two groups across levels, and their difference.

    Parameters
    ----------
    found : LevelContrast
        Of `lkcm.synthesis.level_contrasts.level_contrast`.
    label : str
        What the lines are about, such as an outcome.
    names : sequence of two str
        The groups in words.
    variant : str
        Reading of bare directions.
    """
    line = found.differences.set_index("variant").loc[variant]
    lines = []
    for place, name, group, k in zip(
        ("first", "second"), names, found.groups, found.trials, strict=True
    ):
        ends = (line[place], line[f"{place}_low"], line[f"{place}_high"])
        lines.append(_line(f"{label}, {name}", group, ends, k))
    ends = (line["difference"], line["low"], line["high"])
    lines.append(_line(f"{label}, difference", "difference", ends, None))
    return lines


def _line(
    label: str, group: str, ends: tuple[float, float, float], k: int | None
) -> dict[str, object]:
    estimate, low, high = ends
    words = line_words(estimate, low, high, k)
    names = {"label": label, "group": group, "k": k, "solid": False, "words": words}
    return {**names, "estimate": estimate, "low": low, "high": high}
