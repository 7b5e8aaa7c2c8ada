import json
from pathlib import Path

import numpy as np
import pytest
from scipy import integrate, special, stats

from lkcm.harms.events import EventsError
from lkcm.harms.glmm import MODELS, glmm

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "harms.json").read_text())
#: lme4 stops its search 1e-5 short of the top; what follows from tau2 moves by less.
RELATIVE, ABSOLUTE = 1e-4, 2e-5


def columns(name):
    return [ORACLE["sets"][name][column] for column in ("a", "n_t", "c", "n_c")]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda case: case["set"])
def test_metafor_agrees(case, model):
    fit = glmm(*columns(case["set"]), model=model)
    expected = case[model]
    ours = (fit.estimate, fit.se, *fit.ci, fit.tau2)
    theirs = (expected["estimate"], expected["se"], *expected["ci"], expected["tau2"])
    np.testing.assert_allclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE)


def test_the_quadrature_is_the_integral():
    # CM.AL of two trials, integrated by brute force at the estimate
    counts = [np.array(column, float) for column in ([3, 9], [30, 40], [6, 4], [28, 41])]
    a, n_t, c, n_c = counts
    fit = glmm(*counts, model="CM.AL", nodes=25)

    def minus(theta, tau):
        total = 0.0
        for i in range(2):

            def density(u, i=i):
                p = special.expit(np.log(n_t[i] / n_c[i]) + theta + u)
                return stats.binom.pmf(a[i], a[i] + c[i], p) * stats.norm.pdf(u, 0, tau)

            total -= np.log(integrate.quad(density, -8, 8, epsabs=1e-13)[0])
        return total

    tau = np.sqrt(fit.tau2)
    best = minus(fit.estimate, tau)
    assert tau > 0.1
    for step in (-0.02, 0.02):
        assert minus(fit.estimate + step, tau) > best
        assert minus(fit.estimate, tau + step) > best


def test_trials_without_an_event_change_nothing():
    a, n_t, c, n_c = columns("lee2004")
    longer = glmm([*a, 0], [*n_t, 40], [*c, 0], [*n_c, 35], model="CM.AL")
    fit = glmm(a, n_t, c, n_c, model="CM.AL")
    assert longer.estimate == fit.estimate and longer.k_informative == fit.k
    assert "tell nothing" in longer.notes[0]


def test_swapping_arms_turns_the_sign():
    a, n_t, c, n_c = columns("made_zeros")
    for model in MODELS:
        fit, swapped = glmm(a, n_t, c, n_c, model=model), glmm(c, n_c, a, n_t, model=model)
        assert swapped.estimate == pytest.approx(-fit.estimate, abs=1e-5)


def test_what_cannot_be_fitted_is_said():
    with pytest.raises(EventsError, match="needs two with an event"):
        glmm([1, 0], [10, 10], [1, 0], [10, 10])
    with pytest.raises(EventsError, match="unknown; allowed: UM.FS, CM.AL"):
        glmm([1, 1], [10, 10], [1, 1], [10, 10], model="UM.RS")
    one_arm = glmm([0, 0], [10, 12], [2, 1], [11, 10])
    assert one_arm.estimate is None and "no event" in one_arm.notes[-1]
