import pytest

from lkcm.planning.trials.costs import COLUMNS, Asked, costs
from lkcm.planning.trials.interaction import interaction_size
from lkcm.planning.trials.margins import excess_size
from lkcm.planning.trials.two_arm import TwoArm, sample_size

DESIGN = TwoArm(r=0.6, dropout=0.2)


@pytest.fixture(scope="module")
def table():
    return costs(0.3, DESIGN, Asked())


def test_each_question_has_the_size_of_its_own_module(table):
    n = table.set_index("found")["n"]
    assert n["d = 0.3"] == 2 * sample_size(0.3, DESIGN)[0]
    assert n["effects that differ by 0.15"] == 2 * interaction_size(0.15, DESIGN)
    harm = n["excess of 5 points over 10 % worsening is excluded"]
    assert harm == pytest.approx(2 * excess_size(0.05, 0.1) / 0.8, abs=2)
    assert n["d = 0.09, 30 % of what participants report"] == 2 * sample_size(0.09, DESIGN)[0]


def test_the_main_effect_comes_first_and_counts_once(table):
    assert list(table.columns) == list(COLUMNS)
    assert table["times"].iloc[0] == 1
    assert (table["n"] % 2 == 0).all()


def test_groups_cost_people(table):
    assert table["times"].iloc[1] > 1


def test_half_the_difference_costs_sixteen_times(table):
    found = table.loc[table["found"] == "effects that differ by 0.15", "times"].item()
    assert found == pytest.approx(16, rel=0.02)
