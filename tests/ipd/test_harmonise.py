import pandas as pd
import pytest

from lkcm.ipd.harmonise import HarmoniseError, harmonise
from lkcm.ipd.mapping import Column, Map

RAW = pd.DataFrame(
    {
        "code": ["a", "b", "c", "d"],
        "group": [1.0, 2.0, 1.0, 2.0],
        "scs": [1.0, 2.0, 5.0, None],
        "dass": [0, 21, 42, 10],
        "mail": ["x@example.org"] * 4,
    }
)
COLUMNS = (
    Column("participant", "code"),
    Column("arm", "group", {"1": "lkcm", "2": "control"}),
    Column("outcome_post", "scs", scale=(1, 5)),
    Column("outcome_baseline", "dass", scale=(0, 42), reverse=True),
)
RULES = Map(COLUMNS, {"trial": "t", "week_post": "8"}, ("mail",))


def test_renamed_recoded_rescaled():
    found = harmonise(RAW, RULES, "x.sav")
    assert found.frame["arm"].tolist() == ["lkcm", "control"] * 2
    assert found.frame["outcome_post"].tolist()[:3] == [0, 25, 100]
    assert found.frame["outcome_baseline"].tolist()[:3] == [100, 50, 0]
    assert len(found.frame) == len(RAW) and found.frame["trial"].eq("t").all()


def test_every_changed_cell_is_logged():
    log = harmonise(RAW, RULES, "x.sav").log
    arm = log[log["element"].eq("arm") & log["row"].notna()]
    assert arm[["row", "was", "is"]].to_numpy().tolist() == [
        [1, "1", "lkcm"],
        [2, "2", "control"],
        [3, "1", "lkcm"],
        [4, "2", "control"],
    ]
    scores = log[log["element"].eq("outcome_post") & log["row"].notna()]
    assert scores[["was", "is"]].to_numpy().tolist() == [["1", "0"], ["2", "25"], ["5", "100"]]
    assert log[log["because"].str.startswith("dropped")]["column"].tolist() == ["mail"]
    assert "example.org" not in log.to_string()


@pytest.mark.parametrize(
    ("raw", "rules", "says"),
    [
        (RAW.assign(extra=1), RULES, "extra: neither used nor named under drop"),
        (RAW.drop(columns="scs"), RULES, "there is no column scs"),
        (RAW, Map(COLUMNS, {"trial": "t"}), "mail: neither used"),
        (RAW.assign(scs=[1, 2, 6, 3]), RULES, "row 3: found"),
        (RAW.assign(group=[1, 2, 3, 2]), RULES, "value '3' has no code for arm"),
        (RAW.assign(code=["a", "a", "c", "d"]), RULES, "participant-repeated"),
        (RAW.assign(code=[f"{c}@x.org" for c in "abcd"]), RULES, "e-mail"),
        (RAW, Map((*COLUMNS, Column("cluster", "mail")), {"trial": "t"}), "identifies"),
    ],
)
def test_what_does_not_fit_is_an_error(raw, rules, says):
    with pytest.raises(HarmoniseError) as caught:
        harmonise(raw, rules, "x.sav")
    assert says in "\n".join(caught.value.args)
