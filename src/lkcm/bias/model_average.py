"""Robust Bayesian average over models with and without effect, heterogeneity and bias."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.bias.bias_models import BIAS_MODELS, Array, RegressionModel, SelectionModel
from lkcm.bias.marginal import MU_PRIOR, TAU_PRIOR, Fitted, Grids, Prior, fit, grids
from lkcm.synthesis.pooled import PoolError
from lkcm.words import interval, two

#: Below this many trials the average says nothing that its priors do not.
LEAST = 3
#: Between these a Bayes factor is hardly evidence (Jeffreys 1961, Theory of Probability, app. B).
UNDECIDED = (1 / 3, 3.0)
#: A Bayes factor beyond this, or its inverse, is strong (the same).
STRONG = 10.0


@dataclass(frozen=True)
class Component:
    """How far the data speak for one of effect, heterogeneity and bias.

    Attributes
    ----------
    prior, posterior : float
        Probability before and after the data that it is there.
    bayes_factor : float
        Inclusion Bayes factor: posterior odds over prior odds.
    """

    prior: float
    posterior: float
    bayes_factor: float


@dataclass(frozen=True)
class ModelAverage:
    """The average over all models.

    Attributes
    ----------
    k : int
        Number of trials.
    effect, heterogeneity, bias : Component
        Evidence for each.
    estimate : float
        Posterior mean of the mean effect, over all models, those with no effect included.
    ci : tuple of two floats
        Central 95 % credible interval of it; an end may be zero, where models have a spike.
    tau : float
        Posterior mean of the standard deviation of the true effects, over all models.
    models : tuple of dict
        One a model: ``effect`` (bool), ``heterogeneity`` (bool), ``bias`` (its name, or "none"),
        ``prior``, ``log_marginal`` and ``posterior``.
    """

    k: int
    effect: Component
    heterogeneity: Component
    bias: Component
    estimate: float
    ci: tuple[float, float]
    tau: float
    models: tuple[dict[str, object], ...]

    def to_frame(self) -> pd.DataFrame:
        """Return the three components, one a row, with ``component``."""
        rows = [
            {"component": name, **asdict(getattr(self, name))}
            for name in ("effect", "heterogeneity", "bias")
        ]
        return pd.DataFrame(rows)


def model_average(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    bias_models: Sequence[SelectionModel | RegressionModel] = BIAS_MODELS,
    mu_prior: Prior = MU_PRIOR,
    tau_prior: Prior = TAU_PRIOR,
    level: float = 0.95,
) -> ModelAverage:
    """Average over 2 x 2 x (1 + 8) models of effect, heterogeneity and publication bias.

    Each of effect, heterogeneity and bias is there with prior probability one half. Priors and
    models are those of RoBMA-PSMA (Bartoš et al. 2023, Res Synth Methods 14:99), on the scale of
    g and by quadrature in place of sampling.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects, positive in the direction that selection would favour, and sampling variances.
    bias_models : sequence of SelectionModel or RegressionModel
        The models with bias; their priors add up to one. Without any, bias is not averaged over
        and its Bayes factor is NaN.
    mu_prior, tau_prior : frozen distribution of scipy
        Of the mean effect (within 4.5 of zero, in g) and of the spread of the true effects, where
        there are any.
    level : float
        Level of the credible interval.

    Raises
    ------
    PoolError
        Fewer than three trials, lengths that differ, values that are not finite, or variances
        that are not above zero.
    """
    effects, variances = _checked(yi, vi)
    at = grids(effects, variances, tau_prior)
    without = 0.5 if bias_models else 1.0
    choices = [(None, without), *((model, 0.5 * model.prior) for model in bias_models)]
    models, fitted = [], []
    for effect in (False, True):
        for heterogeneity in (False, True):
            for bias, prior in choices:
                options = {"effect": effect, "heterogeneity": heterogeneity}
                found = fit(effects, variances, at, bias=bias, mu_prior=mu_prior, **options)
                name = bias.name if bias else "none"
                options |= {"bias": name, "prior": prior / 4, "log_marginal": found.log_marginal}
                models.append(options)
                fitted.append(found)
    return _averaged(len(effects), models, fitted, at, level)


def sentence(average: ModelAverage) -> str:
    """Say in one sentence what the average makes of bias and of the effect."""
    factor = average.bias.bayes_factor
    if UNDECIDED[0] < factor < UNDECIDED[1]:
        bias = "the data do not tell whether there is selection"
    else:
        strength = "strong" if max(factor, 1 / factor) > STRONG else "moderate"
        which = "selection" if factor > 1 else "no selection"
        bias = f"the data are {strength} evidence for {which}"
    return (
        f"Averaged over {len(average.models)} models with and without effect, heterogeneity and "
        f"selection, {bias} (Bayes factor {two(factor)}), and the effect is "
        f"g {interval(average.estimate, average.ci).replace('CI', 'credible interval')}."
    )


def _checked(yi: ArrayLike, vi: ArrayLike) -> tuple[Array, Array]:
    effects, variances = (np.asarray(values, dtype=float) for values in (yi, vi))
    if effects.ndim != 1 or effects.shape != variances.shape:
        raise PoolError("effects and variances must be two lists of one length")
    problems = {
        f"the model average needs k >= {LEAST}, there are {len(effects)} trials": len(effects)
        < LEAST,
        "an effect or a variance is missing or infinite": not (
            np.isfinite(effects).all() and np.isfinite(variances).all()
        ),
        "a variance is zero or negative; allowed: above zero": (variances <= 0).any(),
    }
    if found := [words for words, present in problems.items() if present]:
        raise PoolError("; ".join(found))
    return effects, variances


def _averaged(
    k: int, models: list[dict], fitted: list[Fitted], at: Grids, level: float
) -> ModelAverage:
    logs = np.array([np.log(model["prior"]) + model["log_marginal"] for model in models])
    posterior = np.exp(logs - logs.max())
    posterior /= posterior.sum()
    prior = np.array([model["prior"] for model in models])

    def component(present: list[bool]) -> Component:
        if not any(present):
            return Component(0.0, 0.0, float("nan"))
        before, after = prior[present].sum(), posterior[present].sum()
        absent = posterior[~np.array(present)].sum()
        odds = after / absent / (before / (1 - before))
        return Component(float(before), float(after), float(odds))

    density = sum(
        share * model.density
        for share, model in zip(posterior, fitted, strict=True)
        if model.density is not None
    )
    spike = sum(
        share for share, model in zip(posterior, fitted, strict=True) if model.density is None
    )
    mass = density * at.mu_step
    ends = tuple(
        _quantile(at.mu, mass, spike, tail) for tail in ((1 - level) / 2, (1 + level) / 2)
    )
    tau = sum(share * model.tau for share, model in zip(posterior, fitted, strict=True))
    with_posterior = [m | {"posterior": float(p)} for m, p in zip(models, posterior, strict=True)]
    return ModelAverage(
        k=k,
        effect=component([model["effect"] for model in models]),
        heterogeneity=component([model["heterogeneity"] for model in models]),
        bias=component([model["bias"] != "none" for model in models]),
        estimate=float((mass * at.mu).sum()),
        ci=ends,
        tau=float(tau),
        models=tuple(with_posterior),
    )


def _quantile(mu: Array, mass: Array, spike: float, share: float) -> float:
    """Return a quantile of a density on nodes with a spike at zero."""
    below = np.cumsum(mass) - mass / 2
    at_zero = np.interp(0.0, mu, below)
    if at_zero <= share <= at_zero + spike:
        return 0.0
    return float(np.interp(share if share < at_zero else share - spike, below, mu))
