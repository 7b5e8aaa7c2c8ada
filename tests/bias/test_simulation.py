import numpy as np
import pytest
from scipy import stats

from lkcm.bias.simulation import (
    FIGURE,
    NO_DIFFERENCE,
    SELECTIONS,
    SIGNIFICANT,
    SILENT,
    mean_published,
    published_chance,
    simulate_abstracts,
    simulate_reviews,
    truth_behind,
)
from lkcm.synthesis.pool import pool_many

N_T = np.array([15.0, 23, 25, 40, 46, 61, 61, 114])
N_C = np.array([20.0, 15, 24, 41, 46, 61, 61, 86])
SETS = 3000
#: Monte Carlo errors that a mean may be away from what it should be.
ERRORS = 4


def draw(selection="none", mu=0.3, tau=0.3, sets=SETS, seed=7, **sizes):
    generator = np.random.default_rng(seed)
    sizes = {"n_t": N_T, "n_c": N_C} | sizes
    return simulate_reviews(generator, **sizes, mu=mu, tau=tau, sets=sets, selection=selection)


def near(values, target):
    values = np.asarray(values, dtype=float)
    return abs(values.mean() - target) < ERRORS * values.std() / np.sqrt(values.size)


def test_without_selection_effects_are_unbiased_and_as_variable_as_stated():
    review = draw()
    assert review.yi.shape == review.vi.shape == review.hi.shape == (8, SETS)
    assert near(review.yi, 0.3)
    spread = (review.yi - 0.3) ** 2
    assert (spread.mean(1) / (0.3**2 + review.vi.mean(1))).max() < 1.1
    assert (spread.mean(1) / (0.3**2 + review.vi.mean(1))).min() > 0.9


def test_the_same_seed_gives_the_same_reviews():
    assert (draw(sets=5).yi == draw(sets=5).yi).all()
    assert (draw(sets=5).yi != draw(sets=5, seed=8).yi).all()


@pytest.mark.parametrize("selection", ["moderate", "strong"])
def test_published_trials_have_the_density_that_selection_gives(selection):
    review = draw(selection, mu=0.1, tau=0.2, sets=20000)
    t = review.yi / np.sqrt(review.hi)
    free = draw("none", mu=0.1, tau=0.2, sets=60000)
    p = stats.norm.sf(free.yi / np.sqrt(free.hi))
    chance = published_chance(p, selection)
    expected = (chance * (p < 0.5)).sum(1) / chance.sum(1)
    assert (t > 0).mean(1) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("tau", [0.0, 0.4])
def test_the_mean_under_selection_is_foretold(selection, tau):
    review = draw(selection, mu=0.2, tau=tau, sets=4000)
    weights = 1 / (review.hi + tau**2)
    means = (weights * review.yi).sum(0) / weights.sum(0)
    assert means.mean() == pytest.approx(
        mean_published(0.2, tau, review.hi[:, 0], selection), abs=0.015
    )


@pytest.mark.parametrize("selection", SELECTIONS)
def test_the_truth_behind_an_estimate_gives_that_estimate(selection):
    hi = 1 / N_T + 1 / N_C
    mu = truth_behind(0.6, 0.3, hi, selection)
    assert mean_published(mu, 0.3, hi, selection) == pytest.approx(0.6, abs=1e-8)
    assert mu == 0.6 if selection == "none" else mu < 0.6


def test_stronger_selection_moves_the_pool_further():
    pooled = [
        pool_many(r.yi, r.vi, method="DL")["estimate"].mean()
        for r in (draw(name, mu=0.2, sets=500) for name in SELECTIONS)
    ]
    assert pooled[0] < pooled[1] < pooled[2]


def test_sizes_may_differ_from_review_to_review():
    sizes = np.random.default_rng(1).integers(10, 60, (5, 40))
    review = draw(n_t=sizes, n_c=sizes, sets=40)
    assert review.hi == pytest.approx(2 / sizes)


def test_abstracts_print_one_figure_and_words_that_fit():
    made = simulate_abstracts(np.random.default_rng(3), N_T, N_C, mu=0.2, tau=0.2, sets=2000)
    assert made.state.shape == (8, 4, 2000)
    assert ((made.state == FIGURE).sum(1) == 1).all()
    z = made.yi / np.sqrt(1 / N_T + 1 / N_C)[:, None, None]
    assert np.abs(z[made.state == SIGNIFICANT]).min() > 1.9
    assert np.abs(z[(made.state == NO_DIFFERENCE) | (made.state == SILENT)]).max() < 2.2
    printed = made.yi[made.state == FIGURE]
    assert printed.mean() > 0.2 + 0.1
    named = simulate_abstracts(
        np.random.default_rng(3), N_T, N_C, mu=0.2, tau=0.2, sets=2000, strongest_only=False
    )
    assert near(named.yi[named.state == FIGURE], 0.2)


def test_selection_within_abstracts_looks_like_selection_of_trials():
    strongest = draw("abstracts", mu=0.2, tau=0.2)
    made = simulate_abstracts(np.random.default_rng(9), N_T, N_C, mu=0.2, tau=0.2, sets=SETS)
    first = np.where(made.state[:, 0] == FIGURE, made.yi[:, 0], np.nan)
    assert strongest.yi.mean(1) == pytest.approx(np.nanmean(first, axis=1), abs=0.05)
    assert pool_many(strongest.yi, strongest.vi, method="DL")["estimate"].mean() > 0.3


def test_what_cannot_be_simulated_is_said():
    with pytest.raises(ValueError, match="allowed: none, moderate, strong"):
        published_chance(0.2, "severe")
    with pytest.raises(ValueError, match="at least two people"):
        draw(n_t=np.array([1.0]), n_c=np.array([9.0]))
