"""Pool again in the page: a forest plot whose filters recompute the pooled effect.

There is no server to ask, so the chart itself holds the estimator (`dersimonian_laird`). The
static drawing shows the state in which the filters start.
"""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from lkcm.evidence.describe import COMPARATORS
from lkcm.figures.dersimonian_laird import Z, in_words, pool_again, quantiles
from lkcm.figures.forest import AXIS, LEVEL_AS
from lkcm.figures.theme import COMPARATOR, COMPARATOR_SHAPE, LEVEL_FILL, scale
from lkcm.synthesis.one_per_sample import LEVELS
from lkcm.synthesis.pooled import HEADLINE_FROM

#: Columns that the chart reads.
NEEDED = (
    *("label", "yi", "vi", "comparator", "comparator_type", "lkcm_core", "level"),
    *("n_total", "address"),
)

#: How to read the chart, for its caption.
KEY = (
    "Solid: figure with stated sizes; pale: sizes assumed, or an exact p value only. Area: weight "
    "in the pool. Thick bar: 95 % interval; thin: 95 % prediction interval. With JavaScript, "
    "filters above the chart pool again what they let pass."
)

#: Value of the comparator filter that lets every trial pass.
EVERY = "all"

#: What the reader chooses as weakest level, in words.
LEVEL_WORDS = {
    "1": "1: figures by arm",
    "2a": "1 to 2a: sizes stated",
    "2b": "1 to 2b: sizes assumed too",
    "2c": "1 to 2c: exact p too",
}

_STEP = 24  # pixels from row to row
_PLOT = 390  # pixels from the lowest to the highest effect
_LARGEST = 240  # square pixels of the weightiest trial's mark


def repool_chart(
    effects: pd.DataFrame,
    *,
    name: str = "repool",
    comparator: str = EVERY,
    core_only: bool = False,
    weakest: str | None = None,
    references: Mapping[str, float] | None = None,
) -> alt.LayerChart:
    """Return a forest plot with filters that recompute the pooled effect in the browser.

    Parameters
    ----------
    effects : DataFrame
        One effect a trial, in the order in which they stand: ``label``, ``yi`` and ``vi`` (SMD,
        positive = favours LKCM), ``comparator`` (a key of `COMPARATOR`), ``comparator_type`` (a
        key of `COMPARATORS`), ``lkcm_core``, ``level`` (one of `LEVELS`), ``n_total``
        (participants, may be missing) and ``address`` (a web address or missing).
    name : str
        Start of the inputs' names; letters, digits and ``_``, unique on its page.
    comparator : str
        Comparator with which the chart starts: "all" or a key of `COMPARATOR` in the data.
    core_only : bool
        Whether the chart starts with trials whose ``lkcm_core`` is "yes".
    weakest : str, optional
        Weakest evidence level with which the chart starts; by default every level in the data.
    references : mapping of str to float, optional
        Quiet vertical lines, by the text beside them.

    Returns
    -------
    altair.LayerChart
        Rows that a filter leaves out are faded and named so. In words: k, n, the effect, its
        interval, tau2 and the prediction interval; under three trials nothing is pooled.

    Raises
    ------
    ValueError
        No rows, a column is missing, or a value is not among those above (all problems at once).
    """
    _check(effects, name, comparator, weakest)
    rows = _rows(effects)
    ends = _ends(rows)
    left = -int(min(6.7 * rows["label"].str.len().max() + 14, 300))
    passes, inputs = _filters(rows, name, comparator, core_only, weakest)
    table = alt.param(name=f"{name}_quantile", value=quantiles(len(rows)))
    return alt.layer(
        *_reference_layers(references or {}),
        *_row_layers(set(rows["comparator"]), ends),
        *_pooled_layers((len(rows) + 0.8) * _STEP, ends),
        *_word_layers((len(rows) + 0.8) * _STEP, left),
        data=rows,
        transform=in_words(pool_again(alt.Chart(), passes, table.name)).transform,
        params=[parameter.param for parameter in (*inputs, table)],
        width=_PLOT,
        height=(len(rows) + 1.5) * _STEP,
    )


def _check(effects: pd.DataFrame, name: str, comparator: str, weakest: str | None) -> None:
    """Refuse what cannot be drawn, with all problems at once."""
    if absent := [column for column in NEEDED if column not in effects.columns]:
        raise ValueError(f"columns missing: {absent}; needed: {list(NEEDED)}")
    if effects.empty:
        raise ValueError("no effects: at least one row is needed")
    problems = []
    known = {"comparator": COMPARATOR, "comparator_type": COMPARATORS, "level": LEVELS}
    for column, allowed in known.items():
        if unknown := sorted(set(effects[column].fillna("(empty)")) - set(allowed)):
            problems.append(f"{column} {unknown}; allowed: {list(allowed)}")
    numbers = np.isfinite(effects[["yi", "vi"]].to_numpy(dtype=float)).all()
    if not (numbers and (effects["vi"] > 0).all()):
        problems.append("yi and vi must be numbers, vi above zero")
    if comparator not in {EVERY, *effects["comparator"]}:
        problems.append(f"comparator {comparator!r} is not in the data")
    if weakest not in (None, *LEVELS):
        problems.append(f"weakest {weakest!r}; allowed: {list(LEVELS)}")
    if not name.isidentifier():
        problems.append(f"name {name!r}; allowed: letters, digits and _")
    if problems:
        raise ValueError("; ".join(problems))


def _rows(effects: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with their place, interval, fill and words."""
    rows = effects[list(NEEDED)].reset_index(drop=True)
    half = Z * np.sqrt(rows["vi"])
    rows = rows.assign(
        row=rows.index,
        place=(rows.index + 0.5) * _STEP,
        low=rows["yi"] - half,
        high=rows["yi"] + half,
        kind=rows["comparator"] + "/" + rows["comparator_type"],
        versus=rows["comparator_type"].map(COMPARATORS),
        fill=rows["level"].map(LEVEL_AS).map(LEVEL_FILL),
    )
    words = [
        f"{row.label}, against {row.versus}: g {row.yi:.2f} ({row.low:.2f} to {row.high:.2f})"
        for row in rows.itertuples()
    ]
    return rows.assign(description=words)


def _ends(rows: pd.DataFrame) -> list[float]:
    """Return the ends of the axis, which no filter moves: all intervals, zero, and some room."""
    low, high = min(rows["low"].min(), 0), max(rows["high"].max(), 0)
    room = 0.03 * (high - low)
    return [low - room, high + room]


def _filters(
    rows: pd.DataFrame, name: str, comparator: str, core_only: bool, weakest: str | None
) -> tuple[str, list[alt.Parameter]]:
    """Return what a row must fulfil, as an expression, and the inputs that it reads.

    An input that could not change anything is not offered.
    """
    kinds = _comparator_choices(rows)
    levels = [level for level in LEVELS if level in set(rows["level"])]
    words = [LEVEL_WORDS[level] for level in levels]
    core = rows["lkcm_core"].eq("yes")
    largest = int(rows["n_total"].fillna(0).max()) // 10 * 10
    choose, check, slide = alt.binding_select, alt.binding_checkbox, alt.binding_range
    inputs = {
        "comparator": (
            comparator,
            len(kinds) > 2
            and choose(options=list(kinds), labels=list(kinds.values()), name="Comparator"),
        ),
        "level": (
            weakest or levels[-1],
            len(levels) > 1 and choose(options=levels, labels=words, name="Evidence levels"),
        ),
        "core": (core_only, 0 < core.mean() < 1 and check(name="Core programmes only")),
        "size": (
            0,
            largest > 0 and slide(min=0, max=largest, step=10, name="Participants, at least"),
        ),
    }
    every = f"{name}_comparator === '{EVERY}'"
    passes = (
        f"({every} || datum.comparator === {name}_comparator || datum.kind === {name}_comparator)"
        f" && datum.level <= {name}_level && (!{name}_core || datum.lkcm_core === 'yes')"
        f" && ({name}_size === 0 || datum.n_total >= {name}_size)"
    )
    return passes, [
        alt.param(name=f"{name}_{key}", value=value, bind=bind or alt.Undefined)
        for key, (value, bind) in inputs.items()
    ]


def _comparator_choices(rows: pd.DataFrame) -> dict[str, str]:
    """Return the choices of comparator, each class followed by its types if it has several."""
    choices = {EVERY: "all"}
    for group in COMPARATOR:
        present = set(rows.loc[rows["comparator"] == group, "comparator_type"])
        words = "not stated" if group == "unknown" else group
        if present:
            choices[group] = words
        if len(present) > 1:
            types = [kind for kind in COMPARATORS if kind in present]
            choices |= {f"{group}/{kind}": f"{words}: {COMPARATORS[kind]}" for kind in types}
    return choices


def _reference_layers(references: Mapping[str, float]) -> list[alt.Chart]:
    """Return the line of no effect and, quietly, the effects to compare with."""
    layers = [alt.Chart(pd.DataFrame({"g": [0.0]})).mark_rule(aria=False).encode(x=alt.X("g:Q"))]
    if references:
        lines = pd.DataFrame({"g": list(references.values()), "words": list(references)})
        base = alt.Chart(lines).encode(x=alt.X("g:Q"))
        layers.append(base.mark_rule(strokeDash=[2, 4], strokeOpacity=0.7, aria=False))
        # one above the other, since close values would write over one another
        layers += [
            alt.Chart(lines.iloc[[place]])
            .mark_text(align="left", dx=3, dy=-8 - 13 * place)
            .encode(x=alt.X("g:Q"), y=alt.YValue(0), text=alt.Text("words:N"))
            for place in range(len(lines))
        ]
    return layers


def _row_layers(present: set[str], ends: list[float]) -> list[alt.Chart]:
    """Return the trials: name, interval, effect, and what it was compared with."""
    base = alt.Chart().encode(y=alt.Y("place:Q", scale=None, axis=None))
    passes = alt.when("datum.passes")
    shade = passes.then(alt.value(1)).otherwise(alt.value(0.6))
    faint = passes.then(alt.value(1)).otherwise(alt.value(0.25))
    low = alt.X("low:Q", title=AXIS, axis=alt.Axis(tickCount=6))
    names = base.mark_text(align="right", baseline="middle", dx=-10, limit=290).encode(
        x=alt.XValue(0),
        text=alt.Text("label:N"),
        href=alt.Href("address:N"),
        description=alt.Description("label:N"),
        opacity=shade,
    )
    intervals = base.mark_rule(strokeWidth=2, aria=False).encode(
        x=low.scale(domain=ends, nice=False),
        x2=alt.X2("high:Q"),
        color=_by_comparator(alt.Color, COMPARATOR, present),
        opacity=faint,
    )
    versus = base.mark_text(align="left", baseline="middle", dx=10, aria=False).encode(
        x=alt.XValue(_PLOT),
        text=passes.then("versus:N").otherwise(alt.value("left out")),
        opacity=shade,
    )
    return [names, intervals, _points(base, present), versus]


def _points(base: alt.Chart, present: set[str]) -> alt.Chart:
    """Return the effects of the rows that pass, by comparator, weight and evidence level."""
    return (
        base.transform_filter("datum.passes")
        .transform_calculate(area=f"{_LARGEST} * datum.weight / datum.max_weight")
        .mark_point(filled=True, strokeWidth=1.5)
        .encode(
            x=alt.X("yi:Q"),
            size=alt.Size("area:Q", scale=None),
            color=_by_comparator(alt.Color, COMPARATOR, present),
            stroke=_by_comparator(alt.Stroke, COMPARATOR, present),
            shape=_by_comparator(alt.Shape, COMPARATOR_SHAPE, present),
            fillOpacity=alt.FillOpacity("fill:Q", scale=None),
            description=alt.Description("description:N"),
            tooltip=_tooltip(),
        )
    )


def _by_comparator(
    channel: type[alt.Color | alt.Stroke | alt.Shape],
    palette: Mapping[str, str],
    present: set[str],
) -> alt.Color | alt.Stroke | alt.Shape:
    """Return a channel that encodes the comparator; all such channels share one legend."""
    legend = alt.Legend(orient="bottom", title="Comparator")
    return channel("comparator:N", scale=scale(palette, present), legend=legend)


def _tooltip() -> list[alt.Tooltip]:
    """Return what a trial says when it is pointed at."""
    return [
        alt.Tooltip("description:N", title="Trial"),
        alt.Tooltip("lkcm_core:N", title="LKCM is the core"),
        alt.Tooltip("level:N", title="Evidence level"),
        alt.Tooltip("n_total:Q", title="Participants", format=",.0f"),
        alt.Tooltip("address:N", title="Source"),
    ]


def _pooled_layers(place: float, ends: list[float]) -> list[alt.Chart]:
    """Return the pooled effect; an arrow says that the prediction interval goes on."""
    pooled = alt.Chart().transform_filter(f"datum.row === 0 && datum.k >= {HEADLINE_FROM}")
    pooled = pooled.encode(y=alt.YValue(place))
    arrow = {"color": "currentColor", "size": 60, "aria": False}
    return [
        pooled.mark_rule(strokeWidth=1.5, clip=True, aria=False).encode(
            x=alt.X("pi_low:Q"), x2=alt.X2("pi_high:Q")
        ),
        pooled.mark_rule(strokeWidth=7, clip=True, aria=False).encode(
            x=alt.X("ci_low:Q"), x2=alt.X2("ci_high:Q")
        ),
        pooled.mark_point(shape="diamond", size=190, color="currentColor", aria=False).encode(
            x=alt.X("estimate:Q")
        ),
        pooled.transform_filter(f"datum.pi_low < {ends[0]}")
        .mark_point(shape="triangle-left", **arrow)
        .encode(x=alt.XValue(0)),
        pooled.transform_filter(f"datum.pi_high > {ends[1]}")
        .mark_point(shape="triangle-right", **arrow)
        .encode(x=alt.XValue(_PLOT)),
    ]


def _word_layers(place: float, left: int) -> list[alt.Chart]:
    """Return the name of the pooled row, and the result in words above the plot."""
    one = alt.Chart().transform_filter("datum.row === 0")
    named = f"datum.k >= {HEADLINE_FROM} ? 'Pooled' : 'Not pooled'"
    return [
        one.transform_calculate(named=named)
        .mark_text(align="right", baseline="middle", dx=-10, fontWeight=600, aria=False)
        .encode(x=alt.XValue(0), y=alt.YValue(place), text=alt.Text("named:N")),
        one.mark_text(align="left", fontSize=15, fontWeight=600)
        .encode(
            x=alt.XValue(left),
            y=alt.YValue(-114),
            text=alt.Text("answer:N"),
            description=alt.Description("answer:N"),
        )
        .properties(name="answer"),
        one.mark_text(align="left", fontSize=12.5, lineBreak="\n", lineHeight=18)
        .encode(
            x=alt.XValue(left),
            y=alt.YValue(-92),
            text=alt.Text("details:N"),
            description=alt.Description("details:N"),
        )
        .properties(name="details"),
    ]
