import numpy as np
import pytest
from scipy import integrate, stats

from lkcm.synthesis.censored_likelihood import (
    Contributions,
    checked_tables,
    derivatives,
    log_probability,
)
from lkcm.synthesis.pooled import PoolError

INF = np.inf
#: A figure, a significance for and against, "no difference", directions, a rounding interval,
#: and a significance without direction.
LOW = np.array([0.4, 0.55, -INF, -0.6, 0.0, -INF, 0.31, 0.5])[:, None]
HIGH = np.array([0.4, INF, -0.45, 0.6, INF, 0.0, 0.33, INF])[:, None]
VARIANCE = np.array([0.05, 0.08, 0.05, 0.09, 0.04, 0.06, 0.07, 0.065])[:, None]
EITHER = np.array([False] * 7 + [True])[:, None]
MIXED = (LOW, HIGH, VARIANCE, EITHER)


def at(tables, mu, tau2):
    return derivatives(Contributions.arrange(*tables), np.atleast_1d(mu), np.atleast_1d(tau2))


def rows(*places):
    return tuple(table[list(places)] for table in MIXED)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        pytest.param(-INF, INF, 0.0, id="everything"),
        pytest.param(-1.0, 1.0, np.log(0.682689492137086), id="one standard deviation"),
        pytest.param(0.0, INF, np.log(0.5), id="one side"),
        pytest.param(40.0, INF, stats.norm.logsf(40), id="far right tail"),
        pytest.param(-41.0, -40.0, stats.norm.logcdf(-40), id="far left tail"),
        pytest.param(1.0, 1 + 1e-9, stats.norm.logpdf(1) + np.log(1e-9), id="narrow"),
        pytest.param(-8.0, 8.0, -1.2441921148543573e-15, id="nearly everything"),
    ],
)
def test_the_log_of_a_probability_keeps_its_digits(low, high, expected):
    found = log_probability(np.array([low]), np.array([high]))[0]
    assert found == pytest.approx(expected, rel=1e-7, abs=2e-16)


def test_figures_contribute_their_densities():
    found = at(rows(0), 0.1, 0.2).value[0]
    assert found == pytest.approx(stats.norm.logpdf(0.4, 0.1, np.sqrt(0.25)), rel=1e-14)


def test_bounds_contribute_probabilities():
    spread = np.sqrt(VARIANCE[1:, 0] + 0.2)
    between = stats.norm.cdf(HIGH[1:, 0], 0.1, spread) - stats.norm.cdf(LOW[1:, 0], 0.1, spread)
    between[-1] += stats.norm.cdf(-0.5, 0.1, spread[-1])
    found = at(rows(*range(1, 8)), 0.1, 0.2).value[0]
    assert found == pytest.approx(np.log(between).sum(), rel=1e-12)


@pytest.mark.parametrize("place", range(8))
@pytest.mark.parametrize(("mu", "tau2"), [(0.3, 0.1), (-0.8, 0.02), (1.5, 0.6)])
def test_a_contribution_is_the_integral_over_the_true_effects(place, mu, tau2):
    low, high, variance, either = (table[place, 0] for table in MIXED)
    s = np.sqrt(variance)

    def reported(theta):
        if low == high:
            return stats.norm.pdf(low, theta, s)
        said = stats.norm.cdf(high, theta, s) - stats.norm.cdf(low, theta, s)
        return said + (stats.norm.cdf(-low, theta, s) if either else 0.0)

    def density(theta):
        return reported(theta) * stats.norm.pdf(theta, mu, np.sqrt(tau2))

    ends = mu - 12 * np.sqrt(tau2), mu + 12 * np.sqrt(tau2)
    expected, _ = integrate.quad(density, *ends, epsabs=0, epsrel=1e-11, limit=400)
    assert at(rows(place), mu, tau2).value[0] == pytest.approx(np.log(expected), abs=1e-9)


@pytest.mark.parametrize("place", [*range(8), slice(None)], ids=lambda place: f"row {place}")
@pytest.mark.parametrize(("mu", "tau2"), [(0.3, 0.1), (-1.2, 0.0), (2.5, 0.4)])
def test_derivatives_are_difference_quotients(place, mu, tau2):
    tables = MIXED if isinstance(place, slice) else rows(place)
    h = 1e-5
    here = at(tables, mu, tau2 + h)
    mu_up, mu_down = at(tables, mu + h, tau2 + h), at(tables, mu - h, tau2 + h)
    tau2_up, tau2_down = at(tables, mu, tau2 + 2 * h), at(tables, mu, tau2)
    by_mu = {"m": "value", "mm": "m", "mmm": "mm"}
    by_tau2 = {"t": "value", "mt": "m", "tt": "t", "mmt": "mm"}
    for up, down, pairs in ((mu_up, mu_down, by_mu), (tau2_up, tau2_down, by_tau2)):
        for name, of in pairs.items():
            quotient = (getattr(up, of) - getattr(down, of)) / (2 * h)
            np.testing.assert_allclose(getattr(here, name), quotient, rtol=2e-5, atol=2e-5)


def test_a_narrow_interval_is_a_figure():
    figure = tuple(np.array([[value]]) for value in (0.4, 0.4, 0.05, False))
    width = 1e-5
    narrow = (figure[0] - width / 2, figure[1] + width / 2, *figure[2:])
    first, second = at(figure, 0.1, 0.2), at(narrow, 0.1, 0.2)
    assert second.value - np.log(width) == pytest.approx(first.value, rel=1e-8)
    for name in ("m", "mm", "t", "mt", "tt"):
        assert getattr(second, name) == pytest.approx(getattr(first, name), rel=1e-4)


def test_data_sets_of_unequal_size_are_computed_as_alone():
    shorter = [table.astype(float) for table in MIXED[:3]]
    for table in shorter:
        table[[0, 3, 7]] = np.nan
    tables = [np.hstack(pair) for pair in zip(MIXED[:3], shorter, strict=True)]
    together = at((*tables, np.hstack([EITHER, EITHER])), [0.2, 0.2], [0.1, 0.1])
    alone = [at(MIXED, 0.2, 0.1), at(rows(1, 2, 4, 5, 6), 0.2, 0.1)]
    for name in vars(together):
        expected = np.concatenate([getattr(one, name) for one in alone])
        np.testing.assert_allclose(getattr(together, name), expected, rtol=1e-12)


def test_exchanging_the_arms_turns_odd_derivatives():
    trials = Contributions.arrange(*MIXED)
    here = derivatives(trials, np.array([0.3]), np.array([0.1]))
    turned = derivatives(trials.mirrored(), np.array([-0.3]), np.array([0.1]))
    for name, values in vars(here).items():
        sign = -1 if name in ("m", "mt", "mmm") else 1
        np.testing.assert_allclose(getattr(turned, name), sign * values, rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"low": [[1.0]], "high": [[0.5]]}, "above its upper", id="order"),
        pytest.param({"low": [[np.nan]]}, "missing", id="missing"),
        pytest.param({"low": [[INF]], "high": [[INF]]}, "wrong side", id="wrong side"),
        pytest.param({"variance": [[0.0]]}, "zero, negative", id="variance"),
        pytest.param({"low": [[-1.0]], "either": [[True]]}, "overlap", id="overlap"),
        pytest.param({"high": [[1e50]]}, "1e\\+40", id="too large"),
        pytest.param({"high": [1.0]}, "one shape", id="shape"),
    ],
)
def test_bad_tables_are_refused_in_words(change, message):
    tables = {"low": [[0.0]], "high": [[1.0]], "variance": [[0.1]], "either": [[False]]}
    with pytest.raises(PoolError, match=message):
        checked_tables(**tables | change)


def test_all_problems_are_named_at_once():
    with pytest.raises(PoolError, match="upper bound; .*zero, negative"):
        checked_tables([[1.0]], [[0.0]], [[-1.0]])
