import pytest

from lkcm.book import glue as module
from lkcm.book.glue import PREFIX, glue, needs


@pytest.fixture
def displayed(monkeypatch):
    shown = []
    monkeypatch.setattr(module, "display", lambda *a, **k: shown.append((a, k)))
    return shown


def test_text_for_prose_and_value_for_results(displayed):
    glue("n", "1,000", 1000)
    (data,), options = displayed[0]
    assert data == {PREFIX + "text/plain": "'1,000'"}
    assert options["metadata"]["scrapbook"]["name"] == "n"
    assert options["metadata"]["lkcm"] == {"text": "1,000", "value": 1000}


def test_the_text_is_the_value_when_there_is_none(displayed):
    glue("date", "2026-11-22")
    assert displayed[0][1]["metadata"]["lkcm"]["value"] == "2026-11-22"


def test_synthetic_values_say_so(displayed):
    glue("n", "3", 3, synthetic=True)
    assert displayed[0][1]["metadata"]["lkcm"]["synthetic"] is True


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_number_no_glue(value):
    with pytest.raises(ValueError, match="what is missing"):
        glue("n", "x", value)


class Folder:
    def __init__(self, *tables):
        self.tables = tables

    def has(self, table):
        return table in self.tables


def test_needs_lets_a_whole_folder_pass(displayed):
    needs(Folder("trials", "effects"), "trials", "effects")
    assert displayed == []


def test_needs_stops_in_words(displayed):
    with pytest.raises(SystemExit) as stop:
        needs(Folder("trials"), "trials", "records", "screening")
    assert stop.value.code == 0
    (shown,), options = displayed[0]
    assert options["metadata"] == {"lkcm_stop": ["records", "screening"]}
    assert "`records.csv` and `screening.csv`" in shown.data
