"""What each check can see: false alarms, power, and the bias that its correction leaves."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.bias.checks import ANY, CHECKS, POOLED, Answer, ask_all
from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.simulation import SELECTIONS, Review, simulate_reviews, truth_behind
from lkcm.effects.smd import inverse_sizes
from lkcm.synthesis.heterogeneity import Array

#: Kinds of selection in the order of a table; the verdict rests on `DECISIVE`.
WORLDS = (*SELECTIONS, "abstracts")
DECISIVE = "moderate"
#: Rounds by which the truth behind an estimate is found where no formula gives it.
_ROUNDS, _PILOT = 4, 400
#: Reviews of each kind that a costly check is asked about at one review's own point.
FEW = 100
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
    few: int = FEW,
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
    few : int
        As `measure`.
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
    truths, reviews = [], []
    for world in worlds:
        generator = np.random.default_rng([seed, WORLDS.index(world)])
        if world == "abstracts":
            mu = _truth_by_simulation(generator, n_t, n_c, estimate, tau, world)
        else:
            mu = truth_behind(estimate, tau, hi, world)
        options = {"mu": mu, "tau": tau, "sets": sets, "selection": world}
        reviews.append(simulate_reviews(generator, n_t, n_c, **options))
        truths.append(mu)
    tables = [
        table.assign(selection=world, mu=mu, tau=tau)
        for world, mu, table in zip(
            worlds, truths, measure(reviews, truths, names, few), strict=True
        )
    ]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def measure(
    reviews: Sequence[Review],
    truths: Sequence[float],
    names: tuple[str, ...] = tuple(CHECKS),
    few: int | None = None,
) -> list[pd.DataFrame]:
    """Measure checks on simulated reviews of several kinds.

    Parameters
    ----------
    reviews : sequence of Review
        One a kind, tables of shape (k, B).
    truths : sequence of float
        The mean true effect behind each.
    names : tuple of str
        Of `lkcm.bias.checks.CHECKS`.
    few : int, optional
        Costly checks are asked about the first so many reviews of each kind only, and so is "any"
        where one of them takes part.

    Returns
    -------
    list of DataFrame
        One a kind: ``check`` and those of `COLUMNS` that are measured, a check a row, "pooled"
        first and "any" last; ``sets`` is the number of reviews that a check was asked about.
    """
    pooled = [_pooled(review) for review in reviews]
    cheap = tuple(name for name in names if not CHECKS[name].costly)
    costly = _ask_together(reviews, pooled, [name for name in names if name not in cheap], few)
    measured = []
    for review, mean, some, mu in zip(reviews, pooled, costly, truths, strict=True):
        answers = ask_all(review.yi, review.vi, review.hi, mean, cheap) | some
        rows = [_line(POOLED, len(review.yi), Answer(None, mean, None), mu)]
        rows += [_line(name, len(review.yi), answers[name], mu) for name in names]
        deciding = [answers[name].positive for name in names if CHECKS[name].verdict]
        if deciding:
            sets = min(len(positive) for positive in deciding)
            positive = np.any([positive[:sets] for positive in deciding], axis=0)
            rows.append(_line(ANY, len(review.yi), Answer(positive, None, positive), mu))
        measured.append(pd.DataFrame(rows))
    return measured


def _ask_together(
    reviews: Sequence[Review], pooled: Sequence[Array], names: Sequence[str], few: int | None
) -> list[dict[str, Answer]]:
    """Ask about the first few reviews of all kinds at once: many climbs cost little more."""
    tables = [
        np.hstack([getattr(review, table)[:, :few] for review in reviews])
        for table in ("yi", "vi", "hi")
    ]
    answers = ask_all(*tables, np.concatenate([mean[:few] for mean in pooled]), tuple(names))
    ends = np.cumsum([len(mean[:few]) for mean in pooled])
    return [
        {
            name: Answer(
                *(None if v is None else v[end - size : end] for v in vars(answer).values())
            )
            for name, answer in answers.items()
        }
        for end, size in zip(ends, np.diff(ends, prepend=0), strict=True)
    ]


def _line(name: str, k: int, answer: Answer, mu: float) -> dict[str, object]:
    positive, corrected = answer.positive, answer.corrected
    given = [values for values in (corrected, answer.p) if values is not None]
    sets, defined = len(given[0]), np.isfinite(given).all(0)
    line = {"check": name, "k": k, "sets": sets, "defined": float(defined.mean())}
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
