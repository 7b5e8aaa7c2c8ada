import numpy as np
import pytest

from lkcm.bias.sets import BLOCK, in_blocks, one_set
from lkcm.synthesis.pooled import PoolError


def means(yi, vi, h=None):
    return {"mean": yi.mean(0), "size": np.full(yi.shape[1], np.nan) if h is None else h.sum(0)}


def many(yi, vi, h=None):
    return in_blocks(means, ("mean", "size"), 2, yi, vi, h)


def test_data_sets_of_every_length_are_seen_without_their_gaps():
    yi = np.array([[np.nan, 1, 7], [2, 3, np.nan], [4, 5, np.nan]])
    table = many(yi, np.where(np.isnan(yi), np.nan, 0.1), np.where(np.isnan(yi), np.nan, 0.5))
    assert table["k"].tolist() == [2, 3, 1]
    np.testing.assert_array_equal(table["mean"], [3, 3, np.nan])
    np.testing.assert_array_equal(table["size"], [1, 1.5, np.nan])


def test_many_data_sets_are_split_and_put_together_again():
    yi = np.arange(3.0 * BLOCK).reshape(3, BLOCK)
    np.testing.assert_array_equal(many(yi, np.ones_like(yi))["mean"], yi.mean(0))


def test_one_data_set_has_none_for_what_is_not_defined():
    assert one_set(many, [1, 2], [1, 1]) == {"k": 2, "mean": 1.5, "size": None}
    assert one_set(many, [1, 2], [1, 1], [1, 2])["size"] == 3
    assert one_set(many, [1], [1])["mean"] is None


@pytest.mark.parametrize(
    ("yi", "vi", "h", "words"),
    [
        pytest.param([1, 2], [1, 0], None, "zero or negative", id="zero variance"),
        pytest.param([1, 2], [1], None, "2 effects but 1 variances", id="lengths"),
        pytest.param([1, np.nan], [1, 1], None, "missing", id="gap"),
        pytest.param([1, 2], [1, 1], [1], "as many as effects", id="too few sizes"),
        pytest.param([1, 2], [1, 1], [1, 0], "missing, infinite, zero", id="size of zero"),
        pytest.param([], [], None, "no effects", id="nothing"),
    ],
)
def test_what_cannot_be_checked_is_told_in_words(yi, vi, h, words):
    with pytest.raises(PoolError, match=words):
        one_set(many, yi, vi, h)
