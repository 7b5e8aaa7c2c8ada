"""Small evidence folders: valid rows of every table, to be changed by a test."""

import copy
import csv

import pytest

ROWS = {
    "queries": [
        {"query_id": "q1", "query": "kindness"},
        {"query_id": "q2", "query": "compassion"},
    ],
    "records": [
        {"record_id": "r1", "decision": "included", "reason": "", "trial_id": "alpha2010"},
        {"record_id": "r2", "decision": "included", "reason": "", "trial_id": "beta2012"},
        {"record_id": "r3", "decision": "excluded", "reason": "not-a-trial", "trial_id": ""},
    ],
    "screening": [
        {"record_id": "r1", "reader": "a", "decision": "included", "trial_id": "alpha2010"},
        {"record_id": "r2", "reader": "a", "decision": "included", "trial_id": "beta2012"},
    ],
    "trials": [
        {"trial_id": "alpha2010", "title": "Kindness for alphas"},
        {"trial_id": "beta2012", "title": "Kindness for betas"},
    ],
    "effects": [
        {"effect_id": "alpha2010-1", "trial_id": "alpha2010", "outcome": "stress", "sign": "+"},
        {"effect_id": "beta2012-1", "trial_id": "beta2012", "outcome": "stress", "sign": "-"},
    ],
    "second_reading": [
        {"reading_id": "s1", "trial_id": "alpha2010", "outcome": "stress"},
        {"reading_id": "s2", "trial_id": "beta2012", "outcome": "stress"},
    ],
    "agreement": [
        {"source": "A", "construct": "anger", "reporter_a": "self", "reporter_b": "partner"},
        {"source": "B", "construct": "anger", "reporter_a": "self", "reporter_b": "partner"},
    ],
    "harms_context": [
        {"effect_id": "h1", "trial_id": "gamma2015", "outcome": "dropout"},
        {"effect_id": "h2", "trial_id": "gamma2015", "outcome": "adverse-event"},
    ],
    "instruments": [
        {"instrument_id": "bdi", "instrument": "BDI", "pattern": "BDI"},
        {"instrument_id": "bai", "instrument": "BAI", "pattern": "BAI"},
    ],
    "reference_estimates": [
        {"ref_id": "e1", "question": "kindness on stress"},
        {"ref_id": "e2", "question": "kindness on pain"},
    ],
    "claims": [{"claim_id": "c1", "claim": "It helps"}, {"claim_id": "c2", "claim": "A little"}],
    "corrections": [
        {
            "date": "2026-01-01",
            "table": "trials",
            "row_id": trial,
            "column": "title",
            "old": f"Kindness for {name}",
            "new": f"Kindness in {name}",
            "reason": "the preposition",
        }
        for trial, name in (("alpha2010", "alphas"), ("beta2012", "betas"))
    ],
}


@pytest.fixture
def rows():
    """Two or three valid rows of every table, free to be changed."""
    return copy.deepcopy(ROWS)


@pytest.fixture
def write(tmp_path):
    """Write tables, given as lists of dicts, to a folder and return it."""

    def write_folder(tables):
        folder = tmp_path / "a folder"
        folder.mkdir(exist_ok=True)
        for name, table in tables.items():
            columns = list(dict.fromkeys(column for row in table for column in row))
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, columns, lineterminator="\n")
                writer.writeheader()
                writer.writerows(table)
        return folder

    return write_folder
