import json

import pytest

from lkcm.evidence.check import check, check_command, default_folder
from lkcm.evidence.problems import RULES
from lkcm.paths import ROOT

DATA = ROOT / "data"


def test_this_review_has_no_errors():
    assert [p for p in check(DATA) if p.level == "error"] == []


def test_two_tables_are_a_review(write, rows):
    assert check(write({name: rows[name] for name in ("trials", "effects")})) == []


@pytest.mark.parametrize("name", ["trials", "effects"])
def test_a_review_needs_both(write, rows, name):
    folder = write({other: rows[other] for other in ("trials", "effects") if other != name})
    assert [(p.rule, p.file) for p in check(folder)] == [("table-missing", f"{name}.csv")]


@pytest.mark.parametrize("make", ["nothing", "file"])
def test_no_folder(tmp_path, make):
    path = tmp_path / "place"
    if make == "file":
        path.write_text("x")
    assert [p.rule for p in check(path)] == ["folder-missing"]


@pytest.mark.parametrize("name", ["x" * 5000, "a\0b"], ids=["too long", "nul"])
def test_what_cannot_be_a_folder(name):
    assert [p.rule for p in check(name)] == ["folder-missing"]


def test_an_unknown_file_is_a_warning(write, rows):
    folder = write(rows)
    (folder / "Trials.csv").write_text("x")
    assert [(p.level, p.rule, p.file) for p in check(folder)] == [
        ("warning", "file-unknown", "Trials.csv")
    ]


def test_problems_come_in_the_order_of_the_files(write, rows):
    rows["effects"][1]["trial_id"] = "nowhere"
    rows["trials"][1]["year"] = rows["trials"][0]["year"] = "soon"
    places = [(p.file, p.row) for p in check(write(rows))]
    assert places == [("trials.csv", 2), ("trials.csv", 3), ("effects.csv", 3)]


def test_the_command_says_what_where_and_how_to_mend(write, rows, capsys):
    rows["effects"][1]["sign"] = "plus\x1b[31m"
    assert check_command(write(rows)) == 2
    shown = capsys.readouterr().out
    for text in ("effects.csv", "beta2012-1", "sign", "+ | - | ?", RULES["not-in-vocabulary"][1]):
        assert text in shown
    assert "\x1b" not in shown and "\\x1b" in shown


def test_the_command_counts_warnings(write, rows, capsys):
    rows["trials"][1]["title"] = ""
    del rows["corrections"]
    folder = write(rows)
    assert check_command(folder) == 0
    shown = capsys.readouterr().out
    assert "1  trial-unlabelled" in shown and "0 errors, 1 warning" in shown
    assert check_command(folder, warnings=True) == 0
    assert "beta2012" in capsys.readouterr().out


def test_the_command_in_json(write, rows, capsys):
    rows["trials"][1]["year"] = 1850
    assert check_command(write(rows), as_json=True) == 2
    [problem] = json.loads(capsys.readouterr().out)
    assert problem == {
        "level": "error",
        "rule": "out-of-range",
        "file": "trials.csv",
        "row": 3,
        "row_id": "beta2012",
        "column": "year",
        "found": "1850",
        "allowed": problem["allowed"],
        "mend": RULES["out-of-range"][1],
    }


def test_the_folder_is_named_by_the_environment(monkeypatch, write, rows):
    folder = write(rows)
    monkeypatch.setenv("LKCM_DATA", str(folder))
    assert default_folder() == folder
    monkeypatch.delenv("LKCM_DATA")
    assert default_folder().resolve() == DATA


def test_many_trials_are_checked_at_once(write):
    trials = [{"trial_id": f"t{i}", "title": f"Trial {i}"} for i in range(3000)]
    effects = [
        {"effect_id": f"e{i}", "trial_id": f"t{i % 3001}", "outcome": "stress", "stat_value": "x"}
        for i in range(10_000)
    ]
    problems = check(write({"trials": trials, "effects": effects}))
    assert sum(p.rule == "not-a-number" for p in problems) == 10_000
    assert sum(p.rule == "reference-unknown" for p in problems) == 3
