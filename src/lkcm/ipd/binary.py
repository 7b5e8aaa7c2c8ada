"""A yes-or-no outcome of participants: logistic mixed model, and population average by GEE.

The mixed model is R's ``lme4::glmer(…, family = binomial, nAGQ = nodes)`` with one random effect;
the other generalised estimating equations with independence as working correlation and the
small-sample covariance of Mancl & DeRouen (2001, Biometrics 57:126).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from lkcm.ipd.clusters import without_confounded
from lkcm.ipd.crossproducts import ONE, ParticipantError
from lkcm.ipd.quadrature import Rows, maximise
from lkcm.ipd.two_stage import TREATMENT
from lkcm.synthesis.heterogeneity import Array

#: Label of those who have no cluster; a label read from a file is never empty.
_ALONE = ""


@dataclass(frozen=True)
class Logistic:
    """Log odds of an event.

    Attributes
    ----------
    kind : {"conditional", "population average"}
        Within a trial (mixed model), or averaged over trials (GEE).
    names : tuple of str
        Coefficients with one value for all trials.
    estimate, se : array, shape (p,)
        Log odds ratios and standard errors.
    tau : float or None
        Standard deviation of the random effect between trials, or between clusters.
    loglik : float or None
        Log-likelihood with its constant left out.
    df : float or None
        Degrees of freedom of the intervals; None for the normal.
    participants, events : int
        In the model.
    left_out : tuple of str
        Trials that tell nothing: all or none of their participants have the event, none is
        complete, or an arm is one cluster.
    """

    kind: str
    names: tuple[str, ...]
    estimate: Array
    se: Array
    tau: float | None
    loglik: float | None
    df: float | None
    participants: int
    events: int
    left_out: tuple[str, ...]

    def effect(self, name: str = TREATMENT) -> tuple[float, float, tuple[float, float]]:
        """Return a log odds ratio, its standard error and its 95 % interval."""
        place = self.names.index(name)
        estimate, se = float(self.estimate[place]), float(self.se[place])
        quantile = stats.norm.isf(0.025) if self.df is None else stats.t.isf(0.025, self.df)
        half = float(quantile) * se
        return estimate, se, (estimate - half, estimate + half)


def logistic_mixed(
    frame: pd.DataFrame,
    outcome: str,
    fixed: Sequence[str] = (TREATMENT,),
    random: str = TREATMENT,
    *,
    stratified: bool = True,
    cluster: str | None = None,
    nodes: int = 15,
) -> Logistic:
    """Fit a logistic mixed model by adaptive Gauss-Hermite quadrature.

    Parameters
    ----------
    frame : DataFrame
        One row a participant: ``trial``, the outcome (0 or 1) and the columns, numbers.
    outcome : str
        Column of the outcome.
    fixed : sequence of str
        Columns with one coefficient for all trials.
    random : str
        Column whose coefficient varies between trials; `ONE` for the intercept.
    stratified : bool
        Whether each trial has an intercept of its own; else there is a common one.
    cluster : str, optional
        Column that names the cluster of a participant in the trial. The random effect is then the
        cluster's intercept (``random`` is `ONE`), and those without a cluster have none; trials
        with an arm that is one cluster are left out.
    nodes : int
        Nodes of the quadrature in each trial.

    Raises
    ------
    ParticipantError
        Fewer than two trials that tell anything, or coefficients that cannot be told apart.
    """
    if cluster is not None and random != ONE:
        raise ParticipantError(f"random {random!r} with clusters; allowed: {ONE!r}")
    columns = list(dict.fromkeys((*fixed, *(() if random == ONE else (random,)))))
    rows, lost = _collapse(frame, outcome, columns, cluster, informative=stratified)
    shared = rows[list(fixed)].to_numpy(dtype=float)
    codes = rows["code"].to_numpy()
    intercepts = np.eye(codes[-1] + 1)[codes] if stratified else np.ones((len(rows), 1))
    x = np.column_stack([shared, intercepts])
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ParticipantError(f"{', '.join(fixed)} cannot be told apart from the trials")
    z = np.ones(len(rows)) if random == ONE else rows[random].to_numpy(dtype=float)
    unit = codes
    if cluster is not None:
        z = rows[cluster].ne(_ALONE).to_numpy(dtype=float)
        unit = rows.groupby(["trial", cluster]).ngroup().to_numpy()
    data = Rows(
        x=x,
        z=z,
        events=rows["events"].to_numpy(),
        n=rows["n"].to_numpy(),
        starts=np.flatnonzero(np.diff(unit, prepend=-1)),
    )
    found = maximise(data, nodes)
    count = len(fixed) if stratified else len(fixed) + 1
    return Logistic(
        kind="conditional",
        names=tuple(fixed) if stratified else (*fixed, ONE),
        estimate=found.beta[:count],
        se=np.sqrt(np.diag(found.covariance)[:count]),
        tau=found.tau,
        loglik=found.loglik,
        df=None,
        participants=int(rows["n"].sum()),
        events=int(rows["events"].sum()),
        left_out=lost,
    )


def population_average(
    frame: pd.DataFrame, outcome: str, fixed: Sequence[str] = (TREATMENT,)
) -> Logistic:
    """Fit the log odds averaged over trials, with trials as the units of all errors.

    Whatever makes participants of one trial alike is in its errors: clusters within trials too.

    Parameters
    ----------
    frame, outcome, fixed
        As `logistic_mixed`; one intercept for all trials.

    Raises
    ------
    ParticipantError
        No more trials than coefficients.
    """
    columns = list(dict.fromkeys((*fixed, TREATMENT)))
    rows, lost = _collapse(frame, outcome, columns, None, informative=False)
    x = np.column_stack([np.ones(len(rows)), rows[list(fixed)].to_numpy(dtype=float)])
    n, events = rows["n"].to_numpy(), rows["events"].to_numpy()
    codes = rows["code"].to_numpy()
    trials = codes[-1] + 1
    if trials <= x.shape[1]:
        raise ParticipantError(f"{trials} trials for {x.shape[1]} coefficients: too few")
    beta = np.zeros(x.shape[1])
    for _ in range(50):
        p = special.expit(x @ beta)
        weights = n * p * (1 - p)
        step = np.linalg.solve(x.T @ (weights[:, None] * x), x.T @ (events - n * p))
        beta = beta + step
        if np.abs(step).max() < 1e-12:
            break
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    bread = np.linalg.inv(x.T @ (weights[:, None] * x))
    inside = np.add.reduceat(weights[:, None, None] * x[:, :, None] * x[:, None, :], starts)
    score = np.add.reduceat(x * (events - n * p)[:, None], starts)
    # (I - H_i)^-1 in the p dimensions of the score: no matrix has the size of a trial.
    scaled = np.linalg.solve(np.eye(len(beta)) - inside @ bread, score[:, :, None])[:, :, 0]
    covariance = bread @ (scaled.T @ scaled) @ bread
    return Logistic(
        kind="population average",
        names=(ONE, *fixed),
        estimate=beta,
        se=np.sqrt(np.diag(covariance)),
        tau=None,
        loglik=None,
        df=float(trials - len(beta)),
        participants=int(n.sum()),
        events=int(events.sum()),
        left_out=lost,
    )


def _collapse(
    frame: pd.DataFrame,
    outcome: str,
    columns: list[str],
    cluster: str | None,
    *,
    informative: bool,
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Count events of participants who are alike, trials in order, and clusters in trials."""
    complete = frame.dropna(subset=[*columns, outcome])
    by = ["trial", *columns]
    if cluster is not None:
        complete = without_confounded(complete, cluster, [*columns, outcome])
        label = complete[cluster].astype("str").mask(complete[cluster].isna(), _ALONE)
        complete, by = complete.assign(**{cluster: label}), ["trial", cluster, *columns]
    grouped = complete.groupby(by, sort=True)[outcome]
    rows = grouped.agg(events="sum", n="size").reset_index().astype({"events": float, "n": float})
    if informative:
        sums = rows.groupby("trial")[["events", "n"]].transform("sum")
        rows = rows[sums["events"].gt(0) & sums["events"].lt(sums["n"])]
    if rows["trial"].nunique() < 2:
        raise ParticipantError("fewer than two trials in which some have the event and some not")
    rows = rows.assign(code=pd.factorize(rows["trial"])[0]).reset_index(drop=True)
    lost = sorted(set(frame["trial"].astype(str)) - set(rows["trial"].astype(str)))
    return rows, tuple(lost)
