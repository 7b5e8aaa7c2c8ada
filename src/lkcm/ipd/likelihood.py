"""Restricted likelihood of a linear mixed model whose residual variance differs by trial.

With y_i = X_i b + Z_i u_i + e_i, u_i of covariance G and e_i of variance s_i, everything is a
function of sums of products: V_i^-1 = (I - Z_i A_i Z_i') / s_i with
A_i = (s_i I + G Z_i'Z_i)^-1 G.
"""

from dataclasses import dataclass

import numpy as np

from lkcm.ipd.crossproducts import Crossproducts
from lkcm.synthesis.heterogeneity import Array


@dataclass(frozen=True)
class Blocks:
    """Sums of products by role: x fixed, z random, y outcome; shapes (k, ·, ·) and (k,)."""

    xx: Array
    xz: Array
    xy: Array
    zz: Array
    zy: Array
    yy: Array
    n: Array


def blocks(products: Crossproducts, outcome: str, fixed: tuple, random: tuple) -> Blocks:
    """Sort the sums of products by role."""
    of = products.of
    return Blocks(
        of(fixed, fixed),
        of(fixed, random),
        of(fixed, (outcome,)),
        of(random, random),
        of(random, (outcome,)),
        of((outcome,), (outcome,))[:, 0, 0],
        products.n,
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
    """

    beta: Array
    covariance: Array
    loglik: float
    slope_g: Array
    slope_s: Array


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
    return Solved(beta[:, 0], covariance, float(loglik), slope_g, slope_s)
