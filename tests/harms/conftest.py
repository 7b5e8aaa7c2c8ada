"""Small evidence tables with every column that the schemas know, to be changed by a test."""

import csv

import pytest

from lkcm.evidence.load import load


@pytest.fixture
def evidence(tmp_path):
    """Make typed tables `trials` and `effects` (and others) from rows given as dicts."""

    def make(trials, effects=(), **others):
        folder = tmp_path / "evidence"
        folder.mkdir(exist_ok=True)
        defaults = {"outcome": "depression", "sign": "?", "about": "participant"}
        rows = {
            "trials": [{"title": "A trial"} | row for row in trials],
            "effects": [
                {"effect_id": f"e{place}"} | defaults | row for place, row in enumerate(effects)
            ],
            **others,
        }
        for name, table in rows.items():
            columns = list(dict.fromkeys(key for row in table for key in row)) or ["effect_id"]
            if name == "effects" and not table:
                columns += ["trial_id", "outcome", "sign"]
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(table)
        found = load(folder, list(rows))
        return tuple(found.table(name) for name in rows)

    return make
