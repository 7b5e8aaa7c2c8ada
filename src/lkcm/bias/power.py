"""What each check can see: false alarms, power, and the bias that its correction leaves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.bias.checks import ANY, CHECKS, POOLED, ask_all
from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.simulation import SELECTIONS, Review, simulate_reviews, truth_behind
from lkcm.effects.smd import inverse_sizes
from lkcm.synthesis.heterogeneity import Array

#: Kinds of selection in the order of a table; the verdict rests on `DECISIVE`.
WORLDS = (*SELECTIONS, "abstracts")
DECISIVE = "moderate"
#: Rounds by which the truth behind an estimate is found where no formula gives it.
_ROUNDS, _PILOT = 4, 400
COLUMNS = (
    *("selection", "check", "mu", "tau", "k", "sets", "rate", "rate_se", "defined"),
    *("bias", "bias_se", "rmse"),
)


def power_at(
    n_t: ArrayLike,
    n_c: ArrayLike,
    estimate: float,
    tau: float,
    *,
    worlds: Sequence[str] = WORLDS,
    names: tuple[str, ...] = tuple(CHECKS),
    sets: int = 1000,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Measure the checks at a review's own sizes and heterogeneity.

    Under each kind of selection the mean true effect is the one from which that selection makes,
    on average, the pooled effect at hand, so that all simulated reviews look like this one.

    Parameters
    ----------
    n_t, n_c : array-like, shape (k,)
        People in the arms of each trial.
    estimate, tau : float
        Pooled effect and standard deviation of the true effects, as estimated.
    worlds : sequence of str
        Of `WORLDS`.
    names : tuple of str
        Of `lkcm.bias.checks.CHECKS`.
    sets : int
        Simulated reviews of each kind.
    seed : int
        Each kind has its own stream of it.

    Returns
    -------
    DataFrame
        `COLUMNS`: ``rate`` (share of reviews in which the check is positive: false alarms under
        "none", power elsewhere; NaN for a method that only corrects) with its Monte Carlo error;
        ``defined`` (share of reviews in which the method gives a result at all); ``bias`` left
        after correction, with its error, and ``rmse``. The check "pooled" is no correction,
        "any" is positive where one at least of those is that take part in the verdict.
    """
    hi = inverse_sizes(n_t, n_c)
    tables = []
    for world in worlds:
        generator = np.random.default_rng([seed, WORLDS.index(world)])
        if world == "abstracts":
            mu = _truth_by_simulation(generator, n_t, n_c, estimate, tau, world)
        else:
            mu = truth_behind(estimate, tau, hi, world)
        options = {"mu": mu, "tau": tau, "sets": sets, "selection": world}
        review = simulate_reviews(generator, n_t, n_c, **options)
        tables.append(measure(review, mu, names).assign(selection=world, mu=mu, tau=tau))
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def measure(review: Review, mu: float, names: tuple[str, ...] = tuple(CHECKS)) -> pd.DataFrame:
    """Measure checks on simulated reviews of one kind.

    Parameters
    ----------
    review : Review
        Tables of shape (k, B).
    mu : float
        The mean true effect behind them.
    names : tuple of str
        Of `lkcm.bias.checks.CHECKS`.

    Returns
    -------
    DataFrame
        ``check`` and those of `COLUMNS` that are measured, a check a row, "pooled" first and
        "any" last.
    """
    pooled = _pooled(review)
    rows = [_line(POOLED, review, None, pooled, None, mu)]
    answers = ask_all(review.yi, review.vi, review.hi, pooled, names)
    for name, answer in answers.items():
        rows.append(_line(name, review, answer.positive, answer.corrected, answer.p, mu))
    any_positive = np.any([answers[n].positive for n in names if CHECKS[n].verdict], axis=0)
    if np.ndim(any_positive):
        rows.append(_line(ANY, review, any_positive, None, any_positive, mu))
    return pd.DataFrame(rows)


def _line(
    name: str,
    review: Review,
    positive: Array | None,
    corrected: Array | None,
    p: Array | None,
    mu: float,
) -> dict[str, object]:
    k, sets = review.yi.shape
    shown = corrected if p is None else p
    line = {"check": name, "k": k, "sets": sets, "defined": float(np.isfinite(shown).mean())}
    line |= dict.fromkeys(("rate", "rate_se", "bias", "bias_se", "rmse"), np.nan)
    if positive is not None:
        rate = float(positive.mean())
        line |= {"rate": rate, "rate_se": float(np.sqrt(rate * (1 - rate) / sets))}
    if corrected is not None and np.isfinite(corrected).sum() > 1:
        error = corrected[np.isfinite(corrected)] - mu
        line |= {"bias": error.mean(), "bias_se": error.std(ddof=1) / np.sqrt(len(error))}
        line["rmse"] = np.sqrt((error**2).mean())
    return line


def _pooled(review: Review) -> Array:
    tau2 = likelihood_tau2(review.yi, review.vi)
    return pooled_mean(review.yi, review.vi, tau2)[0]


def _truth_by_simulation(
    generator: np.random.Generator,
    n_t: ArrayLike,
    n_c: ArrayLike,
    estimate: float,
    tau: float,
    selection: str,
) -> float:
    mu = estimate
    for _ in range(_ROUNDS):
        options = {"mu": mu, "tau": tau, "sets": _PILOT, "selection": selection}
        mu += estimate - _pooled(simulate_reviews(generator, n_t, n_c, **options)).mean()
    return float(mu)
