"""Fixtures of the effects tests: the escalc reference values and tables of one row."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ORACLE = Path(__file__).parents[1] / "oracles" / "escalc.json"

#: Agreement asked of closed forms that escalc computes in the same way.
EXACT = 1e-8


@pytest.fixture(scope="session")
def reference():
    """Give the stored reference values."""
    return json.loads(ORACLE.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def agrees_with_escalc(reference):
    """Give a check of a function of a case's inputs against escalc, missing values included."""
    cases = {(case["measure"], case["dataset"]): case for case in reference["cases"]}

    def check(measure, dataset, compute):
        case = cases[measure, dataset]
        inputs = {name: np.array(values, float) for name, values in case["inputs"].items()}
        estimate, variance = compute(inputs)
        np.testing.assert_allclose(estimate, np.array(case["yi"], float), EXACT, 1e-12)
        np.testing.assert_allclose(variance, np.array(case["vi"], float), EXACT, 1e-12)

    return check


@pytest.fixture
def effects_row():
    """Give a maker of one-row effects tables: a two-arm comparison of 30 with 20 people."""

    def make(**fields):
        row = {
            "effect_id": "a-1",
            "trial_id": "a",
            "n_t": 30.0,
            "n_c": 20.0,
            "stat_kind": "text",
            "effect_scope": "between-group",
            "model": "post",
            "sign": "+",
            "significant": "not-stated",
            "comparator_type": "waitlist",
            "higher_is_better": "yes",
        }
        return pd.DataFrame([row | fields])

    return make


@pytest.fixture
def trials_row():
    """Give a maker of one-row trials tables: a parallel trial of two arms and 50 people."""

    def make(**fields):
        row = {
            "trial_id": "a",
            "sample_id": "a",
            "design": "parallel",
            "n_arms": "2",
            "n_randomised": 50.0,
            "age_group": "adults",
        }
        return pd.DataFrame([row | fields])

    return make
