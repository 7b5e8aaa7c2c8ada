import pandas as pd

from lkcm.evidence.describe import COMPARATORS
from lkcm.figures.theme import COMPARATOR
from lkcm.synthesis.comparators import GROUP, GROUPS, comparator_group


def test_every_kind_of_comparator_has_a_group_but_another_lkcm_programme():
    assert set(COMPARATORS) - set(GROUP) == {"other-lkcm"}
    assert set(GROUP.values()) == set(GROUPS) == set(COMPARATOR)


def test_mindfulness_is_not_merged_into_active():
    found = comparator_group(pd.Series(["waitlist", "mindfulness", "relaxation", "other-lkcm"]))
    assert found.tolist()[:3] == ["passive", "mindfulness", "active"]
    assert pd.isna(found[3])
