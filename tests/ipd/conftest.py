import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def good():
    """Two trials of four participants that pass the check."""
    return pd.DataFrame(
        {
            "trial": ["a"] * 4 + ["b"] * 4,
            "participant": ["1", "2", "3", "4"] * 2,
            "arm": ["lkcm", "control"] * 4,
            "age": ["31", "42", "28", "55"] * 2,
            "gender": ["woman", "man"] * 4,
            "severity": ["10", "40", "35", "20"] * 2,
            "outcome_baseline": ["40", "45", "50", "55"] * 2,
            "outcome_post": ["60", "50", "65", ""] * 2,
            "week_post": ["8"] * 8,
        }
    )


@pytest.fixture
def generator():
    return np.random.default_rng(20240101)


@pytest.fixture(scope="session")
def synthetic():
    """Synthetic participants of 16 assumed trials of 120, and the numbers that models use."""
    from lkcm.ipd.participants import prepare
    from lkcm.ipd.plan import _assumed
    from lkcm.ipd.synthetic import synthesise

    plan = _assumed(16).assign(n=120, trial=[f"S{i:02d}" for i in range(16)])
    frame = synthesise(plan, 20240101)
    return frame, prepare(frame), plan
