import re

import numpy as np
import pandas as pd
import pytest

from lkcm.bias.checks import ANY, CHECKS
from lkcm.bias.power import power_at
from lkcm.bias.simulation import simulate_reviews
from lkcm.bias.verdict import VERDICTS, Trials, sentence, verdict_table
from lkcm.paths import BOOK

N = np.array([12.0, 15, 18, 22, 25, 30, 40, 55, 70, 100] * 4)


def review(k, selection="none", mu=0.3, seed=3):
    n = N[:k]
    drawn = simulate_reviews(
        np.random.default_rng(seed), n, n, mu=mu, tau=0.15, sets=1, selection=selection
    )
    return Trials(drawn.yi[:, 0], drawn.vi[:, 0], drawn.hi[:, 0], n, n)


def flat(false_alarm, power):
    """Rates that are the same for every check."""
    rates = {"none": false_alarm, "moderate": power, "strong": power, "abstracts": power}
    lines = [
        {"selection": s, "check": c, "rate": r, "rate_se": 0.01, "bias": 0.1, "bias_se": 0.01}
        for s, r in rates.items()
        for c in (*CHECKS, ANY)
    ]
    return pd.DataFrame(lines)


@pytest.mark.parametrize(
    ("power", "expected"),
    [
        (0.80, "would have been seen"),
        (0.79, "might have been missed"),
        (0.50, "might have been missed"),
        (0.49, "could not be seen"),
    ],
)
def test_a_negative_check_is_judged_by_its_power(power, expected):
    table = verdict_table(review(40), power=flat(0.05, power))
    quiet = table[table["positive"].eq(0) & table["verdict"].ne("")]
    assert len(quiet) >= 4
    assert set(quiet["verdict"]) == {expected}


@pytest.mark.parametrize(
    ("false_alarm", "expected"), [(0.10, "seen"), (0.11, "alarm of no meaning")]
)
def test_a_positive_check_is_judged_by_its_false_alarms(false_alarm, expected):
    table = verdict_table(review(40, "strong", mu=0.0), power=flat(false_alarm, 0.9))
    loud = table[table["positive"].eq(1) & table["verdict"].ne("")]
    assert len(loud) >= 1
    assert set(loud["verdict"]) == {expected}


def test_descriptions_and_corrections_have_no_verdict():
    table = verdict_table(review(40), power=flat(0.05, 0.9)).set_index("check")
    assert (table.loc[["fill", "pet_peese"], "verdict"] == "").all()
    assert table["corrected"].notna().sum() >= 4
    assert set(table["verdict"]) - {""} <= set(VERDICTS)


def test_strong_selection_in_many_trials_is_seen_and_said():
    chosen = review(40, "strong", mu=0.0)
    estimate, tau = chosen.pooled()
    power = power_at(chosen.n_t, chosen.n_c, estimate, tau, sets=200)
    table = verdict_table(chosen, power=power)
    assert "seen" in set(table["verdict"])
    assert re.search("sees? selection", sentence(table, 40, tau))
    assert "too high" in sentence(table, 40, tau)
    alarms = power.set_index(["selection", "check"]).loc[("none", ANY), "rate"]
    assert 0.05 < alarms < 0.5
    assert f"in {round(100 * alarms)} % of reviews without" in sentence(table, 40, tau)


def test_a_few_trials_can_show_nothing_and_that_is_said():
    small = review(5)
    table = verdict_table(small, sets=200)
    told = sentence(table, 5, small.pooled()[1])
    assert re.match(r"None of the \d checks could have seen moderate selection", told)
    assert told.endswith("That none of them sees it says nothing.")


@pytest.mark.parametrize(
    ("k", "words"), [(0, "no trial has"), (1, "one trial has"), (2, "2 trials")]
)
def test_fewer_than_three_trials_give_words(k, words):
    table = verdict_table(review(2) if k == 2 else Trials([], [], [], [], []))
    assert table.empty
    assert words in sentence(table, k, None)


def test_what_needs_more_trials_is_named():
    table = verdict_table(review(3), sets=50).set_index("check")
    assert table.loc["4psm", "verdict"] == "cannot be computed"
    assert table.loc["egger", "verdict"] != "cannot be computed"


def test_the_methods_page_prints_the_rules():
    page = (BOOK / "methods.md").read_text(encoding="utf-8")
    for name, rule in VERDICTS.items():
        assert f"| {name} | {rule} |" in page
