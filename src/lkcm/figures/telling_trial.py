"""The trial that would tell: a calculator of people and informants that runs in the page.

The chart holds the formulas of `lkcm.informants.informant_design` as Vega expressions. The static
drawing shows the state in which the inputs start.
"""

import altair as alt
import pandas as pd
from scipy import stats

from lkcm.informants.informant_design import ALPHA, INFORMANTS

#: The readings in the words of the chart, with their colours.
READING_WORDS = {"trait": "the person changed", "score": "others follow the self-report"}
READING_COLOUR = {"trait": "#178650", "score": "#b0489f"}
#: Powers that the reader can choose.
POWERS = (0.8, 0.9, 0.95)
#: Ends of the axis of people; beyond the upper one an arrow stands.
AXIS = (20, 100_000)

#: Title of that axis.
PEOPLE = "people to randomise (log scale)"

#: How to read the chart, for its caption.
KEY = (
    "People to randomise, both arms together, so that a two-sided test at .05 sees the expected "
    "second-person effect. With JavaScript, move the inputs above the chart and every size is "
    "computed again in this page."
)

_STEP = 34
_PLOT = 320
_LEFT = -212


def design_chart(
    g_self: float,
    agreement: float,
    *,
    between: float | None = None,
    power: float = 0.8,
    lost: float = 0.15,
    references: dict[str, float] | None = None,
    name: str = "design",
) -> alt.LayerChart:
    """Return the sizes of the trial that would tell, under both readings, with inputs.

    Parameters
    ----------
    g_self : float
        Self-reported effect with which the chart starts, .05 to 1.5.
    agreement : float
        Correlation of self and one informant at the start, .05 to .95.
    between : float, optional
        Correlation of two informants at the start; by default ``agreement``, as for equal
        loadings on one trait.
    power : float
        One of `POWERS`.
    lost : float
        Share without an informant's rating at the end, 0 to .6.
    references : dict of str to float, optional
        Quiet lines at numbers of people, by the words beside them.
    name : str
        Start of the inputs' names; letters, digits and ``_``, unique on its page.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        A start out of the range of its input; all problems at once.
    """
    between = agreement if between is None else between
    _check(g_self, agreement, between, power, lost, name)
    rows = pd.DataFrame(
        [(reading, m) for reading in READING_WORDS for m in INFORMANTS],
        columns=["reading", "informants"],
    )
    rows = rows.assign(
        words=rows["reading"].map(READING_WORDS),
        place=[(place + 0.5) * _STEP + (place // 3) * 26 + 18 for place in range(len(rows))],
    )
    chart = alt.layer(
        *_reference_layers(references or {}),
        *_reading_layers(rows),
        *_size_layers(),
        data=rows,
    )
    return (
        _computed(chart, name)
        .add_params(*_inputs(name, g_self, agreement, between, power, lost))
        .properties(width=_PLOT, height=len(rows) * _STEP + 26 + 22)
    )


def _check(
    g_self: float, agreement: float, between: float, power: float, lost: float, name: str
) -> None:
    ranges = {
        "g_self": (g_self, 0.05, 1.5),
        "agreement": (agreement, 0.05, 0.95),
        "between": (between, 0.05, 0.95),
        "lost": (lost, 0.0, 0.6),
    }
    problems = [
        f"{key} is {value}; allowed: {low} to {high}"
        for key, (value, low, high) in ranges.items()
        if not low <= value <= high
    ]
    if power not in POWERS:
        problems.append(f"power is {power}; allowed: {', '.join(map(str, POWERS))}")
    if not name.isidentifier():
        problems.append(f"name {name!r}; allowed: letters, digits and _")
    if problems:
        raise ValueError("; ".join(problems))


def _inputs(
    name: str, g_self: float, agreement: float, between: float, power: float, lost: float
) -> list[alt.Parameter]:
    slide = alt.binding_range
    quantiles = [float(stats.norm.ppf(value)) for value in POWERS]
    labels = [f"{100 * value:.0f} %" for value in POWERS]
    return [
        alt.param(
            name=f"{name}_g", value=round(g_self, 2),
            bind=slide(min=0.05, max=1.5, step=0.01, name="Self-reported effect, g"),
        ),
        alt.param(
            name=f"{name}_r", value=round(agreement, 2),
            bind=slide(min=0.05, max=0.95, step=0.01, name="Agreement of self and informant"),
        ),
        alt.param(
            name=f"{name}_b", value=round(between, 2),
            bind=slide(min=0.05, max=0.95, step=0.01, name="Agreement of two informants"),
        ),
        alt.param(
            name=f"{name}_lost", value=round(lost, 2),
            bind=slide(min=0, max=0.6, step=0.01, name="Share without an informant's rating"),
        ),
        alt.param(
            name=f"{name}_z", value=quantiles[POWERS.index(power)],
            bind=alt.binding_select(options=quantiles, labels=labels, name="Power"),
        ),
    ]  # fmt: skip


def _computed(chart: alt.LayerChart, name: str) -> alt.LayerChart:
    """Add effect, reliability and people to every row, as `trial_sizes` computes them."""
    z = float(stats.norm.isf(ALPHA / 2))
    m, b = "datum.informants", f"{name}_b"
    sizes = f"2 * pow({z} + {name}_z, 2) / pow(datum.g, 2) + {z} * {z} / 4"
    return (
        chart.transform_calculate(
            single=f"{name}_g * (datum.reading === 'trait' ? 1 : {name}_r)",
            reliability=f"{m} * {b} / (1 + ({m} - 1) * {b})",
        )
        .transform_calculate(g=f"datum.single * sqrt({m} / (1 + ({m} - 1) * {b}))")
        .transform_calculate(per_arm=f"ceil({sizes} - 1e-9)")
        .transform_calculate(people=f"2 * ceil(datum.per_arm / (1 - {name}_lost) - 1e-9)")
        .transform_calculate(
            shown=f"min(datum.people, {AXIS[1]})",
            line="datum.informants + (datum.informants === 1 ? ' informant' : ' informants')"
            " + ', reliability ' + format(datum.reliability, '.2f')",
            answer="format(datum.people, ',.0f') + ' people'",
            effect="'g ' + format(datum.g, '.2f')",
            spoken="datum.words + ', ' + datum.line + ': ' + datum.answer",
        )
    )


def _reference_layers(references: dict[str, float]) -> list[alt.Chart]:
    layers = []
    for turn, (words, people) in enumerate(references.items()):
        base = alt.Chart(pd.DataFrame({"people": [people], "words": [words]}))
        x = alt.X("people:Q", scale=_scale(), title=PEOPLE)
        layers += [
            base.mark_rule(strokeDash=[2, 4], strokeOpacity=0.7, aria=False).encode(x=x),
            base.mark_text(align="left", dx=3, dy=-7 - 14 * turn, fontSize=11.5).encode(
                x=x, y=alt.YValue(0), text=alt.Text("words:N")
            ),
        ]
    return layers


def _scale() -> alt.Scale:
    return alt.Scale(type="log", domain=list(AXIS), nice=False)


def _reading_layers(rows: pd.DataFrame) -> list[alt.Chart]:
    """Return the two headings, which stand above their three lines."""
    first = rows.drop_duplicates("reading")
    return [
        alt.Chart(first.assign(place=first["place"] - 0.5 * _STEP - 4))
        .mark_text(align="left", fontWeight=700, fontSize=13, color="currentColor")
        .encode(
            x=alt.XValue(_LEFT),
            y=alt.Y("place:Q", scale=None, axis=None),
            text=alt.Text("heading:N"),
        )
        .transform_calculate(heading="'If ' + datum.words")
    ]


def _size_layers() -> list[alt.Chart]:
    colour = alt.Color(
        "reading:N",
        scale=alt.Scale(domain=list(READING_COLOUR), range=list(READING_COLOUR.values())),
        legend=None,
    )
    base = alt.Chart().encode(y=alt.Y("place:Q", scale=None, axis=None))
    x = alt.X(
        "shown:Q",
        scale=_scale(),
        title=PEOPLE,
        axis=alt.Axis(values=[20, 100, 1000, 10_000, 100_000], format=",d"),
    )
    return [
        base.mark_text(align="left", fontSize=12).encode(
            x=alt.XValue(_LEFT), text=alt.Text("line:N"), description=alt.Description("spoken:N")
        ),
        base.mark_rule(strokeWidth=5, strokeOpacity=0.45, aria=False).encode(
            x=x, x2=alt.X2Value(0), color=colour
        ),
        base.mark_point(filled=True, size=130, aria=False).encode(
            x=x,
            color=colour,
            shape=alt.Shape(
                "reading:N",
                scale=alt.Scale(domain=list(READING_COLOUR), range=["circle", "square"]),
                legend=None,
            ),
        ),
        base.transform_filter(f"datum.people > {AXIS[1]}")
        .mark_point(shape="triangle-right", size=70, color="currentColor", aria=False)
        .encode(x=alt.XValue(_PLOT + 6)),
        base.mark_text(align="left", fontWeight=600)
        .encode(
            x=alt.XValue(_PLOT + 16),
            text=alt.Text("answer:N"),
            description=alt.Description("spoken:N"),
        )
        .properties(name="answer"),
        base.mark_text(align="left", dx=100, fontSize=11.5, aria=False).encode(
            x=alt.XValue(_PLOT + 16), text=alt.Text("effect:N")
        ),
    ]
