import json
from pathlib import Path

import numpy as np
import pytest

ORACLES = Path(__file__).parents[1] / "oracles"


@pytest.fixture(scope="session")
def oracle():
    """metafor's values by set, with the trials themselves."""
    sets = json.loads((ORACLES / "pool.json").read_text())["sets"]
    reference = json.loads((ORACLES / "bias.json").read_text())
    cases = {}
    for case in reference["cases"]:
        yi, vi = (np.array(sets[case["set"]][column]) for column in ("yi", "vi"))
        cases[case["set"]] = case | {"yi": yi, "vi": vi}
    return cases


@pytest.fixture(scope="session")
def gosh_oracle():
    return json.loads((ORACLES / "bias.json").read_text())["gosh"]


@pytest.fixture
def simulated():
    """Draw data sets of k trials, a data set a column."""

    def draw(k, sets, mean=0.3, tau2=0.05, seed=1):
        generator = np.random.default_rng(seed)
        vi = generator.uniform(0.02, 0.2, (k, sets))
        return generator.normal(mean, np.sqrt(vi + tau2)), vi

    return draw
