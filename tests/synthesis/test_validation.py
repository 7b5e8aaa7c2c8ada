import numpy as np
import pandas as pd
import pytest

from lkcm.synthesis.validation import (
    COLUMNS,
    EXACT,
    QUANTITIES,
    SMALLEST,
    compare_dependent,
    compare_pool,
    data_sets,
    reference,
    worst,
)

#: What the comparison must not fall below.
PLANNED_SETS, PLANNED_NUMBERS = 28, 4000


@pytest.fixture(scope="module")
def references():
    return {name: reference(name) for name in ("pool", "dependent")}


@pytest.fixture(scope="module")
def compared(references):
    return pd.concat(
        [compare_pool(references["pool"]), compare_dependent(references["dependent"])],
        ignore_index=True,
    )


def test_all_numbers_agree(compared):
    assert compared.columns.tolist() == list(COLUMNS)
    assert compared["difference"].max() < EXACT


def test_the_comparison_is_as_large_as_planned(references, compared):
    sets = data_sets(references.values(), compared)
    assert len(sets) >= PLANNED_SETS
    assert len(compared) >= PLANNED_NUMBERS
    assert set(compared["program"]) == {"metafor", "clubSandwich", "robumeta"}
    assert set(compared["quantity"]) == set(QUANTITIES)
    assert sets["numbers"].sum() == len(compared)
    assert set(sets["source"]) == {"metadat", "robumeta"}


def test_a_number_that_is_off_is_seen(references):
    case = dict(references["pool"]["cases"][0])
    tests = {name: dict(values) for name, values in case["tests"].items()}
    tests["knha"]["estimate"] *= 1.01
    wrong = compare_pool({**references["pool"], "cases": [case | {"tests": tests}]})
    table = worst(wrong)
    line = table.loc[table["difference"].idxmax()]
    assert line["quantity"] == QUANTITIES["estimate"]
    assert line["difference"] == pytest.approx(1 - 1 / 1.01, rel=1e-6)


def test_a_number_that_one_side_lacks_is_infinitely_off(references):
    case = dict(references["pool"]["cases"][0])
    case["set"] = "bcg_first_two"  # two trials have no prediction interval
    table = compare_pool({**references["pool"], "cases": [case]})
    predicted = table[table["quantity"] == "prediction_interval"]
    assert np.isinf(predicted["difference"]).all()


def test_small_numbers_are_compared_by_their_difference(compared):
    small = compared[compared["theirs"].abs() < SMALLEST]
    distance = (small["ours"] - small["theirs"]).abs() / SMALLEST
    np.testing.assert_allclose(small["difference"], distance)
