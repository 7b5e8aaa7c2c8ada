"""The likelihood of Copas's selection model at set chances to be seen, with its derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from lkcm.bias.step_likelihood import normal_derivatives
from lkcm.synthesis.heterogeneity import Array

_LOG_ROOT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class CopasLikelihood:
    """Log-likelihood of effect, tau2, rho and, if asked, a slope, with two derivatives.

    Copas & Shi (2000, Biostatistics 1:247, section 2), given that a trial is seen.

    Attributes
    ----------
    yi, se : array, shape (k, B)
        Effects and their standard errors, the latter as seen: after selection.
    u : array, shape (k, B)
        gamma0 + gamma1 / se, the normal quantile of the chance to be seen.
    """

    yi: Array
    se: Array
    u: Array

    def __call__(self, at: Array, sets: np.ndarray) -> tuple[Array, Array, Array]:
        """Return value (n,), gradient (p, n) and Hessian (n, p, p) at (p, n) parameters.

        The parameters are effect, tau2, rho and, where there is a fourth, the slope of the effect
        on the standard error.
        """
        se, u = self.se[:, sets], self.u[:, sets]
        residual = self.yi[:, sets] - at[0] - (at[3] * se if len(at) > 3 else 0.0)
        before, by_rho, by_rho2 = _before_selection(se**2, u, at[2])
        total = at[1] + before
        value, first, second = _trials(residual, total, before, at[2], u)
        # The chain from what a trial's likelihood is made of: effect, total variance, and q, the
        # covariance of effect and latent value, which is rho times the root of `before`.
        root = np.sqrt(before)
        q_rho = root + 0.5 * at[2] * by_rho / root
        q_rho2 = by_rho / root + 0.5 * at[2] * (by_rho2 - 0.5 * by_rho**2 / before) / root
        inner = [{0: 1.0}, {1: 1.0}, {1: by_rho, 2: q_rho}, {0: se}][: len(at)]
        gradient, hessian = np.empty_like(at), np.empty((at.shape[1], len(at), len(at)))
        for a in range(len(at)):
            gradient[a] = sum(first[i] * step for i, step in inner[a].items()).sum(0)
            for b in range(a, len(at)):
                bend = sum(
                    second[min(i, j), max(i, j)] * left * right
                    for i, left in inner[a].items()
                    for j, right in inner[b].items()
                )
                if a == b == 2:
                    bend = bend + first[1] * by_rho2 + first[2] * q_rho2
                hessian[:, a, b] = hessian[:, b, a] = bend.sum(0)
        return value.sum(0), gradient, hessian


def _before_selection(v: Array, u: Array, rho: Array) -> tuple[Array, Array, Array]:
    """Turn variances that are seen into those before selection, with two derivatives by rho."""
    mills = np.exp(-0.5 * u * u - _LOG_ROOT - special.log_ndtr(u))
    shrinks = mills * (u + mills)
    left = 1 - rho**2 * shrinks
    by_rho = 2 * rho * shrinks * v / left**2
    by_rho2 = 2 * shrinks * v * (1 + 3 * rho**2 * shrinks) / left**3
    return v / left, by_rho, by_rho2


def _trials(
    residual: Array, total: Array, before: Array, rho: Array, u: Array
) -> tuple[Array, list[Array], dict[tuple[int, int], Array]]:
    """Log-likelihood of each trial, differentiated by effect (0), total variance (1) and q (2).

    The chance to be seen, given the effect, is Phi(w), w = (u + q r / V) / sqrt(1 - q^2 / V).
    """
    q = rho * np.sqrt(before)
    top, bottom = u + q * residual / total, 1 - q * q / total
    top_by = [-q / total, -q * residual / total**2, residual / total]
    top_by2 = {
        (0, 1): q / total**2,
        (0, 2): -1 / total,
        (1, 1): 2 * q * residual / total**3,
        (1, 2): -residual / total**2,
    }
    bottom_by = [0.0, (q / total) ** 2, -2 * q / total]
    bottom_by2 = {
        (1, 1): -2 * q * q / total**3,
        (1, 2): 2 * q / total**2,
        (2, 2): -2 / total,
    }
    scale = 1 / np.sqrt(bottom)
    scale_by = [-0.5 * scale**3 * part for part in bottom_by]
    w = top * scale
    chance = special.log_ndtr(w)
    mills = np.exp(-0.5 * w * w - _LOG_ROOT - chance)
    falls = -mills * (w + mills)
    w_by = [top_by[i] * scale + top * scale_by[i] for i in range(3)]
    normal_first, normal_second = normal_derivatives(residual, total)
    first = [mills * part for part in w_by]
    first[0], first[1] = first[0] + normal_first[0], first[1] + normal_first[1]
    second = {}
    for i in range(3):
        for j in range(i, 3):
            scale_by2 = 0.75 * scale**5 * bottom_by[i] * bottom_by[j]
            scale_by2 = scale_by2 - 0.5 * scale**3 * bottom_by2.get((i, j), 0.0)
            bend = top_by2.get((i, j), 0.0) * scale + top * scale_by2
            bend = bend + top_by[i] * scale_by[j] + top_by[j] * scale_by[i]
            second[i, j] = mills * bend + falls * w_by[i] * w_by[j]
            second[i, j] = second[i, j] + normal_second.get((i, j), 0.0)
    value = -0.5 * (np.log(total) + residual**2 / total) - _LOG_ROOT
    return value + chance - special.log_ndtr(u), first, second
