"""Each notebook by plain papermill, as README shows, where most tables are missing."""

import shutil

import nbformat
import papermill
import pytest

from lkcm.book.finish import stopped_for
from lkcm.paths import DATA, NOTEBOOKS

pytestmark = pytest.mark.slow

#: Notebooks that say what is missing when there is nothing but trials and effects.
STOP = {
    "search.ipynb": ["queries", "records", "screening"],
    "claims.ipynb": ["claims"],
    "commentary.ipynb": ["claims"],
}


@pytest.fixture(scope="module")
def minimal(tmp_path_factory):
    folder = tmp_path_factory.mktemp("minimal")
    for table in ("trials", "effects", "corrections"):
        shutil.copy(DATA / f"{table}.csv", folder)
    # The log of corrections may only name tables that are there.
    log = (folder / "corrections.csv").read_text(encoding="utf-8").splitlines()
    kept = [log[0], *(line for line in log[1:] if ",trials," in line or ",effects," in line)]
    (folder / "corrections.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("notebook", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda path: path.name)
def test_two_tables_are_enough(notebook, minimal, tmp_path, monkeypatch):
    monkeypatch.setenv("LKCM_DATA", str(minimal))
    output = tmp_path / notebook.name
    papermill.execute_notebook(
        str(notebook),
        str(output),
        engine_name="ipc",
        cwd=str(NOTEBOOKS),
        progress_bar=False,
    )
    executed = nbformat.read(output, as_version=4)
    assert stopped_for(executed) == STOP.get(notebook.name)
