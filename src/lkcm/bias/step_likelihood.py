"""The likelihood of effects that are seen by steps of their p values, with its derivatives."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from lkcm.synthesis.heterogeneity import Array

_LOG_ROOT = 0.5 * np.log(2 * np.pi)


@dataclass(frozen=True)
class StepLikelihood:
    """Log-likelihood of effect, tau2 and log relative chances, with two derivatives.

    Attributes
    ----------
    yi, vi : array, shape (k, B)
        Effects and their sampling variances.
    bounds : array, shape (J, k, B)
        Effects at which each trial passes a step, the most significant first.
    counts : array, shape (J + 1, B)
        Trials by interval of p.
    """

    yi: Array
    vi: Array
    bounds: Array
    counts: Array

    def __call__(self, at: Array, sets: np.ndarray) -> tuple[Array, Array, Array]:
        """Return value (n,), gradient (p, n) and Hessian (n, p, p) at (p, n) parameters."""
        mean, tau2, logs = at[0], at[1], at[2:]
        s2 = self.vi[:, sets] + tau2
        residual = self.yi[:, sets] - mean
        value = -0.5 * (np.log(s2) + residual**2 / s2) - _LOG_ROOT
        size = len(at)
        first, second, chance = self._chances(mean, s2, logs, sets)
        gradient, hessian = np.empty_like(at), np.empty((at.shape[1], size, size))
        normal_first, normal_second = normal_derivatives(residual, s2)
        for a in range(size):
            share_a = first[a] / chance
            own = normal_first[a].sum(0) if a < 2 else self.counts[a - 1, sets]
            gradient[a] = own - share_a.sum(0)
            for b in range(a, size):
                bend = (share_a * first[b] / chance).sum(0)
                if (a, b) in second:
                    bend -= (second[a, b] / chance).sum(0)
                if b < 2:
                    bend += normal_second[a, b].sum(0)
                hessian[:, a, b] = hessian[:, b, a] = bend
        total = value.sum(0) + (self.counts[1:, sets] * logs).sum(0) - np.log(chance).sum(0)
        return total, gradient, hessian

    def _chances(
        self, mean: Array, s2: Array, logs: Array, sets: np.ndarray
    ) -> tuple[list[Array], dict[tuple[int, int], Array], Array]:
        """Chance of each trial to be seen: 1 + sum of e_j Phi(c_j), and its derivatives."""
        scale = np.sqrt(s2)
        weights = np.vstack([np.ones(len(mean)), np.exp(logs)])
        c = (self.bounds[:, :, sets] - mean) / scale
        below, density = special.ndtr(c), np.exp(-0.5 * c * c - _LOG_ROOT)
        by_mean, by_tau2 = -density / scale, -density * c / (2 * s2)
        rise = np.diff(weights, axis=0)[:, None]
        chance = 1 + (rise * below).sum(0)
        first = [(rise * by_mean).sum(0), (rise * by_tau2).sum(0)]
        second = {
            (0, 0): -(rise * c * density).sum(0) / s2,
            (0, 1): (rise * density * (1 - c * c)).sum(0) / (2 * s2 * scale),
            (1, 1): (rise * density * c * (3 - c * c)).sum(0) / (4 * s2 * s2),
        }
        for j in range(len(logs)):
            weight, further = weights[j + 1], j + 1 < len(logs)
            share, mean_part, tau2_part = (
                weight * (part[j] - part[j + 1] if further else part[j])
                for part in (below, by_mean, by_tau2)
            )
            first.append(share)
            second |= {(0, 2 + j): mean_part, (1, 2 + j): tau2_part, (2 + j, 2 + j): share}
        return first, second, chance


def normal_derivatives(
    residual: Array, s2: Array
) -> tuple[tuple[Array, Array], dict[tuple[int, int], Array]]:
    """Differentiate the log of a normal density by its mean and its variance.

    Parameters
    ----------
    residual, s2 : array, shape (k, n)
        Effects less the mean, and their variances.

    Returns
    -------
    first : tuple of two arrays, shape (k, n)
        By mean and by variance.
    second : dict of (int, int) to array, shape (k, n)
        By both, 0 for the mean and 1 for the variance.
    """
    pull = residual / s2
    first = (pull, 0.5 * (pull**2 - 1 / s2))
    second = {(0, 0): -1 / s2, (0, 1): -pull / s2, (1, 1): (0.5 / s2 - pull**2) / s2}
    return first, second
