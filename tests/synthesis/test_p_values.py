import numpy as np
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.p_values import (
    BINS,
    DIRECTIONS,
    FORMS,
    albatross,
    albatross_contours,
    censoring_table,
    p_bins,
    printed_p_values,
)


@pytest.fixture(scope="module")
def converted():
    found = evidence.load(tables=["trials", "effects"])
    return convert(found.table("effects"), found.table("trials"))


PLAIN = {
    **{"effect_id": "a-1", "sample_id": "a", "outcome": "stress", "status": "censored"},
    **{"p_value": "", "stat_kind": "text", "stat_value": np.nan, "sign_used": 1.0},
    **{"significant": "not-stated", "n_t_used": 20.0, "n_c_used": 30.0},
}


@pytest.mark.parametrize(
    ("row", "form"),
    [
        ({"p_value": "0.03"}, "exact p"),
        ({"p_value": "<0.0001"}, "p < .0001"),
        ({"p_value": "< .001"}, "p < .001"),
        ({"p_value": "<0.05", "significant": "yes"}, "p < .05"),
        ({"p_value": "<0.10"}, "another bound below"),
        ({"p_value": "0.05"}, "printed as a threshold (p = .05, say)"),
        ({"p_value": ">0.05"}, "a bound above (p > .05, say)"),
        ({"stat_kind": "p", "stat_value": 0.036}, "exact p"),
        ({"status": "poolable"}, "figure, no p printed"),
        ({"significant": "yes"}, "significant, in words"),
        ({"significant": "no", "sign_used": 0.0}, "no difference, in words"),
        ({}, "direction only"),
        ({"sign_used": 0.0}, "nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_row_has_its_form(converted, row, form):
    table = converted.iloc[[0]].assign(**PLAIN | row)
    found = printed_p_values(table).iloc[0]
    assert found["form"] == form
    assert form in FORMS
    assert found["n"] == 50


def test_the_censoring_table_counts_every_row_once(converted):
    found = censoring_table(converted)
    assert found["rows"].sum() == converted["status"].ne("excluded").sum()
    assert (found[list(DIRECTIONS.values())].sum(axis=1) == found["rows"]).all()
    assert (found["samples"] <= found["rows"]).all()
    assert found["form"].tolist() == [form for form in FORMS if form in set(found["form"])]


def test_an_albatross_plot_shows_p_values_with_a_direction_and_sizes(converted):
    rows = [
        {"p_value": "0.03"},
        {"p_value": "<0.001", "sign_used": -1.0},
        {"p_value": ">0.05"},
        {"p_value": "0.03", "sign_used": 0.0},
        {"p_value": "0.03", "n_t_used": np.nan},
        {},
    ]
    table = converted.iloc[[0] * 6].reset_index(drop=True)
    for place, row in enumerate(rows):
        for name, value in (PLAIN | row).items():
            table.loc[place, name] = value
    found = albatross(table)
    assert found.index.tolist() == [0, 1]
    assert found["signed_z"].tolist() == pytest.approx([2.170090, -3.290527], abs=1e-6)
    assert found["bound"].tolist() == [False, True]


def test_contours_are_the_sizes_at_which_an_effect_has_that_p():
    found = albatross_contours([0.05, 0.001], [0.5], ratio=1.0)
    # an SMD of .5 in two arms of n / 2: z = .5 sqrt(n) / 2
    np.testing.assert_allclose(0.5 * np.sqrt(found["n"]) / 2, found["signed_z"])
    unequal = albatross_contours([0.05], [0.5], ratio=3.0)
    n = unequal["n"][0]
    assert 0.5 / np.sqrt(1 / (0.75 * n) + 1 / (0.25 * n)) == pytest.approx(1.959964, rel=1e-6)


def test_each_printed_p_falls_into_one_bin(converted):
    printed = ["0.03", "0.05", "<0.05", ">0.05", "<0.001", "0.0004", "0.2", "0.07", ""]
    table = converted.iloc[[0] * len(printed)].reset_index(drop=True)
    for place, p in enumerate(printed):
        for name, value in (PLAIN | {"p_value": p}).items():
            table.loc[place, name] = value
    found = p_bins(table)
    counts = found.pivot(index="bin", columns="kind", values="rows").loc[list(BINS.values())]
    assert counts["exact"].tolist() == [1, 0, 1, 1, 1]
    assert counts["bound"].tolist() == [1, 0, 2, 1, 0]
    every = p_bins(converted)["rows"].sum()
    assert every == printed_p_values(converted)["p"].notna().sum()
