import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lkcm.harms.excess import VERDICTS, headline, pool_worsening, sentence
from lkcm.harms.worsening import CHANGE, contrast
from lkcm.synthesis.pool import pool


def risks(*differences, n=60, threshold=0.0, sd=5.0):
    rows = [
        (-2 - d + 0.1 * (-1) ** place, sd, n, -2, sd, n) for place, d in enumerate(differences)
    ]
    changes = pd.DataFrame(rows, columns=CHANGE)
    return contrast(changes, threshold).join(changes[["n_t", "n_c"]])


def test_trials_are_pooled_as_on_the_pooling_pages():
    table = risks(0.5, 1.0, 2.0, 0.2)
    found = pool_worsening(table)
    expected = pool(table["rd"], table["v_rd"], test="knapp-hartung-adhoc")
    assert found.difference == expected
    bound = expected.estimate + stats.t.ppf(0.95, 3) * expected.se
    assert found.bound == pytest.approx(bound)
    assert (found.k, found.n, found.k_events) == (4, 480, 4)


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        ((), "cannot be told"),
        ((1.0, 1.0), "cannot be told"),
        ((3.0, 3.0, 3.0), "very uncertain"),
        ((3.0,) * 12, "protective"),
        ((-3.0,) * 12, "harmful"),
        ((0.0,) * 12, "unclear"),
    ],
)
def test_verdicts_follow_their_rules(differences, verdict):
    found = pool_worsening(risks(*differences, n=200))
    assert found.verdict == verdict and verdict in VERDICTS
    for text in (sentence(found, "any worsening"), headline(found, "any worsening")):
        assert "nan" not in text.lower() and "None" not in text
    if verdict == "cannot be told":
        assert found.bound is None and "cannot be told" in sentence(found, "any worsening")
    else:
        assert "excluded" in sentence(found, "any worsening")


def test_trials_that_expect_no_case_give_no_ratio():
    found = pool_worsening(risks(1.0, 1.0, 1.0, threshold=12.0, sd=4.0))
    assert (found.k, found.k_events, found.ratio) == (3, 0, None)
    assert "of 3 trials, none expects a single case" in sentence(found, "any worsening")


def test_a_risk_of_zero_has_no_ratio_and_is_left_out():
    changes = pd.DataFrame([(-400.0, 5.0, 50, -2.0, 5.0, 50)], columns=CHANGE)
    none = contrast(changes, 0.0).join(changes[["n_t", "n_c"]])
    assert none["risk_t"].iloc[0] == 0 and none["log_rr"].iloc[0] == -np.inf
    three = risks(1.0, 1.0, 1.2)
    assert pool_worsening(pd.concat([three, none])) == pool_worsening(three)


def test_an_excess_below_zero_is_any_excess():
    found = pool_worsening(risks(*(6.0,) * 12, n=400))
    assert found.bound < 0
    assert "any excess is excluded" in sentence(found, "any worsening")
    assert np.exp(found.ratio.estimate) < 1
