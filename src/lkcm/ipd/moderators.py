"""For whom: the change of the effect within trials, and the change across trials, kept apart.

Within a trial participants were randomised, so that a difference of effects between, say, the more
and the less severe is what the trial says. Across trials the same slope also carries everything
else in which trials differ (ecological bias: Berlin et al. 2002, Stat Med 21:371; Fisher et al.
2011, J Clin Epidemiol 64:949; Riley et al. 2020, Stat Med 39:2115). The two are never merged here;
the merged slope is computed only to show what it would have said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.ipd.crossproducts import ONE, ParticipantError, crossproducts, regress
from lkcm.ipd.one_stage import one_stage
from lkcm.ipd.two_stage import TREATMENT, TwoStage, two_stage
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.moderators import holm as adjust
from lkcm.synthesis.pooled import Interval, PoolError

#: Fewest trials whose effects are regressed on their means.
ACROSS_FROM = 5
#: Part of a trial's spread below which a moderator does not vary within it.
_NO_SPREAD = 1e-9


@dataclass(frozen=True)
class Slope:
    """Change of the effect per unit of the moderator.

    Attributes
    ----------
    how : str
        Which slope, and by which model.
    estimate, se : float
        Slope and standard error.
    ci : tuple of two floats
        95 % interval.
    p : float
        Two-sided p value of no change.
    k : int
        Trials that tell it.
    """

    how: str
    estimate: float
    se: float
    ci: Interval
    p: float
    k: int


@dataclass(frozen=True)
class Moderation:
    """What participants and trials say of one moderator.

    Attributes
    ----------
    name : str
        The moderator.
    within : Slope or None
        Two stages: the interaction in each trial, pooled (Fisher's "deft"). The headline. None
        where no trial tells it.
    within_one_stage, across_one_stage : Slope or None
        One model: moderator around its trial's mean, and that mean as a term of its own.
    across : Slope or None
        Trials' effects on trials' means (meta-regression), all that aggregate data have.
    merged : Slope or None
        One interaction for both, for the reader's warning only.
    trials : DataFrame
        ``trial``, ``yi``, ``vi``, ``n``: the interaction in each trial.
    effects : DataFrame
        ``trial``, ``yi``, ``vi``, ``mean``: each trial's effect and mean of the moderator.
    tau2 : float or None
        Variance of the within-trial slope between trials.
    left_out : tuple of str
        Trials that did not measure the moderator or in which it does not vary.
    """

    name: str
    within: Slope | None
    within_one_stage: Slope | None
    across_one_stage: Slope | None
    across: Slope | None
    merged: Slope | None
    trials: pd.DataFrame
    effects: pd.DataFrame
    tau2: float | None
    left_out: tuple[str, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a slope: ``slope``, ``estimate``, ``low``, ``high``, ``p``, ``k``."""
        one_stage = (self.within_one_stage, self.across, self.across_one_stage)
        slopes = [slope for slope in (self.within, *one_stage, self.merged) if slope]
        rows = [(slope.how, slope.estimate, *slope.ci, slope.p, slope.k) for slope in slopes]
        return pd.DataFrame(rows, columns=["slope", "estimate", "low", "high", "p", "k"])


def moderation(
    frame: pd.DataFrame,
    outcome: str,
    moderator: str,
    covariates: Sequence[str] = ("baseline",),
    *,
    cluster: str | None = None,
) -> Moderation:
    """Estimate how the effect changes with a moderator, within and across trials.

    Parameters
    ----------
    frame : DataFrame
        One row a participant, from `lkcm.ipd.participants.prepare`.
    outcome, moderator : str
        Columns; a class is a column of 0 and 1.
    covariates : sequence of str
        Adjusted for, with coefficients of each trial's own.
    cluster : str, optional
        Column of clusters, as `lkcm.ipd.two_stage.two_stage`; all slopes but the merged one count
        them.
    """
    columns = list(dict.fromkeys(["trial", TREATMENT, outcome, moderator, *covariates]))
    known = frame.dropna(subset=columns)[[*columns, *([cluster] if cluster else [])]]
    mean = known.groupby("trial")[moderator].transform("mean")
    known = known.assign(
        inside=known[moderator] - mean,
        t_inside=known[TREATMENT] * (known[moderator] - mean),
        t_mean=known[TREATMENT] * mean,
        t_moderator=known[TREATMENT] * known[moderator],
    )
    others = [name for name in covariates if name != moderator]
    lost = set(frame["trial"].astype(str))
    if known.empty:
        nothing = pd.DataFrame(columns=["trial", "yi", "vi", "n"], dtype=float)
        effects = nothing.rename(columns={"n": "mean"})
        return Moderation(moderator, *[None] * 5, nothing, effects, None, tuple(sorted(lost)))
    deft = two_stage(
        known, outcome, [TREATMENT, "inside", *others], term="t_inside", cluster=cluster
    )
    effects = _trial_effects(known, outcome, moderator, others, cluster)
    inside, across_one, merged = _one_stage_slopes(known, outcome, moderator, others, cluster)
    return Moderation(
        name=moderator,
        within=_pooled_slope("within trials, two stages", deft),
        within_one_stage=inside,
        across_one_stage=across_one,
        across=_across(effects),
        merged=merged,
        trials=deft.trials,
        effects=effects,
        tau2=None if deft.pooled is None else deft.pooled.tau2,
        left_out=tuple(sorted(lost - set(deft.trials["trial"]))),
    )


def _trial_effects(
    known: pd.DataFrame, outcome: str, moderator: str, others: list[str], cluster: str | None
) -> pd.DataFrame:
    """Return trials' effects at their own mean of the moderator."""
    found = two_stage(known, outcome, ["inside", *others], cluster=cluster).trials
    means = known.groupby("trial")[moderator].mean()
    return found.assign(mean=found["trial"].map(means))[["trial", "yi", "vi", "mean"]]


def _pooled_slope(how: str, found: TwoStage) -> Slope | None:
    fit = found.pooled
    if fit is None or fit.ci is None:
        return None
    return Slope(how, fit.estimate, fit.se, fit.ci, fit.p, fit.k)


def _across(effects: pd.DataFrame) -> Slope | None:
    if len(effects) < ACROSS_FROM or effects["mean"].std() < _NO_SPREAD:
        return None
    centred = effects["mean"] - effects["mean"].mean()
    try:
        fit = pool_dependent(
            effects["yi"], effects["vi"], effects["trial"], moderators={"mean": centred}
        )
    except PoolError:
        return None
    slope = fit.coefficients[1]
    if slope.ci is None:
        return None
    how = "across trials, meta-regression"
    return Slope(how, slope.estimate, slope.se, slope.ci, slope.p, len(effects))


def _one_stage_slopes(
    known: pd.DataFrame, outcome: str, moderator: str, others: list[str], cluster: str | None
) -> tuple[Slope | None, Slope | None, Slope | None]:
    own = (ONE, "inside", *others)
    try:
        fixed = (TREATMENT, "t_inside", "t_mean")
        apart = one_stage(known, outcome, fixed, stratified=own, cluster=cluster)
    except ParticipantError:
        return None, None, None
    words = {
        "t_inside": "within trials, one stage",
        "t_mean": "across trials, one stage",
    }
    slopes = []
    for name, how in words.items():
        estimate, se, _ = apart.effect(name)
        # The slope across is as sure as trials are many; two coefficients describe their effects.
        df = apart.df - 1 if name == "t_mean" else apart.df
        slopes.append(_slope(how, estimate, se, df, len(apart.residual_variance)))
    return slopes[0], slopes[1], _merged(known, outcome, own)


def _merged(known: pd.DataFrame, outcome: str, own: tuple[str, ...]) -> Slope:
    """Return the slope of one regression of all participants with trials as strata.

    It gives both slopes by how much each knows, and so tells neither.
    """
    names = [TREATMENT, "t_moderator"]
    columns = dict.fromkeys((*names, *own[1:], outcome))
    products = crossproducts(known[list(columns)], known["trial"], centre=True).without(own)
    fit = regress(products.together(), outcome, names)
    estimate, variance = fit.column("t_moderator")
    how = "merged, one regression (not to be used)"
    se, df = float(variance[0]) ** 0.5, float(fit.df[0])
    return _slope(how, float(estimate[0]), se, df, len(products.trials))


def _slope(how: str, estimate: float, se: float, df: float, k: int) -> Slope:
    half = float(stats.t.isf(0.025, df)) * se
    p = float(2 * stats.t.sf(abs(estimate / se), df))
    return Slope(how, estimate, se, (estimate - half, estimate + half), p, k)


def holm(p: Sequence[float]) -> np.ndarray:
    """Adjust p values for their number (Holm 1979, Scand J Stat 6:65).

    Parameters
    ----------
    p : sequence of float
        p values; NaN is kept and does not count.

    Returns
    -------
    array
        Adjusted p values in the order given.
    """
    tested = [float(value) if np.isfinite(value) else None for value in p]
    return np.array(adjust(tested), dtype=float)
