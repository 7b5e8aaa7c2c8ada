import dataclasses

import numpy as np

from lkcm.claims import clinical
from lkcm.claims.judgement import CANNOT_TELL, NOT_SHOWN, SUPPORTED


def test_the_gold_standard_is_counted_among_clinical_trials(material):
    judged = clinical.gold_standard_missing(material)
    assert judged.status == CANNOT_TELL
    assert "with a clinical sample" in judged.because


def test_a_standard_that_most_meet_is_no_gap(material):
    trials = material.trials.assign(
        clinical_level="diagnosis", followup_weeks_max=60.0, blinded_assessor="yes"
    )
    effects = material.effects.assign(comparator_type="psychotherapy")
    met = dataclasses.replace(material, trials=trials, effects=effects)
    assert clinical.gold_standard_missing(met).status == NOT_SHOWN
    assert clinical.gold_standard_comparators(met).status == NOT_SHOWN


def test_worsening_is_that_of_the_chapter(material):
    judged = clinical.assignment_changes_worsening(material)
    assert judged.status == CANNOT_TELL
    assert set(judged.rows) <= set(material.trials["trial_id"])


def test_no_changes_no_ratio(material):
    effects = material.effects.assign(
        **dict.fromkeys(("mean_t", "mean_change_t", "mean_pre_t"), np.nan)
    )
    none = dataclasses.replace(material, effects=effects)
    judged = clinical.assignment_changes_worsening(none)
    assert (judged.status, judged.value) == (CANNOT_TELL, None)


def test_a_published_ratio_below_one_supports_the_claim_on_mindfulness(material):
    reference = material.reference.copy()
    assert clinical.mindfulness_worsening(material).status == CANNOT_TELL
    row = reference.index[reference["question"].str.contains("worsening", na=False)][0]
    reference.loc[row, ["metric", "estimate", "ci_low", "ci_high"]] = ["RR", 0.6, 0.4, 0.9]
    with_ratio = dataclasses.replace(material, reference=reference)
    assert clinical.mindfulness_worsening(with_ratio).status == SUPPORTED
