import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.bias.asymmetry import (
    egger,
    egger_lm,
    egger_lm_many,
    egger_many,
    pet_peese,
    pet_peese_many,
)

SETS = (
    *("bcg_rr", "normand1999_smd", "curtis1998_rom", "gibson2002_smd", "raudenbush1985"),
    *("berkey1998", "bangertdrowns2004", "konstantopoulos2011", "li2007_or", "linde2005_rr"),
    *("hart1999_irr", "molloy2014_zcor", "cohen1981_zcor", "bcg_first_three"),
)
#: metafor stops its REML at 1e-14 here; its own rounding is left.
RELATIVE = 1e-8


def test_the_comparison_with_metafor_is_as_large_as_planned(oracle):
    assert set(oracle) == set(SETS)


@pytest.mark.parametrize("name", SETS)
def test_metafor_agrees(oracle, name):
    case = oracle[name]
    trials, expected = (case["yi"], case["vi"]), case["asymmetry"]
    mixed, classic = egger(*trials), egger_lm(*trials)
    ours = [mixed.statistic, mixed.p, mixed.slope, mixed.slope_se, mixed.limit, mixed.limit_se]
    np.testing.assert_allclose(ours, expected["egger"][:6], rtol=RELATIVE)
    assert mixed.tau2 == pytest.approx(expected["egger"][6], rel=RELATIVE, abs=1e-12)
    np.testing.assert_allclose(
        [classic.statistic, classic.p], expected["egger_lm"], rtol=RELATIVE, atol=1e-300
    )
    both = pet_peese(*trials)
    for limit, values in ((both.pet, expected["pet"]), (both.peese, expected["peese"])):
        ours = [limit.estimate, limit.se, limit.t, limit.p]
        np.testing.assert_allclose(ours, values, rtol=RELATIVE, atol=1e-300)


def test_the_conditional_rule_is_one_sided():
    vi = np.array([0.01, 0.02, 0.04, 0.08, 0.16])
    up = pet_peese(0.5 + np.sqrt(vi) + [0.01, -0.01, 0.01, -0.01, 0.01], vi)
    assert up.pet.t > 2.36
    assert (up.chosen, up.taken) == ("peese", up.peese)
    down = pet_peese(-0.5 - np.sqrt(vi) + [0.01, -0.01, 0.01, -0.01, 0.01], vi)
    assert (down.chosen, down.taken) == ("pet", down.pet)


def test_many_data_sets_are_those_one_by_one(simulated):
    yi, vi = simulated(12, 30)
    h = np.random.default_rng(2).uniform(0.02, 0.2, yi.shape)
    yi[9:, :10] = vi[9:, :10] = h[9:, :10] = np.nan
    mixed, classic, limits = (f(yi, vi, h) for f in (egger_many, egger_lm_many, pet_peese_many))
    for i in range(0, 30, 5):
        kept = ~np.isnan(yi[:, i])
        trials = [table[kept, i] for table in (yi, vi, h)]
        one, old, both = egger(*trials), egger_lm(*trials), pet_peese(*trials)
        assert mixed.loc[i, ["z", "p"]].tolist() == pytest.approx([one.statistic, one.p])
        assert classic.loc[i, ["t", "df"]].tolist() == pytest.approx([old.statistic, old.df])
        taken = [both.taken.estimate, both.taken.se, both.taken.p]
        assert limits.loc[i, ["estimate", "se", "p"]].tolist() == pytest.approx(taken)
        assert limits.loc[i, "chose_peese"] == (both.chosen == "peese")


def test_the_size_is_a_predictor_of_its_own(simulated):
    yi, vi = (table[:, 0] for table in simulated(20, 1))
    by_error, by_size = egger(yi, vi), egger(yi, vi, np.linspace(0.02, 0.2, 20))
    assert (by_error.predictor, by_size.predictor) == ("standard error", "size")
    assert by_error.statistic != by_size.statistic
    assert egger(yi, vi, vi).statistic == by_error.statistic


def test_the_size_rejects_as_often_as_it_says_where_the_error_holds_the_effect():
    generator = np.random.default_rng(7)
    n = generator.integers(10, 60, (30, 2000))
    h = 2 / n
    g = generator.normal(0.3, 0.7, n.shape) + generator.normal(0, np.sqrt(h))
    vi = h + g**2 / (4 * n)
    by_size = (egger_many(g, vi, h)["p"] < 0.05).mean()
    by_error = (egger_many(g, vi)["p"] < 0.05).mean()
    assert by_size < 0.08 < by_error


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        pytest.param([1, 2], [1, 2], "needs k >= 3", id="two trials"),
        pytest.param([1, 2, 3], [1, 1, 1], "needs predictors that differ", id="equal errors"),
    ],
)
def test_too_little_is_told_in_words(yi, vi, words):
    both = pet_peese(yi, vi)
    for result in (egger(yi, vi), egger_lm(yi, vi), both.pet, both.peese):
        assert result.needs == words
        assert result.p is None
    assert both.chosen is None
    assert both.taken is both.pet


def test_a_line_through_every_trial_has_no_test():
    vi = np.array([0.01, 0.04, 0.09, 0.16])
    assert egger_lm(1 + 2 * np.sqrt(vi), vi).p is None
    assert egger(1 + 2 * np.sqrt(vi), vi).tau2 == pytest.approx(0, abs=1e-12)


numbers = st.floats(-3, 3).map(lambda x: round(x, 4))
variances = st.floats(0.005, 1).map(lambda x: round(x, 4))
trial_sets = st.lists(
    st.tuples(numbers, variances),
    min_size=4,
    max_size=12,
    unique_by=(lambda t: t[0], lambda t: t[1]),
).map(lambda rows: tuple(np.array(column) for column in zip(*rows, strict=True)))


@settings(deadline=None, max_examples=50)
@given(trial_sets, st.floats(0.1, 10))
def test_sign_unit_and_order_change_what_they_should(trials, unit):
    yi, vi = trials
    original = egger(yi, vi)
    turned = egger(-unit * yi[::-1], unit**2 * vi[::-1])
    assert turned.statistic == pytest.approx(-original.statistic, rel=1e-6, abs=1e-6)
    assert turned.limit == pytest.approx(-unit * original.limit, rel=1e-6, abs=1e-6)
