import numpy as np
import pytest

from lkcm.bias.asymmetry import egger
from lkcm.bias.checks import CHECKS, LEVEL, ask_all
from lkcm.bias.selection import step_selection
from lkcm.bias.simulation import simulate_reviews
from lkcm.bias.trim_and_fill import trim_and_fill

N = np.array([12.0, 15, 18, 22, 25, 30, 40, 55, 70, 100])


@pytest.fixture(scope="module")
def review():
    generator = np.random.default_rng(5)
    return simulate_reviews(generator, N, N, mu=0.3, tau=0.2, sets=60, selection="strong")


@pytest.fixture(scope="module")
def answers(review):
    return ask_all(review.yi, review.vi, review.hi, review.yi.mean(0))


def test_every_check_answers_for_every_review(answers):
    assert set(answers) == set(CHECKS)
    for name, answer in answers.items():
        assert (answer.positive is None) == (CHECKS[name].rule == "corrects only")
        for values in (answer.positive, answer.corrected, answer.p):
            assert values is None or values.shape == (60,)


def test_decisions_are_those_of_the_single_forms(review, answers):
    for b in range(8):
        yi, vi, hi = review.yi[:, b], review.vi[:, b], review.hi[:, b]
        one = egger(yi, vi, hi)
        assert answers["egger"].positive[b] == (one.statistic > 0 and one.p / 2 <= LEVEL)
        assert answers["run_test"].positive[b] == trim_and_fill(yi, vi, estimator="R0").detects
        model = step_selection(yi, vi)
        if model.lrt_p is not None:
            positive = model.weights[0] < 1 and model.lrt_p / 2 <= LEVEL
            assert answers["3psm"].positive[b] == positive


def test_effects_against_the_control_turned_round_are_not_selection(review):
    turned = ask_all(-review.yi, review.vi, review.hi, -review.yi.mean(0))
    straight = ask_all(review.yi, review.vi, review.hi, review.yi.mean(0))
    for name in ("egger", "egger_classic", "rank"):
        assert turned[name].p == pytest.approx(1 - straight[name].p)
        assert not (turned[name].positive & straight[name].positive).any()


def test_what_is_not_defined_is_not_positive():
    same = np.full((4, 2), 0.5)
    answers = ask_all(same, np.full((4, 2), 0.1), np.full((4, 2), 0.1), np.full(2, 0.5))
    assert not answers["egger"].positive.any() and np.isnan(answers["egger"].p).all()
    assert not answers["3psm"].positive.any()
