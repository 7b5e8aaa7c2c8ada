"""Marginal likelihoods of meta-analytic models by quadrature on grids fixed by the data.

Every model has a mean effect (zero, or normal), a spread of the true effects (zero, or inverse
gamma) and a model of publication bias. Nothing is sampled, so that the same data give the same
digits.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats
from scipy.stats.distributions import rv_frozen as Prior

from lkcm.bias.bias_models import Array, RegressionModel, SelectionModel

#: Prior of the mean effect where there is one: normal, in units of g.
MU_PRIOR = stats.norm(0.0, 1.0)
#: Prior of tau where there is one: inverse gamma (van Erp et al. 2017, J Open Psychol Data 5:4, as
#: RoBMA).
TAU_PRIOR = stats.invgamma(1.0, scale=0.15)
#: Step of the grid of mu on the scale of its sinh, and step of the grid of log tau in parts of the
#: narrowest peak, 1 / sqrt(2 k): a trapezoid rule is then exact to 1e-4.
MU_STEP, TAU_STEP = 0.15, 1.25
#: Widest step of log tau.
TAU_WIDEST = 0.2
#: Nodes a weight for a first look, and logarithm of what is left out after it.
FIRST_LOOK, NEGLIGIBLE = 3, 18.0
#: Ends of the grid of tau; what lies beyond has no weight in units of g.
TAU_ENDS = (0.008, 12.0)
#: The grid of mu reaches so far to either side, in g.
MU_REACH = 4.5
#: log sqrt(2 pi).
LOG_ROOT = 0.5 * np.log(2 * np.pi)
#: Products of this many normalisers stay within a double.
PRODUCT = 12
#: Cells of grid times weights that are held at once: they stay in a processor's cache.
CELLS = 500_000


@dataclass(frozen=True)
class Grids:
    """Nodes and prior masses on which all models of one data set are integrated.

    Attributes
    ----------
    mu, mu_step : array
        Mean effects, dense around the pooled effect, and the width that each stands for.
    tau, tau_mass : array
        Spreads and their prior masses.
    """

    mu: Array
    mu_step: Array
    tau: Array
    tau_mass: Array


@dataclass(frozen=True)
class Fitted:
    """One model: how well it predicted the data, and what it says of the effect.

    Attributes
    ----------
    log_marginal : float
        Logarithm of the marginal likelihood.
    density : array or None
        Posterior density of mu at the nodes; None where mu is zero by assumption.
    tau : float
        Posterior mean of tau.
    """

    log_marginal: float
    density: Array | None
    tau: float


def grids(yi: Array, vi: Array, tau_prior: Prior = TAU_PRIOR) -> Grids:
    """Lay the grids: in mu by sinh around the pooled effect, in tau by equal ratios.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Effects and sampling variances.
    tau_prior : frozen distribution of scipy
        Of the spread of the true effects, where there is one.
    """
    weights = 1 / vi
    centre, se = (weights * yi).sum() / weights.sum(), weights.sum() ** -0.5
    end = np.arcsinh((MU_REACH + abs(centre)) / (2 * se))
    t = np.linspace(-end, end, 2 * int(np.ceil(end / MU_STEP)) + 1)
    step = (t[1] - t[0]) * 2 * se * np.cosh(t)
    low, high = np.log(TAU_ENDS)
    pace = min(TAU_WIDEST, TAU_STEP / np.sqrt(2 * len(yi)))
    logs = np.linspace(low, high, int(np.ceil((high - low) / pace)) + 1)
    tau = np.exp(logs)
    mass = tau_prior.pdf(tau) * tau * (logs[1] - logs[0])
    return Grids(centre + 2 * se * np.sinh(t), step, tau, mass)


def fit(
    yi: Array,
    vi: Array,
    at: Grids,
    *,
    effect: bool,
    heterogeneity: bool,
    bias: SelectionModel | RegressionModel | None,
    mu_prior: Prior = MU_PRIOR,
) -> Fitted:
    """Integrate one model.

    Parameters
    ----------
    yi, vi : array, shape (k,)
        Effects, positive in the direction that selection would favour, and sampling variances.
    at : Grids
        From `grids`.
    effect, heterogeneity : bool
        Whether mu and tau have a prior, or are zero.
    bias : SelectionModel, RegressionModel or None
        The model of publication bias.
    mu_prior : frozen distribution of scipy
        Of the mean effect, where there is one.
    """
    tau, tau_mass = (at.tau, at.tau_mass) if heterogeneity else (np.zeros(1), np.ones(1))
    if isinstance(bias, SelectionModel):
        log_joint = _selection(yi, vi, at.mu if effect else np.zeros(1), tau, bias)
    else:
        log_joint = _normal(yi, vi, at.mu if effect else np.zeros(1), tau, bias)
    log_joint = log_joint + np.log(tau_mass)
    if effect:
        log_joint = log_joint + (mu_prior.logpdf(at.mu) + np.log(at.mu_step))[:, None]
    top = log_joint.max()
    joint = np.exp(log_joint - top)
    total = joint.sum()
    density = joint.sum(1) / total / at.mu_step if effect else None
    spread = float((joint.sum(0) * tau).sum() / total)
    return Fitted(float(top + np.log(total)), density, spread)


def _normal(yi: Array, vi: Array, mu: Array, tau: Array, bias: RegressionModel | None) -> Array:
    """Return the log likelihood at mu and tau, shape (M, T), the slope integrated out."""
    slopes, masses = bias.slopes() if bias else (np.zeros(1), np.ones(1))
    x = vi ** (bias.power / 2) if bias else np.zeros_like(vi)
    w = 1 / (vi + tau[:, None] ** 2)
    s0, sx, sxx = w.sum(1), w @ x, w @ x**2
    sy, syy, sxy = w @ yi, w @ yi**2, w @ (x * yi)
    constant = 0.5 * np.log(w / (2 * np.pi)).sum(1)
    m, t, b = mu[:, None, None], slice(None), slopes
    square = (
        syy[None, t, None]
        - 2 * m * sy[None, t, None]
        - 2 * b * sxy[None, t, None]
        + m**2 * s0[None, t, None]
        + 2 * m * b * sx[None, t, None]
        + b**2 * sxx[None, t, None]
    )
    return constant + special.logsumexp(-0.5 * square, axis=2, b=masses)


def _selection(yi: Array, vi: Array, mu: Array, tau: Array, bias: SelectionModel) -> Array:
    """Return the log likelihood at mu and tau, shape (M, T), the weights integrated out."""
    m, t = (grid.ravel() for grid in np.meshgrid(mu, tau, indexing="ij"))
    first = _selected(yi, vi, m, t, bias, FIRST_LOOK)
    near = first > first.max() - NEGLIGIBLE
    whole = np.full(m.size, -np.inf)
    whole[near] = _selected(yi, vi, m[near], t[near], bias)
    return whole.reshape(len(mu), len(tau))


def _selected(
    yi: Array, vi: Array, m: Array, t: Array, bias: SelectionModel, nodes: int | None = None
) -> Array:
    """Return the log likelihood at pairs of mu and tau, the weights integrated out."""
    weights, masses = bias.weights(nodes)
    printed = np.log(weights)[bias.interval(yi / np.sqrt(vi))].sum(0) + np.log(masses)
    pieces = max(1, m.size * masses.size // CELLS)
    parts = [
        _piece(yi, vi, *part, bias, weights, printed)
        for part in zip(np.array_split(m, pieces), np.array_split(t, pieces), strict=True)
    ]
    return np.concatenate(parts)


def _piece(
    yi: Array, vi: Array, m: Array, t: Array, bias: SelectionModel, weights: Array, printed: Array
) -> Array:
    log_lik = np.zeros(m.size)
    log_kept = np.broadcast_to(printed, (m.size, printed.size)).copy()
    product = np.ones_like(log_kept)
    for place, (y, v) in enumerate(zip(yi, vi, strict=True), 1):
        se, spread = np.sqrt(v), np.sqrt(v + t**2)
        log_lik -= 0.5 * ((y - m) / spread) ** 2 + np.log(spread) + LOG_ROOT
        product *= bias.probabilities(m / se, spread / se) @ weights
        if place % PRODUCT == 0 or place == len(yi):
            log_kept -= np.log(product)
            product[:] = 1.0
    return log_lik + special.logsumexp(log_kept, axis=1)
