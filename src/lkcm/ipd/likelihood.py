"""Restricted likelihood of a linear mixed model whose residual variance differs by trial.

With y_i = X_i b + Z_i u_i + e_i, u_i of covariance G and e_i of variance s_i, everything is a
function of sums of products: V_i^-1 = (I - Z_i A_i Z_i') / s_i with
A_i = (s_i I + G Z_i'Z_i)^-1 G. Where participants share clusters the sums are whitened
(`lkcm.ipd.clusters`), s_i is the variance within clusters, and the rest is the same.
"""

from dataclasses import dataclass

import numpy as np

from lkcm.ipd.clusters import Between
from lkcm.ipd.crossproducts import Crossproducts
from lkcm.synthesis.heterogeneity import Array


@dataclass(frozen=True)
class Blocks:
    """Sums of products by role: x fixed, z random, y outcome; shapes (k, ·, ·) and (k,).

    ``between`` has those of clusters, in the order x, z, y; None without clusters.
    """

    xx: Array
    xz: Array
    xy: Array
    zz: Array
    zy: Array
    yy: Array
    n: Array
    between: Between | None = None


def blocks(
    products: Crossproducts,
    outcome: str,
    fixed: tuple,
    random: tuple,
    between: Between | None = None,
) -> Blocks:
    """Sort the sums of products by role."""
    of = products.of
    if between is not None:
        between = between.of((*fixed, *random, outcome))
    return Blocks(
        of(fixed, fixed),
        of(fixed, random),
        of(fixed, (outcome,)),
        of(random, random),
        of(random, (outcome,)),
        of((outcome,), (outcome,))[:, 0, 0],
        products.n,
        between,
    )


@dataclass(frozen=True)
class Solved:
    """Fixed effects and likelihood at given variances.

    Attributes
    ----------
    beta : array, shape (p,)
        Fixed effects.
    covariance : array, shape (p, p)
        Their covariance.
    loglik : float
        Restricted log-likelihood, without the constant of the design.
    slope_g : array, shape (q, q)
        Its derivative by G.
    slope_s : array, shape (k,)
        Its derivative by each residual variance.
    slope_ratio : float
        Its derivative by icc / (1 - icc) of clusters; 0 without clusters.
    """

    beta: Array
    covariance: Array
    loglik: float
    slope_g: Array
    slope_s: Array
    slope_ratio: float


def solve(data: Blocks, g: Array, s: Array) -> Solved:
    """Compute fixed effects, restricted likelihood and its slopes.

    Parameters
    ----------
    data : Blocks
        Sums of products.
    g : array, shape (q, q)
        Covariance of the random effects.
    s : array, shape (k,)
        Residual variance of each trial, above zero.
    """
    p, eye = data.xx.shape[1], np.eye(len(g))
    s3 = s[:, None, None]
    middle = s3 * eye + g @ data.zz
    a = np.linalg.solve(middle, np.broadcast_to(g, middle.shape))
    zx = np.swapaxes(data.xz, 1, 2)
    xza = data.xz @ a
    qxx, qxy = (data.xx - xza @ zx) / s3, (data.xy - xza @ data.zy) / s3
    qzz, qzx = (data.zz - data.zz @ a @ data.zz) / s3, (zx - data.zz @ a @ zx) / s3
    qzy = (data.zy - data.zz @ a @ data.zy) / s3
    information = qxx.sum(axis=0)
    covariance = np.linalg.inv(information)
    beta = covariance @ qxy.sum(axis=0)
    # Residuals need no pass over participants: their sums follow from those of y and x.
    ry = data.yy[:, None, None] - 2 * np.swapaxes(data.xy, 1, 2) @ beta
    rr = ry + beta.T @ data.xx @ beta
    zr = data.zy - zx @ beta
    rz = np.swapaxes(zr, 1, 2)
    misfit = (rr - rz @ a @ zr)[:, 0, 0] / s
    pull = qzy - qzx @ beta
    logdet = data.n * np.log(s) + np.linalg.slogdet(middle / s3)[1]
    loglik = -0.5 * (
        logdet.sum()
        + np.linalg.slogdet(information)[1]
        + misfit.sum()
        + (data.n.sum() - p) * np.log(2 * np.pi)
    )
    spread = np.einsum("kqp,pr,ksr->qs", qzx, covariance, qzx)
    slope_g = -0.5 * (qzz.sum(axis=0) - spread - (pull @ np.swapaxes(pull, 1, 2)).sum(axis=0))
    x2 = (data.xx - 2 * xza @ zx + xza @ data.zz @ np.swapaxes(xza, 1, 2)) / s3**2
    rza = rz @ a
    r2 = (rr - 2 * rza @ zr + rza @ data.zz @ np.swapaxes(rza, 1, 2))[:, 0, 0] / s**2
    trace = (data.n - np.einsum("kqr,krq->k", a, data.zz)) / s
    slope_s = -0.5 * (trace - np.einsum("pr,krp->k", covariance, x2) - r2)
    slope_ratio = 0.0
    if data.between is not None:
        loglik -= 0.5 * data.between.logdet.sum()
        slope_ratio = _slope_ratio(data.between, s, covariance, a, -a @ zx, -beta, -a @ zr)
    return Solved(beta[:, 0], covariance, float(loglik), slope_g, slope_s, slope_ratio)


def _slope_ratio(
    between: Between, s: Array, covariance: Array, a: Array, zx: Array, beta: Array, zr: Array
) -> float:
    """Return the derivative of the restricted log-likelihood by icc / (1 - icc).

    Of the columns x, z, y, ``beta`` and ``zr`` (with 1) make the residuals and ``zx`` (with I) the
    fixed effects, both after the random effects.
    """
    k, q, p = zx.shape
    none = np.zeros((k, 1, p))
    fixed = np.concatenate([np.broadcast_to(np.eye(p), (k, p, p)), zx, none], axis=1)
    residual = np.concatenate([np.broadcast_to(beta, (k, p, 1)), zr, np.ones((k, 1, 1))], axis=1)
    sums = between.products.sums
    trace = between.trace - np.einsum("kqr,krq->k", a, sums[:, p : p + q, p : p + q])
    of_fixed = np.einsum("pr,kmr,kmn,knp->k", covariance, fixed, sums, fixed, optimize=True)
    of_residual = np.einsum("kma,kmn,kna->k", residual, sums, residual, optimize=True)
    return float(-0.5 * (trace - (of_fixed + of_residual) / s).sum())
