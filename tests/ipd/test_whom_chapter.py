"""The chapter "For whom" with EconML and without."""

import nbformat
import pytest
from nbclient import NotebookClient

from lkcm.paths import NOTEBOOKS

BLOCKED = "import sys; sys.modules['econml'] = None"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("parameters", "says", "forest"),
    [
        (BLOCKED, "it is computed on request", False),
        (f"{BLOCKED}; forest = True", "EconML is not installed", False),
        ("forest = True; trees = 20", "", True),
    ],
    ids=["as published", "asked for without EconML", "asked for"],
)
def test_the_chapter_says_what_is_left_out(parameters, says, forest):
    notebook = nbformat.read(NOTEBOOKS / "for_whom.ipynb", as_version=4)
    place = next(
        i for i, c in enumerate(notebook.cells) if "parameters" in c.metadata.get("tags", ())
    )
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(f"{parameters}; k = 8"))
    NotebookClient(notebook, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    shown = "".join(
        text if isinstance(text, str) else "".join(text)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind, text in output.get("data", {}).items()
        if kind in ("text/markdown", "text/html")
    )
    assert "doubly robust, linear" in shown
    assert says in shown and ("left out" in shown) != forest
    assert ("<td>causal forest</td>" in shown) == forest
