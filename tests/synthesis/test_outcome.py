import numpy as np
import pytest

from lkcm import evidence
from lkcm.effects import convert
from lkcm.synthesis.comparators import GROUPS
from lkcm.synthesis.outcome import VARIANTS, core, outcome_rows, pool_by, pool_group, sensitivity
from lkcm.synthesis.pool import pool


@pytest.fixture(scope="module")
def tables():
    found = evidence.load(tables=["trials", "effects"])
    return found.table("effects"), found.table("trials")


@pytest.fixture(scope="module")
def rows(tables):
    return outcome_rows(convert(*tables), "self-compassion")


def test_rows_are_of_the_outcome_and_reporter_and_against_no_lkcm(rows):
    assert set(rows["outcome"]) == {"self-compassion"}
    assert set(rows["reporter"]) == {"self"}
    assert set(rows["group"]) <= set(GROUPS)
    assert set(rows.loc[rows["status"] == "poolable", "measure"]) == {"SMD"}


def test_a_group_is_pooled_as_pool_pools_it(rows):
    passive = core(rows)[core(rows)["group"] == "passive"]
    found = pool_group(passive, "passive")
    assert found.kept["sample_id"].is_unique
    assert len(found.kept) + len(found.unused) == len(passive)
    assert found.pooled == pool(found.kept["yi"], found.kept["vi"], test="knapp-hartung-adhoc")
    assert found.kept["weight"].sum() == pytest.approx(100)


def test_a_group_without_a_figure_has_no_pool(rows):
    found = pool_group(rows[rows["status"] == "censored"], "passive")
    assert found.pooled is None
    assert found.kept.empty
    assert "weight" in found.kept


def test_groups_partition_the_rows(rows):
    groups = pool_by(rows, "group", tuple(GROUPS))
    assert sum(len(found.kept) + len(found.unused) for found in groups) == len(rows)
    assert [found.name for found in groups] == [g for g in GROUPS if rows["group"].eq(g).any()]


def test_sensitivity_runs_every_variant_and_the_first_is_the_headline(tables, rows):
    found = sensitivity(*tables, "self-compassion", ("self",), "passive")
    assert found["variant"].tolist() == [variant.name for variant in VARIANTS]
    headline = pool_group(core(rows)[core(rows)["group"] == "passive"], "passive").pooled
    assert found["estimate"][0] == headline.estimate
    assert found["k"][1] > found["k"][0]  # all trials are more than the core ones
    assert found["ci_high"].gt(found["ci_low"]).all()


def test_an_outcome_without_figures_gives_counts_and_no_numbers(tables):
    found = sensitivity(*tables, "no-such-outcome", ("self",), "passive")
    assert (found["k"] == 0).all()
    assert np.isnan(found["estimate"]).all()
