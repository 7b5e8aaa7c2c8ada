"""A selection model without steps: the chance to be seen is a beta density of the p value.

Citkowicz & Vevea (2017, Psychol Methods 22:28): w(p) = p^(a - 1) (1 - p)^(b - 1) with p
one-sided; a = b = 1 is no selection.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.bias.selection import (
    COLUMNS,
    Selection,
    fit_selection,
    selection_result,
    weight_columns,
)
from lkcm.bias.sets import NO_TOP, in_blocks, one_set, undefined
from lkcm.bias.step_likelihood import normal_derivatives
from lkcm.synthesis.heterogeneity import Array

MINIMUM = 5
#: p values are held this far from 0 and 1, where a beta density may have no end (as metafor).
NEAREST = 1e-5
#: Exponents below this are held at it (as metafor).
SMALLEST_EXPONENT = 1e-5
#: log a and log b of a second climb: the likelihood often has two tops, one near no selection and
#: one of small a. From no selection alone the highest that eighteen starts found was missed in 15
#: to 30 % of simulated reviews of 8 and 20 trials, from both in 1 to 6 %.
FURTHER = (-4.0, 1.0)

#: Gauss and Legendre's nodes over the z values between the two; the effects' density is at least
#: one unit wide there, so that 80 nodes leave nothing but rounding.
_EDGE = float(-special.ndtri(NEAREST))
_NODES, _AREAS = (_EDGE * part for part in np.polynomial.legendre.leggauss(80))
_LOGS = np.stack([special.log_ndtr(-_NODES), special.log_ndtr(_NODES)])
#: What is summed over the nodes, with their areas: 1, the two logs, their squares and product.
_FACTORS = _AREAS * np.stack(
    [np.ones_like(_NODES), *_LOGS, _LOGS[0] ** 2, _LOGS[0] * _LOGS[1], _LOGS[1] ** 2]
)
#: log p and log(1 - p) beyond the nodes: above, where p is smallest, and below.
_ENDS = np.array([[np.log(NEAREST), np.log1p(-NEAREST)], [np.log1p(-NEAREST), np.log(NEAREST)]])
_ROOT = np.sqrt(2 * np.pi)
#: Numbers in a table of nodes by trials at most.
_CHUNK = 120_000


def beta_selection(yi: ArrayLike, vi: ArrayLike) -> Selection:
    """Fit a selection model with a beta weight.

    ML, as metafor's ``selmodel(rma(yi, vi, method = "ML"), type = "beta",
    alternative = "greater")``.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects, positive where they favour the treatment, and their sampling variances.

    Returns
    -------
    Selection
        Adjusted effect, the two exponents as weights, and the test (2 df).

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    row = one_set(beta_selection_many, yi, vi)
    missing = undefined(row, MINIMUM, "estimate", NO_TOP)
    return selection_result(row, "beta", 2, missing)


def beta_selection_many(yi: ArrayLike, vi: ArrayLike) -> pd.DataFrame:
    """Fit beta weights to many data sets, as `beta_selection`.

    Parameters
    ----------
    yi, vi : array-like, shape (k, B)
        A data set a column, NaN where it has fewer trials.

    Returns
    -------
    DataFrame
        ``k``, the columns of `lkcm.bias.selection`, ``weight_1`` (a), ``weight_2`` (b) and their
        standard errors, a data set a row; NaN where not defined.

    Raises
    ------
    PoolError
        As `beta_selection`, for any of the data sets.
    """

    def block(yi: Array, vi: Array) -> dict[str, Array]:
        everyone = np.ones(yi.shape[1], bool)
        options = {"lowest": np.log(SMALLEST_EXPONENT), "further": (FURTHER,)}
        return fit_selection(BetaLikelihood(yi, vi), yi, vi, 2, everyone, **options)

    return in_blocks(block, (*COLUMNS, *weight_columns(2)), MINIMUM, yi, vi)


@dataclass(frozen=True)
class BetaLikelihood:
    """Log-likelihood of effect, tau2, log a and log b, with two derivatives.

    Attributes
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    """

    yi: Array
    vi: Array

    def __call__(self, at: Array, sets: np.ndarray) -> tuple[Array, Array, Array]:
        """Return value (n,), gradient (p, n) and Hessian (n, p, p) at (p, n) parameters."""
        pieces = int(np.ceil(len(sets) * len(self.yi) * len(_NODES) / _CHUNK))
        parts = [
            self._part(at[:, part], sets[part])
            for part in np.array_split(np.arange(len(sets)), max(1, pieces))
        ]
        value, gradient, hessian = zip(*parts, strict=True)
        return np.concatenate(value), np.concatenate(gradient, 1), np.concatenate(hessian)

    def _part(self, at: Array, sets: np.ndarray) -> tuple[Array, Array, Array]:
        mean, tau2 = at[:2]
        exponents = np.exp(at[2:])
        y, v = self.yi[:, sets], self.vi[:, sets]
        s2, residual = v + tau2, y - mean
        seen, first, second = _chances(mean, s2, np.sqrt(v), exponents)
        z = np.clip(y / np.sqrt(v), -_EDGE, _EDGE)
        own = np.stack([special.log_ndtr(-z).sum(0), special.log_ndtr(z).sum(0)])
        value = -0.5 * (np.log(2 * np.pi * s2) + residual**2 / s2) - np.log(seen)
        value = value.sum(0) + ((exponents - 1) * own).sum(0)
        normal_first, normal_second = normal_derivatives(residual, s2)
        gradient, hessian = np.empty_like(at), np.empty((at.shape[1], 4, 4))
        for a in range(4):
            share = first[a] / seen
            drawn = normal_first[a].sum(0) if a < 2 else own[a - 2]
            gradient[a] = drawn - share.sum(0)
            for b in range(a, 4):
                bend = (share * first[b] / seen - second[a, b] / seen).sum(0)
                if b < 2:
                    bend += normal_second[a, b].sum(0)
                hessian[:, a, b] = hessian[:, b, a] = bend
        return value, *_by_logarithm(gradient, hessian, exponents)


def _by_logarithm(gradient: Array, hessian: Array, exponents: Array) -> tuple[Array, Array]:
    """Turn derivatives by a and b into those by their logarithms."""
    factor = np.ones_like(gradient)
    factor[2:] = exponents
    gradient = gradient * factor
    hessian = hessian * factor.T[:, :, None] * factor.T[:, None, :]
    for a in (2, 3):
        hessian[:, a, a] += gradient[a]
    return gradient, hessian


def _chances(
    mean: Array, s2: Array, sigma: Array, exponents: Array
) -> tuple[Array, list[Array], dict[tuple[int, int], Array]]:
    """Chance of each trial to be seen, and its derivatives by effect, tau2, a and b."""
    s = np.sqrt(s2)
    u = (sigma * _NODES[:, None, None] - mean) / s
    logs = np.einsum("im,ik->mk", _LOGS, exponents - 1)
    mass = np.exp(logs[:, None] - 0.5 * u * u)
    # Sums over the nodes of the mass times powers of u times (products of) the two logs.
    sums = [_summed(_FACTORS, mass)]
    for power in range(1, 5):
        mass *= u
        sums.append(_summed(_FACTORS[: 3 if power < 3 else 1], mass))
    scale = sigma / (s * _ROOT)
    plain, by_u, by_u2 = sums[0] * scale, sums[1] * scale, sums[2] * scale
    u3, u4 = sums[3][0] * scale, sums[4][0] * scale
    # Derivatives of a normal density, over the density: by its mean, and by its variance.
    by_mean, by_tau2 = by_u / s, 0.5 * (by_u2 - plain[:3]) / s2
    seen, first = plain[0], [by_mean[0], by_tau2[0], plain[1], plain[2]]
    second = {
        (0, 0): (by_u2[0] - plain[0]) / s2,
        (0, 1): 0.5 * (u3 - 3 * by_u[0]) / (s2 * s),
        (1, 1): 0.25 * (u4 - 6 * by_u2[0] + 3 * plain[0]) / s2**2,
        **{(0, 2): by_mean[1], (0, 3): by_mean[2], (1, 2): by_tau2[1], (1, 3): by_tau2[2]},
        **{(2, 2): plain[3], (2, 3): plain[4], (3, 3): plain[5]},
    }
    for edge, sign, logs in ((_EDGE, -1.0, _ENDS[0]), (-_EDGE, 1.0, _ENDS[1])):
        constant = np.exp((logs[:, None] * (exponents - 1)).sum(0))
        tail, tail_first, tail_second = _tail(edge * sigma, sign, mean, s)
        seen = seen + constant * tail
        parts = [*tail_first, tail * logs[0], tail * logs[1]]
        first = [part + constant * more for part, more in zip(first, parts, strict=True)]
        tail_second |= {(a, 2 + i): tail_first[a] * logs[i] for a in (0, 1) for i in (0, 1)}
        for a, b in ((0, 0), (0, 1), (1, 1)):
            tail_second[2 + a, 2 + b] = tail * logs[a] * logs[b]
        second = {key: second[key] + constant * more for key, more in tail_second.items()}
    return seen, first, second


def _summed(factors: Array, mass: Array) -> Array:
    """Sum over the nodes, each by its factors; shape (factors, k, n)."""
    return (factors @ mass.reshape(len(mass), -1)).reshape(len(factors), *mass.shape[1:])


def _tail(
    edge: Array, sign: float, mean: Array, s: Array
) -> tuple[Array, list[Array], dict[tuple[int, int], Array]]:
    """Chance of an effect beyond an edge, and its derivatives by effect and tau2."""
    c = (edge - mean) / s
    density = sign * np.exp(-0.5 * c * c) / _ROOT
    first = [-density / s, -density * c / (2 * s * s)]
    second = {
        (0, 0): -c * density / s**2,
        (0, 1): density * (1 - c * c) / (2 * s**3),
        (1, 1): density * c * (3 - c * c) / (4 * s**4),
    }
    return special.ndtr(sign * c), first, second
