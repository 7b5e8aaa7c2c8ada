import pytest

from lkcm.claims.judgement import (
    CANNOT_TELL,
    CONTRADICTED,
    NOT_SHOWN,
    STATUSES,
    SUPPORTED,
    Judgement,
    of_effect,
    of_floor,
    of_share,
    of_sign,
)
from lkcm.synthesis.pool import pool


def fit(mean, k=8, v=0.02):
    """A pooled effect of k trials that scatter a little around their mean."""
    step = 0.05
    effects = [mean + step * (i - (k - 1) / 2) for i in range(k)]
    return pool(effects, [v] * k, test="knapp-hartung-adhoc")


def effect(found, framed=None, figure=0.5):
    return of_effect(found, figure, framed, "rule", "page").status


def test_an_effect_as_large_as_the_figure_supports_it():
    assert effect(fit(0.5)) == SUPPORTED


@pytest.mark.parametrize("found", [None, fit(0.5, k=1), fit(0.5, k=4)])
def test_few_trials_decide_nothing(found):
    judged = of_effect(found, 0.5, None, "rule", "page")
    assert judged.status == CANNOT_TELL
    assert "5 are asked for" in judged.because


def test_an_interval_with_zero_and_the_figure_decides_nothing():
    assert effect(fit(0.2, v=0.5)) == CANNOT_TELL


def test_only_the_own_frame_can_contradict():
    assert effect(fit(1.5)) == NOT_SHOWN
    assert effect(fit(1.5), framed=fit(0.5)) == NOT_SHOWN
    assert effect(fit(1.5), framed=fit(1.5, k=4)) == NOT_SHOWN
    assert effect(fit(1.5), framed=fit(1.5)) == CONTRADICTED


@pytest.mark.parametrize(
    ("ends", "status"),
    [
        ((0.1, 0.4), SUPPORTED),
        ((-0.1, 0.4), CANNOT_TELL),
        ((-0.5, -0.1), NOT_SHOWN),
        (None, CANNOT_TELL),
    ],
)
def test_a_sign_is_judged_by_its_interval(ends, status):
    assert of_sign(0.2, ends, "n", "b", "rule", "page").status == status


@pytest.mark.parametrize("yes", [0, 3, 50, 120])
def test_a_floor_never_shows_that_something_is_rare(yes):
    assert of_floor(yes, 250, "do it", 0.5, "rule", "page").status == CANNOT_TELL


def test_a_floor_can_refute_that_something_is_rare():
    judged = of_floor(200, 250, "do it", 0.5, "rule", "page")
    assert judged.status == NOT_SHOWN
    assert "a floor" in judged.because
    assert "at least" in judged.number


@pytest.mark.parametrize(("yes", "status"), [(90, SUPPORTED), (52, CANNOT_TELL), (10, NOT_SHOWN)])
def test_a_share_is_judged_by_its_exact_interval(yes, status):
    assert of_share(yes, 100, "rows", 0.5, "rule", "page").status == status


def test_nothing_to_count_cannot_be_told():
    assert of_share(0, 0, "rows", 0.5, "rule", "page").status == CANNOT_TELL
    assert of_floor(0, 0, "do it", 0.5, "rule", "page").status == CANNOT_TELL


def test_a_status_that_is_none_is_refused():
    with pytest.raises(ValueError, match="proven"):
        Judgement("proven", "1", "b", "rule", "page")
    assert len(STATUSES) == 4
