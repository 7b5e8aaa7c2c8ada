"""Stored outputs and numbers: renewed together, and nothing else is stored."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lkcm.book.reference import STRIP
from lkcm.paths import NOTEBOOKS, ROOT

RENEW = "the evidence or the code moved a number: run `make reference` and look at its diff"
BINARIES = Path(sys.executable).parent


def differences(stored, found, path=""):
    """Yield where two results differ: numbers at 1e-6 relative, all else exactly."""
    if isinstance(stored, dict) and isinstance(found, dict):
        for key in sorted(stored.keys() | found.keys()):
            yield from differences(stored.get(key), found.get(key), f"{path}/{key}")
    elif isinstance(stored, list) and isinstance(found, list) and len(stored) == len(found):
        for position, pair in enumerate(zip(stored, found, strict=True)):
            yield from differences(*pair, f"{path}/{position}")
    elif isinstance(stored, float) or isinstance(found, float):
        if found is None or stored is None or found != pytest.approx(stored, rel=1e-6):
            yield f"{path}: stored {stored}, found {found}"
    elif stored != found:
        yield f"{path}: stored {stored!r}, found {found!r}"


def test_differences_are_seen():
    assert list(differences({"a": 1.0, "b": [1]}, {"a": 1.0 + 1e-9, "b": [1]})) == []
    assert len(list(differences({"a": 1.0, "b": "x"}, {"a": 1.1, "b": "y", "c": 1}))) == 3


@pytest.mark.slow
def test_numbers_of_all_pages_are_the_stored_ones(checkout):
    stored = json.loads((ROOT / "tests/book/results.json").read_text(encoding="utf-8"))
    assert checkout.book().returncode == 0
    assert list(differences(stored, checkout.results())) == [], RENEW


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_stored_notebook_keeps_its_reference_output_only(notebook):
    verify = subprocess.run([BINARIES / "nbstripout", "--verify", *STRIP, notebook], text=True)
    assert verify.returncode == 0, f"{notebook.name} holds outputs: run `make reference`"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    with_output = [cell["id"] for cell in cells if cell.get("outputs")]
    assert with_output == ["reference"], RENEW
    assert any("parameters" in cell["metadata"].get("tags", []) for cell in cells)
