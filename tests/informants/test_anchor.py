import pytest

from lkcm.informants.anchor import self_reported

CONSTRUCTS = {"kindness": ["other-compassion"], "symptoms": ["depression"]}


def test_pooled_figures_of_the_first_construct_come_first(made):
    rows = made(*[{"trial": f"t{i}", "g": 0.4 + i / 10} for i in range(3)])
    found = self_reported(rows, CONSTRUCTS, 0.5)
    assert found.k == 3
    assert found.estimate == pytest.approx(0.5, abs=0.02)
    assert found.words == "self-reported kindness to others, passive comparators, figures"


def test_then_all_levels_then_all_comparators_then_the_next_construct(made):
    words = [{"trial": f"t{i}", "sign": "+", "significant": "yes"} for i in range(3)]
    nulls = [{"trial": f"n{i}", "sign": "+", "significant": "no"} for i in range(3)]
    levels = self_reported(made(*words, *nulls), CONSTRUCTS, 0.5)
    assert "passive comparators, all levels" in levels.words
    assert (levels.k, levels.ci[0] < levels.estimate) == (6, True)
    mixed = [line | {"comparator": "attention"} for line in nulls]
    assert "all comparators" in self_reported(made(*words, *mixed), CONSTRUCTS, 0.5).words
    other = [line | {"outcome": "depression"} for line in nulls]
    assert "symptoms and distress" in self_reported(made(*words, *other), CONSTRUCTS, 0.5).words


def test_without_any_effect_it_is_assumed_and_says_so(made):
    found = self_reported(made({"trial": "a", "sign": "+"}), CONSTRUCTS, 0.3)
    assert (found.estimate, found.ci, found.k) == (0.3, None, 0)
    assert found.words.startswith("assumed")
