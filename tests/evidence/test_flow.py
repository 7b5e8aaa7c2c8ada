import pandas as pd
import pytest

from lkcm import evidence
from lkcm.evidence.flow import FlowError, decisions_by_year, flow


@pytest.fixture
def tables():
    queries = pd.DataFrame({"query_id": ["q1", "q2"], "n_results": [3, 4]})
    records = pd.DataFrame(
        {
            "record_id": ["r1", "r2", "r3", "r4", "r5"],
            "decision": ["included", "duplicate-report", "excluded", "excluded", "unscreened"],
            "reason": [None, None, "not-a-trial", "not-a-trial", None],
            "trial_id": ["a", "a", None, None, None],
            "year": [2020, 2020, None, 2019, 2021],
        }
    )
    screening = pd.DataFrame({"record_id": ["r1", "r1", "r2", "r3", "r4"]})
    trials = pd.DataFrame({"trial_id": ["a"], "sample_id": ["a"]})
    return queries, records, screening, trials


def test_counts(tables):
    found = flow(*tables)
    assert (found.lookups, found.results, found.addresses, found.unscreened) == (2, 7, 5, 1)
    assert found.excluded == {"not-a-trial": 2}
    assert (found.n_excluded, found.duplicate_reports, found.reports, found.trials) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("table", "row", "column", "value", "told"),
    [
        (1, 3, "reason", None, "4 decisions with a reason for 5 addresses"),
        (2, 0, "record_id", "r9", "in screening"),
        (1, 0, "trial_id", "b", "trial records"),
        (1, 0, "decision", "excluded", "0 included addresses"),
    ],
)
def test_counts_that_do_not_add_up_are_told(tables, table, row, column, value, told):
    tables[table].loc[row, column] = value
    if (table, column) == (2, "record_id"):
        tables[table].loc[1, column] = value
    with pytest.raises(FlowError, match=told):
        flow(*tables)


def test_the_real_tables_add_up():
    found = evidence.load()
    names = ("queries", "records", "screening", "trials")
    counts = flow(*(found.table(name) for name in names))
    total = counts.n_excluded + counts.duplicate_reports + counts.reports + counts.unscreened
    assert total == counts.addresses
    assert counts.trials <= counts.reports


def test_addresses_by_year_leave_out_undated_ones(tables):
    found = decisions_by_year(tables[1])
    assert found["addresses"].sum() == 4
    assert found["year"].tolist() == [2019, 2020, 2020, 2021]
