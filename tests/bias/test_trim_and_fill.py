import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkcm.bias.trim_and_fill import ESTIMATORS, SIDES, trim_and_fill, trim_and_fill_many
from lkcm.synthesis.pooled import PoolError

SETS = (
    *("bcg_rr", "normand1999_smd", "curtis1998_rom", "gibson2002_smd", "raudenbush1985"),
    *("berkey1998", "bangertdrowns2004", "konstantopoulos2011", "li2007_or", "linde2005_rr"),
    *("hart1999_irr", "molloy2014_zcor", "cohen1981_zcor", "bcg_first_three"),
)


@pytest.mark.parametrize("name", SETS)
def test_metafor_agrees(oracle, name):
    case = oracle[name]
    for expected in case["trim_and_fill"]:
        options = {key: expected[key] for key in ("estimator", "side")}
        ours = trim_and_fill(case["yi"], case["vi"], **options)
        values = [ours.k0, ours.k0_se, ours.estimate, ours.se, *ours.ci, ours.tau2]
        np.testing.assert_allclose(values, expected["values"], rtol=1e-8, atol=1e-12)
        assert ours.k0_p == pytest.approx(expected.get("p"))


def test_some_trials_are_filled_by_each_estimator(oracle):
    filled = {
        expected["estimator"]
        for case in oracle.values()
        for expected in case["trim_and_fill"]
        if expected["values"][0] > 0
    }
    assert filled == set(ESTIMATORS)


def test_many_data_sets_are_those_one_by_one(simulated):
    yi, vi = simulated(11, 40)
    yi[8:, :10] = vi[8:, :10] = np.nan
    for estimator in ESTIMATORS:
        for side in SIDES:
            options = {"estimator": estimator, "side": side}
            table = trim_and_fill_many(yi, vi, **options)
            for i in range(0, 40, 5):
                kept = ~np.isnan(yi[:, i])
                one = trim_and_fill(yi[kept, i], vi[kept, i], **options)
                row = table.loc[i, ["k0", "estimate", "ci_low", "ci_high"]].tolist()
                assert row == pytest.approx([one.k0, one.estimate, *one.ci])


def test_the_run_test_detects_at_a_tenth():
    # Effects of 1 to 9 and one far below: the run above the mean is long.
    yi = np.array([-20.0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    found = {side: trim_and_fill(yi, np.ones(10), estimator="R0", side=side) for side in SIDES}
    assert not found["left"].detects
    mirrored = trim_and_fill(-yi, np.ones(10), estimator="R0", side="left")
    assert (mirrored.k0, mirrored.detects) == (found["right"].k0, found["right"].detects)
    assert trim_and_fill(yi, np.ones(10)).detects is None


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_ties_and_equal_effects_fill_nothing_by_chance(estimator):
    equal = trim_and_fill([0.3] * 5, [0.1, 0.2, 0.3, 0.1, 0.2], estimator=estimator)
    assert (equal.k0, equal.estimate) == (0, pytest.approx(0.3))
    tied = trim_and_fill([-1, -1, 0, 1, 1], [0.1] * 5, estimator=estimator)
    assert tied.estimate == pytest.approx(-0.5 if tied.k0 else 0, abs=0.6)


def test_too_few_trials_are_told_in_words():
    two = trim_and_fill([1, 2], [1, 1], estimator="R0")
    assert (two.needs, two.k0, two.ci, two.detects) == ("needs k >= 3", None, None, None)


@pytest.mark.parametrize("options", [{"estimator": "Q0"}, {"side": "top"}])
def test_unknown_options_are_told_in_words(options):
    with pytest.raises(PoolError, match="is unknown; allowed"):
        trim_and_fill([1, 2, 3], [1, 1, 1], **options)


trial_sets = st.lists(
    st.tuples(st.integers(-300, 300), st.integers(1, 100)),
    min_size=4,
    max_size=12,
    unique_by=lambda t: t[0],
).map(lambda rows: tuple(np.array(column) / 100 for column in zip(*rows, strict=True)))


@settings(deadline=None, max_examples=50)
@given(trial_sets, st.sampled_from(ESTIMATORS))
def test_the_other_side_is_the_mirror(trials, estimator):
    yi, vi = trials
    left = trim_and_fill(yi, vi, estimator=estimator, side="left")
    right = trim_and_fill(-yi, vi, estimator=estimator, side="right")
    assert left.k0 == right.k0
    assert left.estimate == pytest.approx(-right.estimate, abs=1e-9)
