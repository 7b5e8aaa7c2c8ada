import json

import numpy as np
import pytest

from lkcm.synthesis.pool import pool, pool_many
from lkcm.synthesis.pooled import headline_test, reading_notes


def test_the_headline_is_ad_hoc_below_ten_trials():
    assert [headline_test(k) for k in (9, 10)] == ["knapp-hartung-adhoc", "knapp-hartung"]


@pytest.mark.parametrize(
    ("k", "words"),
    [
        pytest.param(1, ["one trial", "no prediction interval"], id="one"),
        pytest.param(2, ["two trials", "no prediction interval", "very uncertain"], id="two"),
        pytest.param(3, ["very uncertain"], id="three"),
        pytest.param(4, ["very uncertain"], id="four"),
        pytest.param(5, [], id="five"),
    ],
)
def test_few_trials_are_noted(k, words):
    notes = reading_notes(k, 0.1, (0.0, 1.0))
    assert len(notes) == len(words)
    assert all(word in note for word, note in zip(words, notes, strict=True))


def test_a_result_is_json():
    single = json.loads(json.dumps(pool([0.1], [0.02]).to_dict(), allow_nan=False))
    assert single["tau2"] is None
    assert single["weights"] == [100.0]


def test_a_result_is_a_row_of_the_table_of_many():
    trials = [0.1, 0.5, 0.9], [0.02, 0.03, 0.05]
    row = pool(*trials).to_frame()
    many = pool_many(*(np.array(values)[:, None] for values in trials))
    assert list(row.columns) == ["method", "test", *many.columns]
    np.testing.assert_array_equal(row[many.columns].astype(float), many)
    assert np.isnan(pool([0.1], [0.02]).to_frame()["tau2_ci_low"][0])
