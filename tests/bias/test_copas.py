import numpy as np
import pytest
from scipy.special import ndtr

from lkcm.bias.copas import copas
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError


def test_without_selection_it_is_the_pool(oracle):
    case = oracle["linde2005_rr"]
    # Nobody unseen: the correlation cannot matter.
    row = copas(case["yi"], case["vi"], smallest=[1 - 1e-12], largest=1 - 1e-12).iloc[0]
    plain = pool(case["yi"], case["vi"], method="ML", test="wald")
    assert row["estimate"] == pytest.approx(plain.estimate, abs=2e-3)
    assert row["tau2"] == pytest.approx(plain.tau2, abs=2e-3)
    assert row["se"] == pytest.approx(plain.se, rel=0.1)
    assert row["unseen"] < 1e-9


def test_the_effect_shrinks_as_fewer_small_trials_are_seen(oracle):
    case = oracle["bangertdrowns2004"]
    table = copas(case["yi"], case["vi"], smallest=[0.9, 0.6, 0.3])
    assert (np.diff(table["estimate"]) < 0).all()
    assert (np.diff(table["unseen"]) > 0).all()
    assert (table["ci_low"] < table["estimate"]).all()
    assert table["explained"].tolist() == (table["p_left"] >= 0.10).tolist()


@pytest.mark.slow
def test_the_effect_is_recovered_where_the_chances_are_right():
    generator = np.random.default_rng(4)
    found = []
    for _ in range(10):
        se = np.sqrt(generator.uniform(0.01, 0.2, 800))
        noise = generator.normal(size=(2, 800))
        rho, gamma = 0.7, (-1.0, 0.2)
        error = rho * noise[0] + np.sqrt(1 - rho**2) * noise[1]
        yi = 0.2 + se * error + generator.normal(0, 0.1, 800)
        seen = np.flatnonzero(gamma[0] + gamma[1] / se + noise[0] > 0)[:150]
        y, s = yi[seen], se[seen]
        ends = ndtr(gamma[0] + gamma[1] / np.array([s.max(), s.min()]))
        found.append(copas(y, s**2, smallest=[ends[0]], largest=ends[1])["estimate"][0])
    assert np.mean(found) == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(
    ("yi", "vi", "options", "words"),
    [
        pytest.param([1, 2, 3, 4], [1, 2, 3, 4], {}, "needs k >= 5", id="four trials"),
        pytest.param([1] * 5, [1] * 5, {}, "needs standard errors that differ", id="equal"),
        pytest.param([1] * 5, [1, 2, 3, 4, 5], {"largest": 1.0}, "below 1", id="chance"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(yi, vi, options, words):
    with pytest.raises(PoolError, match=words):
        copas(yi, vi, **options)
