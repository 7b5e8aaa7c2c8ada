"""The chapter on participants' data where trials name groups that were taught together."""

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from lkcm.ipd.plan import _assumed
from lkcm.ipd.synthetic import synthesise
from lkcm.paths import NOTEBOOKS, ROOT


@pytest.fixture
def evidence(tmp_path, monkeypatch):
    """Evidence with six trials' files: classes in four, one class as a whole arm in one."""
    plan = _assumed(6).assign(n=60, trial=[f"S{i:02d}" for i in range(6)])
    frame = synthesise(plan, 1)
    label = (np.arange(len(frame)) % 60 // 10).astype(str)
    grouped = frame["trial"].isin(["S00", "S01", "S02", "S03"]) & frame["arm"].eq("lkcm")
    frame["cluster"] = np.where(grouped, label, None)
    frame.loc[frame["trial"].eq("S04") & frame["arm"].eq("lkcm"), "cluster"] = "all"
    for name in ("trials", "effects"):
        source = ROOT / "tests" / "data" / "other-review" / f"{name}.csv"
        (tmp_path / source.name).write_bytes(source.read_bytes())
    (tmp_path / "ipd").mkdir()
    frame.to_csv(tmp_path / "ipd" / "six.csv", index=False)
    monkeypatch.setenv("LKCM_DATA", str(tmp_path))


@pytest.mark.slow
def test_groups_are_counted_and_said(evidence):
    notebook = nbformat.read(NOTEBOOKS / "participant_data.ipynb", as_version=4)
    NotebookClient(notebook, resources={"metadata": {"path": NOTEBOOKS}}).execute()
    shown = "".join(
        "".join(text)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for kind, text in output.get("data", {}).items()
        if kind in ("text/markdown", "text/html")
    )
    assert "S00, S01, S02, S03, S04 name groups" in shown
    assert "intraclass correlation" in shown
    assert "Left out, because an arm is one group and cannot be told from it: S04." in shown
    assert "groups alike, one effect (mixed model)" in shown
    assert "synthetic participants" not in shown
