import numpy as np
import pytest
from made_rows import figure, made_rows

from lkcm.synthesis.composites import composite_effects, composites
from lkcm.synthesis.pooled import PoolError


def test_the_variance_is_that_of_a_mean_of_correlated_effects():
    yi, vi, rho = np.array([0.2, 0.6, 1.0]), np.array([0.04, 0.09, 0.16]), 0.3
    effects, variances = composite_effects(yi, vi, [0, 0, 0], rho)
    table = rho * np.sqrt(np.outer(vi, vi))
    np.fill_diagonal(table, vi)
    assert effects == pytest.approx([0.6])
    assert variances == pytest.approx([table.sum() / 9])


@pytest.mark.parametrize(("rho", "part"), [(0.0, 0.5), (1.0, 1.0)])
def test_two_equal_effects_tell_twice_as_much_or_no_more(rho, part):
    _, variances = composite_effects([0.1, 0.5], [0.08, 0.08], [0, 0], rho)
    assert variances == pytest.approx([0.08 * part])


def test_versions_side_by_side_are_averaged_as_alone():
    generator = np.random.default_rng(1)
    yi, vi = generator.normal(size=(6, 4)), generator.uniform(0.1, 1, (6, 4))
    codes = [0, 1, 1, 2, 2, 2]
    both = composite_effects(yi, vi, codes)
    for version in range(4):
        alone = composite_effects(yi[:, version], vi[:, version], codes)
        for ours, theirs in zip(both, alone, strict=True):
            np.testing.assert_allclose(ours[:, version], theirs)


def test_one_row_a_trial():
    rows = made_rows(
        *(figure(y) | {"sample_id": s} for y, s in ((0.2, "b"), (0.4, "a"), (0.6, "b")))
    )
    found = composites(rows, rho=1.0)
    assert found["sample_id"].tolist() == ["b", "a"]
    assert found["yi"].tolist() == pytest.approx([0.4, 0.4])
    assert found["effects"].tolist() == [2, 1]
    assert composites(rows.head(0)).empty


def test_rho_must_be_a_correlation():
    with pytest.raises(PoolError, match="rho is 1.2"):
        composite_effects([0.1], [0.1], [0], 1.2)
