import json

import pytest

from lkcm.editions.record import freeze, packages, read, stored_versions, to_json
from lkcm.editions.version import EditionError
from lkcm.paths import DATA, ROOT

LOCK = ROOT / "requirements.lock"


@pytest.fixture(scope="module")
def frozen():
    results = {"pages": {}}
    return freeze(DATA, results, LOCK, version="2026.11", date="2026-11-20", commit="abc")


def test_it_holds_what_the_book_was_made_from(frozen):
    assert frozen["packages"]["jupyter-book"] == "1.0.4.post1"
    assert len(frozen["tables"]["effects"]["sha256"]) == 64
    assert len(frozen["rows"]["trials"]) == 259
    assert frozen["pages"]["pooling-depression"]["parameters"]["outcome"] == "depression"
    assert frozen["last_search"] >= "2026-01-01"


def test_only_what_is_stated_is_kept(frozen):
    cells = [cell for row in frozen["rows"]["effects"].values() for cell in row.values()]
    assert "" not in cells
    assert "not-stated" not in cells


def test_the_text_is_json_with_a_row_a_line(frozen):
    text = to_json(frozen)
    assert json.loads(text) == frozen
    assert sum(line.startswith('   "') for line in text.splitlines()) >= 259 + 900


def test_a_lock_names_packages():
    assert packages("# a\nPyMARE==0.0.13\nidna==3 ; python_version\n") == {
        "PyMARE": "0.0.13",
        "idna": "3",
    }


def test_records_are_found_by_version(tmp_path, frozen):
    assert stored_versions(tmp_path) == []
    for version in ("2026.11.1", "2026.11"):
        (tmp_path / f"{version}.json").write_text(to_json(frozen | {"version": version}))
    assert stored_versions(tmp_path) == ["2026.11", "2026.11.1"]
    assert read(tmp_path, "2026.11.1")["version"] == "2026.11.1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(None, "no edition '2026.12'.*stored: none", id="absent"),
        pytest.param("{", "not a record of an edition", id="no JSON"),
        pytest.param("[]", "not a record of an edition", id="a list"),
        pytest.param("{}", "version, rows or results missing", id="empty"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, content, words):
    if content is not None:
        (tmp_path / "2026.12.json").write_text(content)
    with pytest.raises(EditionError, match=words):
        read(tmp_path, "2026.12")


def test_a_file_of_another_name_is_refused(tmp_path):
    (tmp_path / "draft.json").write_text("{}")
    with pytest.raises(EditionError, match="draft"):
        stored_versions(tmp_path)
