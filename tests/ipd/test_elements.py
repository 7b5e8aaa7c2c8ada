import pandas as pd

from lkcm.ipd.elements import ELEMENTS, dictionary
from lkcm.paths import DATA


def test_the_committed_dictionary_is_current():
    committed = (DATA / "ipd" / "dictionary.csv").read_text(encoding="utf-8")
    assert committed == dictionary().to_csv(index=False, lineterminator="\n")


def test_every_element_says_what_may_stand_in_a_cell():
    assert dictionary()["allowed"].notna().all()
    assert not pd.Series([element.name for element in ELEMENTS]).duplicated().any()
    for element in ELEMENTS:
        assert (element.kind == "coded") == bool(element.values)
        assert (element.kind == "number") == (element.low is not None)


def test_what_the_issue_asks_for_has_an_element():
    names = {element.name for element in ELEMENTS}
    assert names >= {"trial", "participant", "arm", "cluster", "age", "gender", "education"}
    assert names >= {"ethnicity", "country", "severity", "prior_meditation", "instrument"}
    assert names >= {"adherence", "mediator", "worsening", "outcome_baseline", "outcome_followup"}
