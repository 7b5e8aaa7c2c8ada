import numpy as np
import pandas as pd
import pytest

from lkcm.planning import PlanError
from lkcm.planning.micro.occasions import COLUMNS, arrange


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "participant": ["b", "a", "a", "b", "a"],
            "occasion": [1, 2, 1, 5, 3],
            "available": [1, 1, 1, 0, 1],
            "probability": [0.5, 0.4, 0.4, None, 0.4],
            "action": [1, 0, 1, 0, 1],
            "outcome": [2.0, 0.5, 1.0, None, 3.0],
            "stress": [1, 0, 1, None, 0],
        }
    )


def test_rows_are_laid_out_by_participant_and_order(table):
    found = arrange(table, ["stress"])
    assert found.outcome.tolist() == [[1.0, 0.5, 3.0], [2.0, 0.0, 0.0]]
    assert found.available.tolist() == [[1, 1, 1], [1, 0, 0]]
    assert found.covariates["stress"].tolist() == [[1, 0, 0], [1, 0, 0]]
    assert found.participants == 2


def test_the_order_of_rows_is_irrelevant(table):
    first, second = arrange(table), arrange(table.sample(frac=1, random_state=2))
    np.testing.assert_array_equal(first.outcome, second.outcome)


def test_every_column_is_described():
    assert all(COLUMNS.values())


def test_every_problem_is_named_at_once(table):
    wrong = table.assign(probability=1.0, action=[2, 0, 1, 1, 1], occasion=[1, 2, 2, 5, 3])
    words = r"occasion twice \(1 rows\).*action is neither.*none could be.*probability"
    with pytest.raises(PlanError, match=words):
        arrange(wrong)
    with pytest.raises(PlanError, match="outcome is missing"):
        arrange(table.assign(outcome=None))
    with pytest.raises(PlanError, match="stress is missing or no number"):
        arrange(table.assign(stress="high"), ["stress"])


def test_columns_and_rows_must_be_there(table):
    with pytest.raises(PlanError, match="columns missing: action, mood"):
        arrange(table.drop(columns="action"), ["mood"])
    with pytest.raises(PlanError, match="no rows"):
        arrange(table.head(0))
    with pytest.raises(PlanError, match="fewer than two participants"):
        arrange(table[table["participant"] == "a"])
    with pytest.raises(PlanError, match=r"unknown covariates \['mood'\]; there are: stress"):
        arrange(table, ["stress"]).columns(["mood"])
