import numpy as np
import pytest
from scipy import integrate, stats

from lkcm.bias import bias_models, marginal
from lkcm.bias.bias_models import BIAS_MODELS, RegressionModel, SelectionModel
from lkcm.bias.marginal import fit, grids
from lkcm.bias.model_average import model_average, sentence
from lkcm.bias.published import published
from lkcm.synthesis.pooled import PoolError

#: What halving every step of the quadrature may change.
QUADRATURE = 0.005

YI = np.array([0.25, 0.6, 0.1, 0.9])
VI = np.array([0.04, 0.09, 0.02, 0.16])


@pytest.fixture(scope="module")
def bem():
    data = published("bem2011")["data"]
    return model_average(data["d"], np.square(data["se"]))


def test_there_are_36_models_and_their_probabilities_add_up(bem):
    assert "strong evidence for selection" in sentence(bem)
    assert len(bem.models) == 36
    assert sum(model["prior"] for model in bem.models) == pytest.approx(1)
    assert sum(model["posterior"] for model in bem.models) == pytest.approx(1)
    assert bem.to_frame()["prior"].to_numpy() == pytest.approx(0.5)


def test_finer_grids_change_nothing_that_is_printed(monkeypatch):
    coarse = model_average(YI, VI)
    monkeypatch.setattr(bias_models, "WEIGHT_NODES", (20, 11))
    monkeypatch.setattr(bias_models, "SLOPE_NODES", 400)
    monkeypatch.setattr(marginal, "MU_STEP", marginal.MU_STEP / 2)
    monkeypatch.setattr(marginal, "TAU_STEP", marginal.TAU_STEP / 2)
    monkeypatch.setattr(marginal, "TAU_WIDEST", marginal.TAU_WIDEST / 2)
    monkeypatch.setattr(marginal, "NEGLIGIBLE", 30.0)
    fine = model_average(YI, VI)
    for name in ("effect", "heterogeneity", "bias"):
        ours, theirs = (getattr(found, name).bayes_factor for found in (coarse, fine))
        assert ours == pytest.approx(theirs, rel=QUADRATURE)
    assert coarse.estimate == pytest.approx(fine.estimate, abs=QUADRATURE)


def test_common_effect_without_bias_in_closed_form():
    at = grids(YI, VI)
    null = fit(YI, VI, at, effect=False, heterogeneity=False, bias=None)
    assert null.log_marginal == pytest.approx(stats.norm.logpdf(YI, 0, np.sqrt(VI)).sum())
    found = fit(YI, VI, at, effect=True, heterogeneity=False, bias=None)
    joint = stats.multivariate_normal(np.zeros(4), np.diag(VI) + 1.0)
    assert found.log_marginal == pytest.approx(joint.logpdf(YI), abs=1e-6)
    mean = (YI / VI).sum() / ((1 / VI).sum() + 1)
    assert (found.density * at.mu_step * at.mu).sum() == pytest.approx(mean, abs=1e-6)


def likelihood(bias, weight, mu):
    """Of the trials under a common effect, with one unknown weight or many values of it."""
    se = np.sqrt(VI)
    masses = bias.probabilities(mu / se, np.ones_like(se))
    printed = np.where(bias.interval(YI / se)[:, None] == 0, 1.0, weight)
    kept = printed / (masses[:, :1] + masses[:, 1:] * weight)
    return np.prod(stats.norm.pdf(YI, mu, se)) * kept.prod(0)


@pytest.mark.parametrize("bias", [m for m in BIAS_MODELS if isinstance(m, SelectionModel)][:3:2])
def test_a_selection_model_agrees_with_adaptive_quadrature(bias):
    weight = (np.arange(4000) + 0.5) / 4000
    value, _ = integrate.quad(
        lambda mu: likelihood(bias, weight, mu).mean() * stats.norm.pdf(mu), -5, 5
    )
    found = fit(YI, VI, grids(YI, VI), effect=True, heterogeneity=False, bias=bias)
    assert found.log_marginal == pytest.approx(np.log(value), abs=1e-4)


def test_heterogeneity_agrees_with_adaptive_quadrature():
    def value(tau):
        return np.prod(stats.norm.pdf(YI, 0, np.sqrt(VI + tau**2))) * stats.invgamma.pdf(
            tau, 1, scale=0.15
        )

    whole = integrate.quad(value, 0, 1)[0] + integrate.quad(value, 1, np.inf)[0]
    found = fit(YI, VI, grids(YI, VI), effect=False, heterogeneity=True, bias=None)
    assert found.log_marginal == pytest.approx(np.log(whole), abs=1e-5)


def test_a_regression_agrees_with_adaptive_quadrature():
    bias = RegressionModel("PET", 1.0, 1, 1.0)

    def value(slope):
        lines = stats.norm.pdf(YI, slope * np.sqrt(VI), np.sqrt(VI))
        return np.prod(lines) * 2 * stats.cauchy.pdf(slope)

    whole = integrate.quad(value, 0, 10)[0] + integrate.quad(value, 10, np.inf)[0]
    found = fit(YI, VI, grids(YI, VI), effect=False, heterogeneity=False, bias=bias)
    assert found.log_marginal == pytest.approx(np.log(whole), abs=1e-6)


@pytest.mark.parametrize("bias", [m for m in BIAS_MODELS if isinstance(m, SelectionModel)])
def test_weights_fall_and_their_prior_adds_up(bias):
    weights, mass = bias.weights()
    assert (np.diff(weights, axis=0) < 0).all() and (weights > 0).all()
    assert mass.sum() == pytest.approx(1)
    # the mean of an ordered uniform sequence: free / (free + 1), ..., 1 / (free + 1)
    free = len(bias.steps)
    means = [(free - place) / (free + 1) for place in range(free)]
    assert weights[1:] @ mass == pytest.approx(means)
    masses = bias.probabilities(np.array([0.3, -1.0]), np.array([1.0, 2.5]))
    assert masses.sum(-1) == pytest.approx(1)
    assert (masses > 0).all()


def test_the_order_of_trials_does_not_matter():
    one, other = model_average(YI[:3], VI[:3]), model_average(YI[2::-1], VI[2::-1])
    assert one.bias.bayes_factor == pytest.approx(other.bias.bayes_factor, rel=1e-9)
    assert one.ci == pytest.approx(other.ci, abs=1e-9)


def test_a_large_clear_effect_is_seen():
    rng = np.random.default_rng(4)
    se = rng.uniform(0.1, 0.25, 12)
    found = model_average(0.5 + se * rng.normal(size=12), se**2)
    assert found.effect.bayes_factor > 30
    assert 0.3 < found.estimate < 0.7


def test_what_cannot_be_averaged_is_said_all_at_once():
    with pytest.raises(PoolError, match="needs k >= 3, there are 2 trials; a variance is zero"):
        model_average([0.1, 0.2], [0.1, 0.0])
    with pytest.raises(PoolError, match="two lists of one length"):
        model_average([0.1, 0.2, 0.3], [0.1, 0.2])
    with pytest.raises(PoolError, match="missing or infinite"):
        model_average([0.1, np.nan, 0.3], [0.1, 0.2, 0.1])
