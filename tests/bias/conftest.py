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


@pytest.fixture(scope="session")
def selected():
    """200 data sets of 60 trials; one not significant is seen with a chance of a fifth."""
    generator = np.random.default_rng(1)
    vi = generator.uniform(0.02, 0.2, (360, 200))
    yi = generator.normal(0.3, np.sqrt(vi + 0.04))
    seen = (yi > 1.96 * np.sqrt(vi)) | (generator.random(yi.shape) < 0.2)
    order = np.argsort(~seen, axis=0, kind="stable")[:60]
    return tuple(np.take_along_axis(table, order, axis=0) for table in (yi, vi))


@pytest.fixture
def assert_derivatives():
    """Compare gradient and Hessian of a likelihood with differences of it and of the gradient."""

    def check(likelihood, at, rtol=1e-5):
        sets = np.arange(at.shape[1])
        _, gradient, hessian = likelihood(at, sets)
        for a in range(len(at)):
            step = np.zeros_like(at)
            step[a] = 1e-5
            above, below = likelihood(at + step, sets), likelihood(at - step, sets)
            np.testing.assert_allclose((above[0] - below[0]) / 2e-5, gradient[a], rtol=rtol)
            differences = (above[1] - below[1]).T / 2e-5
            np.testing.assert_allclose(differences, hessian[:, a], atol=1e-4)

    return check
