"""Published analyses of people in schools and centres.

Exam: 4,059 pupils of 65 London schools; printed in the vignette MlmSoftRev of R's mlmRev (section
2.5, model Em4). respiratory: a trial of 111 patients in two centres, four visits each; printed in
the chapter "Analyzing Longitudinal Data II" of HSAUR3 (figure 14.4). cbpp, bacteria and Orthodont
are in the tests of the models that they check.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.binary import logistic_mixed, population_average
from lkcm.ipd.crossproducts import ONE
from lkcm.ipd.one_stage import one_stage

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "published.json").read_text())
CLOSE = 1e-4


@pytest.fixture(scope="module")
def exam():
    people = pd.DataFrame(ORACLE["exam"]["data"])
    fixed = (ONE, "before", "girl", "single")
    return one_stage(people, "y", fixed, (ONE, "before"), (), residuals="common")


def test_exam_as_printed(exam):
    np.testing.assert_allclose(exam.estimate, [-0.1887, 0.5541, 0.1680, 0.1764], atol=5e-5)
    spread = np.sqrt(np.diag(exam.g))
    np.testing.assert_allclose(spread, [0.2872, 0.1228], atol=5e-5)
    assert exam.g[0, 1] / spread.prod() == pytest.approx(0.58, abs=0.005)
    assert exam.residual_variance["1"] ** 0.5 == pytest.approx(0.7418, abs=5e-5)
    assert -2 * exam.loglik == pytest.approx(9300.573, abs=5e-4)


def test_exam_as_lme4(exam):
    expected = ORACLE["exam"]["fit"]
    np.testing.assert_allclose(exam.estimate, expected["estimate"], rtol=CLOSE)
    np.testing.assert_allclose(exam.se, expected["se"], rtol=CLOSE)
    np.testing.assert_allclose(exam.g, expected["g"], atol=CLOSE)


@pytest.fixture(scope="module")
def visits():
    return pd.DataFrame(ORACLE["respiratory"]["data"]).astype(float)


TERMS = ("second", "treatment", "man", "before", "age")


def test_respiratory_population_average(visits):
    """Estimates as printed; errors by Mancl and DeRouen, which are those of clubSandwich's CR3."""
    fit = population_average(visits.assign(trial=visits["id"]), "good", TERMS)
    printed = [-0.9002, 0.6716, 1.2992, 0.1192, 1.8820, -0.0182]
    np.testing.assert_allclose(fit.estimate, printed, atol=5e-5)
    expected = ORACLE["respiratory"]["gee"]
    np.testing.assert_allclose(fit.estimate, expected["estimate"], rtol=1e-6)
    np.testing.assert_allclose(fit.se, expected["corrected"], rtol=1e-6)
    # The printed errors are those before the correction for few patients.
    np.testing.assert_allclose(
        expected["robust"], [0.460, 0.357, 0.351, 0.443, 0.350, 0.013], atol=5e-4
    )
    assert (fit.se > expected["robust"]).all()


def test_respiratory_with_patients_as_clusters(visits):
    """Centres have intercepts of their own, patients' visits are alike: glmer, 15 nodes."""
    people = visits.assign(trial=visits["second"], cluster=visits["id"].astype(int).astype(str))
    names = TERMS[1:]
    fit = logistic_mixed(people, "good", names, random=ONE, cluster="cluster")
    expected = ORACLE["respiratory"]["mixed"]
    np.testing.assert_allclose(fit.estimate, expected["estimate"], rtol=CLOSE, atol=CLOSE)
    # A likelihood on a grid of 2,001 points lies between: glmer's errors (of a curvature by finite
    # differences) and those of 15 nodes are each 3e-4 from its errors, 60 nodes 1e-6.
    np.testing.assert_allclose(fit.se, expected["se"], rtol=1e-3)
    fine = logistic_mixed(people, "good", names, random=ONE, cluster="cluster", nodes=60)
    np.testing.assert_allclose(fit.se, fine.se, rtol=5e-4)
    assert fit.tau == pytest.approx(expected["tau"], rel=1e-3)
