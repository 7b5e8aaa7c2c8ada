"""Copas's sensitivity analysis: the effect under selection that gets stronger step by step.

Copas & Shi (2000, Biostatistics 1:247): a trial is seen where a latent value above zero,
gamma0 + gamma1 / se + noise, and the noise correlates with the effect's. The data say next to
nothing of the two gammas, so they are set and the rest is estimated.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize, special

from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.bias.sets import EQUAL, checked_trials, needs
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

MINIMUM = 5
#: Chances that the smallest trial is seen, and the chance of the largest.
SMALLEST, LARGEST = (0.99, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1), 0.99
#: p value of what asymmetry is left, from which on selection explains the funnel.
EXPLAINED = 0.10

#: Nearer to -1 or 1 the likelihood has spikes at single trials.
_RHO = 0.99


def copas(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    smallest: Sequence[float] = SMALLEST,
    largest: float = LARGEST,
) -> pd.DataFrame:
    """Estimate the effect under selection of rising strength.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    smallest : sequence of float
        Chances that the trial with the largest standard error is seen, between 0 and 1.
    largest : float
        Chance that the trial with the smallest standard error is seen.

    Returns
    -------
    DataFrame
        One row a chance: ``smallest``, ``gamma0``, ``gamma1``, ``estimate``, ``se``, ``ci_low``,
        ``ci_high`` (95 %, from the curvature), ``tau2``, ``rho``, ``unseen`` (trials not seen,
        expected), ``p_left`` (likelihood ratio test of asymmetry that selection leaves) and
        ``explained`` (bool: ``p_left`` of `EXPLAINED` or more).

    Raises
    ------
    PoolError
        Effects or variances that cannot be used, fewer than `MINIMUM` trials, standard errors
        that do not differ, or chances that are none.
    """
    effects, variances = checked_trials(yi, vi)
    se = np.sqrt(variances)
    if len(se) < MINIMUM:
        raise PoolError(needs(MINIMUM))
    if np.ptp(se) <= EQUAL * se.max():
        raise PoolError("needs standard errors that differ")
    if not all(0 < chance < 1 for chance in (*smallest, largest)):
        raise PoolError("chances to be seen: allowed above 0 and below 1")
    rows = []
    for chance in smallest:
        gamma = _gammas(se, chance, largest)
        rows.append({"smallest": chance} | _row(effects, se, *gamma))
    return pd.DataFrame(rows)


def _gammas(se: Array, smallest: float, largest: float) -> tuple[float, float]:
    ends = special.ndtri([smallest, largest])
    gamma1 = (ends[1] - ends[0]) / (1 / se.min() - 1 / se.max())
    return float(ends[0] - gamma1 / se.max()), float(gamma1)


def _row(yi: Array, se: Array, gamma0: float, gamma1: float) -> dict[str, float]:
    u = gamma0 + gamma1 / se
    plain = _maximum(yi, se, u, slope=False)
    sloped = _maximum(yi, se, u, slope=True, start=plain.x)
    p_left = float(special.chdtrc(1, max(0.0, 2 * (plain.fun - sloped.fun))))
    estimate = float(plain.x[0])
    error = _standard_error(plain.x, yi, se, u)
    half = special.ndtri(0.975) * error
    return {
        "gamma0": gamma0,
        "gamma1": gamma1,
        "estimate": estimate,
        "se": error,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "tau2": float(plain.x[1] ** 2),
        "rho": float(plain.x[2]),
        "unseen": float((special.ndtr(-u) / special.ndtr(u)).sum()),
        "p_left": p_left,
        "explained": p_left >= EXPLAINED,
    }


def _maximum(
    yi: Array, se: Array, u: Array, *, slope: bool, start: Array | None = None
) -> optimize.OptimizeResult:
    """Minimise minus the log-likelihood over effect, tau, rho and, if asked, a slope on se."""
    table = (yi[:, None], se[:, None] ** 2)
    tau2 = likelihood_tau2(*table, restricted=False)
    if start is None:
        start = np.array([pooled_mean(*table, tau2)[0][0], np.sqrt(tau2[0]), 0.0])
    bounds = [(None, None), (0.0, None), (-_RHO, _RHO)] + [(None, None)] * slope
    starts = [np.append(start, [0.0] * slope)]
    # The likelihood may have a top on either side of rho = 0.
    starts += [np.where(np.arange(len(starts[0])) == 2, rho, starts[0]) for rho in (-0.7, 0.7)]
    fits = [
        optimize.minimize(
            _minus_loglik,
            first,
            (yi, se, u),
            method="L-BFGS-B",
            bounds=bounds,
            options={"ftol": 1e-13, "gtol": 1e-7},
        )
        for first in starts
    ]
    return min(fits, key=lambda fit: fit.fun)


def _minus_loglik(at: Array, yi: Array, se: Array, u: Array) -> float:
    mean, tau, rho = at[:3]
    mills = np.exp(-0.5 * u * u - special.log_ndtr(u)) / np.sqrt(2 * np.pi)
    # The variance that is seen is that after selection: turned back into that before it.
    sigma2 = se**2 / (1 - rho**2 * mills * (u + mills))
    total = tau**2 + sigma2
    apart = yi - mean - (at[3] * se if len(at) > 3 else 0.0)
    tilde = rho * np.sqrt(sigma2 / total)
    seen = (u + tilde * apart / np.sqrt(total)) / np.sqrt(1 - tilde**2)
    value = -0.5 * (np.log(total) + apart**2 / total) + special.log_ndtr(seen)
    return float(-(value - special.log_ndtr(u)).sum())


def _standard_error(at: Array, yi: Array, se: Array, u: Array) -> float:
    """Turn the curvature of the profile over tau and rho into a standard error."""
    step = 0.2 * float(np.sqrt(1 / (1 / (se**2 + at[1] ** 2)).sum()))

    def profile(mean: float) -> float:
        fit = optimize.minimize(
            lambda rest: _minus_loglik(np.array([mean, *rest]), yi, se, u),
            at[1:3],
            method="L-BFGS-B",
            bounds=[(0.0, None), (-_RHO, _RHO)],
            options={"ftol": 1e-13, "gtol": 1e-7},
        )
        return fit.fun

    centre = _minus_loglik(at[:3], yi, se, u)
    bend = (profile(at[0] + step) + profile(at[0] - step) - 2 * centre) / step**2
    return float(1 / np.sqrt(bend)) if bend > 0 else float("nan")
