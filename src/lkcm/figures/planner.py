"""A planner of trials in the page: sliders give size, power and assurance, with no server.

Vega has a normal distribution but no noncentral t, so the chart holds closed forms: Guenther's
size (`lkcm.planning.trials.two_arm.closed_size`), and for power the normal form of the noncentral
t (Johnson & Welch 1940, Biometrika 31:362) with the quantile of t by Cornish and Fisher's series.
They agree with the library's exact numbers to half a per cent from ten people an arm. The static
drawing shows the state in which the sliders start.
"""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from lkcm.figures.theme import CATEGORICAL
from lkcm.planning.trials.prior import Prior
from lkcm.planning.trials.two_arm import TwoArm

#: How to read the chart, for its caption.
KEY = (
    "Blue: chance to find the effect that you choose. Orange: chance of a statistically "
    "significant result in favour of LKCM over all effects that a new trial may have (assurance); "
    "it cannot rise above the dotted line, the probability that the effect is above zero. Ticks "
    "at the foot: LKCM arms of the trials so far. With JavaScript, the sliders compute everything "
    "again."
)

#: Names of the curves.
CURVES = {"power at the chosen effect": CATEGORICAL[0], "assurance": CATEGORICAL[1]}
POWER, ASSURANCE = CURVES

#: Slices of each distribution of effects; the curve of assurance is drawn from them.
NODES = 121
#: Sizes of an arm at which the curves are computed.
SIZES = np.unique(np.geomspace(6, 4000, 64).round().astype(int))

_WIDTH, _HEIGHT = 560, 300


def planner_chart(
    priors: Sequence[Prior],
    *,
    effect: float,
    design: TwoArm,
    arms: Sequence[float] = (),
    name: str = "plan",
    start: int = 0,
    power_wanted: float = 0.8,
) -> alt.LayerChart:
    """Return curves of power and assurance over the size of an arm, with sliders.

    Parameters
    ----------
    priors : sequence of Prior
        Distributions of the effect that the reader can choose from.
    effect : float
        Effect at which the slider starts, from 0.05 to 1.5.
    design : TwoArm
        Correlation and drop-out at which the sliders start; equal arms without groups.
    arms : sequence of float
        LKCM arms of trials so far, drawn at the foot.
    name : str
        Start of the inputs' names; letters, digits and ``_``, unique on its page.
    start : int
        Place of the prior with which the chart starts.
    power_wanted : float
        Power at which the chart starts: 0.8 or 0.9.

    Returns
    -------
    altair.LayerChart

    Raises
    ------
    ValueError
        No prior, or a start out of range (all problems at once).
    """
    _check(priors, effect, design, name, start, power_wanted)
    keys = [f"d{place}" for place in range(len(priors))]
    params = _inputs(name, keys, priors, effect, design, start, power_wanted)
    values = _values(name, keys, priors)
    layers = [*_curves(name), *_marks_of_the_plan(name), *_word_layers(name)]
    if len(arms):
        layers.insert(0, _past_arms(arms))
    return alt.layer(*layers).add_params(*params, *values).properties(width=_WIDTH, height=_HEIGHT)


def _check(
    priors: Sequence[Prior],
    effect: float,
    design: TwoArm,
    name: str,
    start: int,
    power_wanted: float,
) -> None:
    problems = {
        "no distribution of effects": not priors,
        f"start is {start}; allowed: the place of a prior": not 0 <= start < max(len(priors), 1),
        f"effect is {effect}; allowed: 0.05 to 1.5": not 0.05 <= effect <= 1.5,
        f"power is {power_wanted}; allowed: 0.8 and 0.9": power_wanted not in (0.8, 0.9),
        "the planner has equal arms without groups": design.ratio != 1 or design.group_size != 1,
        f"name {name!r}; allowed: letters, digits and _": not name.isidentifier(),
    }
    if found := [words for words, wrong in problems.items() if wrong]:
        raise ValueError("; ".join(found))


def _inputs(
    name: str,
    keys: list[str],
    priors: Sequence[Prior],
    effect: float,
    design: TwoArm,
    start: int,
    power_wanted: float,
) -> list[alt.Parameter]:
    """Return the sliders and choices."""
    slide, choose = alt.binding_range, alt.binding_select
    labels = [prior.name for prior in priors]
    inputs: Mapping[str, tuple] = {
        "effect": (effect, slide(min=0.05, max=1.5, step=0.01, name="Effect to find (d)")),
        "r": (design.r, slide(min=0, max=0.9, step=0.05, name="Baseline correlation r")),
        "dropout": (design.dropout, slide(min=0, max=0.5, step=0.05, name="Drop-out")),
        "power": (power_wanted, choose(options=[0.8, 0.9], labels=["80 %", "90 %"], name="Power")),
        "prior": (keys[start], choose(options=keys, labels=labels, name="Effects to expect")),
    }
    return [
        alt.param(name=f"{name}_{key}", value=value, bind=bind)
        for key, (value, bind) in inputs.items()
    ]


def _values(name: str, keys: list[str], priors: Sequence[Prior]) -> list[alt.Parameter]:
    """Return what follows from the inputs: the size, and the chosen distribution."""
    nodes = dict(zip(keys, (prior.quantiles(NODES).tolist() for prior in priors), strict=True))
    ceilings = dict(zip(keys, (prior.above(0.0) for prior in priors), strict=True))
    spans = {
        key: "{:.2f} to {:.2f}".format(*prior.interval()).replace("-", "\N{MINUS SIGN}")
        for key, prior in zip(keys, priors, strict=True)
    }
    z = f"(quantileNormal(0.975) + quantileNormal({name}_power))"
    analysed = (
        f"2 * (1 - {name}_r * {name}_r) * pow({z} / {name}_effect, 2)"
        " + pow(quantileNormal(0.975), 2) / 4"
    )
    return [
        alt.param(name=f"{name}_nodes", value=nodes),
        alt.param(name=f"{name}_ceilings", value=ceilings),
        alt.param(name=f"{name}_spans", value=spans),
        alt.param(name=f"{name}_n", expr=f"ceil(({analysed}) / (1 - {name}_dropout))"),
    ]


def _with_power(chart: alt.Chart, name: str, n: str, effect: str, *, both: bool) -> alt.Chart:
    """Add ``chance``: power at alpha .05 of both tails, or of the one that favours LKCM."""
    z = "1.959963984540054"
    tail = "cumulativeNormal((datum.{0} * datum.ncp - datum.cut) / datum.spread)"
    chance = tail.format("up") + (f" + {tail.format('down')}" if both else "")
    return (
        chart.transform_calculate(
            df=f"max(2 * {n} * (1 - {name}_dropout) - 2 - ({name}_r > 0 ? 1 : 0), 1)",
            ncp=f"{effect} * sqrt({n} * (1 - {name}_dropout) / 2 / (1 - {name}_r * {name}_r))",
        )
        .transform_calculate(
            up="1",
            down="-1",
            t=(
                f"{z} + (pow({z}, 3) + {z}) / (4 * datum.df)"
                f" + (5 * pow({z}, 5) + 16 * pow({z}, 3) + 3 * {z}) / (96 * pow(datum.df, 2))"
                f" + (3 * pow({z}, 7) + 19 * pow({z}, 5) + 17 * pow({z}, 3) - 15 * {z})"
                " / (384 * pow(datum.df, 3))"
            ),
        )
        .transform_calculate(
            cut="datum.t * (1 - 1 / (4 * datum.df))",
            spread="sqrt(1 + datum.t * datum.t / (2 * datum.df))",
        )
        .transform_calculate(chance=chance)
    )


def _curves(name: str) -> list[alt.Chart]:
    """Return power at the chosen effect, and assurance, over the size of an arm."""
    sizes = pd.DataFrame({"n": SIZES})
    power = _with_power(alt.Chart(sizes), name, "datum.n", f"{name}_effect", both=True)
    assured = _with_power(_over_nodes(sizes, name), name, "datum.n", "datum.node", both=False)
    assured = assured.transform_aggregate(chance="mean(chance)", groupby=["n"])
    return [
        _curve(power, POWER, []),
        _curve(assured, ASSURANCE, [7, 3]),
    ]


def _over_nodes(rows: pd.DataFrame, name: str) -> alt.Chart:
    chart = alt.Chart(rows).transform_calculate(node=f"{name}_nodes[{name}_prior]")
    return chart.transform_flatten(["node"])


def _curve(chart: alt.Chart, words: str, dash: list[int]) -> alt.Chart:
    colours = alt.Scale(domain=list(CURVES), range=list(CURVES.values()))
    legend = alt.Legend(title=None, orient="bottom", symbolType="stroke", symbolStrokeWidth=3)
    axis = alt.Axis(labelExpr="format(100 * datum.value, '.0f') + ' %'", tickCount=6)
    return (
        chart.transform_calculate(curve=f"'{words}'")
        .mark_line(strokeWidth=2.5, strokeDash=dash, interpolate="monotone")
        .encode(
            x=_across("n:Q"),
            y=alt.Y("chance:Q", title="Chance of success", axis=axis).scale(domain=[0, 1]),
            color=alt.Color("curve:N", scale=colours, legend=legend),
            description=alt.DescriptionValue(words),
        )
    )


def _across(field: str) -> alt.X:
    axis = alt.Axis(values=[10, 20, 50, 100, 200, 500, 1000, 2000, 4000], format=",d")
    return alt.X(field, title="People randomised to each arm (log scale)", axis=axis).scale(
        type="log", domain=[int(SIZES[0]), int(SIZES[-1])], nice=False
    )


def _marks_of_the_plan(name: str) -> list[alt.Chart]:
    """Return a line at the size that the plan needs, and one at the ceiling of assurance."""
    one = alt.Chart(pd.DataFrame({"row": [0]}))
    inside = f"datum.n <= {int(SIZES[-1])}"
    needed = one.transform_calculate(n=f"max({name}_n, {int(SIZES[0])})").transform_filter(inside)
    ceiling = one.transform_calculate(chance=f"{name}_ceilings[{name}_prior]")
    return [
        needed.mark_rule(strokeWidth=1.5, aria=False).encode(x=_across("n:Q")),
        ceiling.mark_rule(
            strokeWidth=1.5, strokeDash=[2, 4], color=CATEGORICAL[1], aria=False
        ).encode(y=alt.Y("chance:Q")),
    ]


def _past_arms(arms: Sequence[float]) -> alt.Chart:
    """Return a tick at the foot for the LKCM arm of each trial so far."""
    low, high = int(SIZES[0]), int(SIZES[-1])
    past = pd.DataFrame({"n": np.clip(np.asarray(arms, float), low, high)})
    return (
        alt.Chart(past)
        .mark_tick(thickness=1, height=14, opacity=0.45, color="currentColor", aria=False)
        .encode(x=_across("n:Q"), y=alt.YValue(_HEIGHT - 7))
    )


def _percent(expression: str) -> str:
    """Return the expression that writes a share as the book writes it."""
    return f"format(100 * {expression}, '.0f') + ' %'"


def _word_layers(name: str) -> list[alt.Chart]:
    """Return the plan in words above the plot."""
    sentence = (
        f"'n = ' + format({name}_n, ',d') + ' in each arm (' + format(2 * {name}_n, ',d')"
        f" + ' in all) for ' + {_percent(f'{name}_power')} + ' power at d = '"
        f" + format({name}_effect, '.2f')"
    )
    one = pd.DataFrame({"row": [0]})
    answer = alt.Chart(one).transform_calculate(answer=sentence)
    details = _with_power(_over_nodes(one, name), name, f"{name}_n", "datum.node", both=False)
    details = details.transform_aggregate(assurance="mean(chance)").transform_calculate(
        details=(
            f"'Assurance at that size: ' + {_percent('datum.assurance')}"
            f" + ' (of any size at most ' + {_percent(f'{name}_ceilings[{name}_prior]')} + ')'"
            f" + '\\n95 % of the effects to expect: ' + {name}_spans[{name}_prior]"
        )
    )
    return [
        answer.mark_text(align="left", fontSize=15, fontWeight=600)
        .encode(
            x=alt.XValue(-40),
            y=alt.YValue(-64),
            text=alt.Text("answer:N"),
            description=alt.Description("answer:N"),
        )
        .properties(name="answer"),
        details.mark_text(align="left", fontSize=12.5, lineBreak="\n", lineHeight=18)
        .encode(
            x=alt.XValue(-40),
            y=alt.YValue(-42),
            text=alt.Text("details:N"),
            description=alt.Description("details:N"),
        )
        .properties(name="details"),
    ]
