import numpy as np
import pytest
from scipy import stats

from lkcm.bias.rank import rank_test, rank_test_many

SETS = (
    *("bcg_rr", "curtis1998_rom", "raudenbush1985", "konstantopoulos2011", "molloy2014_zcor"),
    *("bangertdrowns2004", "cohen1981_zcor", "linde2005_rr", "bcg_first_three"),
)


@pytest.mark.parametrize("name", SETS)
def test_metafor_agrees(oracle, name):
    case = oracle[name]
    ours = rank_test(case["yi"], case["vi"])
    np.testing.assert_allclose([ours.tau, ours.p], case["asymmetry"]["rank"], rtol=1e-9)


def test_exact_and_tied_data_are_both_compared(oracle):
    exact = {rank_test(oracle[name]["yi"], oracle[name]["vi"]).exact for name in SETS}
    assert exact == {True, False}


def test_many_data_sets_with_ties_are_scipys():
    generator = np.random.default_rng(3)
    vi = generator.integers(1, 5, (9, 40)) / 20
    yi = generator.integers(-3, 4, (9, 40)) / 2
    table = rank_test_many(yi, vi)
    w = 1 / vi
    z = (yi - (w * yi).sum(0) / w.sum(0)) / np.sqrt(vi - 1 / w.sum(0))
    for i in range(40):
        expected = stats.kendalltau(z[:, i], vi[:, i], method="asymptotic")
        assert table["tau"][i] == pytest.approx(expected.statistic)
        if not table["exact"][i]:
            assert table["p"][i] == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        pytest.param([1, 2], [1, 2], "needs k >= 3", id="two trials"),
        pytest.param([1, 2, 3], [1, 1, 1], "needs effects and variances that differ", id="ties"),
        pytest.param([1, 1, 1], [1, 2, 3], "needs effects and variances that differ", id="equal"),
    ],
)
def test_too_little_is_told_in_words(yi, vi, words):
    result = rank_test(yi, vi)
    assert (result.needs, result.p) == (words, None)


@pytest.mark.parametrize(("k", "exact"), [(170, True), (400, False)])
def test_the_exact_p_gives_way_to_the_normal_one_in_a_large_review(k, exact):
    vi = np.linspace(0.01, 0.5, k)
    yi = np.random.default_rng(5).normal(0, np.sqrt(vi))
    w = 1 / vi
    z = (yi - (w * yi).sum() / w.sum()) / np.sqrt(vi - 1 / w.sum())
    expected = stats.kendalltau(z, vi, method="exact" if exact else "asymptotic")
    result = rank_test(yi, vi)
    assert result.exact == exact
    assert result.p == pytest.approx(expected.pvalue)
