import numpy as np
import pytest
import statsmodels.api as sm

from lkcm.claims import reporting
from lkcm.claims.judgement import CANNOT_TELL, NOT_SHOWN, SUPPORTED

FLOORS = [
    (reporting.mediators_open, "mediation_tested", "yes", "not-stated"),
    (reporting.moderators_open, "moderator_tested", "yes", "not-stated"),
    (reporting.harms_rare, "harms_mentioned", "yes-other", "not-mentioned"),
    (reporting.open_data_rare, "data_open", "yes", "not-stated"),
    (reporting.long_follow_up, "followup_weeks_max", 60.0, 4.0),
]


@pytest.mark.parametrize(
    ("check", "column", "value", "other"), FLOORS, ids=[f[0].__name__ for f in FLOORS]
)
def test_a_gap_is_refuted_but_never_shown(trials_with, check, column, value, other):
    assert check(trials_with(column, value, 0.9, other)).status == NOT_SHOWN
    assert check(trials_with(column, value, 0.02, other)).status == CANNOT_TELL
    none = check(trials_with(column, value, 0, other))
    assert none.status == CANNOT_TELL
    assert none.value == 0
    assert none.rows == ()


def test_a_count_names_the_trials_behind_it(material):
    judged = reporting.harms_rare(material)
    said = material.trials["harms_mentioned"].ne("not-mentioned")
    assert set(judged.rows) == set(material.trials.loc[said, "trial_id"])


def test_the_slope_is_that_of_a_logistic_regression():
    rng = np.random.default_rng(5)
    x = rng.integers(2005, 2026, 300).astype(float)
    y = (rng.random(300) < 1 / (1 + np.exp(-0.2 * (x - 2015)))).astype(float)
    fit = sm.Logit(y, sm.add_constant(x - x.mean())).fit(disp=0)
    slope, se = reporting._logistic_slope(x, y)
    assert slope == pytest.approx(fit.params[1], rel=1e-8)
    assert se == pytest.approx(fit.bse[1], rel=1e-8)


def test_digital_delivery_needs_years_and_two_ways(material, without):
    assert reporting.digital_grows(material).status == SUPPORTED
    online = material.trials["delivery"].eq("online")
    assert reporting.digital_grows(without(trials=online)).status == CANNOT_TELL


def test_self_report_is_counted_by_rows(material, without):
    assert reporting.mostly_self_report(material).status == SUPPORTED
    others = material.effects["reporter"].ne("self")
    assert reporting.mostly_self_report(without(effects=others)).status == NOT_SHOWN
    nothing = reporting.mostly_self_report(without(effects=material.effects.head(0)))
    assert nothing.status == CANNOT_TELL


def test_second_person_means_a_rater_of_the_participant(material, without):
    judged = reporting.second_person_missing(material)
    children = material.effects["about"].eq("child")
    none = reporting.second_person_missing(without(effects=children))
    assert none.value == 0
    assert 0 < judged.value < 0.1
