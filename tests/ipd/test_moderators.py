import numpy as np
import pandas as pd
import pytest

from lkcm.ipd.crossproducts import ONE, crossproducts, regress
from lkcm.ipd.moderators import holm, moderation
from lkcm.ipd.participants import prepare
from lkcm.ipd.synthetic import ECOLOGICAL, TRUTH, synthesise
from lkcm.synthesis.pool import pool_many


def test_the_truth_is_within_its_intervals(synthetic):
    _, numbers, _ = synthetic
    found = moderation(numbers, "post", "severity")
    for slope in (found.within, found.within_one_stage):
        assert slope.ci[0] < TRUTH.slope_within < slope.ci[1]
        assert slope.estimate == pytest.approx(TRUTH.slope_within, abs=0.08)
    for slope in (found.across, found.across_one_stage):
        assert slope.ci[0] < TRUTH.slope_across < slope.ci[1]
    assert found.within.k == 16 and found.left_out == ()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_merged_slope_has_the_wrong_sign_and_ours_does_not(synthetic, seed):
    _, _, plan = synthetic
    found = moderation(prepare(synthesise(plan, seed, ECOLOGICAL)), "post", "severity")
    assert found.merged.ci[1] < 0 < found.within.ci[0]
    assert found.within_one_stage.ci[0] > 0 > found.across.ci[1]


def test_within_trial_slopes_know_nothing_of_the_trials_means(synthetic):
    _, numbers, _ = synthetic
    shift = numbers["trial"].map({t: i for i, t in enumerate(numbers["trial"].unique())})
    moved = numbers.assign(severity=numbers["severity"] + 3.0 * shift)
    one, other = (moderation(n, "post", "severity") for n in (numbers, moved))
    assert one.within.estimate == pytest.approx(other.within.estimate, rel=1e-8)
    assert one.within_one_stage.estimate == pytest.approx(
        other.within_one_stage.estimate, rel=0.02
    )
    assert one.across.estimate != pytest.approx(other.across.estimate, rel=0.1)


def test_a_class_as_a_moderator_names_trials_without_it(synthetic):
    _, numbers, _ = synthetic
    found = moderation(numbers, "post", "minority")
    assert found.left_out and found.within.k == 16 - len(found.left_out)
    assert set(found.to_frame()["slope"].str.split(" ").str[0]) == {"within", "across", "merged,"}


def test_nothing_measured_is_said_by_none(synthetic):
    _, numbers, _ = synthetic
    found = moderation(numbers.assign(age=np.nan), "post", "age")
    assert found.within is None and found.across is None and len(found.left_out) == 16
    assert found.to_frame().empty


@pytest.mark.slow
def test_within_slopes_have_their_coverage(generator):
    k, n, sets = 8, 40, 600
    trial = np.repeat(np.arange(k * sets), n)
    treatment = np.tile([0.0, 1.0], k * sets * n // 2)
    x = generator.normal(size=trial.size)
    slope = 0.2 + generator.normal(0, 0.1, k * sets)[trial]
    effect = 0.4 + generator.normal(0, 0.2, k * sets)[trial] + slope * x
    y = 0.3 * x + treatment * effect + generator.normal(size=trial.size)
    columns = {"tx": treatment * x, "t": treatment, "x": x, "y": y}
    products = crossproducts(columns, trial)
    yi, vi = regress(products.without((ONE, "t", "x")), "y", ["tx"]).column("tx")
    shape = (k, sets)
    fits = pool_many(yi.reshape(sets, k).T, vi.reshape(sets, k).T, test="knapp-hartung")
    assert yi.reshape(sets, k).T.shape == shape
    covered = ((fits["ci_low"] < 0.2) & (fits["ci_high"] > 0.2)).mean()
    assert covered == pytest.approx(0.95, abs=0.03)
    assert fits["estimate"].mean() == pytest.approx(0.2, abs=0.01)


def test_holm_is_that_of_r():
    # R: p.adjust(c(.01, .04, .03, .005), "holm")
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    assert np.isnan(holm([0.01, np.nan])[1]) and holm([0.01, np.nan])[0] == 0.01
    assert pd.Series(holm([0.9, 0.8])).max() == 1
