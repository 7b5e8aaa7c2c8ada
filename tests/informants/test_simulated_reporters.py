import numpy as np
import pytest

from lkcm.effects.smd import smd
from lkcm.informants.agreement_range import Agreement
from lkcm.informants.expectation import expected_effect
from lkcm.informants.simulated_reporters import (
    WORLDS,
    recovery,
    reporter_correlation,
    simulate,
    true_effects,
)
from lkcm.synthesis.pooled import PoolError


def people(world: str, shift: float, loadings: tuple[float, float], n: int, seed: int):
    """Ratings of people in two arms, from a latent trait and what each world changes."""
    rng = np.random.default_rng(seed)
    ratings = []
    for treated in (1, 0):
        trait = rng.standard_normal(n) + (shift / loadings[0] if world == "trait" else 0) * treated
        noise = rng.standard_normal((2, n)) * np.sqrt(1 - np.square(loadings))[:, None]
        own, other = np.outer(loadings, trait) + noise
        if world != "trait":
            own = own + shift * treated
        if world == "score":
            # the other's rating follows the score itself, at the same correlation
            r = np.prod(loadings)
            other = r * own + np.sqrt(1 - r**2) * rng.standard_normal(n)
        ratings.append((own, other))
    return ratings


@pytest.mark.parametrize("world", list(WORLDS))
def test_the_bounds_are_what_people_with_a_latent_trait_show(world):
    loadings, n = (0.8, 0.6), 200_000
    treated, control = people(world, 0.4, loadings, n, seed=8)
    found = [
        float(smd(t.mean(), t.std(), n, c.mean(), c.std(), n)[0])
        for t, c in zip(treated, control, strict=True)
    ]
    assert found == pytest.approx(true_effects(world, 0.4, loadings).tolist(), abs=0.01)
    r = float(np.prod(loadings))
    expected = expected_effect(0.4, None, Agreement(r, r), loadings=(0.75, 0.75))
    bounds = {"trait": expected.trait.low, "score": expected.score.low, "answers": 0.0}
    assert found[1] == pytest.approx(bounds[world], abs=0.01)


def test_simulated_effects_have_their_mean_and_variance():
    correlation = reporter_correlation([0.7, 0.7, 0.5])
    drawn = simulate([0.5, 0.2, 0.0], correlation, [20, 60], [25, 50], sets=20_000, seed=1)
    assert drawn.g.shape == drawn.v.shape == (3, 2, 20_000)
    np.testing.assert_allclose(drawn.g.mean(axis=2), [[0.5] * 2, [0.2] * 2, [0] * 2], atol=0.01)
    np.testing.assert_allclose(drawn.g.var(axis=2), drawn.v.mean(axis=2), rtol=0.06)


def test_true_effects_vary_between_trials_and_reporters():
    correlation = reporter_correlation([0.5, 0.5])
    size = [4000]
    drawn = simulate([0, 0], correlation, size, size, sets=4000, between=0.2, within=0.1, seed=2)
    covariance = np.cov(drawn.g[:, 0])
    np.testing.assert_allclose(covariance, [[0.3, 0.2], [0.2, 0.3]], atol=0.03)


def test_the_same_seed_gives_the_same_sets():
    arguments = ([0.5, 0.2], reporter_correlation([0.6, 0.6]), [30], [30])
    one, other = (simulate(*arguments, sets=5, seed=7) for _ in range(2))
    np.testing.assert_array_equal(one.g, other.g)


@pytest.mark.parametrize("world", list(WORLDS))
def test_the_contrast_recovers_each_world(world):
    found = recovery(world, trials=12, sets=1500, seed=6).set_index("assumed")
    assert found["bias"].abs().max() < 0.02
    assert 0.93 <= found.loc["the true one", "coverage"] <= 0.97
    # a correlation taken too low makes intervals too wide, never too narrow
    assert found.loc["the lower end", "coverage"] >= found.loc["the true one", "coverage"] - 0.01


def test_an_unknown_world_is_refused():
    with pytest.raises(PoolError, match="world 'moon' is unknown"):
        true_effects("moon", 0.5, (1, 1))
