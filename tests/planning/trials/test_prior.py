import numpy as np
import pytest

from lkcm.planning import PlanError
from lkcm.planning.trials.prior import across_levels, implied, predictive, sceptical
from lkcm.synthesis.censored import Censored
from lkcm.synthesis.pool import pool

Y, V = [0.5, 0.9, 0.2, 1.2], [0.05, 0.1, 0.04, 0.2]


def test_the_predictive_distribution_is_behind_the_prediction_interval():
    pooled = pool(Y, V, test="knapp-hartung-adhoc")
    prior = predictive(pooled, "ours")
    assert prior.interval() == pytest.approx(pooled.prediction_interval)
    assert "4 pooled trials" in prior.source


def test_two_trials_have_no_predictive_distribution():
    assert predictive(pool(Y[:2], V[:2]), "ours") is None
    assert predictive(None, "ours") is None


def censored(**changes):
    fields = dict.fromkeys(Censored.__dataclass_fields__)
    known = {"variant": "A", "k": 30, "bounded": 6, "headline": True}
    return Censored(
        **fields | known | {"estimate": 0.4, "se": 0.1, "tau2_ci": (0.0, 0.09)} | changes
    )


def test_a_synthesis_across_levels_counts_trials_that_bound_their_effect():
    prior = across_levels(censored(), "levels")
    assert (prior.mean, prior.df) == (0.4, 5)
    assert prior.scale == pytest.approx(np.sqrt(0.1))
    assert "variant A; 6 of them" in prior.source
    assert across_levels(censored(headline=False), "levels") is None
    assert across_levels(censored(tau2_ci=None), "levels") is None


def test_a_published_i2_implies_tau():
    prior = implied("Lv", 0.56, 31, 2823, 98.6)
    variance = 4 * 31 / 2823
    tau2 = prior.scale**2 - ((prior.scale**2 - variance / 31) / (1 + 1 / 31) + variance) / 31
    assert np.sqrt(tau2) == pytest.approx(1.76, abs=0.005)  # METHODS: tau near 1.76
    assert np.sqrt((tau2 + variance) / 31) == pytest.approx(0.32, abs=0.005)


def test_without_heterogeneity_only_the_standard_error_is_left():
    assert implied("x", 0.5, 10, 400, 0).scale == pytest.approx(np.sqrt(0.1 / 10))


def test_a_sceptic_gives_the_hoped_for_effect_its_small_chance():
    prior = sceptical("sceptic", 0.81)
    assert prior.above(0.81) == pytest.approx(0.05)
    assert prior.above(0) == pytest.approx(0.5)


@pytest.mark.parametrize("df", [None, 3])
def test_quantiles_have_the_mean_of_the_distribution(df):
    prior = sceptical("s", 1.0) if df is None else predictive(pool(Y, V), "ours")
    found = prior.quantiles(501)
    assert found.mean() == pytest.approx(prior.mean, abs=1e-8)
    assert (np.diff(found) > 0).all()
    assert (found > 0.3).mean() == pytest.approx(prior.above(0.3), abs=0.002)


def test_what_cannot_be_is_refused():
    with pytest.raises(PlanError, match="k is 2.*i2 is 100"):
        implied("x", 0.5, 2, 100, 100)
    with pytest.raises(PlanError, match="alternative is -1"):
        sceptical("x", -1)
