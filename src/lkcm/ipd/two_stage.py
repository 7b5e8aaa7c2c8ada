"""Two stages: an effect in each trial from its participants, then a pool of the trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.ipd.crossproducts import ONE, Crossproducts, Regressions, crossproducts, regress
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import Pooled, headline_test

#: Name of the column that is 1 in the LKCM arm and 0 in the control arm.
TREATMENT = "treatment"


@dataclass(frozen=True)
class TwoStage:
    """Effects of trials and their pool.

    Attributes
    ----------
    trials : DataFrame
        ``trial``, ``yi``, ``vi``, ``n``, one row a trial that tells the effect.
    pooled : Pooled or None
        Their pool by REML with the headline's test; None without a trial.
    left_out : tuple of str
        Trials whose participants do not tell the effect.
    """

    trials: pd.DataFrame
    pooled: Pooled | None
    left_out: tuple[str, ...]


def two_stage(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    *,
    term: str = TREATMENT,
) -> TwoStage:
    """Estimate the effect in each trial by analysis of covariance, and pool.

    Parameters
    ----------
    frame : DataFrame
        One row a participant: ``trial``, `TREATMENT`, the outcome and the covariates, numbers.
        Participants who lack one of them are left out.
    outcome : str
        Column of the outcome.
    covariates : sequence of str
        Columns adjusted for, each with a coefficient of its own in every trial.
    term : str
        Column whose coefficient is pooled, the treatment by default.

    Raises
    ------
    ParticipantError
        No participant has all columns.
    """
    names = list(dict.fromkeys((term, TREATMENT, *covariates)))
    products = crossproducts(frame[[*names, outcome]], frame["trial"], centre=True)
    return pooled_term(fit_trials(products, outcome, names), term, set(frame["trial"]))


def fit_trials(products: Crossproducts, outcome: str, names: Sequence[str]) -> Regressions:
    """Regress within trials; covariates that are constant in a trial are dropped there.

    Parameters
    ----------
    products : Crossproducts
        With `ONE`, ``names`` and the outcome.
    outcome : str
        Column of the outcome.
    names : sequence of str
        The terms of interest first; only the first is returned.
    """
    return regress(products.without((ONE, *names[1:])), outcome, names[:1])


def pooled_term(fits: Regressions, term: str, known: set[str]) -> TwoStage:
    """Pool one coefficient of all trials that tell it."""
    trials = fits.frame(term)
    lost = tuple(sorted(str(label) for label in known - set(trials["trial"])))
    return TwoStage(trials, pool_trials(trials["yi"], trials["vi"]), lost)


def pool_trials(yi: Array, vi: Array) -> Pooled | None:
    """Pool effects by REML with the headline's test for their number."""
    yi, vi = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    return pool(yi, vi, test=headline_test(len(yi))) if len(yi) else None
