"""Two stages: an effect in each trial from its participants, then a pool of the trials."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lkcm.ipd.clusters import clusters, within_trials_icc, without_confounded
from lkcm.ipd.crossproducts import (
    ONE,
    TREATMENT,
    Crossproducts,
    Regressions,
    crossproducts,
    regress,
)
from lkcm.synthesis.coefficients import Coefficient
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import Pooled, PoolError, headline_test


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
    icc : float or None
        Intraclass correlation of clusters that the variances count; None without clusters.
    """

    trials: pd.DataFrame
    pooled: Pooled | None
    left_out: tuple[str, ...]
    icc: float | None = None


def two_stage(
    frame: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    *,
    term: str = TREATMENT,
    cluster: str | None = None,
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
    cluster : str, optional
        Column that names the cluster of a participant in the trial, missing for those without.
        Its intraclass correlation is estimated within all trials together, since one has too few
        clusters. Trials with an arm that is one cluster do not tell the treatment's effect, and
        are left out of it.

    Raises
    ------
    ParticipantError
        No participant has all columns.
    """
    names = list(dict.fromkeys((term, TREATMENT, *covariates)))
    known = set(frame["trial"])
    if cluster is not None:
        if term == TREATMENT:
            frame = without_confounded(frame, cluster, [*names, outcome])
            if frame.empty:
                nothing = pd.DataFrame(columns=["trial", "yi", "vi", "n"], dtype=float)
                return TwoStage(nothing, None, tuple(sorted(map(str, known))))
        shared = clusters(frame[[*names, outcome]], frame["trial"], frame[cluster], centre=True)
        if shared is not None:
            icc = within_trials_icc(shared, outcome, (ONE, *names))
            left, _ = shared.at(icc / (1 - icc), (ONE, *names[1:]))
            return replace(pooled_term(regress(left, outcome, names[:1]), term, known), icc=icc)
    products = crossproducts(frame[[*names, outcome]], frame["trial"], centre=True)
    return pooled_term(fit_trials(products, outcome, names), term, known)


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


@dataclass(frozen=True)
class Combined:
    """Trials with participants and trials with printed figures only, in one pool.

    Attributes
    ----------
    trials : DataFrame
        ``trial``, ``yi``, ``vi``, ``participants`` (bool).
    pooled : Pooled
        All of them.
    contrast : Coefficient or None
        Effect with participants less effect without; None below two trials of either.
    """

    trials: pd.DataFrame
    pooled: Pooled
    contrast: Coefficient | None


def combine(ipd: pd.DataFrame, aggregate: pd.DataFrame) -> Combined:
    """Pool effects from participants with effects from printed figures.

    Parameters
    ----------
    ipd, aggregate : DataFrame
        ``trial``, ``yi``, ``vi``; one metric, and no trial in both.

    Raises
    ------
    PoolError
        As `lkcm.synthesis.pool.pool`; a trial in both is one too.
    """
    again = sorted(set(ipd["trial"]) & set(aggregate["trial"]))
    if again:
        raise PoolError(f"{', '.join(again)}: with and without participants; one of them counts")
    rows = pd.concat([ipd.assign(participants=True), aggregate.assign(participants=False)])
    rows = rows[["trial", "yi", "vi", "participants"]].reset_index(drop=True)
    contrast = None
    if min(len(ipd), len(aggregate)) >= 2:
        kind = {"participants": rows["participants"].astype(float)}
        fit = pool_dependent(rows["yi"], rows["vi"], rows["trial"], moderators=kind)
        contrast = fit.coefficients[1]
    return Combined(rows, pool_trials(rows["yi"], rows["vi"]), contrast)
