"""Simulated reviews: what the synthesis across levels recovers, and where it goes wrong.

Each trial has a class that is fixed before its result: it prints a figure, a verdict
("significant" with its direction, or "no difference") or a bare direction. The likelihood of
`lkcm.synthesis.censored_fit` is right for that, and `misspecification_grid` shows what it does
where reports are written otherwise.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from lkcm.effects.rows import ALPHA
from lkcm.synthesis.censored_fit import fit_many
from lkcm.synthesis.censored_likelihood import Array
from lkcm.synthesis.contributions import VARIANTS

FIGURE, VERDICT, DIRECTION, SILENT = range(4)
#: Shares of trials that print a figure, a verdict or a direction; near those in abstracts.
SHARES = (0.3, 0.5, 0.2)
#: People an arm, from and to, uniform.
ARM = (15, 60)
#: Share of results that are not mentioned, or reworded, in the scenarios that do so.
HABIT = 0.7
Z = float(stats.norm.isf(ALPHA / 2))


@dataclass(frozen=True)
class Review:
    """Simulated trials, each table of shape (k, B).

    Attributes
    ----------
    y : array
        Effects as estimated in the trials.
    s : array
        Their standard errors as known from the sizes.
    printed : array of int
        What the report prints: FIGURE, VERDICT, DIRECTION or SILENT.
    significant : array of bool
        Whether the trial's own test is significant.
    """

    y: Array
    s: Array
    printed: NDArray[np.int_]
    significant: NDArray[np.bool_]


#: Changes what is printed: (generator, printed, effect, significant) to printed.
Printing = Callable[
    [np.random.Generator, NDArray[np.int_], Array, NDArray[np.bool_]], NDArray[np.int_]
]


def _as_assumed(generator, printed, y, significant):
    return printed


def _directions_are_significant(generator, printed, y, significant):
    return np.where((printed == DIRECTION) & ~significant, VERDICT, printed)


def _figures_if_significant(generator, printed, y, significant):
    return np.where((printed == FIGURE) & ~significant, VERDICT, printed)


def _silent_if_not_significant(generator, printed, y, significant):
    unmentioned = ~significant & (generator.random(y.shape) < HABIT)
    return np.where(unmentioned, SILENT, printed)


def _trends(generator, printed, y, significant):
    trend = (printed == VERDICT) & ~significant & (y > 0) & (generator.random(y.shape) < HABIT)
    return np.where(trend, DIRECTION, printed)


@dataclass(frozen=True)
class Scenario:
    """One way in which reports come about.

    Attributes
    ----------
    words : str
        What happens, for a reader.
    printing : callable
        Of type `Printing`.
    true_effects : {"normal", "two kinds", "heavy tails"}
        Shape of the distribution of true effects, its variance tau2 in each.
    test_error : float
        Standard error of the trials' own tests in parts of the one known from the sizes.
    """

    words: str
    printing: Printing = _as_assumed
    true_effects: str = "normal"
    test_error: float = 1.0


#: The first meets all assumptions (with bare directions as in variant A).
SCENARIOS = {
    "as assumed": Scenario("what is printed does not depend on the result; variant A holds"),
    "directions significant": Scenario(
        "a bare direction is printed only when it is statistically significant; variant B holds",
        _directions_are_significant,
    ),
    "figures if significant": Scenario(
        'a figure is printed only when it is statistically significant, else "no difference"',
        _figures_if_significant,
    ),
    "silent if not significant": Scenario(
        "seven in ten results that are not statistically significant are not mentioned",
        _silent_if_not_significant,
    ),
    "trends": Scenario(
        "seven in ten results that favour LKCM without statistical significance are printed as "
        "a direction in place of a verdict",
        _trends,
    ),
    "sharper tests": Scenario(
        "the trials' tests adjust for baseline: standard errors a fifth smaller than assumed",
        test_error=0.8,
    ),
    "two kinds of trials": Scenario(
        "true effects are mu + tau or mu - tau, half of each", true_effects="two kinds"
    ),
    "heavy tails": Scenario(
        "true effects follow a t distribution with three degrees of freedom",
        true_effects="heavy tails",
    ),
}


def simulate(
    generator: np.random.Generator,
    mu: float,
    tau: float,
    k: int,
    sets: int,
    scenario: Scenario = SCENARIOS["as assumed"],
) -> Review:
    """Simulate reviews of k trials.

    Parameters
    ----------
    generator : numpy Generator
        Source of randomness.
    mu, tau : float
        Mean and standard deviation of the true effects.
    k, sets : int
        Trials a review, and number of reviews.
    scenario : Scenario
        How reports come about.
    """
    shape = (k, sets)
    n = generator.integers(ARM[0], ARM[1] + 1, shape)
    s = np.sqrt(2 / n)
    draws = {
        "normal": lambda: generator.normal(size=shape),
        "two kinds": lambda: generator.choice((-1.0, 1.0), shape),
        "heavy tails": lambda: generator.standard_t(3, shape) / np.sqrt(3),
    }
    error = scenario.test_error * s
    y = mu + tau * draws[scenario.true_effects]() + error * generator.normal(size=shape)
    significant = np.abs(y) > Z * error
    printed = generator.choice((FIGURE, VERDICT, DIRECTION), shape, p=SHARES)
    return Review(y, s, scenario.printing(generator, printed, y, significant), significant)


def reported_bounds(review: Review, variant: str) -> tuple[Array, Array, Array]:
    """Give bounds and variances as a reader of the reports has them.

    Returns
    -------
    low, high, variance : array, shape (k, B)
        As `lkcm.synthesis.censored_fit.fit_many` takes them; NaN where a trial is silent.
    """
    figure, direction = review.printed == FIGURE, review.printed == DIRECTION
    none = (review.printed == VERDICT) & ~review.significant
    near = np.where(direction & (variant == "A"), 0.0, Z * review.s)
    favours = review.y > 0
    cases = [figure, none, favours]
    low = np.select(cases, [review.y, -Z * review.s, near], -np.inf)
    high = np.select(cases, [review.y, Z * review.s, np.inf], -near)
    silent = review.printed == SILENT
    variance = review.s**2
    return tuple(np.where(silent, np.nan, table) for table in (low, high, variance))


def misspecification_grid(
    *,
    mus: Sequence[float] = (0.0, 0.2, 0.5, 0.8),
    taus: Sequence[float] = (0.2, 0.4),
    k: int = 20,
    sets: int = 500,
    scenarios: Sequence[str] = tuple(SCENARIOS),
    method: str = "ML",
    seed: int = 20240101,
) -> pd.DataFrame:
    """Measure bias and coverage where the assumptions hold and where they fail.

    Parameters
    ----------
    mus, taus : sequence of float
        Means and standard deviations of the true effects.
    k, sets : int
        Trials a review, reviews a cell.
    scenarios : sequence of str
        Of `SCENARIOS`.
    method : {"ML", "REML"}
        As `lkcm.synthesis.censored_fit.fit_many`.
    seed : int
        Each cell has its own stream of it, so that a cell does not depend on the others asked.

    Returns
    -------
    DataFrame
        ``scenario``, ``variant`` ("A", "B", or "figures": the printed figures pooled alone),
        ``mu``, ``tau``, ``k``, ``trials`` (mean number that say something), ``fitted`` (share of
        reviews with an estimate), ``bias`` with ``bias_se`` (Monte Carlo), ``coverage`` of the
        95 % interval of mu, and its median ``width``.
    """
    lines = []
    for name in scenarios:
        for mu in mus:
            for tau in taus:
                place = [list(SCENARIOS).index(name), round(1000 * tau), round(1000 * (mu + 10))]
                generator = np.random.default_rng([seed, *place])
                review = simulate(generator, mu, tau, k, sets, SCENARIOS[name])
                cell = {"scenario": name, "mu": mu, "tau": tau, "k": k}
                lines += [cell | line for line in _measured(review, mu, method)]
    order = ["scenario", "variant", "mu", "tau", "k", "trials", "fitted"]
    return pd.DataFrame(lines)[[*order, "bias", "bias_se", "coverage", "width"]]


def _measured(review: Review, mu: float, method: str) -> list[dict[str, object]]:
    figures = np.where(review.printed == FIGURE, review.y, np.nan)
    alone = (figures, figures, np.where(np.isnan(figures), np.nan, review.s**2))
    readings = {variant: reported_bounds(review, variant) for variant in VARIANTS}
    lines = []
    for name, tables in {**readings, "figures": alone}.items():
        fits = fit_many(*tables, method=method, tau2_interval=False)
        fitted = fits["estimate"].notna()
        found = fits[fitted]
        bias = found["estimate"] - mu
        line = {"variant": name, "trials": fits["k"].mean(), "fitted": fitted.mean()}
        line |= {"bias": bias.mean(), "bias_se": bias.sem()}
        line["coverage"] = found["ci_low"].le(mu).mul(found["ci_high"].ge(mu)).mean()
        lines.append(line | {"width": (found["ci_high"] - found["ci_low"]).median()})
    return lines
