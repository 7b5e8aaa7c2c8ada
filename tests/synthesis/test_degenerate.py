"""What every part of the synthesis says of too little, too equal or too much data.

The modules' own tests have the details; here the same input goes to all of them.
"""

import re

import numpy as np
import pytest
from made_rows import ACTIVE, figure, made_rows

from lkcm.synthesis.composites import composite_effects
from lkcm.synthesis.contrasts import group_contrast
from lkcm.synthesis.correlated import pool_correlated
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.level_contrasts import level_contrast
from lkcm.synthesis.moderators import moderated, together
from lkcm.synthesis.pool import leave_one_out, pool, pool_many
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.trial_properties import Moderator

GROUPS = ("passive", "active")
KIND, DOSE = Moderator("kind", "kind"), Moderator("dose", "dose", "week")


def dependent(yi, vi):
    return pool_dependent(yi, vi, [f"s{i}" for i in range(len(yi))])


def correlated(yi, vi):
    return pool_correlated(yi, vi, [f"s{i}" for i in range(len(yi))])


def many(yi, vi):
    return pool_many(np.reshape(yi, (-1, 1)), np.reshape(vi, (-1, 1)))


ENGINES = [pool, many, dependent, correlated]
named = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.__name__)


@named
@pytest.mark.parametrize("wrong", [0.0, -0.1], ids=["zero", "negative"])
def test_a_variance_that_is_not_above_zero_is_told(engine, wrong):
    with pytest.raises(PoolError, match="zero or negative"):
        engine([0.1, 0.2, 0.3], [0.1, wrong, 0.1])


@named
def test_no_effects_are_told(engine):
    with pytest.raises(PoolError, match="no effects"):
        engine([], [])


@pytest.mark.parametrize("engine", [pool, dependent], ids=["pool", "dependent"])
@pytest.mark.parametrize(
    ("k", "words"),
    [(1, "one (?:trial|study)"), (2, "two (?:trials|studies): no pooled headline")],
)
def test_one_and_two_trials_are_no_headline(engine, k, words):
    found = engine([0.2, 0.5][:k], [0.1, 0.2][:k])
    assert not found.headline
    assert found.prediction_interval is None
    assert any(re.search(words, note) for note in found.notes)


@pytest.mark.parametrize("engine", [pool, dependent], ids=["pool", "dependent"])
def test_equal_effects_are_pooled_without_variance_and_told(engine):
    found = engine([0.3] * 6, [0.1] * 6)
    estimate = getattr(found, "estimate", None) or found.mean.estimate
    assert estimate == pytest.approx(0.3)
    assert found.tau2 == pytest.approx(0, abs=1e-9)
    assert any("equal" in note or "no residual" in note for note in found.notes)


def test_one_cluster_of_many_effects_is_told():
    found = pool_dependent([0.1, 0.5, 0.9], [0.1] * 3, ["one"] * 3)
    assert found.mean.se is None
    assert "one study" in found.notes[0]
    with pytest.raises(PoolError, match="need more than 1 studies"):
        pool_correlated([0.1, 0.5], [0.1] * 2, ["one"] * 2)
    with pytest.raises(PoolError, match="no robust test"):
        found.wald(["intercept"])


@pytest.mark.parametrize(
    ("moderators", "words"),
    [
        pytest.param({"a": [2.0] * 6}, "a is constant", id="constant"),
        pytest.param(
            {"a": [1, 2, 3, 4, 5, 6], "b": [2, 4, 6, 8, 10, 12]},
            "b is collinear with a",
            id="twice",
        ),
        pytest.param(
            {"a": [1, 2, 3, 4, 5, np.nan]}, "a has a value that is missing", id="missing"
        ),
    ],
)
def test_moderators_that_tell_nothing_are_named(moderators, words):
    with pytest.raises(PoolError, match=words):
        pool_dependent(np.arange(6) / 10, [0.1] * 6, list("abcdef"), moderators=moderators)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_contrasts_and_moderators_of_too_few_trials_are_words(k):
    rows = made_rows(figure(0.2), figure(0.4) | ACTIVE).head(k).assign(kind="a", dose=1.0)
    if not k:
        rows = made_rows(figure(0.2)).assign(kind="a", dose=1.0).head(0)
    assert "nothing is fitted" in group_contrast(rows, "group", GROUPS).told
    assert "nothing is fitted" in level_contrast(rows, "group", GROUPS).told
    assert "nothing is fitted" in moderated(rows, KIND).told
    assert "nothing is fitted" in moderated(rows, DOSE).told
    assert together(rows, [KIND, DOSE]).fit is None


def test_equal_effects_have_a_contrast_of_zero_without_an_interval():
    rows = made_rows(*[figure(0.3)] * 5, *[figure(0.3) | ACTIVE] * 5)
    found = group_contrast(rows, "group", GROUPS)
    assert found.difference.estimate == pytest.approx(0, abs=1e-12)
    assert found.difference.ci is None
    assert level_contrast(rows, "group", GROUPS).differences["difference"].abs().max() < 1e-6


def test_a_hundred_thousand_effects_are_pooled():
    generator = np.random.default_rng(5)
    vi = generator.uniform(0.05, 0.2, 100_000)
    yi = generator.normal(0.3, np.sqrt(vi + 0.04))
    found = pool(yi, vi)
    assert found.estimate == pytest.approx(0.3, abs=0.01)
    assert found.tau2 == pytest.approx(0.04, abs=0.005)
    effects, variances = composite_effects(yi, vi, np.repeat(np.arange(25_000), 4))
    assert len(effects) == len(variances) == 25_000


def test_leaving_one_out_of_one_is_told():
    with pytest.raises(PoolError, match="at least two trials"):
        leave_one_out([0.1], [0.1])
