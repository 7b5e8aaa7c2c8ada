"""One composite effect a trial: the mean of all that it prints, with the variance of that mean.

Borenstein, Hedges, Higgins & Rothstein (2009, Introduction to Meta-Analysis, ch. 24): with a
correlation rho of the sampling errors of two effects of a trial, the variance of their mean is
the sum over all pairs of rho sqrt(v_i v_j), divided by the squared number of effects.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.synthesis.dependent import RHO
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError


def composite_effects(
    yi: ArrayLike, vi: ArrayLike, codes: ArrayLike, rho: float = RHO
) -> tuple[Array, Array]:
    """Average the effects of each trial, for one data set or several versions of it at once.

    Parameters
    ----------
    yi, vi : array-like, shape (k,) or (k, B)
        Effects and sampling variances, one version a column.
    codes : array-like of int, shape (k,)
        Trial of each effect, 0 to J - 1, none left out.
    rho : float
        Correlation of the sampling errors of two effects of a trial, from 0 to 1.

    Returns
    -------
    effects, variances : array, shape (J,) or (J, B)
        One of each a trial.

    Raises
    ------
    PoolError
        A rho that is out of range.
    """
    if not 0 <= rho <= 1:
        raise PoolError(f"rho is {rho}; allowed: from 0 to 1")
    yi, vi, codes = np.asarray(yi, float), np.asarray(vi, float), np.asarray(codes, int)
    count = np.bincount(codes).reshape(-1, *(1,) * (yi.ndim - 1))
    own, roots = _sums(vi, codes), _sums(np.sqrt(vi), codes)
    # all pairs: rho times the squared sum of the roots, and 1 - rho more on the diagonal
    variances = (rho * roots**2 + (1 - rho) * own) / count**2
    return _sums(yi, codes) / count, variances


def composites(rows: pd.DataFrame, rho: float = RHO) -> pd.DataFrame:
    """Give one row a trial with its composite effect.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.contrasts.usable`; a trial is a ``sample_id``.
    rho : float
        As `composite_effects`.

    Returns
    -------
    DataFrame
        The first row of each trial in the order of the table, with ``yi`` and ``vi`` of the
        composite and ``effects``, how many it averages.
    """
    codes, samples = pd.factorize(rows["sample_id"].astype(str))
    if not len(samples):
        return rows.assign(effects=pd.Series(dtype=int))
    yi, vi = composite_effects(rows["yi"], rows["vi"], codes, rho)
    first = rows[~pd.Series(codes, index=rows.index).duplicated()]
    return first.assign(yi=yi, vi=vi, effects=np.bincount(codes)).reset_index(drop=True)


def _sums(values: Array, codes: np.ndarray) -> Array:
    sums = np.zeros((codes.max() + 1, *values.shape[1:]))
    np.add.at(sums, codes, values)
    return sums
