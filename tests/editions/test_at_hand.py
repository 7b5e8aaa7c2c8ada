import json
import shutil

import pytest

from lkcm.editions.at_hand import compared, draft
from lkcm.editions.record import to_json
from lkcm.editions.version import EditionError
from lkcm.paths import ROOT


@pytest.fixture
def folder(tmp_path, monkeypatch):
    data = tmp_path / "data"
    shutil.copytree(ROOT / "tests" / "data" / "other-review", data)
    (data / "editions").mkdir()
    monkeypatch.setenv("LKCM_DATA", str(data))
    monkeypatch.delenv("LKCM_RESULTS", raising=False)
    return data


def store(folder, record):
    (folder / "editions" / f"{record['version']}.json").write_text(to_json(record))


def versions(pair):
    return [None if record is None else record["version"] for record in pair]


def test_a_notebook_by_itself_compares_the_last_two_editions(folder, old, new):
    assert versions(compared()) == [None, None]
    store(folder, old)
    assert versions(compared()) == [None, "2026.10"]
    store(folder, new)
    assert versions(compared()) == ["2026.10", "2026.11"]


def test_in_the_pipeline_the_draft_is_compared(folder, old, new, monkeypatch):
    results = folder / "results.json"
    results.write_text(json.dumps({"pages": {}}))
    monkeypatch.setenv("LKCM_RESULTS", str(results))
    assert versions(compared()) == [None, "draft"]
    store(folder, old)
    assert versions(compared()) == ["2026.10", "draft"]
    store(folder, new)
    assert versions(compared()) == ["2026.11", "draft"]
    assert versions(compared(old="2026.10")) == ["2026.10", "draft"]
    assert versions(compared("2026.10", "2026.11")) == ["2026.10", "2026.11"]


def test_a_draft_needs_numbers(folder):
    with pytest.raises(EditionError, match="make book"):
        draft(folder, folder / "results.json")


def test_an_edition_that_is_not_stored_is_named(folder):
    with pytest.raises(EditionError, match=r"no edition '2026\.09'"):
        compared(old="2026.09")
