import json
from pathlib import Path

import numpy as np
import pytest

from lkcm.informants.agreement_range import Agreement
from lkcm.informants.contrast import between_trials, within_trials
from lkcm.informants.simulated_reporters import (
    contrast_variance,
    reporter_correlation,
    simulate,
)
from lkcm.synthesis.pool import pool, pool_many
from lkcm.synthesis.pooled import headline_test

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "reporters.json").read_text())


def pairs(made, *effects, **options):
    lines = []
    for place, (own, other) in enumerate(effects):
        lines.append({"trial": f"t{place}", "g": own, **options})
        lines.append({"trial": f"t{place}", "g": other, "reporter": "partner", **options})
    return made(*lines)


def test_three_trials_are_pooled_by_the_library(made):
    rows = pairs(made, (0.6, 0.2), (0.4, 0.3), (0.9, 0.1))
    found = within_trials(rows, agreement=Agreement(0.4, 0.4))
    table = found.trials
    assert found.k == 3
    expected = pool(table["contrast"], table["se"] ** 2, test=headline_test(3))
    assert found.estimate == pytest.approx(expected.estimate)
    assert found.ci == pytest.approx(expected.ci)
    assert found.prediction_interval == pytest.approx(expected.prediction_interval)
    assert table["contrast"].to_numpy() == pytest.approx(
        (table["g_first"] - table["g_second"]).to_numpy()
    )
    assert "very uncertain" in found.notes[0]


@pytest.mark.parametrize(("k", "words"), [(0, "no trial"), (1, "one trial"), (2, "two trials")])
def test_below_three_it_says_what_there_is(made, k, words):
    rows = pairs(made, *[(0.6, 0.2)] * k) if k else made({"trial": "a", "g": 0.3})
    found = within_trials(rows)
    assert (found.k, found.estimate, found.ci, len(found.trials)) == (k, None, None, k)
    assert found.notes[0].startswith(words)
    assert np.isfinite(found.trials[["se", "low", "high"]].to_numpy(float)).all()


def test_without_agreement_variances_add_and_with_all_of_it_nothing_is_left(made):
    rows = pairs(made, (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))
    apart = within_trials(rows, agreement=Agreement(0, 0))
    variance = rows["vi"].iloc[:2].sum()
    assert apart.trials["se"].to_numpy() ** 2 == pytest.approx(np.full(3, variance))
    one = within_trials(rows, agreement=Agreement(1, 1))
    np.testing.assert_allclose(one.trials["se"], 0, atol=1e-7)
    assert one.estimate is None
    assert "two reports are one" in one.notes[0]


def test_three_reporters_are_averaged_with_their_covariance(made):
    rows = made(
        {"trial": "a", "g": 0.6},
        {"trial": "a", "g": 0.4, "reporter": "partner"},
        {"trial": "a", "g": 0.2, "reporter": "clinician"},
    )
    found = within_trials(rows, agreement=Agreement(0, 0)).trials.iloc[0]
    effects, v = rows["yi"].to_numpy(), rows["vi"].to_numpy()
    assert found["contrast"] == pytest.approx(effects[0] - effects[1:].mean())
    assert found["se"] ** 2 == pytest.approx(v[0] + v[1:].sum() / 4)
    assert found["raters"] == "clinician, significant-other"
    related = within_trials(rows, agreement=Agreement(0.5, 0.5)).trials.iloc[0]
    assert related["se"] < found["se"]


def test_only_the_same_outcome_comparison_and_time_are_compared(made):
    base = {"trial": "a", "g": 0.5}
    other = base | {"reporter": "partner"}
    for change in ({"outcome": "empathy"}, {"comparator": "attention"}, {"timepoint": "followup"}):
        assert within_trials(made(base, other | change)).k == 0
    both = made(
        base | {"timepoint": "followup"}, other | {"timepoint": "followup", "g": 0.1},
        base, other,
    )  # fmt: skip
    assert within_trials(both).trials["contrast"].iloc[0] == pytest.approx(0)


def test_trials_that_asked_one_class_are_contrasted_apart(made):
    lines = [{"trial": f"s{i}", "g": g} for i, g in enumerate((0.4, 0.6, 0.8))]
    others = [
        {"trial": f"o{i}", "g": g, "reporter": "partner"} for i, g in enumerate((0.1, 0.2, 0.3))
    ]
    both = [{"trial": "b", "g": 2.0}, {"trial": "b", "g": -2.0, "reporter": "partner"}]
    rows = made(*lines, *others, *both)
    found = between_trials(rows)
    assert found.k == 6
    assert found.estimate == pytest.approx(0.4, abs=0.01)
    assert found.ci[0] < 0.4 < found.ci[1]
    assert "differ in more than the reporter" in found.notes[0]
    few = between_trials(made(*lines, *others[:2]))
    assert few.estimate is None
    assert few.notes == (
        "2 trials with figures by second-person alone: a contrast between trials needs three of "
        "each",
    )


def test_truth_is_recovered_and_covered():
    """Known effects and agreement: no bias, and 95 % intervals that cover 93 to 97 %."""
    sizes = np.tile([25, 40, 60], 4)
    correlation = reporter_correlation([0.6, 0.6])
    drawn = simulate([0.5, 0.2], correlation, sizes, sizes, sets=4000, within=0.02, seed=9)
    fit = pool_many(
        drawn.g[0] - drawn.g[1], contrast_variance(drawn, 0.36), test=headline_test(12)
    )
    error = fit["estimate"].std() / np.sqrt(len(fit))
    assert fit["estimate"].mean() == pytest.approx(0.3, abs=4 * error)
    assert 0.93 <= (fit["ci_low"].le(0.3) & fit["ci_high"].ge(0.3)).mean() <= 0.97
