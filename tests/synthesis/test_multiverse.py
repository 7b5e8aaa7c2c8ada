import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.choices import CURVES, ESTIMATORS, MIXED, TESTS
from lkcm.synthesis.composites import composites
from lkcm.synthesis.multiverse import NUMBERS, influence, multiverse, summary
from lkcm.synthesis.outcome import core, outcome_rows, pool_group
from lkcm.synthesis.pool import pool

OUTCOME = "self-compassion"


@pytest.fixture(scope="module")
def tables():
    found = evidence.load(tables=["trials", "effects"])
    return found.table("effects"), found.table("trials")


@pytest.fixture(scope="module")
def found(tables):
    return multiverse(*tables, OUTCOME)


@pytest.fixture(scope="module")
def curve(found):
    return found.curve()


def test_there_are_more_than_a_thousand_fits_and_far_fewer_data_sets(found, curve):
    assert len(curve) >= 1000
    sums = summary(found)
    line = sums[sums["fits"] == len(curve)].iloc[0]
    assert line["data_sets"] == curve["data_set"].nunique() < len(curve) / 10
    assert line["estimates"] <= line["data_sets"] * len(ESTIMATORS.options)
    assert line["excluding"] == pytest.approx(curve["excludes"].mean())


def test_every_combination_stands_once(found):
    names = [choice.name for choice in (*CURVES, *MIXED)]
    assert found.fits.columns.tolist() == [*names, *NUMBERS]
    assert not found.fits.duplicated(names).any()
    every = np.prod([len(choice.options) for choice in (*CURVES[:2], *MIXED)])
    wald = every // len(TESTS.options)
    assert len(found.fits) + found.too_few["specifications"].sum() == every + wald


def test_the_headline_is_that_of_the_pooling_page(tables, curve):
    rows = core(outcome_rows(convert(*tables), OUTCOME))
    expected = pool_group(rows[rows["group"] == "passive"], "passive").pooled
    headline = curve[curve["headline"]]
    assert len(headline) == 1
    line = headline.iloc[0]
    assert line["k"] == expected.k
    assert line["estimate"] == pytest.approx(expected.estimate)
    assert (line["ci_low"], line["ci_high"]) == pytest.approx(expected.ci)


def test_a_specification_can_be_computed_by_hand(tables, curve):
    rules = {"r": 0.2, "assume_model": "change", "rescale_printed": True}
    rows = outcome_rows(convert(*tables, **rules), OUTCOME)
    rows = rows[rows["status"].eq("poolable") & rows["group"].eq("passive")]
    rows = rows[rows["timepoint"].eq("post") & rows["level"].isin(["1", "2a"])]
    means = composites(rows, rho=0.9)
    expected = pool(means["yi"], means["vi"], method="PM", test="knapp-hartung")
    wanted = {
        **{"pre-post correlation": "r = 0.2", "model where not stated": "change"},
        **{"printed d and g": "rescaled", "programmes": "all"},
        **{"quasi-experimental label": "kept", "compassion-focused therapy": "kept"},
        **{"levels of evidence": "sizes stated (1, 2a)", "effects of a trial": "mean, rho = 0.9"},
        **{"estimator of tau2": "PM", "Knapp-Hartung factor": "as it comes"},
    }
    line = curve[np.logical_and.reduce([curve[name] == option for name, option in wanted.items()])]
    assert len(line) == 1
    assert line.iloc[0]["k"] == len(means)
    assert line.iloc[0]["estimate"] == pytest.approx(expected.estimate)
    assert line.iloc[0]["ci_high"] == pytest.approx(expected.ci[1])


def test_curves_are_never_mixed(found):
    wald = found.curve(interval="Wald")
    assert set(wald["interval"]) == {"Wald"}
    assert set(wald["Knapp-Hartung factor"]) == {TESTS.headline}
    assert set(found.curve()["comparator"]) == {"passive"}
    assert found.curve(comparator="active", time="follow-up").empty


def test_the_curve_is_in_order(curve):
    assert curve["estimate"].is_monotonic_increasing


def test_influence_shares_are_shares_and_ranges_fall(curve):
    table = influence(curve)
    assert table["choice"].nunique() == len(MIXED)
    assert table["range"].is_monotonic_decreasing
    assert table["share"].between(0, 1).all()
    assert table.set_index("choice").loc["Knapp-Hartung factor", "range"] == 0
    least = curve[curve["pre-post correlation"] == "r = 0.8"]["estimate"].mean()
    line = table.set_index("choice").loc["pre-post correlation"]
    assert least in (pytest.approx(line["low"]), pytest.approx(line["high"]))


@pytest.mark.parametrize("rows", [0, 2], ids=["no rows", "two trials"])
def test_too_few_trials_give_no_fit_and_are_counted(tables, rows):
    effects, trials = tables
    converted = outcome_rows(convert(effects, trials), OUTCOME)
    usable = converted[converted["status"].eq("poolable")].drop_duplicates("sample_id")
    few = effects[effects["effect_id"].isin(usable["effect_id"].head(rows))]
    found = multiverse(few, trials, OUTCOME)
    assert found.fits.empty
    assert found.curve().empty
    assert influence(found.curve()).empty
    assert summary(found)["fits"].sum() == 0
    assert found.too_few["specifications"].sum() > 0


def test_equal_effects_are_one_estimate(tables):
    effects, trials = tables
    converted = outcome_rows(convert(effects, trials), OUTCOME)
    usable = converted[converted["status"].eq("poolable") & converted["group"].eq("passive")]
    chosen = effects[effects["effect_id"].isin(usable["effect_id"])].copy()
    chosen = chosen.assign(stat_kind="g", stat_value=0.5, n_t=30.0, n_c=30.0, sign="+")
    blank = [c for c in chosen if c.startswith(("mean_", "sd_", "ci_", "events_"))]
    chosen[blank] = np.nan
    found = multiverse(chosen.assign(p_value=pd.NA, model="post"), trials, OUTCOME)
    assert summary(found)["estimates"].max() == 1
    assert not influence(found.curve())["share"].any()
