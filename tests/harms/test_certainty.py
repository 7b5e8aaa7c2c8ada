import numpy as np
import pandas as pd
import pytest

from lkcm.harms.certainty import (
    LEVELS,
    NOT_GRADED,
    REPORTING,
    RULES,
    Domain,
    certainty,
    of_reporting,
    people_needed,
)
from lkcm.synthesis.outcome import GroupPool
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import headline_test


def group(yi, n=200):
    yi = np.asarray(yi, dtype=float)
    kept = pd.DataFrame({"yi": yi, "n_t_used": n / 2, "n_c_used": n / 2})
    pooled = pool(yi, np.full(len(yi), 4 / n), test=headline_test(len(yi))) if len(yi) else None
    return GroupPool("passive", kept, kept.head(0), pooled)


def judgements(found, **options):
    return {one.name: one.judgement for one in certainty(found, **options).domains}


AGREE = [0.5, 0.45, 0.55, 0.5, 0.48, 0.52, 0.5, 0.49, 0.51, 0.5]
ASSESSED = Domain("risk of bias", "not serious", "assessed by two readers")
COMPLETE = Domain("publication bias", "not serious", "every trial is there")


def test_without_an_assessment_of_bias_nothing_is_above_low():
    found = certainty(group(AGREE, n=400))
    assert found.level == "low" and found.symbol == "⊕⊕◯◯"
    assert list(judgements(group(AGREE))) == list(RULES)
    assert certainty(group(AGREE), risk_of_bias=ASSESSED).level == "moderate"
    full = certainty(group(AGREE), risk_of_bias=ASSESSED, reporting=COMPLETE)
    assert full.level == "high" and full.footnotes == ()


def test_reporting_is_serious_while_the_sources_are_abstracts():
    found = certainty(group(AGREE))
    assert judgements(group(AGREE))["publication bias"] == "serious"
    assert any(note.startswith("Reporting:") for note in found.footnotes)


@pytest.mark.parametrize("k", [0, 1, 2])
def test_below_three_trials_nothing_is_graded(k):
    found = certainty(group(AGREE[:k]))
    assert found.level == NOT_GRADED and found.symbol == "–" and not found.footnotes
    assert certainty(None).level == NOT_GRADED


def test_few_trials_are_very_imprecise():
    assert judgements(group(AGREE[:4], n=4000))["imprecision"] == "very serious"
    assert certainty(group(AGREE[:4], n=4000)).level == "very low"
    assert judgements(group(AGREE[:5], n=4000))["imprecision"] == "not serious"


@pytest.mark.parametrize(
    ("yi", "n", "judgement"),
    [
        (AGREE, 400, "not serious"),
        (AGREE, 60, "serious"),
        ([0.1, -0.1, 0.05, 0.0, -0.05, 0.1], 400, "serious"),
        ([1.5, -1.5, 1.2, -1.2, 0.9, -0.9], 400, "very serious"),
    ],
)
def test_imprecision(yi, n, judgement):
    assert judgements(group(yi, n))["imprecision"] == judgement


@pytest.mark.parametrize(
    ("yi", "judgement"),
    [
        (AGREE, "not serious"),
        ([0.02, -0.02, 0.01, 0.0, -0.01, 0.02], "not serious"),
        ([0.1, 0.5, 0.2, 0.6, 0.05, 0.5, 0.3, 0.4], "serious"),
        ([1.4, -0.9] * 8, "very serious"),
    ],
)
def test_inconsistency_is_judged_from_the_prediction_interval(yi, judgement):
    found = group(yi, 400)
    assert judgements(found)["inconsistency"] == judgement
    assert "nan" not in " ".join(one.because for one in certainty(found).domains)


def test_levels_do_not_fall_below_the_lowest():
    worst = certainty(group([1.5, -1.5, 1.2, -1.2], 40))
    assert worst.level == list(LEVELS)[-1]


def test_the_information_size_is_that_of_one_trial():
    assert people_needed(0.2) == 785
    assert people_needed(0.4) == 197


def test_the_reporting_domain_says_how_many_reports_give_a_figure():
    shares = pd.DataFrame({"state": ["figure", "significant"], "trials": [10, 30], "of": [97, 97]})
    found = of_reporting(shares, "self-compassion")
    assert (found.name, found.judgement) == ("publication bias", "serious")
    assert found.because.startswith("Reporting: 10 of 97 trials (10 %) that mention")
    assert of_reporting(shares.assign(of=0), "stress") == REPORTING
    assert of_reporting(shares.head(0), "stress") == REPORTING
