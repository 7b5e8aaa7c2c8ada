"""Proximal effects of a micro-randomised trial: weighted and centred least squares.

Boruvka, Almirall, Witkiewitz & Murphy (2018, J Am Stat Assoc 113:1112): the outcome after each
occasion is regressed on control variables and on the action, centred at a reference probability
and weighted by reference over actual probability, so that the effect is right even where the
control variables are not. For outcomes of 1 and 0 the log-link form of Qian et al. (2021,
Biometrika 108:507) gives log risk ratios. Errors are robust, with the correction of Mancl &
DeRouen (2001, Biometrics 57:126) for few participants and t and F as in Liao et al. (2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import PlanError, refuse
from lkcm.planning.micro.occasions import Occasions
from lkcm.planning.trials.two_arm import Array

#: Links: differences in means, and log risk ratios.
LINKS = ("identity", "log")
#: Newton steps of the log link; it converges in far fewer or not at all.
STEPS = 40
#: From this condition number on, scaled columns count as collinear.
SINGULAR = 1e12
NOT_FOUND = "the log link finds no estimate: outcomes of 1 are too few for these covariates"


@dataclass(frozen=True)
class Proximal:
    """Proximal effects, of one trial or of many side by side.

    Attributes
    ----------
    names : tuple of str
        The effect at moderators of zero, then the change of the effect with each moderator.
    estimate, se, ci_low, ci_high, p : array, shape (..., effects)
        NaN where a log-link fit did not converge.
    covariance : array, shape (..., effects, effects)
        Robust covariance.
    df : int
        Participants less coefficients, those of the control variables included.
    link : {"identity", "log"}
        Differences in means, or log risk ratios.
    participants, occasions : int
        Participants, and occasions at which they were available (of all trials).
    """

    names: tuple[str, ...]
    estimate: Array
    se: Array
    ci_low: Array
    ci_high: Array
    p: Array
    covariance: Array
    df: int
    link: str
    participants: int
    occasions: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row an effect of one trial: name, estimate, se, interval and p."""
        refuse({"a table is for one trial": self.estimate.ndim != 1})
        fields = ("estimate", "se", "ci_low", "ci_high", "p")
        return pd.DataFrame(
            {"effect": self.names} | {name: getattr(self, name) for name in fields}
        )

    def at(self, values: ArrayLike, level: float = 0.95) -> tuple[Array, Array, Array]:
        """Return the effect where the moderators have given values, with its interval.

        Parameters
        ----------
        values : array-like, shape (moderators,)
            In the order of `names`, without the first.
        level : float
            Of the interval.
        """
        weights = np.concatenate([[1.0], np.asarray(values, float)])
        effect = self.estimate @ weights
        half = stats.t.isf((1 - level) / 2, self.df) * np.sqrt(
            np.einsum("i,...ij,j->...", weights, self.covariance, weights)
        )
        return effect, effect - half, effect + half

    def joint_p(self) -> Array:
        """Return the p value of "no effect at any value of the moderators", by F."""
        p, q = len(self.names), self.participants - self.df - len(self.names)
        flat = np.linalg.solve(self.covariance, self.estimate[..., None])[..., 0]
        statistic = (self.estimate * flat).sum(-1) / p
        last = self.participants - q - p
        statistic = statistic * last / (self.participants - q - 1)
        return stats.f.sf(statistic, p, last)


def wcls(
    occasions: Occasions,
    moderators: Sequence[str] = (),
    controls: Sequence[str] | None = None,
    *,
    link: str = "identity",
    reference: float | None = None,
    small_sample: bool = True,
    level: float = 0.95,
) -> Proximal:
    """Estimate the proximal effect and how it changes with moderators.

    Parameters
    ----------
    occasions : Occasions
        One trial, or many side by side.
    moderators : sequence of str
        Covariates with which the effect may change.
    controls : sequence of str, optional
        Covariates that explain the outcome without the action; by default the moderators. They
        need not be right: only precision hangs on them.
    link : {"identity", "log"}
        Difference in means, or log risk ratio of an outcome of 1 and 0.
    reference : float, optional
        Probability at which the action is centred; by default the mean of the design's.
    small_sample : bool
        Whether to correct the robust covariance for few participants.
    level : float
        Level of the intervals.

    Returns
    -------
    Proximal

    Raises
    ------
    PlanError
        Unknown covariates or link, fewer participants than coefficients need, an outcome that
        the log link cannot take, or columns of which one follows from the others.
    """
    treat = occasions.columns(moderators)
    control = occasions.columns(moderators if controls is None else controls)
    seen, action, chance = occasions.available, occasions.action, occasions.probability
    if reference is None:
        reference = float((chance * seen).sum() / seen.sum())
    coefficients = treat.shape[-1] + control.shape[-1]
    df = occasions.participants - coefficients
    _check(occasions, coefficients, link, reference)
    ratio = np.where(action == 1, reference / chance, (1 - reference) / (1 - chance))
    design = np.concatenate([control, (action - reference)[..., None] * treat], axis=-1)
    weight = ratio * seen
    _refuse_collinear(design, weight)
    if link == "identity":
        scores, slopes, beta = _least_squares(design, weight, occasions.outcome)
    else:
        exposed = action[..., None] * treat
        scores, slopes, beta = _log_link(design, control, exposed, weight, occasions.outcome)
    covariance = _sandwich(scores, slopes, small_sample)
    names = ("effect", *(f"effect x {name}" for name in moderators))
    return _inference(names, beta, covariance, df, link, occasions, level)


def _check(occasions: Occasions, coefficients: int, link: str, reference: float) -> None:
    people, values = occasions.participants, occasions.outcome[occasions.available == 1]
    few = f"{people} participants for {coefficients} coefficients; needed: at least 2 more"
    refuse(
        {
            f"link {link!r}; allowed: {', '.join(LINKS)}": link not in LINKS,
            f"reference is {reference}; allowed: above 0 and below 1": not 0 < reference < 1,
            few: people < coefficients + 2,
            "the log link takes outcomes of 1 and 0": link == "log"
            and not np.isin(values, (0, 1)).all(),
        }
    )


def _refuse_collinear(design: Array, weight: Array) -> None:
    """Refuse columns of which one follows from the others, whatever their units."""
    square = np.einsum("...ntp,...nt,...ntq->...pq", design, weight, design, optimize=True)
    length = np.sqrt(np.diagonal(square, axis1=-2, axis2=-1))
    empty = bool((length == 0).any())
    length = np.where(length == 0, 1.0, length)
    scaled = square / (length[..., :, None] * length[..., None, :])
    follows = empty or bool((np.linalg.cond(scaled) > SINGULAR).any())
    refuse({"a covariate is constant or follows from the others": follows})


def _least_squares(design: Array, weight: Array, y: Array) -> tuple[Array, Array, Array]:
    """Return scores and slopes by participant, and the coefficients."""
    weighted = design * weight[..., None]
    slopes = np.einsum("...ntp,...ntq->...npq", weighted, design, optimize=True)
    total = slopes.sum(axis=-3)
    right = np.einsum("...ntp,...nt->...p", weighted, y)
    beta = np.linalg.solve(total, right[..., None])[..., 0]
    residual = y - np.einsum("...ntp,...p->...nt", design, beta)
    return np.einsum("...ntp,...nt->...np", weighted, residual), slopes, beta


def _log_link(
    design: Array, control: Array, exposed: Array, weight: Array, y: Array
) -> tuple[Array, Array, Array]:
    """Solve sum w (e^{-A f beta} Y - e^{g alpha}) [g, (A - p) f] = 0 by damped Newton steps."""
    q = control.shape[-1]
    theta = np.zeros((*design.shape[:-3], design.shape[-1]))
    mean = (weight * y).sum((-1, -2)) / weight.sum((-1, -2))
    theta[..., 0] = np.log(np.clip(mean, 1e-6, None))
    weighted = design * weight[..., None]
    for _ in range(STEPS):
        scores, slopes = _log_scores(theta, q, weighted, control, exposed, y)
        try:
            step = np.linalg.solve(slopes.sum(axis=-3), scores.sum(axis=-2)[..., None])[..., 0]
        except np.linalg.LinAlgError:
            raise PlanError(NOT_FOUND) from None
        largest = np.abs(step).max(axis=-1, keepdims=True)
        theta = theta + step * np.minimum(1, 2 / np.maximum(largest, 1e-300))
        if np.all(largest < 1e-10):
            break
    theta = np.where(largest < 1e-6, theta, np.nan)
    refuse({NOT_FOUND: bool(np.isnan(theta).all())})
    scores, slopes = _log_scores(np.nan_to_num(theta), q, weighted, control, exposed, y)
    return scores, slopes, theta


def _log_scores(
    theta: Array, q: int, weighted: Array, control: Array, exposed: Array, y: Array
) -> tuple[Array, Array]:
    base = np.exp(np.einsum("...ntp,...p->...nt", control, theta[..., :q]))
    kept = y * np.exp(-np.einsum("...ntp,...p->...nt", exposed, theta[..., q:]))
    scores = np.einsum("...ntp,...nt->...np", weighted, kept - base)
    falls = np.concatenate([control * base[..., None], exposed * kept[..., None]], axis=-1)
    return scores, np.einsum("...ntp,...ntq->...npq", weighted, falls, optimize=True)


def _sandwich(scores: Array, slopes: Array, small_sample: bool) -> Array:
    """Return the robust covariance from scores (..., n, p) and slopes (..., n, p, p)."""
    bread = np.linalg.inv(slopes.sum(axis=-3))
    if small_sample:
        # X'W (I - H)^-1 e = (I - X'W X B)^-1 X'W e, so that no matrix is of the size of a series.
        leverage = np.eye(bread.shape[-1]) - slopes @ bread[..., None, :, :]
        scores = np.linalg.solve(leverage, scores[..., None])[..., 0]
    half = np.einsum("...pq,...nq->...np", bread, scores)
    return np.einsum("...np,...nq->...pq", half, half)


def _inference(
    names: tuple[str, ...],
    beta: Array,
    covariance: Array,
    df: int,
    link: str,
    occasions: Occasions,
    level: float,
) -> Proximal:
    last = slice(beta.shape[-1] - len(names), None)
    estimate, covariance = beta[..., last], covariance[..., last, last]
    se = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    half = stats.t.isf((1 - level) / 2, df) * se
    return Proximal(
        names=names,
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p=2 * stats.t.sf(np.abs(estimate / se), df),
        covariance=covariance,
        df=df,
        link=link,
        participants=occasions.participants,
        occasions=int(occasions.available.sum()),
    )
