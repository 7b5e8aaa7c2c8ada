import dataclasses

import numpy as np

from lkcm.claims import growth
from lkcm.claims.judgement import CANNOT_TELL, CONTRADICTED, NOT_SHOWN, SUPPORTED


def large(material, keep):
    """The material with stated sizes of the LKCM group up to 50, but for the rows to keep."""
    effects = material.effects.copy()
    effects["n_t"] = effects["n_t"].clip(upper=50).where(~keep, effects["n_t"])
    return dataclasses.replace(material, effects=effects)


def test_large_trials_are_counted_as_stated(material):
    judged = growth.only_two_large(material)
    stated = material.effects.loc[material.effects["n_t"] > 100, "trial_id"]
    samples = material.trials.set_index("trial_id")["sample_id"]
    assert judged.value == stated.map(samples).nunique()
    assert set(judged.rows) <= set(material.trials["trial_id"])


def test_more_than_two_in_the_own_frame_contradict(material):
    assert growth.only_two_large(material).status == CONTRADICTED
    few = large(material, material.effects["trial_id"].isin(["beshai2020", "sherman2018"]))
    assert growth.only_two_large(few).status == SUPPORTED
    late = material.trials.assign(year=2024)
    moved = dataclasses.replace(material, trials=late)
    assert growth.only_two_large(moved).status == NOT_SHOWN


def test_no_sizes_cannot_be_told(material):
    effects = material.effects.assign(n_t=np.nan)
    trials = material.trials.assign(n_randomised=np.nan)
    none = dataclasses.replace(material, effects=effects, trials=trials)
    assert growth.only_two_large(none).status == CANNOT_TELL
    assert growth.trials_grow(none).status == CANNOT_TELL


def test_growth_is_found_when_it_is_there(material):
    trials = material.trials.copy()
    year = trials["year"].astype(float)
    trials["n_randomised"] = np.round(40 * 1.1 ** (year - 2010))
    judged = growth.trials_grow(dataclasses.replace(material, trials=trials))
    assert judged.status == SUPPORTED
    assert abs(judged.value - 0.1) < 0.01
    trials["n_randomised"] = np.round(400 * 0.9 ** (year - 2000))
    shrinking = growth.trials_grow(dataclasses.replace(material, trials=trials))
    assert shrinking.status == NOT_SHOWN


def test_a_literature_is_large_beside_its_reviews(material):
    assert growth.large_enough_literature(material).status == SUPPORTED
    few = dataclasses.replace(material, trials=material.trials.head(40))
    assert growth.large_enough_literature(few).status == NOT_SHOWN
    none = dataclasses.replace(material, trials=material.trials.head(0))
    assert growth.large_enough_literature(none).status == CANNOT_TELL
