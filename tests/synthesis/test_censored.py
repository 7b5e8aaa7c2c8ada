import json

import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.censored import (
    COVERS,
    STEPS,
    WATERFALL,
    fit_chosen,
    fit_together,
    synthesise,
    waterfall,
)
from lkcm.synthesis.contributions import KINDS, choose
from lkcm.synthesis.outcome import core, outcome_rows, pool_group
from lkcm.synthesis.pool import pool

#: A trial against a waitlist with 32 people an arm that says nothing yet.
SILENT = {
    **{"measure": "SMD", "yi": np.nan, "vi": np.nan, "level": "4", "status": "censored"},
    **{"reason": "", "instrument": "", "timepoint": "post", "followup_weeks": np.nan},
    **{"n_t_used": 32.0, "n_c_used": 32.0, "null_variance": 0.0625, "sign_used": 0.0},
    **{"p_low": 0.0, "p_high": 1.0, "p_from": ""},
}
WORDS = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
NONE = {"p_low": 0.05, "p_from": "significance stated"}
AHEAD, BEHIND = {"sign_used": 1.0}, {"sign_used": -1.0}


def figure(yi):
    return {"status": "poolable", "level": "1", "yi": yi, "vi": 0.07, "sign_used": np.sign(yi)}


def table(*rows):
    ids = [{"effect_id": f"t{i}-1", "sample_id": f"t{i}"} for i in range(len(rows))]
    return pd.DataFrame([SILENT | name | row for name, row in zip(ids, rows, strict=True)])


@pytest.fixture(scope="module")
def self_compassion():
    found = evidence.load(tables=["trials", "effects"])
    converted = convert(found.table("effects"), found.table("trials"))
    rows = core(outcome_rows(converted, "self-compassion"))
    return rows[rows["group"] == "passive"]


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_with_figures_only_it_is_pooling(method):
    rows = table(*(figure(yi) for yi in (0.1, 0.9, -0.3, 0.6, 1.4)))
    expected = pool(rows["yi"], rows["vi"], method=method)
    for fit in synthesise(rows, method=method).fits.values():
        assert fit.estimate == pytest.approx(expected.estimate, rel=1e-8)
        assert fit.tau2 == pytest.approx(expected.tau2, rel=1e-8)
        assert fit.headline
        assert fit.notes == COVERS


def test_no_difference_pulls_down_and_variant_b_up():
    few = table(figure(0.5), figure(0.6), figure(0.7), WORDS, AHEAD, AHEAD)
    more = table(figure(0.5), figure(0.6), figure(0.7), WORDS, AHEAD, AHEAD, NONE, NONE)
    a, b = (synthesise(more).fits[variant].estimate for variant in "AB")
    assert a < synthesise(few).fits["A"].estimate
    assert a < b
    found = synthesise(more)
    assert found.span == (a, b)
    assert found.ci_span == (found.fits["A"].ci[0], found.fits["B"].ci[1])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param([], "no trial says anything", id="none"),
        pytest.param([WORDS, AHEAD], "all trials favour LKCM", id="all ahead"),
        pytest.param([BEHIND, BEHIND], "all trials favour the control", id="all behind"),
        pytest.param([AHEAD, BEHIND], "point both ways", id="both ways"),
        pytest.param([WORDS | {"sign_used": 0.0}], "no row says which arm", id="unsigned"),
    ],
)
def test_what_has_no_estimate_is_answered_in_words(rows, words):
    found = synthesise(table(*rows) if rows else table(AHEAD)[:0])
    for fit in found.fits.values():
        assert fit.estimate is fit.ci is fit.tau2 is fit.tau2_ci is None
        assert not fit.headline
        assert words in fit.notes[0]
    assert found.span is found.ci_span is None


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param([figure(0.4), NONE, WORDS, WORDS, WORDS], "only two trials bound", id="two"),
        pytest.param([figure(0.4), WORDS, WORDS, WORDS, WORDS], "only one trial bounds", id="one"),
        pytest.param([figure(0.4), figure(0.5), figure(0.2), WORDS], "k < 5", id="four"),
    ],
)
def test_little_evidence_is_said_to_be_little(rows, words):
    fit = synthesise(table(*rows)).fits["A"]
    assert fit.estimate is not None
    assert words in fit.notes[0]
    assert fit.headline == (fit.bounded >= 3)


def test_one_bounded_trial_is_too_few_for_reml():
    fit = synthesise(table(figure(0.4), WORDS), method="REML").fits["A"]
    assert fit.estimate is None
    assert "REML needs two" in fit.notes[0]


def test_a_result_can_be_stored_as_json(self_compassion):
    fit = synthesise(self_compassion, ["B"]).fits["B"]
    stored = json.loads(json.dumps(fit.to_dict()))
    assert stored["variant"] == "B"
    assert sum(stored["kinds"].values()) == stored["k"]
    assert list(stored["kinds"]) == list(KINDS)


def test_the_waterfall_goes_from_the_pooling_page_to_all_levels(self_compassion):
    found = synthesise(self_compassion)
    steps = waterfall(found)
    assert list(steps.columns) == list(WATERFALL)
    assert len(steps) == 1 + len(STEPS)
    pooled = pool_group(self_compassion, "passive").pooled
    assert steps.loc[0, "estimate"] == pooled.estimate
    assert (steps.loc[0, "ci_low"], steps.loc[0, "ci_high"]) == pooled.ci
    assert steps.loc[1, "k"] == pooled.k
    assert steps["estimate"].iloc[-2:].tolist() == [fit.estimate for fit in found.fits.values()]
    assert steps["added"].iloc[1:].sum() == steps["k"].iloc[-1] == len(found.chosen.kept)


def test_a_waterfall_without_figures_says_so():
    steps = waterfall(synthesise(table(WORDS, NONE, AHEAD)))
    assert steps.loc[0, "told"] == "no trial prints a figure"
    assert steps["estimate"].isna().tolist() == [True] * 5 + [False] * 3
    assert steps["told"].ne("").tolist() == steps["estimate"].isna().tolist()


def test_two_figures_are_shown_not_pooled():
    steps = waterfall(synthesise(table(figure(0.2), figure(0.6), WORDS)))
    assert np.isnan(steps.loc[0, "estimate"])
    assert steps.loc[0, "told"] == "two figures: not pooled"


def test_sets_fitted_side_by_side_are_fitted_as_alone():
    kept = choose(table(figure(0.2), figure(0.6), figure(0.9), WORDS, NONE, AHEAD)).kept
    parts = [(kept, "A"), (kept[:3], "B"), (kept[:0], "A"), (kept[3:4], "B"), (kept, "B")]
    for (rows, variant), found in zip(parts, fit_together(parts), strict=True):
        alone = fit_chosen(rows, variant)
        assert (found.k, found.kinds, found.notes) == (alone.k, alone.kinds, alone.notes)
        assert (found.estimate is None) == (alone.estimate is None)
        if alone.estimate is not None:
            together = [found.estimate, *found.ci, found.tau2, *found.tau2_ci]
            np.testing.assert_allclose(
                together, [alone.estimate, *alone.ci, alone.tau2, *alone.tau2_ci], atol=1e-9
            )
    assert fit_together([]) == []


def test_part_of_the_chosen_rows_can_be_fitted_alone():
    kept = choose(table(figure(0.2), figure(0.6), WORDS)).kept
    fit = fit_chosen(kept[kept["kind"] == "figure"])
    assert fit.k == fit.bounded == 2
    assert fit.estimate == pytest.approx(0.4)
