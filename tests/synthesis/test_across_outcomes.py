import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.across_outcomes import COLUMNS, across_outcomes, choices, without_each
from lkcm.synthesis.censored import fit_chosen, synthesise
from lkcm.synthesis.contributions import KINDS, choose
from lkcm.synthesis.outcome import core, outcome_rows, pool_group

OUTCOMES = ("self-compassion", "stress", "other-compassion")


@pytest.fixture(scope="module")
def converted():
    found = evidence.load(tables=["trials", "effects"])
    return convert(found.table("effects"), found.table("trials"))


@pytest.fixture(scope="module")
def rows(converted):
    every = outcome_rows(converted, "self-compassion")
    return every[every["group"] == "passive"]


@pytest.fixture(scope="module")
def kept(rows):
    return choose(core(rows)).kept


def test_a_table_of_outcomes_holds_the_syntheses_done_alone(converted):
    found = across_outcomes(converted, OUTCOMES)
    assert list(found.columns) == [*COLUMNS, *KINDS]
    for line in found.itertuples():
        rows = core(outcome_rows(converted, line.outcome))
        alone = synthesise(rows[rows["group"] == line.group])
        for name in ("a", "b"):
            fit = alone.fits[name.upper()]
            values = [getattr(line, name), getattr(line, f"{name}_low")]
            expected = [fit.estimate, None if fit.ci is None else fit.ci[0]]
            np.testing.assert_allclose(values, np.array(expected, float), rtol=1e-7, atol=1e-9)
        assert line.k == alone.fits["A"].k <= line.samples
        assert line.told == alone.fits["A"].notes[0]


def test_figures_alone_are_pooled_from_three_trials_on(converted):
    found = across_outcomes(converted, OUTCOMES)
    assert found["pooled"].notna().eq(found["figure"] >= 3).all()
    first = found[(found["outcome"] == "self-compassion") & (found["group"] == "passive")].iloc[0]
    rows = core(outcome_rows(converted, "self-compassion"))
    pooled = pool_group(rows[rows["group"] == "passive"], "passive").pooled
    assert first["pooled"] == pytest.approx(pooled.estimate)


def test_all_trials_say_no_less_than_the_core(converted):
    one = across_outcomes(converted, OUTCOMES).set_index(["outcome", "group"])["k"]
    every = across_outcomes(converted, OUTCOMES, core_only=False)
    every = every.set_index(["outcome", "group"])["k"]
    assert (every.reindex(one.index) >= one).all()
    assert every.sum() > one.sum()


def test_without_rows_the_table_is_empty(converted):
    assert across_outcomes(converted, ["no such outcome"]).empty
    assert across_outcomes(converted[:0], OUTCOMES).empty


@pytest.mark.parametrize("variant", ["A", "B"])
def test_leaving_a_trial_out_is_fitting_the_others(kept, variant):
    found = without_each(kept, variant)
    assert found.index.equals(kept.index)
    for place in (0, 5, len(kept) - 1):
        others = fit_chosen(kept.drop(kept.index[place]), variant)
        expected = [others.estimate, *others.ci]
        np.testing.assert_allclose(found.iloc[place], expected, rtol=1e-7)


def test_leaving_out_the_only_bounded_trial_leaves_no_estimate(kept):
    few = pd.concat([kept[kept["kind"] == "figure"][:1], kept[kept["kind"] == "significance"]])
    few = few[~few["either"].astype(bool)]
    found = without_each(few)
    assert found["estimate"].isna().tolist() == [True] + [False] * (len(few) - 1)
    assert without_each(kept[:0]).empty


def test_each_choice_is_fitted_under_both_variants(rows, kept):
    found = choices(core(rows), rows)
    assert found.groupby("choice")["variant"].agg("".join).eq("AB").all()
    at = found.set_index(["choice", "variant"])
    base = synthesise(core(rows)).fits["A"]
    first = at.loc[("as on this page: core trials, ML", "A")]
    assert first["estimate"] == pytest.approx(base.estimate)
    a = at["estimate"].xs("A", level="variant")
    assert a["without the trials that find no difference"] > first["estimate"]
    assert a.filter(like="a fifth smaller").iloc[0] < first["estimate"]
    k = at["k"].xs("A", level="variant")
    assert k["all trials, whatever share of the programme is LKCM"] > len(kept)


def test_choices_of_nothing_have_no_numbers(rows):
    found = choices(rows[:0], rows[:0])
    assert found["k"].eq(0).all()
    assert found[["estimate", "ci_low", "ci_high", "tau2"]].isna().all(axis=None)
