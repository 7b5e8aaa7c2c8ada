import numpy as np
import pytest

from lkcm.bias.gosh import gosh
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import PoolError

TRIALS = ([0.1, 0.5, 0.9, 0.2, -0.3], [0.02, 0.03, 0.05, 0.04, 0.03])


def test_metafor_agrees_on_every_subset(oracle, gosh_oracle):
    case = oracle[gosh_oracle["set"]]
    ours = gosh(case["yi"], case["vi"])
    assert ours.every
    order = np.lexsort([ours.estimate.round(9), ours.size])
    expected = {key: np.array(gosh_oracle[key]) for key in ("size", "estimate", "i2")}
    theirs = np.lexsort([expected["estimate"].round(9), expected["size"]])
    for key, values in expected.items():
        np.testing.assert_allclose(getattr(ours, key)[order], values[theirs], atol=1e-7)


@pytest.mark.parametrize(("model", "method"), [("DL", "DL"), ("EE", "FE"), ("REML", "REML")])
def test_the_last_subset_is_the_pool_of_all(model, method):
    result = gosh(*TRIALS, model=model)
    assert len(result.estimate) == 2**5 - 5 - 1
    assert result.estimate[-1] == pytest.approx(pool(*TRIALS, method=method).estimate, rel=1e-9)


def test_the_conclusion_holds_in_the_share_that_says_so():
    clear = gosh([0.9, 1.0, 1.1, 1.0], [0.01] * 4)
    assert (clear.all_side, clear.unchanged, clear.same_sign) == (1, 1.0, 1.0)
    mixed = gosh([-1.0, 1.0, 1.1], [0.01] * 3, model="EE")
    assert mixed.unchanged == pytest.approx(2 / 4)
    assert gosh(*TRIALS).pull[4] == min(gosh(*TRIALS).pull) < 0


def test_a_draw_is_repeatable_and_near_the_whole(simulated):
    yi, vi = (table[:, 0] for table in simulated(14, 1))
    whole, drawn = gosh(yi, vi), gosh(yi, vi, subsets=4000, seed=3)
    again = gosh(yi, vi, subsets=4000, seed=3)
    assert (whole.every, drawn.every, len(drawn.estimate)) == (True, False, 4000)
    np.testing.assert_array_equal(drawn.estimate, again.estimate)
    assert drawn.estimate.mean() == pytest.approx(whole.estimate.mean(), abs=0.01)
    assert drawn.unchanged == pytest.approx(whole.unchanged, abs=0.03)


def test_a_large_review_is_drawn_from():
    yi = np.linspace(-0.2, 0.8, 80)
    assert len(gosh(yi, np.full(80, 0.05), subsets=500).estimate) == 500


@pytest.mark.parametrize(
    ("trials", "options", "words"),
    [
        pytest.param(([1, 2], [1, 1]), {}, "needs k >= 3", id="two trials"),
        pytest.param(TRIALS, {"model": "PM"}, "allowed: DL, EE, REML", id="model"),
        pytest.param(TRIALS, {"subsets": 0}, "1 and more", id="no subsets"),
        pytest.param(([1, 2, 3], [1, 1, 0]), {}, "zero or negative", id="zero variance"),
    ],
)
def test_what_cannot_be_done_is_told_in_words(trials, options, words):
    with pytest.raises(PoolError, match=words):
        gosh(*trials, **options)
