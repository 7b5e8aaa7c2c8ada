import numpy as np
import pandas as pd
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.contributions import KINDS, VARIANTS, bounds, choose, kinds
from lkcm.synthesis.one_per_sample import one_per_sample
from lkcm.synthesis.outcome import outcome_rows
from lkcm.synthesis.pooled import PoolError

Z05, Z01 = 1.959963984540054, 2.5758293035489004
#: A converted row that says nothing, in a trial whose standard error is 0.25.
SILENT = {
    **{"sample_id": "a", "measure": "SMD", "yi": np.nan, "vi": np.nan, "level": "4"},
    **{"status": "censored", "reason": "", "instrument": "", "timepoint": "post"},
    **{"followup_weeks": np.nan, "n_t_used": 32.0, "n_c_used": 32.0, "null_variance": 0.0625},
    **{"sign_used": 0.0, "p_low": 0.0, "p_high": 1.0, "p_from": ""},
}
FIGURE = {"status": "poolable", "level": "1", "yi": 0.4, "vi": 0.07, "sign_used": 1.0}
EXACT_P = FIGURE | {"status": "sensitivity", "level": "2c"}
P_BOUND = {"p_high": 0.01, "p_from": "printed bound", "sign_used": 1.0, "level": "3"}
WORDS = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
NONE = {"p_low": 0.05, "p_from": "significance stated"}
DIRECTION = {"sign_used": 1.0}


def table(*rows):
    return pd.DataFrame([SILENT | {"effect_id": f"a-{i}"} | row for i, row in enumerate(rows, 1)])


@pytest.mark.parametrize(
    ("row", "kind", "low", "high"),
    [
        pytest.param(FIGURE, "figure", 0.4, 0.4, id="figure"),
        pytest.param(EXACT_P, "exact-p", 0.4, 0.4, id="exact p"),
        pytest.param(P_BOUND, "p-value", Z01 / 4, np.inf, id="p bound"),
        pytest.param(
            P_BOUND | {"p_low": 0.01, "p_high": 0.05}, "p-value", Z05 / 4, Z01 / 4, id="p interval"
        ),
        pytest.param(
            P_BOUND | {"sign_used": -1.0}, "p-value", -np.inf, -Z01 / 4, id="p bound, against"
        ),
        pytest.param(WORDS, "significance", Z05 / 4, np.inf, id="significance in words"),
        pytest.param(NONE, "no-difference", -Z05 / 4, Z05 / 4, id="no difference"),
        pytest.param(
            NONE | {"sign_used": -1.0}, "no-difference", -Z05 / 4, 0.0, id="none, but against"
        ),
        pytest.param(DIRECTION, "direction", 0.0, np.inf, id="direction"),
        pytest.param({"sign_used": -1.0}, "direction", -np.inf, 0.0, id="direction against"),
    ],
)
def test_each_kind_says_its_bounds(row, kind, low, high):
    kept = choose(table(row)).kept.iloc[0]
    assert kept["kind"] == kind
    assert (kept["low"], kept["high"]) == pytest.approx((low, high))
    assert kept["variance"] == (0.07 if low == high else 0.0625)
    assert not kept["either"]


def test_significance_without_a_direction_may_be_on_either_side():
    kept = choose(table(WORDS | {"sign_used": 0.0})).kept.iloc[0]
    assert kept["either"]
    assert (kept["low"], kept["high"]) == pytest.approx((Z05 / 4, np.inf))


def test_variant_b_reads_only_bare_directions_as_significant():
    rows = [FIGURE, P_BOUND, WORDS, NONE, DIRECTION, {"sign_used": -1.0}]
    kept = choose(table(*(row | {"sample_id": str(i)} for i, row in enumerate(rows)))).kept
    a, b = bounds(kept, "A"), bounds(kept, "B")
    pd.testing.assert_frame_equal(a[:4], b[:4])
    np.testing.assert_allclose(b["low"][4:], [Z05 / 4, -np.inf])
    np.testing.assert_allclose(b["high"][4:], [np.inf, -Z05 / 4])


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        pytest.param(EXACT_P, FIGURE, id="figure before exact p"),
        pytest.param(P_BOUND, EXACT_P, id="exact p before bound"),
        pytest.param(WORDS, FIGURE | {"timepoint": "followup"}, id="figure before time"),
        pytest.param(P_BOUND | {"timepoint": "followup"}, NONE, id="time before a printed p"),
        pytest.param(P_BOUND | {"effect_id": "a-9"}, NONE, id="a printed p is no better"),
        pytest.param(WORDS | {"null_variance": np.nan}, DIRECTION, id="with sizes"),
        pytest.param({}, DIRECTION, id="that says something"),
    ],
)
def test_the_rule_prefers(worse, better):
    found = choose(table(worse, better))
    assert found.kept["effect_id"].tolist() == ["a-2"]
    assert found.unused["unused_because"].ne("").all()


def test_rows_without_sizes_are_left_out_or_given_the_median():
    rows = table(
        WORDS,
        DIRECTION | {"sample_id": "b", "null_variance": 0.16},
        NONE | {"sample_id": "c", "null_variance": np.nan},
        DIRECTION | {"sample_id": "d", "null_variance": np.nan, "measure": "logRR"},
    )
    left_out = choose(rows)
    assert left_out.kept["sample_id"].tolist() == ["a", "b"]
    assert left_out.unused["unused_because"].tolist() == [
        "arm sizes not known, hence no standard error",
        "counts or a ratio: no standardised mean difference",
    ]
    assumed = choose(rows, without_sizes="median").kept
    assert assumed["sample_id"].tolist() == ["a", "b", "c"]
    assert assumed["size_assumed"].tolist() == [False, False, True]
    assert assumed["variance"].iloc[2] == pytest.approx((0.0625 + 0.16) / 2)


def test_excluded_rows_keep_their_reason():
    row = WORDS | {"status": "excluded", "reason": "held back"}
    found = choose(table(row))
    assert found.kept.empty
    assert found.unused["unused_because"].tolist() == ["held back"]
    assert found.counts() == dict.fromkeys(KINDS, 0)


def test_unknown_options_are_refused():
    with pytest.raises(PoolError, match="leave-out, median"):
        choose(table(WORDS), without_sizes="guess")
    with pytest.raises(PoolError, match="A, B"):
        bounds(choose(table(WORDS)).kept, "C")


def test_on_the_evidence_the_pooled_trials_are_always_among_the_chosen():
    found = evidence.load(tables=["trials", "effects"])
    converted = convert(found.table("effects"), found.table("trials"))
    for outcome in ("self-compassion", "depression", "stress", "wellbeing"):
        rows = outcome_rows(converted, outcome)
        chosen = choose(rows)
        assert len(chosen.kept) + len(chosen.unused) == len(rows)
        assert chosen.kept["sample_id"].is_unique
        figures = chosen.kept.loc[chosen.kept["kind"] == "figure", "effect_id"]
        assert figures.tolist() == one_per_sample(rows).kept["effect_id"].tolist()
        assert sum(chosen.counts().values()) == len(chosen.kept)
        assert set(kinds(rows)) <= {*KINDS, ""}
        for variant in VARIANTS:
            says = bounds(chosen.kept, variant)
            assert says.notna().all(axis=None)
            assert (says["low"] <= says["high"]).all()
