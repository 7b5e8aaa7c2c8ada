import numpy as np
import pytest
from scipy import stats

from lkcm.effects import ratios, reported, smd
from lkcm.effects.routes import ROUTES
from lkcm.effects.rows import ConversionRules, prepare

RULES = ConversionRules()
H = 1 / 30 + 1 / 20
J = smd.small_sample_factor(48)

POST = {"mean_t": 12.0, "sd_t": 4.0, "mean_c": 10.0, "sd_c": 5.0}
PRE = {"mean_pre_t": 9.0, "sd_pre_t": 4.5, "mean_pre_c": 9.5, "sd_pre_c": 4.0}
CHANGES = {"mean_change_t": 3.0, "sd_change_t": 4.0, "mean_change_c": 0.5, "sd_change_c": 4.0}


def by_t(t, factor):
    g = J * t * np.sqrt(H * factor)
    return g, factor * H + g**2 / 100


def case(name, fields, code, expected, **rules):
    return pytest.param(fields, code, expected, rules, id=name)


CASES = [
    case("means", POST, "means:post", smd.smd(12.0, 4.0, 30, 10.0, 5.0, 20)),
    case(
        "means before and after",
        POST | PRE,
        "means:pre-post-control",
        smd.pre_post_control(3.0, 4.5, 30, 0.5, 4.0, 20, 0.6),
    ),
    case(
        "change scores",
        CHANGES,
        "means:change",
        smd.smd_from_changes(3.0, 4.0, 30, 0.5, 4.0, 20, 0.6),
    ),
    case(
        "change scores with baseline SDs",
        CHANGES | {"sd_pre_t": 4.5, "sd_pre_c": 4.0},
        "means:pre-post-control",
        smd.pre_post_control(3.0, 4.5, 30, 0.5, 4.0, 20, 0.6),
    ),
    case(
        "means win over a printed g",
        POST | {"stat_kind": "g", "stat_value": 2.0},
        "means:post",
        smd.smd(12.0, 4.0, 30, 10.0, 5.0, 20),
    ),
    case(
        "printed d", {"stat_kind": "d", "stat_value": 0.5}, "printed", smd.smd_from_d(0.5, 30, 20)
    ),
    case(
        "printed d of change is not rescaled",
        {"stat_kind": "d", "stat_value": 0.5, "model": "change"},
        "printed",
        smd.smd_from_d(0.5, 30, 20),
    ),
    case(
        "printed d of change, rescaled in sensitivity",
        {"stat_kind": "d", "stat_value": 0.5, "model": "change"},
        "printed",
        smd.smd_from_d(0.5 * np.sqrt(0.8), 30, 20, 0.8),
        rescale_printed=True,
    ),
    case(
        "printed g keeps its size",
        {"stat_kind": "g", "stat_value": 0.5},
        "printed",
        (0.5, H + 0.25 / 100),
    ),
    case(
        "printed smd keeps its size",
        {"stat_kind": "smd", "stat_value": -0.5},
        "printed",
        (0.5, H + 0.25 / 100),
    ),
    case(
        "sizes win over an interval",
        {"stat_kind": "g", "stat_value": 0.5, "ci_low": 0.4, "ci_high": 0.6},
        "printed",
        (0.5, H + 0.25 / 100),
    ),
    case(
        "98.75 % interval without sizes",
        {"stat_kind": "g", "stat_value": 0.5, "ci_low": 0.3, "ci_high": 0.7}
        | {"ci_level": 0.9875, "n_t": None, "n_c": None, "study": "b"},
        "printed:interval",
        (0.5, (0.2 / stats.norm.ppf(0.99375)) ** 2),
    ),
    case("t after training", {"stat_kind": "t", "stat_value": -2.1}, "t", by_t(2.1, 1)),
    case(
        "t of change",
        {"stat_kind": "t", "stat_value": 2.1, "model": "change"},
        "t",
        by_t(2.1, 0.8),
    ),
    case(
        "t of change at another r",
        {"stat_kind": "t", "stat_value": 2.1, "model": "change"},
        "t",
        by_t(2.1, 1.6),
        r=0.2,
    ),
    case(
        "F of an ANCOVA",
        {"stat_kind": "F", "stat_value": 4.41, "df1": 1, "model": "ancova"},
        "F",
        by_t(2.1, 0.64),
    ),
    case(
        "F of a mixed model, taken as post",
        {"stat_kind": "F", "stat_value": 4.41, "df1": 1, "model": "mixed"},
        "F",
        by_t(2.1, 1),
    ),
    case(
        "F of a mixed model, taken as change",
        {"stat_kind": "F", "stat_value": 4.41, "df1": 1, "model": "mixed"},
        "F",
        by_t(2.1, 0.8),
        assume_model="change",
    ),
    case(
        "eta squared",
        {"stat_kind": "eta2", "stat_value": 0.1, "df1": 1},
        "eta2",
        by_t(np.sqrt(0.1 / 0.9 * 48), 1),
    ),
    case(
        "eta squared of an ANCOVA",
        {"stat_kind": "eta2", "stat_value": 0.1, "df1": 1, "model": "ancova"},
        "eta2",
        by_t(np.sqrt(0.1 / 0.9 * 47), 0.64),
    ),
    case(
        "eta squared with its printed df",
        {"stat_kind": "eta2", "stat_value": 0.1, "df1": 1, "df2": 40},
        "eta2",
        by_t(np.sqrt(0.1 / 0.9 * 40), 1),
    ),
    case(
        "exact p",
        {"stat_kind": "p", "p_value": "0.034"},
        "p",
        by_t(stats.t.isf(0.017, 48), 1),
    ),
    case(
        "mean difference with SDs",
        {"stat_kind": "md", "stat_value": -2.0, "sd_t": 4.0, "sd_c": 5.0},
        "md:sd",
        smd.smd(12.0, 4.0, 30, 10.0, 5.0, 20),
    ),
    case(
        "mean change difference with baseline SDs",
        {"stat_kind": "md", "stat_value": 2.0, "model": "change"}
        | {"sd_pre_t": 4.0, "sd_pre_c": 5.0},
        "md:sd",
        smd.smd_from_d(2.0 / smd.pooled_sd(4.0, 5.0, 30, 20), 30, 20, 0.8),
    ),
    case(
        "mean difference with an interval",
        {"stat_kind": "md", "stat_value": 2.0, "ci_low": 0.5, "ci_high": 3.5, "ci_level": 0.95},
        "md:interval",
        by_t(2.0 / (1.5 / stats.t.ppf(0.975, 48)), 1),
    ),
    case("events", {"events_t": 3, "events_c": 6}, "events", ratios.log_risk_ratio(3, 30, 6, 20)),
    case(
        "events as odds",
        {"events_t": 3, "events_c": 6},
        "events",
        ratios.log_odds_ratio(3, 30, 6, 20),
        event_measure="logOR",
    ),
    case(
        "printed risk ratio",
        {"stat_kind": "rr", "stat_value": 2.0, "ci_low": 1.0, "ci_high": 4.0},
        "ratio:interval",
        ratios.log_ratio_from_interval(2.0, 1.0, 4.0),
    ),
    case(
        "odds ratio of a dichotomised scale",
        {"stat_kind": "or", "stat_value": 2.0, "ci_low": 1.0, "ci_high": 4.0}
        | {"dichotomised": "yes"},
        "or:dichotomised",
        ratios.smd_from_log_odds(*ratios.log_ratio_from_interval(2.0, 1.0, 4.0)),
    ),
]


def first_route(rows):
    return next((route for route in ROUTES if route.applies(rows)[0]), None)


@pytest.mark.parametrize(("fields", "code", "expected", "rules"), CASES)
def test_route(effects_row, trials_row, fields, code, expected, rules):
    rules = ConversionRules(**rules)
    rows = prepare(effects_row(**fields), trials_row(), rules)
    route = first_route(rows)
    assert route.code == code
    size, variance = (np.asarray(value).item() for value in route.effect(rows, rules))
    assert abs(size) == pytest.approx(abs(expected[0]), rel=1e-10)
    assert variance == pytest.approx(expected[1], rel=1e-10)


def test_every_route_has_a_case():
    assert {route.code for route in ROUTES} == {param.values[1] for param in CASES}


@pytest.mark.parametrize(
    "fields",
    [
        {"stat_kind": "F", "stat_value": 4.0, "df1": 2},
        {"stat_kind": "F", "stat_value": 4.0, "df1": 1, "model": "multivariate"},
        {"stat_kind": "F", "stat_value": 4.0, "df1": 2, "p_value": "0.023"},
        {"stat_kind": "eta2", "stat_value": 0.1},
        {"stat_kind": "d", "stat_value": 0.4, "model": "multivariate"},
        {"stat_kind": "d", "stat_value": 0.4, "n_t": None, "n_c": None, "study": "b"},
        {"stat_kind": "beta", "stat_value": 0.4, "p_value": "0.023"},
        {"stat_kind": "hr", "stat_value": 2.0, "ci_low": 1.0, "ci_high": 4.0},
        {"stat_kind": "or", "stat_value": 2.0, "p_value": "0.023"},
        {"stat_kind": "md", "stat_value": 2.0, "p_value": "<0.05"},
        {"stat_kind": "p", "p_value": "0.05"},
        {"stat_kind": "p", "p_value": "0.023", "model": "counts"},
        {"events_t": 40, "events_c": 6},
        {"mean_t": 12.0, "mean_c": 10.0},
    ],
    ids=str,
)
def test_no_route(effects_row, trials_row, fields):
    assert first_route(prepare(effects_row(**fields), trials_row(), RULES)) is None


@pytest.mark.parametrize(
    ("fields", "g"),
    [
        (POST, smd.smd(12.0, 4.0, 30, 10.0, 5.0, 30)[0]),
        ({"stat_kind": "t", "stat_value": 2.0}, smd.crossover_from_t(2.0, 30, 0.6)[0]),
        ({"stat_kind": "d", "stat_value": 0.5}, smd.smd_from_d(0.5, 30, 30)[0]),
    ],
    ids=["means", "paired t", "printed d"],
)
def test_paired_crossover(effects_row, trials_row, fields, g):
    trials = trials_row(design="crossover", n_randomised=30)
    rows = prepare(effects_row(n_c=30.0, **fields), trials, RULES)
    size, variance = first_route(rows).effect(rows, RULES)
    np.testing.assert_allclose(size, g)
    np.testing.assert_allclose(variance, smd.crossover_variance(g, 30, 0.6))


def test_unrescaled_models_read_too_large(effects_row, trials_row):
    t = 2.0
    raw = reported.smd_from_t(t, 30, 20)[0]
    sizes = {}
    for model in reported.MODELS:
        fields = {"stat_kind": "t", "stat_value": t, "model": model}
        rows = prepare(effects_row(**fields), trials_row(), RULES)
        sizes[model] = first_route(rows).effect(rows, RULES)[0].item()
    assert sizes["post"] == pytest.approx(raw)
    assert sizes["ancova"] < sizes["change"] < sizes["post"]
