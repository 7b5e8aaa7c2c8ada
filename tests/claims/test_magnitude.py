import dataclasses

import numpy as np
import pandas as pd
import pytest

from lkcm.claims import magnitude
from lkcm.claims.judgement import CANNOT_TELL, NOT_SHOWN, SUPPORTED
from lkcm.synthesis.dependent import pool_dependent


def trials(classes, seed=3):
    """Make trials of self-compassion: comparator, level, true effect and number of each class."""
    rng = np.random.default_rng(seed)
    about, rows = [], []
    for comparator, level, mean, k in classes:
        for _ in range(k):
            name = f"t{len(about)}"
            address = {"source_url": "https://example.org"}
            about.append(
                {"trial_id": name, "sample_id": name, "lkcm_core": "yes", "clinical_level": level}
                | {"year": 2015, "title": name, "n_arms": "2", "n_randomised": 100.0}
                | address
            )
            control = rng.normal(0, 0.1)
            rows.append(
                {"effect_id": f"{name}-1", "trial_id": name, "outcome": "self-compassion"}
                | {"reporter": "self", "comparator_type": comparator, "timepoint": "post"}
                | {"higher_is_better": "yes", "effect_scope": "between-group", "instrument": "SCS"}
                | {"n_t": 50.0, "n_c": 50.0, "mean_t": control + mean + rng.normal(0, 0.1)}
                | {"sd_t": 1.0, "mean_c": control, "sd_c": 1.0, "sign": "+"}
                | address
            )
    return pd.DataFrame(about), pd.DataFrame(rows)


@pytest.fixture
def made(material):
    def build(*classes):
        about, rows = trials(classes)
        shaped = [
            new.reindex(columns=old.columns).astype(old.dtypes.to_dict())
            for new, old in ((about, material.trials), (rows, material.effects))
        ]
        return dataclasses.replace(material, trials=shaped[0], effects=shaped[1])

    return build


def test_the_figure_of_the_claim_is_found_when_it_is_there(made):
    assert magnitude.effect_against_passive(made(("waitlist", "none", 0.81, 12))).status == (
        SUPPORTED
    )
    assert magnitude.effect_against_active(made(("attention", "none", 0.23, 12))).status == (
        SUPPORTED
    )


def test_a_contrast_needs_four_trials_of_each(made):
    few = made(("waitlist", "none", 0.8, 10), ("attention", "none", 0.2, 3))
    judged = magnitude.passive_above_active(few)
    assert judged.status == CANNOT_TELL
    assert "10 trials passive, 3 active" in judged.because


def test_the_contrast_is_that_of_the_dependent_effects_model(made):
    both = made(("waitlist", "none", 0.8, 10), ("attention", "none", 0.2, 10))
    judged = magnitude.passive_above_active(both)
    rows = both.converted
    passive = rows["comparator_type"].eq("waitlist").astype(float)
    fit = pool_dependent(rows["yi"], rows["vi"], rows["sample_id"], moderators={"p": passive})
    assert judged.status == SUPPORTED
    assert judged.value == pytest.approx(fit.coefficients[1].estimate)
    assert judged.ends == pytest.approx(fit.coefficients[1].ci)
    reverse = made(("waitlist", "none", 0.2, 10), ("attention", "none", 0.8, 10))
    assert magnitude.passive_above_active(reverse).status == NOT_SHOWN


def test_clinical_samples_are_those_of_a_clinical_level(made):
    levels = made(("waitlist", "diagnosis", 0.2, 8), ("waitlist", "none", 0.9, 8))
    assert magnitude.clinical_below_others(levels).status == SUPPORTED
    unknown = made(("waitlist", "not-stated", 0.2, 8), ("waitlist", "none", 0.9, 8))
    assert magnitude.clinical_below_others(unknown).status == CANNOT_TELL


def test_little_heterogeneity_is_not_very_high(made):
    assert magnitude.very_heterogeneous(made(("waitlist", "none", 0.5, 30))).status == NOT_SHOWN
    assert magnitude.very_heterogeneous(made(("waitlist", "none", 0.5, 3))).status == CANNOT_TELL


def test_mindfulness_is_compared_by_published_estimates(made):
    high = made(("waitlist", "none", 1.4, 12))
    assert magnitude.beside_mindfulness(high).status == SUPPORTED
    silent = dataclasses.replace(high, reference=high.reference.head(0))
    assert magnitude.beside_mindfulness(silent).status == CANNOT_TELL


def test_tasks_without_figures_give_their_directions(material):
    judged = magnitude.prosocial_tasks(material)
    assert judged.status == CANNOT_TELL
    assert "core trials report a result in favour" in judged.because


def test_either_sign_decides_an_open_question(made):
    more = made(("waitlist", "none", 0.9, 8), ("waitlist", "none", 0.2, 8))
    trials = more.trials.assign(delivery=["online"] * 8 + ["in-person"] * 8)
    assert magnitude.digital_differs(dataclasses.replace(more, trials=trials)).status == SUPPORTED
    trials = more.trials.assign(delivery=["in-person"] * 8 + ["app"] * 8)
    assert magnitude.digital_differs(dataclasses.replace(more, trials=trials)).status == SUPPORTED
    trials = more.trials.assign(delivery="online")
    alone = dataclasses.replace(more, trials=trials)
    assert magnitude.digital_differs(alone).status == CANNOT_TELL


def test_all_levels_of_evidence_are_told_beside_few_figures(material):
    judged = magnitude.effect_against_passive(material)
    assert "All levels of evidence" in judged.because


def test_reporters_are_contrasted_within_trials(material):
    judged = magnitude.measures_disagree(material)
    assert judged.status == CANNOT_TELL
    assert "asked both on one outcome" in judged.because
