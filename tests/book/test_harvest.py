import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lkcm.book.harvest import harvest, main, rounded, write


def glued(key, value):
    metadata = {"scrapbook": {"name": key}, "lkcm": {"text": str(value), "value": value}}
    return new_output("display_data", data={}, metadata=metadata)


def test_values_of_each_page(tmp_path):
    cells = [new_code_cell("", id="a", outputs=[glued("k", 3), glued("g", 1 / 3)])]
    nbformat.write(new_notebook(cells=cells), tmp_path / "one.ipynb")
    stop = new_output("display_data", data={}, metadata={"lkcm_stop": ["records"]})
    cells = [new_code_cell("", id="a", outputs=[stop])]
    nbformat.write(new_notebook(cells=cells), tmp_path / "two.ipynb")
    found = harvest(tmp_path, ["one", "two"])["pages"]
    assert found["one"]["values"]["k"] == {"text": "3", "value": 3}
    assert found["one"]["values"]["g"]["value"] == 0.33333333
    assert "stopped_for" not in found["one"]
    assert found["two"] == {"values": {}, "stopped_for": ["records"]}


def test_rounded_reaches_into_lists_and_leaves_other_values():
    value = {"a": [0.1 + 0.2, 1], "b": "x", "c": True, "d": None}
    assert rounded(value) == {"a": [0.3, 1], "b": "x", "c": True, "d": None}


def test_no_number_that_is_none(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write({"x": float("nan")}, tmp_path / "results.json")


def test_sorted_and_readable(tmp_path):
    write({"b": 1, "a": "é"}, tmp_path / "results.json")
    text = (tmp_path / "results.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == ["a", "b"]
    assert "é" in text


def test_called_as_a_program_it_writes_what_the_named_pages_glued(tmp_path):
    for name, value in (("one", 3), ("two", 4)):
        cells = [new_code_cell("", id="a", outputs=[glued("k", value)])]
        nbformat.write(new_notebook(cells=cells), tmp_path / f"{name}.ipynb")
    out = tmp_path / "results.json"
    assert main(["--chapters", str(tmp_path), "--output", str(out), "two"]) == 0
    assert json.loads(out.read_text()) == harvest(tmp_path, ["two"])
