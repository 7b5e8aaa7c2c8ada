import numpy as np
import pandas as pd
import pytest

from lkcm.synthesis.design import design
from lkcm.synthesis.pooled import PoolError


def test_the_intercept_comes_first():
    names, x = design(pd.DataFrame({"dose": [1, 2, 4], "age": [3.0, 1.0, 2.0]}), 3)
    assert names == ("intercept", "dose", "age")
    np.testing.assert_array_equal(x, [[1, 1, 3], [1, 2, 1], [1, 4, 2]])


def test_nothing_but_the_mean():
    names, x = design(None, 4)
    assert names == ("intercept",)
    np.testing.assert_array_equal(x, np.ones((4, 1)))


def test_all_classes_are_allowed_without_an_intercept():
    classes = {"passive": [1, 1, 0, 0], "active": [0, 0, 1, 1]}
    assert design(classes, 4, intercept=False)[0] == ("passive", "active")
    with pytest.raises(PoolError, match="active is collinear with intercept, passive"):
        design(classes, 4)


@pytest.mark.parametrize("year", [[2001, 2002, 2004], [1e9 + 1, 1e9, 1e9 + 40]], ids=["AD", "s"])
def test_a_moderator_far_from_zero_is_not_constant(year):
    assert design({"year": year}, 3)[0] == ("intercept", "year")


@pytest.mark.parametrize(
    ("moderators", "intercept", "words"),
    [
        pytest.param({"a": [2, 2, 2]}, True, ["moderator a is constant"], id="constant"),
        pytest.param({"a": [0, 0, 0]}, False, ["moderator a is constant"], id="zeros"),
        pytest.param(
            {"a": [1, 2, 4], "b": [0, 0, 1], "c": [2, 4, 8]},
            True,
            ["moderator c is collinear with a"],
            id="multiple",
        ),
        pytest.param({"a": [1, 2]}, True, ["moderator a has 2 values; allowed: 3"], id="short"),
        pytest.param({"a": list("xyz")}, True, ["moderator a is not of numbers"], id="text"),
        pytest.param({"a": [1, np.nan, 2]}, True, ["moderator a has a value that"], id="missing"),
        pytest.param({"intercept": [1, 2, 3]}, True, ["intercept comes twice"], id="twice"),
        pytest.param({}, False, ["no intercept and no moderators"], id="nothing"),
        pytest.param(
            {"a": [1, 1, 1], "b": list("xyz"), "c": [1]},
            True,
            ["a is constant", "b is not of numbers", "c has 1 values"],
            id="every problem at once",
        ),
    ],
)
def test_moderators_that_cannot_be_used_are_named(moderators, intercept, words):
    with pytest.raises(PoolError) as problem:
        design(moderators, 3, intercept=intercept)
    for word in words:
        assert word in str(problem.value)
