import dataclasses

from lkcm.claims import simulated
from lkcm.claims.judgement import CANNOT_TELL, NOT_SHOWN, SUPPORTED


def test_trim_and_fill_has_no_power_at_the_heterogeneity_of_the_review(material):
    judged = simulated.trim_and_fill_lacks_power(material)
    assert judged.status == SUPPORTED
    assert judged.ends[1] < 0.5
    assert "τ 1.76" in judged.because
    assert judged == simulated.trim_and_fill_lacks_power(material)


def test_few_trials_are_not_checked(material):
    assert simulated.trim_and_fill_sees_nothing(material).status == CANNOT_TELL


def test_selection_biases_small_trials_more(material):
    judged = simulated.small_trials_mislead(material)
    assert judged.status == SUPPORTED
    assert judged.value > 0.05


def test_mechanisms_need_trials_that_most_are_not(material):
    judged = simulated.trials_cannot_test_mechanisms(material)
    assert judged.status == SUPPORTED
    effects = material.effects.assign(n_t=3000.0, n_c=3000.0)
    trials = material.trials[material.trials["trial_id"].isin(effects["trial_id"])]
    large = dataclasses.replace(material, trials=trials, effects=effects)
    assert simulated.trials_cannot_test_mechanisms(large).status == NOT_SHOWN


def test_moderators_within_trials_have_more_power_than_between(material):
    judged = simulated.study_level_moderators_weak(material)
    between, within = judged.number.split(" between, ")
    assert float(between.rstrip(" %")) < float(within.split(" %")[0])
