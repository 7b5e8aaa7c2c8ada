import datetime
import os
import shutil
from pathlib import Path

import pytest

from lkcm.cli import main
from lkcm.evidence.check import check
from lkcm.evidence.imports import import_export, report
from lkcm.evidence.problems import has_errors
from lkcm.evidence.table_text import read_table

EXPORTS = Path(__file__).parent / "exports"
DAY = datetime.date(2026, 11, 24)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(EXPORTS / "review", tmp_path / "data"))


def state(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows(folder, name):
    return read_table(folder / f"{name}.csv").rows


def run(*arguments):
    return main(["import", *map(str, arguments)])


@pytest.mark.parametrize(
    ("name", "decisions"),
    [
        pytest.param("pubmed.nbib", ["unscreened"] * 2, id="nbib"),
        pytest.param("scopus.ris", ["unscreened"] * 2, id="ris"),
        pytest.param("zotero.bib", ["unscreened"] * 2, id="bibtex"),
        pytest.param("rayyan.csv", ["excluded", "unscreened", "unscreened"], id="rayyan"),
        pytest.param("covidence.csv", ["excluded", "unscreened"], id="covidence"),
        pytest.param("asreview.csv", ["unscreened"] * 3, id="asreview"),
    ],
)
def test_every_format_is_added(name, decisions, folder):
    before = state(folder)
    plan, problems = import_export(EXPORTS / name, "Somewhere", folder, today=DAY)
    assert problems == []
    n = len(decisions)
    assert (len(plan.added), len(plan.merged), len(plan.left)) == (n, 0, 0)
    new = rows(folder, "records")[4:]
    assert [row["record_id"] for row in new] == [f"r{i:04}" for i in range(5, 5 + n)]
    assert [row["decision"] for row in new] == decisions
    assert {row["query_id"] for row in new} == {"import-001"}
    query = rows(folder, "queries")[-1]
    assert query["query"].startswith(name)
    assert (query["corpus"], query["date"], query["n_results"]) == (
        "Somewhere", "2026-11-24", str(n),
    )  # fmt: skip
    for table, content in state(folder).items():
        assert content.startswith(before[table]), table
    assert not has_errors(check(folder))


def test_votes_of_exclusions_are_kept(folder):
    import_export(EXPORTS / "rayyan.csv", "Rayyan", folder)
    (vote,) = rows(folder, "screening")[4:]
    assert vote == {
        "record_id": "r0005", "reader": "Rayyan", "query_id": "import-001",
        "decision": "excluded", "reason": "not-randomised", "trial_id": "",
    }  # fmt: skip


def test_same_file_twice_adds_nothing(folder):
    import_export(EXPORTS / "pubmed.nbib", "PubMed", folder)
    before = state(folder)
    plan, problems = import_export(EXPORTS / "pubmed.nbib", "PubMed", folder)
    assert (problems, plan.changes, len(plan.left)) == ([], False, 2)
    assert state(folder) == before


def test_another_search_is_counted_even_if_it_finds_nothing_new(folder, tmp_path):
    import_export(EXPORTS / "pubmed.nbib", "PubMed", folder)
    plan, _ = import_export(EXPORTS / "pubmed.nbib", "Embase", folder)
    assert (plan.query_id, plan.rows["records"]) == ("import-002", [])
    assert rows(folder, "queries")[-1]["n_results"] == "2"


def test_record_that_was_deleted_comes_back_under_the_same_look_up(folder):
    import_export(EXPORTS / "pubmed.nbib", "PubMed", folder)
    path = folder / "records.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    plan, _ = import_export(EXPORTS / "pubmed.nbib", "PubMed", folder)
    assert (plan.query_id, len(plan.added), plan.rows.get("queries")) == ("import-001", 1, None)


def test_known_papers_across_formats(folder):
    import_export(EXPORTS / "pubmed.nbib", "PubMed", folder)
    by_title, _ = import_export(EXPORTS / "scopus.ris", "Scopus", folder)
    assert [m.why for m in by_title.left] == ["title"]
    by_doi, _ = import_export(EXPORTS / "zotero.bib", "Zotero", folder)
    assert [m.why for m in by_doi.left] == ["DOI"]
    assert len(rows(folder, "records")) == 4 + 2 + 1 + 1


def test_empty_cells_of_a_certain_duplicate_are_filled_and_no_others(folder, tmp_path):
    before = (folder / "records.csv").read_bytes().splitlines()
    path = tmp_path / "export.csv"
    path.write_text(
        "title,doi,year,pubmed_id\n"
        "Another Title,10.99999/INVENTED.2013.001,1999,\n"
        "Another review title,10.99999/invented.2021.9,2021,99900004\n"
        "An invented review of compassion courses for teachers,,2021,\n"
    )
    plan, _ = import_export(path, "PubMed", folder)
    assert [m.entry.number for m in plan.merged] == [1, 2]
    assert plan.gains["entry 1"] == ("title", "doi")
    assert plan.gains["entry 2"] == ("year", "doi")
    assert [m.entry.number for m in plan.left] == [3]
    after = (folder / "records.csv").read_bytes().splitlines()
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
    assert changed == [2, 4]
    assert rows(folder, "records")[1]["title"] == "Another Title"
    assert rows(folder, "records")[1]["year"] == "2013"


def test_repeats_within_the_file(folder, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(
        "title,doi\nAn entirely invented title of a paper,10.99999/x\n,10.99999/X\n"
        "AN ENTIRELY INVENTED TITLE OF A PAPER.,\n"
    )
    plan, _ = import_export(path, "PubMed", folder)
    assert [m.entry.number for m in plan.added] == [1]
    assert set(plan.record_ids.values()) == {"r0005"}
    assert rows(folder, "queries")[-1]["n_results"] == "3"


def test_results_under_the_title_of_a_protocol_are_new_and_shown(folder, tmp_path):
    path = tmp_path / "export.csv"
    title = "Invented protocol and results of a compassion course for café owners"
    path.write_text(f"title,year\n{title},2020\n", "utf-8")
    plan, _ = import_export(path, "PubMed", folder)
    assert [m.perhaps for m in plan.added] == [("r0003",)]
    assert "compare with r0003" in report(plan)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_of_the_tables_are_kept(folder, newline):
    for path in folder.iterdir():
        path.write_bytes(path.read_text("utf-8").replace("\n", newline).encode())
    import_export(EXPORTS / "rayyan.csv", "Rayyan", folder)
    for name in ("records.csv", "queries.csv", "screening.csv"):
        lines = (folder / name).read_bytes().decode().split("\n")
        assert {line.endswith("\r") for line in lines[:-1]} == {newline == "\r\n"}


def test_only_records_are_needed(folder):
    for name in ("queries", "screening", "trials", "effects"):
        (folder / f"{name}.csv").unlink()
    (folder / "records.csv").write_text("record_id,title,doi,decision\n")
    plan, problems = import_export(EXPORTS / "rayyan.csv", "Rayyan", folder)
    assert (len(plan.added), problems) == (3, [])
    assert rows(folder, "records")[0]["record_id"] == "r0001"
    assert sorted(path.name for path in folder.iterdir()) == ["records.csv"]


def test_dry_run_writes_nothing_and_says_so(folder, capsys):
    before = state(folder)
    assert run(EXPORTS / "rayyan.csv", "--source", "R", "--data", folder, "--dry-run") == 0
    out = capsys.readouterr().out
    assert "added: 3" in out
    assert "dry run: nothing was written" in out
    assert state(folder) == before


def test_report_lists_every_entry(folder, capsys):
    assert run(EXPORTS / "rayyan.csv", "--source", "Rayyan", "--data", folder) == 0
    out = capsys.readouterr().out
    for said in (
        "rayyan.csv: CSV, 3 entries",
        "entry 1 -> r0005 | Kindness, \"compassion\" and sleep: an invented trial | "
        "excluded in the export: not-randomised",
        "included in the export: add its trial with lkcm add-trial",
        "merged: 0",
        "left: 0",
        "as import-001",
    ):  # fmt: skip
        assert said in out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", ["export-empty"], id="empty"),
        pytest.param(b"hello", ["export-format", "hello", "PubMed NBIB"], id="format"),
        pytest.param(b"title\n\xff\n", ["export-encoding", "byte 0xff"], id="bytes"),
        pytest.param(
            b"title,doi\nA\n,10.99999/ok\n,x\n",
            ["1 cells, where the header has 2", "entry 3", "a title or a DOI"],
            id="every problem at once",
        ),
    ],
)
def test_bad_input_is_explained_and_nothing_written(content, said, folder, tmp_path, capsys):
    before = state(folder)
    path = tmp_path / "bad.txt"
    path.write_bytes(content)
    assert run(path, "--source", "PubMed", "--data", folder) == 2
    err = capsys.readouterr().err
    for text in ("bad.txt", "nothing was imported", *said):
        assert text in err
    assert state(folder) == before


@pytest.mark.parametrize(
    ("export", "source", "damage", "said"),
    [
        pytest.param("no-such-file", "P", None, "export-unreadable", id="no file"),
        pytest.param("pubmed.nbib", "P", "records.csv", "records.csv", id="no records"),
        pytest.param("pubmed.nbib", " ", None, "--source", id="no source"),
    ],
)
def test_missing_pieces_are_explained(export, source, damage, said, folder, capsys):
    if damage:
        (folder / damage).unlink()
    assert run(EXPORTS / export, "--source", source, "--data", folder) == 2
    assert said in capsys.readouterr().err


def test_faulty_table_is_explained(folder, capsys):
    (folder / "records.csv").write_text("record_id,title\nr0001\n")
    before = state(folder)
    assert run(EXPORTS / "pubmed.nbib", "--source", "P", "--data", folder) == 2
    assert "row-ragged" in capsys.readouterr().err
    assert state(folder) == before


def test_failure_between_the_moves_leaves_the_tables(folder, monkeypatch, capsys):
    before = state(folder)
    calls = []
    replace = os.replace

    def failing(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    assert run(EXPORTS / "pubmed.nbib", "--source", "P", "--data", folder) == 2
    assert "disk full\nnothing was imported" in capsys.readouterr().err
    assert state(folder) == before
