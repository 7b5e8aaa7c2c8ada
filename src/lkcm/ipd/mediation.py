"""How it works: treatment, then mediator, then outcome, in each trial and over all.

Only the treatment is randomised. That the mediator causes the outcome is an assumption, and the
sensitivity analysis says how wrong it may be (Imai, Keele & Yamamoto 2010, Stat Sci 25:51).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.ipd.crossproducts import ONE, ParticipantError, crossproducts, regress
from lkcm.ipd.two_stage import TREATMENT, pool_trials
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import pool_many
from lkcm.synthesis.pooled import Interval, Pooled, headline_test

#: Correlations of the errors of mediator and outcome at which the indirect effect is computed.
RHOS = np.linspace(-0.9, 0.9, 181)
#: Below this many trials resampling trials tells too little.
BOOTSTRAP_FROM = 5


@dataclass(frozen=True)
class Mediation:
    """Paths of a mediation, trial by trial and pooled.

    Attributes
    ----------
    trials : DataFrame
        ``trial``, ``n``; ``a`` (treatment to mediator), ``b`` (mediator to outcome at a given
        treatment), ``moved`` (the same in the LKCM arm, with an interaction of treatment and
        mediator), ``indirect`` (a times b), ``natural_indirect`` (a times moved) and
        ``natural_direct`` (counterfactual effects), ``total``, each with its sampling variance
        (``v_…``).
    a, b, indirect, natural_indirect, natural_direct, total : Pooled
        Their pools; the indirect effects are pooled as such, not as a product of pooled paths.
    covariance : float
        Covariance of a and b between trials: the mean of a b is the product of means plus this.
    bootstrap : tuple of two floats, or None
        Percentile interval of the pooled indirect effect over resampled trials; None below
        `BOOTSTRAP_FROM` trials.
    sensitivity : DataFrame
        ``rho``, ``estimate``, ``low``, ``high``: the pooled indirect effect, were the errors of
        mediator and outcome so correlated by an unmeasured common cause.
    rho_zero, rho_unclear : float or None
        Correlation at which it is zero, and at which its interval reaches zero.
    """

    trials: pd.DataFrame
    a: Pooled
    b: Pooled
    indirect: Pooled
    natural_indirect: Pooled
    natural_direct: Pooled
    total: Pooled
    covariance: float
    bootstrap: Interval
    sensitivity: pd.DataFrame
    rho_zero: float | None
    rho_unclear: float | None


def in_order(frame: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    """Sort trials by whether the mediator was measured before the outcome.

    Parameters
    ----------
    frame : DataFrame
        The common data elements.

    Returns
    -------
    usable : list of str
        Trials in which it was.
    refused : dict of str to str
        The other trials, each with the reason in words.
    """
    usable, refused = [], {}
    for trial, people in frame.groupby("trial"):
        if people["mediator_mid"].isna().all():
            refused[str(trial)] = "the mediator was not measured during the programme"
            continue
        mid, post = people["week_mid"].max(), people["week_post"].max()
        if pd.isna(mid) or pd.isna(post):
            refused[str(trial)] = "the weeks of the measurements are not stated"
        elif mid >= post:
            refused[str(trial)] = f"mediator in week {mid:g}, outcome in week {post:g}"
        else:
            usable.append(str(trial))
    return usable, refused


def mediate(
    frame: pd.DataFrame,
    outcome: str = "post",
    mediator: str = "mediator",
    covariates: Sequence[str] = ("baseline", "mediator_before"),
    *,
    draws: int = 1000,
    seed: int,
) -> Mediation:
    """Estimate direct and indirect effects in each trial and pool them.

    Parameters
    ----------
    frame : DataFrame
        One row a participant, from `lkcm.ipd.participants.prepare`, trials in order only.
    outcome, mediator : str
        Columns.
    covariates : sequence of str
        Values before randomisation of both, adjusted for in each trial.
    draws : int
        Bootstrap samples of trials.
    seed : int
        Of the bootstrap.

    Raises
    ------
    ParticipantError
        Fewer than three trials tell the paths.
    """
    columns = list(dict.fromkeys([TREATMENT, mediator, *covariates, outcome]))
    known = frame[["trial", *columns]].dropna()
    control = known[mediator].where(known[TREATMENT] == 0)
    level = control.groupby(known["trial"]).transform("mean")
    known = known.assign(product=known[TREATMENT] * (known[mediator] - level))
    trials, residual = _paths(known, outcome, mediator, covariates)
    if len(trials) < 3:
        raise ParticipantError(f"{len(trials)} trials tell the paths; allowed: three or more")
    pools = _pools(trials, ("a", "b", "moved", "natural_direct", "total"))
    trials = _with_products(trials, pools)
    pools |= _pools(trials, ("indirect", "natural_indirect"))
    del pools["moved"]
    weight = 1 / (trials["v_a"] * trials["v_b"]) ** 0.5
    offsets = (trials["a"] - pools["a"].estimate) * (trials["b"] - pools["b"].estimate)
    sensitivity = _sensitivity(trials, residual)
    return Mediation(
        trials=trials,
        **pools,
        covariance=float(np.average(offsets, weights=weight)),
        bootstrap=_bootstrap(trials, draws, seed),
        sensitivity=sensitivity,
        rho_zero=_crossing(sensitivity["rho"], sensitivity["estimate"]),
        rho_unclear=_crossing(sensitivity["rho"], sensitivity["low"]),
    )


def _paths(
    known: pd.DataFrame, outcome: str, mediator: str, covariates: Sequence[str]
) -> tuple[pd.DataFrame, Array]:
    """Return paths of each trial, and residual sums of products of mediator and outcome."""
    columns = [TREATMENT, mediator, "product", *covariates, outcome]
    products = crossproducts(known[columns], known["trial"], centre=True)
    left = products.without((ONE, *covariates))
    to_mediator = regress(left, mediator, (TREATMENT,))
    to_outcome = regress(left, outcome, (mediator, TREATMENT))
    both = regress(left, outcome, (mediator, TREATMENT, "product"))
    total = regress(left, outcome, (TREATMENT,))
    (a, va), (b, vb) = to_mediator.column(TREATMENT), to_outcome.column(mediator)
    # The mediator's effect in the LKCM arm: b + h, with the covariance of the two.
    moved = both.estimate[:, 0] + both.estimate[:, 2]
    v_moved = both.covariance[:, 0, 0] + both.covariance[:, 2, 2] + 2 * both.covariance[:, 0, 2]
    direct, v_direct = both.column(TREATMENT)
    c, vc = total.column(TREATMENT)
    paths = {"trial": products.trials, "n": products.participants, "a": a, "v_a": va}
    paths |= {"b": b, "v_b": vb, "moved": moved, "v_moved": v_moved}
    paths |= {"natural_direct": direct, "v_natural_direct": v_direct, "total": c, "v_total": vc}
    table = pd.DataFrame(paths)
    usable = table.drop(columns="trial").notna().all(axis=1).to_numpy()
    pair = (mediator, outcome)
    return table[usable].reset_index(drop=True), left.without((TREATMENT,)).of(pair, pair)[usable]


def _pools(trials: pd.DataFrame, names: Sequence[str]) -> dict[str, Pooled]:
    return {name: pool_trials(trials[name], trials[f"v_{name}"]) for name in names}


def _with_products(trials: pd.DataFrame, pools: dict[str, Pooled]) -> pd.DataFrame:
    """Multiply the paths of each trial.

    Sampling variances are those at the pooled paths: at a trial's own, large products would get
    small weights, and the pool would be too near to zero.
    """
    a, b, moved = (pools[name].estimate for name in ("a", "b", "moved"))
    va, vb, v_moved = trials["v_a"], trials["v_b"], trials["v_moved"]
    return trials.assign(
        indirect=trials["a"] * trials["b"],
        v_indirect=a**2 * vb + b**2 * va + va * vb,
        natural_indirect=trials["a"] * trials["moved"],
        v_natural_indirect=a**2 * v_moved + moved**2 * va + va * v_moved,
    )


def _sensitivity(trials: pd.DataFrame, residual: Array) -> pd.DataFrame:
    """Pool the indirect effect at each correlation of the errors (Imai et al. 2010, theorem 4)."""
    mediator, outcome = np.sqrt(residual[:, 0, 0]), np.sqrt(residual[:, 1, 1])
    seen = (residual[:, 0, 1] / (mediator * outcome))[:, None]
    b = (outcome / mediator)[:, None] * (seen - RHOS * np.sqrt((1 - seen**2) / (1 - RHOS**2)))
    yi = trials["a"].to_numpy()[:, None] * b
    # The sampling error of b is hardly another at another correlation: that at zero stands in.
    vi = np.broadcast_to(trials["v_indirect"].to_numpy()[:, None], yi.shape)
    fits = pool_many(yi, vi, test=headline_test(len(trials)))
    return pd.DataFrame(
        {"rho": RHOS, "estimate": fits["estimate"], "low": fits["ci_low"], "high": fits["ci_high"]}
    )


def _bootstrap(trials: pd.DataFrame, draws: int, seed: int) -> Interval:
    k = len(trials)
    if k < BOOTSTRAP_FROM:
        return None
    chosen = np.random.default_rng(seed).integers(0, k, (k, draws))
    yi, vi = trials["indirect"].to_numpy()[chosen], trials["v_indirect"].to_numpy()[chosen]
    means = pool_many(yi, vi, method="DL", test="wald")["estimate"]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _crossing(x: pd.Series, y: pd.Series) -> float | None:
    """Return where a curve crosses zero nearest to x = 0, by straight lines."""
    x, y = x.to_numpy(), y.to_numpy()
    places = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) <= 0)
    if not len(places):
        return None
    roots = x[places] - y[places] * (x[places + 1] - x[places]) / (y[places + 1] - y[places])
    return float(roots[np.abs(roots).argmin()])
