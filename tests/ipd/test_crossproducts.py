import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.crossproducts import ONE, ParticipantError, crossproducts, pseudo_inverse, regress


@pytest.fixture
def people(generator):
    n = 90
    trial = generator.permutation(np.repeat(list("abc"), n // 3))
    x, t = generator.normal(size=n), np.tile([0.0, 1.0], n // 2)
    y = 0.5 * t + 0.3 * x + generator.normal(size=n)
    return pd.DataFrame({"trial": trial, "t": t, "x": x, "y": y})


def test_sums_are_those_of_each_trial(people):
    products = crossproducts(people[["t", "x", "y"]], people["trial"])
    for place, (_, rows) in enumerate(people.groupby("trial")):
        table = np.column_stack([np.ones(len(rows)), rows[["t", "x", "y"]]])
        np.testing.assert_allclose(products.sums[place], table.T @ table)
    assert products.trials == ("a", "b", "c") and products.n.sum() == 90


def test_regressions_are_those_of_each_trial(people):
    products = crossproducts(people[["t", "x", "y"]], people["trial"])
    whole = regress(products, "y", (ONE, "t", "x"))
    part = regress(products.without((ONE, "x")), "y", ("t",))
    for place, (_, rows) in enumerate(people.groupby("trial")):
        table = np.column_stack([np.ones(len(rows)), rows[["t", "x"]]])
        beta, rss, *_ = np.linalg.lstsq(table, rows["y"], rcond=None)
        np.testing.assert_allclose(whole.estimate[place], beta)
        covariance = rss[0] / (len(rows) - 3) * np.linalg.inv(table.T @ table)
        np.testing.assert_allclose(whole.covariance[place], covariance)
    for ours, theirs in zip(whole.column("t"), part.column("t"), strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_a_covariate_that_is_constant_in_a_trial_counts_not_there(people):
    people.loc[people["trial"] == "a", "x"] = 3.0
    products = crossproducts(people[["t", "x", "y"]], people["trial"])
    left = products.without((ONE, "x"))
    np.testing.assert_array_equal(left.n, [29, 28, 28])
    assert np.isnan(regress(products, "y", (ONE, "t", "x")).estimate[0]).all()
    assert regress(products, "y", (ONE, "t", "x")).frame("t")["trial"].tolist() == ["b", "c"]


def test_only_complete_participants_count(people):
    people.loc[people.index[:5], "x"] = np.nan
    assert crossproducts(people[["t", "x"]], people["trial"]).n.sum() == 85
    with pytest.raises(ParticipantError, match="no participant"):
        crossproducts({"t": [np.nan], "y": [1.0]}, ["a"])


def test_pseudo_inverse_is_numpys(generator):
    table = generator.normal(size=(2, 6, 3))
    table[1, :, 2] = table[1, :, 0] + table[1, :, 1]
    square = np.swapaxes(table, 1, 2) @ table
    inverse, rank = pseudo_inverse(square)
    assert rank.tolist() == [3, 2]
    np.testing.assert_allclose(inverse[0], np.linalg.inv(square[0]), rtol=1e-8)
    np.testing.assert_allclose(square[1] @ inverse[1] @ square[1], square[1], atol=1e-8)
