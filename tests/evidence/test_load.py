import dataclasses

import pandas as pd
import pytest

from lkcm.evidence import Evidence, EvidenceError, UndeclaredTable, load
from lkcm.evidence.schemas import TABLES, column_metadata
from lkcm.paths import ROOT


@pytest.fixture
def folder(write, rows):
    return write({name: rows[name] for name in ("trials", "effects")})


def test_this_review_loads_whole():
    evidence = load(ROOT / "data")
    assert evidence.tables == tuple(TABLES)
    assert evidence.table("trials")["trial_id"].is_unique
    assert all(evidence.has(name) for name in TABLES)
    assert {p.level for p in evidence.warnings} == {"warning"}


def test_all_columns_are_there_though_the_file_has_few(folder):
    evidence = Evidence.load(folder)
    for name in TABLES:
        assert set(evidence.table(name)) == set(column_metadata(name))


def test_a_table_without_a_file_has_no_rows(folder):
    evidence = Evidence.load(folder)
    assert evidence.has("trials") and not evidence.has("records")
    assert evidence.table("records").empty


@pytest.mark.parametrize("method", ["table", "has", "hash"])
def test_an_undeclared_table_is_refused(folder, method):
    evidence = Evidence.load(folder, ["trials"])
    with pytest.raises(UndeclaredTable, match="'effects' is not declared .*chapters.yml"):
        getattr(evidence, method)("effects")
    with pytest.raises(UndeclaredTable, match="there is no table 'effect'"):
        getattr(evidence, method)("effect")


def test_a_table_is_a_copy(folder):
    evidence = Evidence.load(folder)
    changed = evidence.table("trials")
    changed["title"] = "gone"
    assert evidence.table("trials")["title"].iat[0] == "Kindness for alphas"


def test_the_evidence_is_frozen(folder):
    evidence = Evidence.load(folder)
    with pytest.raises(dataclasses.FrozenInstanceError):
        evidence.folder = folder


def test_folder_and_tables_come_from_the_environment(folder, monkeypatch):
    monkeypatch.setenv("LKCM_DATA", str(folder))
    monkeypatch.setenv("LKCM_TABLES", "effects trials")
    evidence = load()
    assert evidence.folder == folder and evidence.tables == ("trials", "effects")
    monkeypatch.setenv("LKCM_TABLES", "")
    assert load().tables == ()


def test_an_unknown_table_cannot_be_declared(folder):
    with pytest.raises(ValueError, match="no such tables: moods; choose from queries"):
        Evidence.load(folder, ["trials", "moods"])


def test_errors_stop_and_are_readable(write, rows):
    rows["trials"][1]["year"] = "soon"
    with pytest.raises(EvidenceError, match=r"trials.csv\s+3\s+beta2012\s+year\s+soon") as caught:
        Evidence.load(write(rows))
    assert [p.rule for p in caught.value.problems] == ["not-a-number"]


def test_only_declared_tables_are_checked(write, rows):
    rows["claims"][1]["kind"] = "no such kind"
    folder = write(rows)
    assert Evidence.load(folder, ["trials"]).has("trials")
    with pytest.raises(EvidenceError):
        Evidence.load(folder, ["claims"])


def test_warnings_do_not_stop(write, rows):
    rows["trials"][1]["title"] = ""
    del rows["corrections"]
    assert [p.rule for p in Evidence.load(write(rows)).warnings] == ["trial-unlabelled"]


def test_the_hash_follows_the_bytes_of_the_named_tables(folder):
    before = Evidence.load(folder)
    with (folder / "effects.csv").open("a") as file:
        file.write("e9,beta2012,anger,+\n")
    after = Evidence.load(folder)
    assert before.hash("trials") == after.hash("trials")
    assert len(after.hash()) == 12 and after.hash() != after.hash("trials")
    whole = after.hash("effects")
    (folder / "effects.csv").write_bytes((folder / "effects.csv").read_bytes() + b"\n")
    assert after.hash("effects") != whole


def test_missing_text_is_nan(folder):
    country = Evidence.load(folder).table("trials")["country"]
    assert country.isna().all() and pd.api.types.is_string_dtype(country)
