import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lkcm.synthesis.follow_up import (
    SAID,
    SPANS,
    change_by_rho,
    pair_times,
    people_needed,
    pool_change,
    said,
    span_of,
    transitions,
    within_trial_change,
)
from lkcm.synthesis.pooled import PoolError

#: A row on stress that says nothing yet, directly after training.
SILENT = {
    **{"sample_id": "a", "trial_id": "a", "study": "", "arm_t": "", "comparator_type": "waitlist"},
    **{"outcome": "stress", "reporter": "self", "instrument": "PSS", "timepoint": "post"},
    **{"followup_weeks": np.nan, "status": "censored", "measure": "SMD", "yi": np.nan},
    **{"vi": np.nan, "sign_used": 0.0, "p_low": 0.0, "p_high": 1.0, "p_from": ""},
}
WORDS = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
NONE = {"p_low": 0.05, "p_from": "significance stated"}
LATER = {"timepoint": "followup", "followup_weeks": 12.0}


def figure(yi, vi=0.04):
    return {"status": "poolable", "yi": yi, "vi": vi, "sign_used": np.sign(yi)}


def table(*rows):
    return pd.DataFrame([SILENT | {"effect_id": f"e{i}"} | row for i, row in enumerate(rows)])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (WORDS, SAID[0]),
        ({"sign_used": 1.0}, SAID[1]),
        (NONE, SAID[2]),
        (NONE | {"sign_used": 1.0}, SAID[2]),
        (WORDS | {"sign_used": 0.0}, SAID[3]),
        ({"sign_used": -1.0}, SAID[4]),
        (WORDS | {"sign_used": -1.0}, SAID[4]),
        ({}, SAID[5]),
        (figure(0.5), SAID[0]),
        (figure(0.3), SAID[2]),
        (figure(0.3) | {"p_high": 0.01, "p_from": "printed bound"}, SAID[0]),
    ],
)
def test_each_result_says_one_thing(row, words):
    assert said(table(row)).tolist() == [words]


def test_weeks_fall_into_spans():
    found = span_of(pd.Series([1.0, 4.0, 4.5, 26.0, 78.0, np.nan]))
    spans = list(SPANS.values())
    assert found.tolist() == [spans[0], spans[0], spans[1], spans[2], spans[3], "time not stated"]


@pytest.mark.parametrize(
    ("change", "paired"),
    [
        pytest.param({}, True, id="the same"),
        pytest.param({"instrument": " pss "}, True, id="the same but for case and spaces"),
        pytest.param({"instrument": ""}, True, id="instrument not named"),
        pytest.param({"instrument": "DASS"}, False, id="another instrument"),
        pytest.param({"outcome": "anxiety"}, False, id="another outcome"),
        pytest.param({"reporter": "partner"}, False, id="another reporter"),
        pytest.param({"comparator_type": "attention"}, False, id="another comparator"),
        pytest.param({"arm_t": "app"}, False, id="another arm"),
        pytest.param({"sample_id": "b"}, False, id="another sample"),
        pytest.param({"status": "excluded"}, False, id="excluded"),
    ],
)
def test_only_the_same_result_is_paired(change, paired):
    found = pair_times(table(WORDS, NONE | LATER | change))
    assert len(found) == paired
    if paired:
        pair = found.iloc[0]
        assert (pair["effect_id_post"], pair["effect_id_later"]) == ("e0", "e1")
        assert (pair["said_post"], pair["said_later"]) == (SAID[0], SAID[2])
        assert pair["weeks"] == 12.0


def test_a_named_instrument_is_preferred_and_two_follow_ups_make_two_pairs():
    rows = table(
        WORDS | {"instrument": ""}, NONE, WORDS | LATER, WORDS | LATER | {"followup_weeks": 52.0}
    )
    found = pair_times(rows)
    assert found["effect_id_post"].tolist() == ["e1", "e1"]
    assert sorted(found["weeks"]) == [12.0, 52.0]


def test_the_change_is_a_contrast_of_correlated_effects():
    found = within_trial_change(
        pair_times(table(figure(0.6, 0.04), figure(0.2, 0.09) | LATER)), 0.5
    )
    line = found.iloc[0]
    variance = 0.04 + 0.09 - 2 * 0.5 * 0.2 * 0.3
    assert (line["change"], line["variance"]) == pytest.approx((-0.4, variance))
    assert line["high"] - line["low"] == pytest.approx(2 * stats.norm.isf(0.025) * variance**0.5)


def test_the_variance_of_the_change_is_that_of_simulated_trials():
    generator = np.random.default_rng(3)
    cov = [[0.04, 0.6 * 0.2 * 0.25], [0.6 * 0.2 * 0.25, 0.0625]]
    drawn = generator.multivariate_normal([0.5, 0.3], cov, 200_000)
    pairs = pair_times(table(figure(0.5, 0.04), figure(0.3, 0.0625) | LATER))
    variance = within_trial_change(pairs, 0.6)["variance"].iloc[0]
    assert np.var(drawn[:, 1] - drawn[:, 0]) == pytest.approx(variance, rel=0.02)


def test_a_higher_correlation_makes_the_change_sharper():
    pairs = pair_times(table(figure(0.6), figure(0.2) | LATER))
    found = change_by_rho(pairs, [0.0, 0.5, 0.9])
    assert found["rho"].tolist() == [0.0, 0.5, 0.9]
    assert found["variance"].is_monotonic_decreasing
    assert found["change"].nunique() == 1
    with pytest.raises(PoolError, match="below 1"):
        within_trial_change(pairs, 1.0)


def test_changes_need_figures_at_both_times():
    assert within_trial_change(pair_times(table(WORDS, figure(0.2) | LATER))).empty
    assert within_trial_change(pair_times(table(WORDS)[:0])).empty


def test_three_trials_are_pooled_two_are_not():
    rows = [
        (figure(y) | t | {"sample_id": s, "trial_id": s})
        for s, y in (("a", 0.4), ("b", 0.6), ("c", 0.9))
        for t in ({}, LATER)
    ]
    rows[1]["yi"], rows[3]["yi"], rows[5]["yi"] = 0.3, 0.1, 0.7
    changes = within_trial_change(pair_times(table(*rows)))
    found = pool_change(changes)
    assert found.n_studies == 3
    assert found.mean.estimate == pytest.approx(changes["change"].mean(), abs=0.02)
    assert pool_change(changes[:2]) is None


def test_pairs_are_counted_by_what_they_say():
    rows = [WORDS, WORDS | LATER, WORDS, NONE | LATER]
    rows = [
        row | {"sample_id": "ab"[i // 2], "trial_id": "ab"[i // 2]} for i, row in enumerate(rows)
    ]
    found = transitions(pair_times(table(*rows)))
    assert found[["post", "later", "results", "samples"]].to_numpy().tolist() == [
        [SAID[0], SAID[0], 1, 1],
        [SAID[0], SAID[2], 1, 1],
    ]


def test_the_size_of_a_trial_has_the_power():
    n = people_needed(0.3, rho=0.5, power=0.9)
    se = np.sqrt(8 * 0.5 / n)
    assert stats.norm.sf(stats.norm.isf(0.025) - 0.3 / se) == pytest.approx(0.9, abs=1e-6)
