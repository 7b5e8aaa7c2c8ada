import pandas as pd
import pytest

from lkcm.evidence.reading import RawTable
from lkcm.evidence.schemas import TABLES, column_metadata
from lkcm.evidence.typed import describe_allowed, empty_table, type_table


def typed(name, **columns):
    cells = pd.DataFrame({c: pd.Series(v, dtype="str") for c, v in columns.items()})
    return type_table(RawTable(name, cells, list(range(2, 2 + len(cells)))))


@pytest.mark.parametrize("name", TABLES)
def test_every_column_is_there_and_has_its_type(name):
    dtypes = {"text": "str", "coded": "str", "number": "float64", "whole": "float64"}
    frame = empty_table(name).frame
    for column, metadata in column_metadata(name).items():
        assert str(frame[column].dtype) == dtypes.get(metadata["kind"], "Int64")


def test_absent_columns_are_empty_or_their_default():
    row = typed("effects", effect_id=["e"], trial_id=["t"], outcome=["stress"]).frame.iloc[0]
    defaults = {
        "comparator_type": "not-stated",
        "model": "not-stated",
        "sign": "?",
        "significant": "not-stated",
        "effect_scope": "between-group",
        "timepoint": "post",
        "about": "participant",
        "rater_role": "not-stated",
        "harm": "none",
    }
    assert {c: row[c] for c in defaults} == defaults
    assert row[["control_class", "reporter", "n_t", "p_value", "hold"]].isna().all()


def test_an_empty_cell_is_missing_or_its_default():
    frame = typed("trials", trial_id=["a", "b"], country=["", "Iran"], itt=["", "yes"]).frame
    assert frame["country"].isna().tolist() == [True, False]
    assert frame["itt"].tolist() == ["not-stated", "yes"]


def test_a_report_without_a_sample_is_its_own():
    frame = typed("trials", trial_id=["a", "b"], sample_id=["", "a"]).frame
    assert frame["sample_id"].tolist() == ["a", "a"]
    assert typed("trials", trial_id=["a"]).frame["sample_id"].tolist() == ["a"]


def test_numbers():
    texts = ["1", "-0.5", ".5", "2.", "1e-3", "+3", "", "not-stated"]
    frame = typed("effects", effect_id=list("abcdefgh"), mean_t=texts).frame
    assert frame["mean_t"].tolist()[:6] == [1, -0.5, 0.5, 2, 0.001, 3]
    assert frame["mean_t"].isna().tolist()[6:] == [True, True]


@pytest.mark.parametrize("text", ["nan", "NA", "1_000", "1,5", "−1", "0x10", "1e999", "inf", "٣"])
def test_what_is_no_number(text):
    table = typed("effects", effect_id=["e"], mean_t=[text])
    assert table.frame["mean_t"].isna().all()
    assert [p.found for p in table.problems if p.rule == "not-a-number"] == [text]


def test_years_are_whole_and_may_be_missing():
    frame = typed("trials", trial_id=["a", "b"], year=["2013", ""]).frame
    assert frame["year"].iat[0] == 2013 and frame["year"].isna().iat[1]


def test_an_enormous_year_is_out_of_range():
    for text in ("999999999999", "1" + "0" * 30):
        table = typed("trials", trial_id=["a"], title=["t"], year=[text])
        assert [p.rule for p in table.problems] == ["out-of-range"]


def test_columns_that_no_schema_knows_are_kept_last_as_text():
    frame = typed("trials", mood=["3", ""], trial_id=["a", "b"]).frame
    assert frame.columns[-1] == "mood"
    assert frame["mood"].tolist()[0] == "3" and frame["mood"].isna().iat[1]


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("trials", "pct_female", "a number at least 0 and at most 100"),
        ("trials", "n_arms", "a whole number at least 2"),
        ("effects", "df1", "a number above 0"),
        ("effects", "stat_value", "a number"),
        ("effects", "sign", "+ | - | ?"),
        ("trials", "doi", "a bare DOI: 10.…/…"),
        ("trials", "title", "any text"),
    ],
)
def test_allowed_values_in_words(table, column, words):
    assert describe_allowed(TABLES[table].to_schema().columns[column]) == words
