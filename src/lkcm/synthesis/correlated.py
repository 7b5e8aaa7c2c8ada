"""Pool dependent effects by the weights of the correlated-effects model, as robumeta does.

Hedges, Tipton & Johnson (2010, Res Synth Methods 1:39): every effect of a study has one weight,
1 / (n (mean variance + tau2)), tau2 is estimated by moments, and errors are robust. It has no
variance within studies and serves as a second opinion on `lkcm.synthesis.dependent`.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.synthesis.coefficients import Inference, coefficient_frame
from lkcm.synthesis.components import Likelihood
from lkcm.synthesis.covariance import sampling_covariance
from lkcm.synthesis.dependent import checked_effects
from lkcm.synthesis.design import design
from lkcm.synthesis.heterogeneity import pymare
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.sandwich import cr2


def pool_correlated(
    yi: ArrayLike,
    vi: ArrayLike,
    study: ArrayLike,
    *,
    moderators: Mapping[str, ArrayLike] | None = None,
    rho: float = 0.8,
    level: float = 0.95,
) -> pd.DataFrame:
    """Pool by correlated-effects weights, PyMARE's ``weight_scheme="rescale"``.

    The numbers are those of robumeta's ``robu(modelweights = "CORR", small = TRUE)``. Weights and
    tau2 are PyMARE's; its degrees of freedom differ from robumeta's where one study alone
    determines a coefficient, so the CR2 sandwich is that of `lkcm.synthesis.sandwich`.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    study : array-like, shape (k,)
        Label of the study that each effect is from.
    moderators : mapping of str to array-like of shape (k,), optional
        Numbers; a DataFrame is such a mapping. Fewer coefficients than studies.
    rho : float
        Correlation of the sampling errors within a study, from 0 to 1; only tau2 hangs on it.
    level : float
        Level of the intervals, between 0 and 1.

    Returns
    -------
    DataFrame
        One row a coefficient: the fields of `Coefficient`, the interval as ci_low and ci_high,
        and tau2, which is the same in all rows. Below 4 degrees of freedom p and interval are
        unreliable.

    Raises
    ------
    PoolError
        What cannot be used, by its name; as many coefficients as studies or more.
    """
    effects, variances = checked_effects(yi, vi, study, level)
    if not 0 <= rho <= 1:
        raise PoolError(f"rho is {rho}; allowed: from 0 to 1")
    names, x = design(moderators, len(effects))
    # Rho 0 leaves a diagonal, into which the weights of the model are put.
    covariance = sampling_covariance(variances, study, rho=0)
    if len(covariance.starts) <= len(names):
        raise PoolError(
            f"{len(names)} coefficients ({', '.join(names)}) need more than {len(names)} studies; "
            f"found {len(covariance.starts)}"
        )
    order, codes = covariance.order, covariance.codes
    y, v, x = effects[order, None], variances[order, None], x[order]
    engine = pymare().stats
    tau2 = float(engine.correlated_effects_tau2(y, v, x, codes, rho)[0])
    weights = engine.correlated_effects_weights(v, codes, tau2)[:, 0]
    covariance = replace(covariance, diagonal=1 / weights)
    fit = Likelihood(y[:, 0], x, covariance, restricted=False).fit(np.zeros(2))
    rows = np.eye(len(names))
    inference = Inference(rows, fit.beta, fit.bread, cr2(x, fit, covariance), level)
    return coefficient_frame(map(inference.combine, names, rows)).assign(tau2=tau2)
