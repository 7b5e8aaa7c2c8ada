import numpy as np
import pytest
from scipy import optimize, stats

from lkcm.bias.p_uniform import p_uniform, p_uniform_many


def minus_loglik(at, yi, vi):
    s = np.sqrt(vi + at[1])
    bound = stats.norm.isf(0.025) * np.sqrt(vi)
    side = np.where(
        yi >= bound, stats.norm.logsf(bound, at[0], s), stats.norm.logcdf(bound, at[0], s)
    )
    return -(stats.norm.logpdf(yi, at[0], s) - side).sum()


@pytest.mark.parametrize("name", ["bangertdrowns2004", "linde2005_rr", "curtis1998_rom"])
def test_the_top_is_that_of_the_likelihood_as_it_is_printed(oracle, name):
    case = oracle[name]
    ours = p_uniform(case["yi"], case["vi"])
    direct = optimize.minimize(
        minus_loglik, [0.1, 0.1], (case["yi"], case["vi"]), bounds=[(None, None), (0, None)]
    )
    assert ours.loglik == pytest.approx(-direct.fun, abs=1e-6)
    assert [ours.estimate, ours.tau2] == pytest.approx(direct.x, rel=1e-3)


def test_the_effect_is_recovered_from_selected_trials(selected):
    table = p_uniform_many(*selected)
    assert table["estimate"].mean() == pytest.approx(0.3, abs=0.02)
    covered = (table["ci_low"] < 0.3) & (table["ci_high"] > 0.3)
    assert covered.mean() == pytest.approx(0.95, abs=0.05)


def test_too_few_trials_are_told_in_words():
    result = p_uniform([1, 2], [1, 1])
    assert (result.needs, result.estimate, result.ci) == ("needs k >= 3", None, None)
