import pytest

from lkcm.effects import EXCLUDING, REASONS, convert

PRINTED = {"stat_kind": "d", "stat_value": 0.5}
NO_SIZES = {"n_t": None, "n_c": None}
MEANS = {"mean_t": 12.0, "sd_t": 4.0, "mean_c": 10.0, "sd_c": 5.0}


def case(code, fields, trial=None, **rules):
    return pytest.param(code, fields, trial or {}, rules, id=code)


CASES = [
    case("hold", PRINTED | {"hold": "check"}),
    case("same-result", PRINTED | {"same_result_as": "b-1"}),
    case("within-group", PRINTED | {"effect_scope": "within-group"}),
    case("other-lkcm", PRINTED | {"comparator_type": "other-lkcm"}),
    case("sign-conflict", MEANS | {"sign": "-"}),
    case("few-clusters", PRINTED, {"design": "cluster", "cluster_units_per_arm": 1}),
    case("nothing", {"sign": "?"}),
    case("multivariate", {"stat_kind": "F", "stat_value": 9.0, "model": "multivariate"}),
    case("df1", {"stat_kind": "F", "stat_value": 9.0, "df1": 2}),
    case("beta", {"stat_kind": "beta", "stat_value": 0.4}),
    case("hazard-ratio", {"stat_kind": "hr", "stat_value": 0.4}),
    case("crossover-unclear", PRINTED, {"design": "crossover", "n_randomised": None}),
    case("clusters-not-stated", PRINTED, {"design": "cluster"}),
    case("ratio-no-interval", {"stat_kind": "or", "stat_value": 2.0}),
    case("unsigned", PRINTED | {"sign": "?"}),
    case("md-no-spread", {"stat_kind": "md", "stat_value": 2.0}),
    case("means-no-sd", {"mean_t": 12.0, "mean_c": 10.0}),
    case("means-one-arm", {"mean_t": 12.0, "sd_t": 4.0}),
    case("one-arm-events", {"events_t": 2}),
    case("not-usable", MEANS | {"sd_t": 0.0, "sd_c": 0.0}),
    case("one-arm", PRINTED | {"n_c": None}),
    case("no-total", PRINTED | NO_SIZES, {"n_randomised": None}),
    case("crossover", PRINTED | NO_SIZES, {"design": "crossover"}),
    case("several-studies", PRINTED | NO_SIZES | {"study": "b"}),
    case("arms-not-stated", PRINTED | NO_SIZES, {"n_arms": "not-stated"}),
    case("more-than-two-arms", PRINTED | NO_SIZES, {"n_arms": "4"}),
    case("equal-arms-off", PRINTED | NO_SIZES, equal_arms=False),
    case("p-bound", {"stat_kind": "p", "p_value": "<0.05"}),
    case("p-not-converted", {"stat_kind": "p", "p_value": "0.03", "model": "counts"}),
    case("no-difference", {"significant": "no", "sign": "?"}),
    case("direction", {}),
]


@pytest.mark.parametrize(("code", "fields", "trial", "rules"), CASES)
def test_reason(effects_row, trials_row, code, fields, trial, rules):
    row = convert(effects_row(**fields), trials_row(**trial), **rules).iloc[0]
    assert row["reason"] == REASONS[code]
    assert row["status"] == ("excluded" if code in EXCLUDING else "censored")
    assert row[["yi", "vi"]].isna().all()


def test_every_reason_has_a_case():
    assert {param.values[0] for param in CASES} == set(REASONS)


def test_an_exclusion_comes_before_an_obstacle(effects_row, trials_row):
    effects = effects_row(stat_kind="beta", stat_value=0.4, hold="check")
    assert convert(effects, trials_row())["reason"].item() == REASONS["hold"]


def test_more_events_than_people_are_not_usable(effects_row, trials_row):
    effects = effects_row(events_t=40, events_c=2, model="counts")
    assert convert(effects, trials_row())["reason"].item() == REASONS["not-usable"]
