"""Binomial-normal models of events: exact where normal approximations fail, no added half.

Two models of metafor's ``rma.glmm(measure = "OR")``, under its names: UM.FS (unconditional, a
fixed effect for each trial's level of risk) and CM.AL (conditional on each trial's events, with
the approximate likelihood that fits rare events). Likelihoods are integrated by adaptive
Gauss-Hermite quadrature (Pinheiro & Bates 1995, J Comput Graph Stat 4:12), all trials at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from lkcm.harms.events import Array, EventsError, PooledEvents, checked_counts, pooled_events

#: Models by metafor's names.
MODELS = {
    "UM.FS": "unconditional generalised linear mixed model with fixed study effects",
    "CM.AL": "conditional generalised linear mixed model, approximate likelihood",
}
#: Nodes of the quadrature; metafor's default.
NODES = 7
#: Newton's steps that bring modes and study levels to rounding error.
STEPS = 25
#: Steps of the numerical derivatives, near the best for second differences of doubles.
STEP = 2e-4
#: Where a likelihood that climbs towards infinite odds is stopped.
FARTHEST = 15.0


@dataclass(frozen=True)
class Arms:
    """Binomial observations of each trial: one row an observation, one column a trial.

    Attributes
    ----------
    events, n, offset : array, shape (m, k)
        Events, people and known part of the log odds.
    level, effect, random : array, shape (m, 1)
        How the trial's level, the mean effect and the trial's own deviation enter the log odds.
    """

    events: Array
    n: Array
    offset: Array
    level: Array
    effect: Array
    random: Array


def glmm(
    a: ArrayLike,
    n_t: ArrayLike,
    c: ArrayLike,
    n_c: ArrayLike,
    *,
    model: str = "UM.FS",
    nodes: int = NODES,
    level: float = 0.95,
) -> PooledEvents:
    """Pool log odds ratios by a binomial-normal model with a variance between trials.

    Agrees with metafor's ``rma.glmm(measure = "OR", model = model)``: maximum likelihood, Wald
    interval, random deviations of plus and minus a half in the two arms under UM.FS.

    Parameters
    ----------
    a, n_t, c, n_c : array-like, shape (k,)
        Events and people of the LKCM arms, events and people of the control arms.
    model : {"UM.FS", "CM.AL"}
        A key of `MODELS`.
    nodes : int
        Nodes of the quadrature.
    level : float
        Level of the interval.

    Raises
    ------
    EventsError
        As `lkcm.harms.events.mantel_haenszel`, an unknown model or fewer than two trials with
        an event and a person without one.
    """
    if model not in MODELS:
        raise EventsError(f"model {model!r} is unknown; allowed: {', '.join(MODELS)}")
    a, n_t, c, n_c = checked_counts(a, n_t, c, n_c)
    used = (a + c > 0) & (a + c < n_t + n_c)
    if used.sum() < 2:
        raise EventsError("a model with a variance between trials needs two with an event")
    if not a[used].sum() or not c[used].sum():
        return pooled_events("OR", model, used, np.nan, np.nan, level)
    arms = _DESIGNS[model](a[used], n_t[used], c[used], n_c[used])
    minus = _profile(arms, nodes)
    theta, tau = _minimise(minus)
    tau2, variance = tau**2, _variance(minus, theta, tau)
    return pooled_events("OR", model, used, theta, variance, level, float(tau2))


def _unconditional(a: Array, n_t: Array, c: Array, n_c: Array) -> Arms:
    events, n = np.stack([a, c]), np.stack([n_t, n_c])
    effect, random = np.array([[1.0], [0.0]]), np.array([[0.5], [-0.5]])
    return Arms(events, n, np.zeros_like(n), np.ones((2, 1)), effect, random)


def _conditional(a: Array, n_t: Array, c: Array, n_c: Array) -> Arms:
    one = np.ones((1, 1))
    offset = np.log(n_t / n_c)[None]
    return Arms(a[None], (a + c)[None], offset, 0 * one, one, one)


_DESIGNS = {"UM.FS": _unconditional, "CM.AL": _conditional}


def _profile(arms: Arms, nodes: int) -> Callable[[float, float], float]:
    """Return minus the log-likelihood of effect and SD, best over the trials' levels of risk."""
    x, weight = np.polynomial.hermite.hermgauss(nodes)
    log_weight = np.log(weight) + x**2 - 0.5 * np.log(np.pi)
    start = special.logit((arms.events.sum(0) + 0.5) / (arms.n.sum(0) + 1))

    def minus(theta: float, tau: float) -> float:
        def marginal(level: Array) -> Array:
            eta = arms.offset + arms.level * level + arms.effect * theta
            return _integrated(arms, eta, abs(tau), x, log_weight)

        if not arms.level.any():
            return -float(marginal(start).sum())
        return -float(marginal(_best_level(marginal, start)).sum())

    return minus


def _best_level(marginal: Callable[[Array], Array], level: Array) -> Array:
    """Climb each trial's likelihood over its own level of risk, by Newton on differences."""
    for _ in range(STEPS):
        here, up, down = (marginal(level + shift) for shift in (0, STEP, -STEP))
        slope, bend = (up - down) / (2 * STEP), (up - 2 * here + down) / STEP**2
        step = np.clip(slope / np.maximum(-bend, 1e-3), -2, 2)
        level = np.clip(level + step, -FARTHEST, FARTHEST)
        if np.abs(step).max() < 1e-7:
            break
    return level


def _integrated(arms: Arms, eta: Array, tau: float, x: Array, log_weight: Array) -> Array:
    """Integrate each trial's likelihood over its own deviation, N(0, tau^2); shape (k,)."""
    pull = arms.random * tau
    mode = np.zeros(eta.shape[1])
    for _ in range(STEPS):
        risk = special.expit(eta + pull * mode)
        slope = (pull * (arms.events - arms.n * risk)).sum(0) - mode
        information = (pull**2 * arms.n * risk * (1 - risk)).sum(0) + 1
        step = slope / information
        mode = mode + step
        if np.abs(step).max() < 1e-12:
            break
    width = np.sqrt(2 / information)
    deviation = mode + width * x[:, None]
    log_odds = eta[:, None, :] + pull[:, None] * deviation
    binomial = arms.events[:, None] * log_odds - arms.n[:, None] * np.logaddexp(0, log_odds)
    height = binomial.sum(0) - deviation**2 / 2 + log_weight[:, None]
    return special.logsumexp(height, axis=0) + np.log(width / np.sqrt(2))


def _minimise(minus: Callable[[float, float], float]) -> tuple[float, float]:
    """Find effect and SD from a few starts, so that a local top at SD zero does not win."""
    options = {"xatol": 1e-7, "fatol": 1e-11, "maxiter": 600}
    at_zero = optimize.minimize_scalar(
        lambda theta: minus(theta, 0.0), bounds=(-FARTHEST, FARTHEST), method="bounded"
    )
    starts = [np.array([at_zero.x, sd]) for sd in (0.2, 0.8)]
    found = [
        optimize.minimize(lambda at: minus(*at), start, method="Nelder-Mead", options=options)
        for start in starts
    ]
    best = min(found, key=lambda result: result.fun)
    theta, tau = best.x
    # the likelihood is even and flat in the SD at zero
    flat = at_zero.fun - best.fun < 1e-8
    return (float(at_zero.x), 0.0) if flat else (float(theta), abs(float(tau)))


def _variance(minus: Callable[[float, float], float], theta: float, tau: float) -> float:
    """Invert the curvature of the profile likelihood, whose block is that of the full one."""
    h = 10 * STEP
    here = minus(theta, tau)
    bend = (minus(theta + h, tau) - 2 * here + minus(theta - h, tau)) / h**2
    if tau == 0:
        return 1 / bend
    bend_tau = (minus(theta, tau + h) - 2 * here + minus(theta, tau - h)) / h**2
    corners = [minus(theta + i * h, tau + j * h) * i * j for i in (-1, 1) for j in (-1, 1)]
    cross = sum(corners) / (4 * h**2)
    return bend_tau / (bend * bend_tau - cross**2)
