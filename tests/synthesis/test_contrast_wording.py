import pytest
from made_rows import ACTIVE, AHEAD, NO_DIFFERENCE, SIGNIFICANT, figure, made_rows

from lkcm.synthesis.contrast_wording import (
    CONTRAST_VERDICTS,
    figure_sentence,
    level_sentence,
    level_verdict,
)
from lkcm.synthesis.contrasts import group_contrast
from lkcm.synthesis.level_contrasts import level_contrast

GROUPS, NAMES = ("passive", "active"), ("waiting", "attention")


def contrast(high, low, n=10, extra=()):
    spread = [0.02 * i for i in range(n)]
    passive = [figure(high + s) for s in spread] + list(extra)
    return made_rows(*passive, *(figure(low + s) | ACTIVE for s in spread))


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        pytest.param(contrast(1.0, 0.0), "larger", id="larger"),
        pytest.param(contrast(0.0, 1.0), "smaller", id="smaller"),
        pytest.param(contrast(0.5, 0.5), "unclear", id="unclear"),
        pytest.param(contrast(1.0, 0.0, n=6), "cannot be told", id="few trials"),
        pytest.param(contrast(1.0, 0.0, n=2), "cannot be told", id="not fitted"),
    ],
)
def test_verdicts(rows, verdict):
    assert level_verdict(level_contrast(rows, "group", GROUPS)) == verdict
    assert verdict in CONTRAST_VERDICTS


def test_a_sentence_gives_both_groups_and_both_readings():
    found = level_contrast(contrast(0.8, 0.2, extra=[AHEAD, SIGNIFICANT]), "group", GROUPS)
    told = level_sentence(found, "On stress", NAMES)
    assert told.startswith("On stress, g is 0.")
    assert "against waiting (12 trials)" in told
    assert "if every bare direction was significant" in told
    assert told.endswith(".")
    assert "in young (12 trials)" in level_sentence(found, "On stress", ("young", "old"), "in")


def test_what_is_not_fitted_is_said():
    rows = made_rows(figure(0.4), NO_DIFFERENCE | ACTIVE)
    told = level_sentence(level_contrast(rows, "group", GROUPS), "On stress", NAMES)
    assert told.startswith("On stress, waiting and attention cannot be set against one another")
    assert "passive (1), active (1)" in told
    told = figure_sentence(group_contrast(rows, "group", GROUPS), "On stress", NAMES)
    assert told == (
        "On stress, fewer than 4 trials with a figure: passive (1), active (0); nothing is fitted."
    )


def test_figures_in_a_sentence():
    told = figure_sentence(
        group_contrast(contrast(0.8, 0.2, n=5), "group", GROUPS), "Over all", NAMES
    )
    assert "the difference is 0.60 (95\xa0% CI" in told
    assert "no conclusion is drawn" in told
