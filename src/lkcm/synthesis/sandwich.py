"""Cluster-robust standard errors for few studies: CR2, Satterthwaite's df, Hotelling's T.

Bell & McCaffrey (2002, Survey Methodology 28:169), Tipton & Pustejovsky (2015, J Educ Behav Stat
40:604) and Pustejovsky & Tipton (2018, J Bus Econ Stat 36:672), with the model's own covariance
as the working one: clubSandwich's ``vcovCR(fit, type = "CR2")`` after metafor's ``rma.mv``.
"""

from dataclasses import asdict, dataclass

import numpy as np
from scipy import stats

from lkcm.synthesis.components import Fit
from lkcm.synthesis.covariance import SamplingCovariance
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

#: A leverage this near to 1 is 1: the study alone determines a combination of coefficients.
FULL_LEVERAGE = 1 - 1e-10
#: A part of the largest eigenvalue that is rounding.
NO_DIRECTION = 1e-14
#: CR2 variance, as a part of the model's, that is rounding of zero.
NO_RESIDUAL = 1e-20
#: Expected CR2 variance, as a part of the model's, below which there is none: it should be 1.
NO_VARIANCE = 1e-8


@dataclass(frozen=True)
class Wald:
    """A test that several combinations of coefficients are zero, with few studies in mind.

    Attributes
    ----------
    statistic : float
        The approximate Hotelling T2, scaled to an F.
    df_num, df_denom : float
        Its degrees of freedom.
    p : float or None
        Its p value; None where there are too few degrees of freedom for one.
    """

    statistic: float
    df_num: int
    df_denom: float
    p: float | None

    def to_dict(self) -> dict[str, float | None]:
        """Return the fields by name."""
        return asdict(self)


@dataclass(frozen=True)
class Sandwich:
    """CR2 covariance of p coefficients, and what its degrees of freedom need.

    Attributes
    ----------
    covariance, bread : array, shape (p, p)
        The CR2 covariance of the coefficients, and the one that holds if the model is true.
    own, shared : array, shape (J, p, p)
        Of each of the J studies: the covariance that its residuals pass on to the estimate, and
        the factor of what the common fit takes away (``tcrossprod(G)`` and ``H`` of clubSandwich).
    full_leverage : array of int
        Numbers of the studies that alone determine a combination of coefficients.
    """

    covariance: Array
    bread: Array
    own: Array
    shared: Array
    full_leverage: np.ndarray

    def df(self, contrast: Array) -> float:
        """Compute the Satterthwaite degrees of freedom of a combination of coefficients.

        Parameters
        ----------
        contrast : array, shape (p,)
            Weights of the coefficients.

        Returns
        -------
        float
            Degrees of freedom; NaN where the variance has none.
        """
        return self._hotelling_df(np.atleast_2d(contrast))

    def wald(self, beta: Array, contrasts: Array) -> Wald:
        """Test that q combinations of coefficients are zero: clubSandwich's "HTZ".

        Parameters
        ----------
        beta : array, shape (p,)
            Coefficients.
        contrasts : array, shape (q, p)
            Weights of the coefficients, of full row rank.

        Returns
        -------
        Wald
            The test.

        Raises
        ------
        PoolError
            Too few studies bear on the combinations, or they leave no residual.
        """
        q, eta = len(contrasts), self._hotelling_df(contrasts)
        covariance = contrasts @ self.covariance @ contrasts.T
        if np.isnan(eta):
            raise PoolError("too few studies bear on these coefficients for a robust test")
        unit = np.linalg.inv(np.linalg.cholesky(contrasts @ self.bread @ contrasts.T))
        if np.linalg.eigvalsh(unit @ covariance @ unit.T)[0] <= NO_RESIDUAL:
            raise PoolError("the effects leave no residual for a robust test")
        if np.linalg.matrix_rank(covariance, hermitian=True) < q:
            raise PoolError("too few studies bear on these coefficients for a robust test")
        difference = contrasts @ beta
        t2 = difference @ np.linalg.solve(covariance, difference)
        df_denom = eta - q + 1
        statistic = max(df_denom / eta, 0.0) * t2 / q
        p = float(stats.f.sf(statistic, q, df_denom)) if df_denom > 0 else None
        return Wald(float(statistic), q, float(df_denom), p)

    def _hotelling_df(self, contrasts: Array) -> float:
        own = contrasts @ self.own @ contrasts.T
        shared = contrasts @ self.shared
        total = (own - shared @ np.swapaxes(shared, 1, 2)).sum(axis=0)
        unit = np.linalg.inv(np.linalg.cholesky(contrasts @ self.bread @ contrasts.T))
        if np.linalg.eigvalsh(unit @ total @ unit.T)[0] < NO_VARIANCE:
            return np.nan
        values, vectors = np.linalg.eigh(total)
        whiten = (vectors / np.sqrt(values)) @ vectors.T
        own, shared = whiten @ own @ whiten, whiten @ shared
        taken = shared @ np.swapaxes(shared, 1, 2)
        crossed = np.einsum("jsa,jtb->stab", shared, shared)
        # Sums over pairs of studies of B_st B_ts and of B_ss B_tt, where B_st has own_st minus
        # the products of shared_s and shared_t; only the p by p tables in `crossed` pair studies.
        variance = (own**2 - 2 * own * taken).sum()
        variance += np.sum(crossed * crossed.transpose(1, 0, 2, 3))
        diagonals = np.trace(own, axis1=1, axis2=2), np.trace(taken, axis1=1, axis2=2)
        variance += (diagonals[0] ** 2 - 2 * diagonals[0] * diagonals[1]).sum()
        variance += np.sum(crossed**2)
        q = len(contrasts)
        return float(q * (q + 1) / variance)


def cr2(x: Array, fit: Fit, covariance: SamplingCovariance) -> Sandwich:
    """Compute the CR2 sandwich with studies as clusters.

    Parameters
    ----------
    x : array, shape (k, p)
        Design in the rows of ``covariance.rotate``.
    fit : Fit
        The fitted model: its residuals, and its covariance of the coefficients.
    covariance : SamplingCovariance
        Sampling covariance of the effects; two studies at least.

    Returns
    -------
    Sandwich
        The covariance of the coefficients.

    Raises
    ------
    PoolError
        A study whose covariance is too near to singular.
    """
    studies, p = len(covariance.starts), x.shape[1]
    root = np.linalg.cholesky(fit.bread)
    scores = np.empty((studies, p))
    own, shared = np.empty((2, studies, p, p))
    full = np.zeros(studies, dtype=bool)
    for numbers, rows, blocks in covariance.stacks(*fit.tau2):
        x_block, weighted_x = x[rows], np.swapaxes(fit.weighted_x[rows], 1, 2)
        scaled = x_block @ root
        leverages = np.linalg.eigvalsh(root.T @ weighted_x @ scaled)
        lost = (leverages > FULL_LEVERAGE).sum(axis=1)
        spread = blocks - scaled @ np.swapaxes(scaled, 1, 2)
        passed = fit.bread @ weighted_x @ _adjustment(blocks, spread, lost)
        scores[numbers] = (passed @ fit.residual[rows][:, :, None])[:, :, 0]
        own[numbers] = passed @ blocks @ np.swapaxes(passed, 1, 2)
        shared[numbers] = passed @ scaled
        full[numbers] = lost > 0
    return Sandwich(scores.T @ scores, fit.bread, own, shared, np.flatnonzero(full))


def _adjustment(blocks: Array, spread: Array, lost: np.ndarray) -> Array:
    """Find the symmetric A with A spread A = blocks: residuals times A have the model's spread.

    ``spread`` is the covariance of the residuals, ``lost`` the number of directions in which they
    are always zero; there A is zero.
    """
    lower = np.linalg.cholesky(blocks)
    upper = np.swapaxes(lower, 1, 2)
    values, vectors = np.linalg.eigh(upper @ spread @ lower)
    gone = np.arange(values.shape[1]) < lost[:, None]
    if (values <= NO_DIRECTION * values[:, -1:])[~gone].any():
        raise PoolError(
            "effects of one study are too nearly one effect, or their variances too far apart, "
            "for a robust standard error"
        )
    powers = np.where(gone, 0.0, np.where(gone, 1.0, values) ** -0.5)
    half = lower @ vectors
    return (half * powers[:, None, :]) @ np.swapaxes(half, 1, 2)
