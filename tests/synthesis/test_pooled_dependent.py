import json

import numpy as np
import pytest

from lkcm.synthesis.coefficients import Coefficient
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.pooled_dependent import dependence_notes

YI = [0.1, 0.9, 0.2, 0.5, 0.4, 0.8, 0.3]
VI = [0.02, 0.03, 0.02, 0.04, 0.05, 0.03, 0.02]
STUDY = list("aabcdee")
DOSE = [1, 2, 1, 3, 2, 5, 4]


@pytest.fixture(scope="module")
def mean():
    return pool_dependent(YI, VI, STUDY)


@pytest.fixture(scope="module")
def regression():
    return pool_dependent(YI, VI, STUDY, moderators={"dose": DOSE})


def test_shares_add_up(mean):
    assert mean.tau2 == mean.tau2_between + mean.tau2_within
    assert mean.i2 == pytest.approx(mean.i2_between + mean.i2_within)
    assert mean.i2 == pytest.approx(100 * mean.tau2 / (mean.tau2 + mean.typical_variance))
    assert mean.h2 == pytest.approx(1 / (1 - mean.i2 / 100))


def test_a_dict_holds_what_json_can_hold(mean):
    values = json.loads(json.dumps(mean.to_dict(), allow_nan=False))
    assert values["coefficients"][0]["estimate"] == mean.mean.estimate
    assert values["n_studies"] == 5
    assert "inference" not in values


def test_a_frame_repeats_what_holds_for_all_coefficients(mean, regression):
    frame = regression.to_frame()
    assert frame["name"].tolist() == ["intercept", "dose"]
    assert frame["tau2_within"].nunique() == 1
    assert frame["prediction_interval_low"].isna().all()
    assert regression.weights is None
    assert mean.to_frame()["prediction_interval_low"][0] == mean.prediction_interval[0]
    one = pool_dependent([0.1], [0.2], ["a"]).to_frame()
    assert np.isnan(one["tau2_between"][0])


def test_a_contrast_of_one_is_the_coefficient(regression):
    same = regression.contrast({"dose": 1.0}, "dose")
    assert same == regression.coefficients[1]
    at_two = regression.contrast({"intercept": 1, "dose": 2})
    first, second = (one.estimate for one in regression.coefficients)
    assert at_two.estimate == pytest.approx(first + 2 * second)


def test_names_and_rows_say_the_same_to_a_wald_test(regression):
    by_name, by_row = regression.wald(["dose"]), regression.wald([[0, 1]])
    assert by_name == by_row
    assert by_name.p == pytest.approx(regression.coefficients[1].p)


def test_what_cannot_be_tested_is_told_in_words(regression):
    with pytest.raises(PoolError, match="no coefficient age; allowed: intercept, dose"):
        regression.contrast({"age": 1})
    for contrasts in ([[0, 1], [0, 2]], [], [0, 1]):
        with pytest.raises(PoolError, match="independent"):
            regression.wald(contrasts)


def coefficient(name="dose", se=0.1, df=9.0):
    return Coefficient(name, 0.1, se, 0.1, df, None, None, None)


@pytest.mark.parametrize(
    ("coefficients", "sizes", "alone", "words"),
    [
        pytest.param([coefficient()], [2] * 5, (), [], id="nothing to say"),
        pytest.param([coefficient(se=None)], [3], (), ["one study", "fewer than 3"], id="one"),
        pytest.param([coefficient()], [2, 2], (), ["two studies", "3 studies", "5"], id="two"),
        pytest.param([coefficient()], [2] * 4, (), ["fewer than 5 studies"], id="four"),
        pytest.param([coefficient()], [1] * 6, (), ["one effect a study"], id="single"),
        pytest.param([coefficient(se=0)], [2] * 6, (), ["leave no residual"], id="equal"),
        pytest.param([coefficient()], [2] * 6, ("b",), ["study b alone determines"], id="alone"),
        pytest.param([coefficient(df=3.9)], [2] * 6, (), ["(dose 3.9)"], id="few df"),
        pytest.param(
            [coefficient(se=None, df=None)], [2] * 6, (), ["error for dose"], id="no error"
        ),
    ],
)
def test_notes_say_what_a_reader_must_know(coefficients, sizes, alone, words):
    notes = dependence_notes(tuple(coefficients), np.array(sizes), alone)
    assert len(notes) == len(words)
    for note, word in zip(notes, words, strict=True):
        assert word in note
