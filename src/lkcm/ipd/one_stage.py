"""One stage: a linear mixed model of all participants, trials kept apart.

The model is R's ``nlme::lme(…, random = ~ treatment | trial, weights = varIdent(form = ~ 1 |
trial), method = "REML")``; with `stratified` columns, each trial has coefficients of its own; with
clusters, ``correlation = corCompSymm(form = ~ 1 | trial/cluster)`` is added.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from lkcm.ipd.clusters import clusters, without_confounded
from lkcm.ipd.crossproducts import ONE, ParticipantError, crossproducts
from lkcm.ipd.likelihood import Blocks, Solved, blocks, solve
from lkcm.ipd.two_stage import TREATMENT
from lkcm.synthesis.heterogeneity import Array

#: The search ends where no slope of the log-likelihood is above this part of a unit.
FLAT = 1e-7
#: A line search may leap: logarithms of residual variances stay this near to their mean.
FARTHEST = 20.0
#: Trials with fewer degrees of freedom cannot tell a residual variance of their own.
LEAST_DF = 2


@dataclass(frozen=True)
class OneStage:
    """A linear mixed model of participants.

    Attributes
    ----------
    names : tuple of str
        Fixed effects.
    estimate, se : array, shape (p,)
        Coefficients and standard errors.
    covariance : array, shape (p, p)
        Covariance of the coefficients.
    df : float
        Degrees of freedom of the intervals, trials less one: the uncertainty that counts is that
        between trials. nlme counts participants instead.
    random : tuple of str
        Columns whose coefficients differ between trials around a mean.
    g : array, shape (q, q)
        Their covariance between trials.
    residual_variance : dict of str to float
        Of each trial, with what clusters share.
    icc : float or None
        Intraclass correlation of clusters, one for all trials; None without clusters.
    loglik : float
        Restricted log-likelihood.
    participants : int
        Complete participants in the model.
    left_out : tuple of str
        Trials without a complete participant, too small for a residual variance, or with an arm
        that is one cluster.
    """

    names: tuple[str, ...]
    estimate: Array
    se: Array
    covariance: Array
    df: float
    random: tuple[str, ...]
    g: Array
    residual_variance: dict[str, float]
    icc: float | None
    loglik: float
    participants: int
    left_out: tuple[str, ...]

    @property
    def tau2(self) -> float:
        """Variance of the treatment's effect between trials; of the first random effect."""
        place = self.random.index(TREATMENT) if TREATMENT in self.random else 0
        return float(self.g[place, place])

    def effect(self, name: str = TREATMENT) -> tuple[float, float, tuple[float, float]]:
        """Return a coefficient, its standard error and its 95 % interval."""
        place = self.names.index(name)
        estimate, se = float(self.estimate[place]), float(self.se[place])
        half = float(stats.t.isf(0.025, self.df)) * se
        return estimate, se, (estimate - half, estimate + half)

    def p(self, name: str = TREATMENT) -> float:
        """Return the two-sided p value of a coefficient."""
        estimate, se, _ = self.effect(name)
        return float(2 * stats.t.sf(abs(estimate / se), self.df))

    def to_frame(self) -> pd.DataFrame:
        """Return ``name``, ``estimate``, ``se``, ``low``, ``high``, ``p`` of each coefficient."""
        rows = []
        for name in self.names:
            estimate, se, ends = self.effect(name)
            rows.append((name, estimate, se, *ends, self.p(name)))
        return pd.DataFrame(rows, columns=["name", "estimate", "se", "low", "high", "p"])


def one_stage(
    frame: pd.DataFrame,
    outcome: str,
    fixed: Sequence[str] = (TREATMENT,),
    random: Sequence[str] = (TREATMENT,),
    stratified: Sequence[str] = (ONE,),
    *,
    correlated: bool = True,
    residuals: str = "trial",
    cluster: str | None = None,
) -> OneStage:
    """Fit a linear mixed model by restricted maximum likelihood.

    Parameters
    ----------
    frame : DataFrame
        One row a participant: ``trial`` and all named columns, numbers; participants who lack one
        of them are left out.
    outcome : str
        Column of the outcome.
    fixed : sequence of str
        Columns with one coefficient for all trials; `ONE` for a common intercept.
    random : sequence of str
        Columns whose coefficients vary between trials, normally around the fixed one.
    stratified : sequence of str
        Columns with a coefficient of its own in each trial.
    correlated : bool
        Whether random coefficients may correlate.
    residuals : {"trial", "common"}
        Whether each trial has a residual variance of its own.
    cluster : str, optional
        Column that names the cluster of a participant in the trial, missing for those without.

    Raises
    ------
    ParticipantError
        Fewer than two usable trials, or fixed effects that cannot be told apart.
    """
    if residuals not in ("trial", "common"):
        raise ParticipantError(f"residuals {residuals!r} is unknown; allowed: trial, common")
    fixed, random, stratified = tuple(fixed), tuple(random), tuple(stratified)
    names = [n for n in dict.fromkeys((*fixed, *random, *stratified)) if n != ONE]
    people, shared = frame, None
    if cluster is not None:
        people = without_confounded(frame, cluster, [*names, outcome])
        shared = clusters(
            people[[*names, outcome]], people["trial"], people[cluster], centre=ONE in stratified
        )
    products = (
        crossproducts(people[[*names, outcome]], people["trial"], centre=ONE in stratified)
        if shared is None
        else shared.alone
    )
    left = products.without(stratified)
    usable = np.flatnonzero(left.n >= LEAST_DF)
    if len(usable) < 2:
        raise ParticipantError(f"{len(usable)} usable trials; one stage needs two or more")
    left = left.take(usable)
    data = blocks(left, outcome, fixed, random)
    _check_rank(data, fixed)

    whitened = None
    if shared is not None:
        kept = shared.take(usable)

        def whitened(ratio: float) -> Blocks:
            inside, between = kept.at(ratio, stratified)
            return blocks(inside, outcome, fixed, random, between)

    start = _starting_variances(data)
    unit = float(np.exp(np.mean(np.log(start))))
    search = _Search(data, whitened, len(random), correlated, residuals == "common", unit)
    solved, g, s, ratio = search.run(start)
    return OneStage(
        names=fixed,
        estimate=solved.beta,
        se=np.sqrt(np.diag(solved.covariance)),
        covariance=solved.covariance,
        df=float(len(usable) - 1),
        random=random,
        g=g,
        residual_variance=dict(zip(left.trials, (s * (1 + ratio)).tolist(), strict=True)),
        icc=None if shared is None else ratio / (1 + ratio),
        loglik=solved.loglik,
        participants=int(left.participants.sum()),
        left_out=tuple(sorted(set(map(str, frame["trial"])) - set(left.trials))),
    )


def _check_rank(data: Blocks, fixed: tuple[str, ...]) -> None:
    total = data.xx.sum(axis=0)
    size = np.sqrt(np.diag(total))
    flat = [name for name, length in zip(fixed, size, strict=True) if length == 0]
    if flat:
        raise ParticipantError(f"{', '.join(flat)} does not vary within any trial")
    values = np.linalg.eigvalsh(total / np.outer(size, size))
    if values[0] < 1e-10:
        raise ParticipantError(f"{', '.join(fixed)} cannot be told apart: collinear in all trials")


def _starting_variances(data: Blocks) -> Array:
    """Return residual variances around the fixed effects of the pooled participants."""
    beta = np.linalg.solve(data.xx.sum(axis=0), data.xy.sum(axis=0))
    rss = data.yy[:, None, None] - 2 * np.swapaxes(data.xy, 1, 2) @ beta + beta.T @ data.xx @ beta
    variance = rss[:, 0, 0] / data.n
    return np.maximum(variance, 1e-6 * variance.max())


class _Search:
    """Search variances: a triangular root of G, logarithms of the residual variances.

    Where participants share clusters, the root of icc / (1 - icc) comes last.
    """

    def __init__(
        self,
        data: Blocks,
        whitened: Callable[[float], Blocks] | None,
        q: int,
        correlated: bool,
        common: bool,
        unit: float,
    ) -> None:
        self.data, self.whitened = data, whitened
        self.q, self.common, self.unit = q, common, unit
        self.places = np.tril_indices(q) if correlated else np.diag_indices(q)

    def unpack(self, point: Array) -> tuple[Array, Array, float]:
        """Return root of G, residual variances and root of the clusters' ratio of a point."""
        root = np.zeros((self.q, self.q))
        count = len(self.places[0])
        root[self.places] = point[:count] * np.sqrt(self.unit)
        logs = point[count:] if self.whitened is None else point[count:-1]
        logs = np.broadcast_to(logs, self.data.n.shape)
        theta = 0.0 if self.whitened is None else float(point[-1])
        return root, self.unit * np.exp(np.clip(logs, -FARTHEST, FARTHEST)), theta

    def solve(self, root: Array, s: Array, theta: float) -> Solved:
        """Return the fit at these variances."""
        data = self.data if self.whitened is None else self.whitened(theta**2)
        return solve(data, root @ root.T, s)

    def objective(self, point: Array) -> tuple[float, Array]:
        """Return minus the log-likelihood and its slope."""
        root, s, theta = self.unpack(point)
        found = self.solve(root, s, theta)
        slope_root = 2 * (found.slope_g @ root)[self.places] * np.sqrt(self.unit)
        slope_log = found.slope_s * s
        slope_log = np.array([slope_log.sum()]) if self.common else slope_log
        slope_theta = [] if self.whitened is None else [2 * theta * found.slope_ratio]
        return -found.loglik, -np.concatenate([slope_root, slope_log, slope_theta])

    def run(self, start: Array) -> tuple[Solved, Array, Array, float]:
        """Climb from a start; return the fit, G, the residual variances and the ratio."""
        if self.common:
            start = np.atleast_1d(np.average(start, weights=self.data.n))
        logs = np.log(start / self.unit)
        roots = np.where(self.places[0] == self.places[1], 0.3, 0.0)
        point = np.concatenate([roots, logs, [] if self.whitened is None else [0.3]])
        best = None
        # A second climb from where the first ended starts with a fresh picture of the curvature.
        for _ in range(3):
            best = optimize.minimize(
                self.objective,
                point,
                jac=True,
                method="BFGS",
                options={"gtol": FLAT, "maxiter": 500},
            )
            point = best.x
            if best.success:
                break
        root, s, theta = self.unpack(best.x)
        return self.solve(root, s, theta), root @ root.T, np.array(s), theta**2
