import pandas as pd
import pytest

from lkcm.bias.reporting import (
    STATES,
    common_outcomes,
    figure_by_result,
    reporting_matrix,
    reporting_shares,
)
from lkcm.effects import convert
from lkcm.evidence import load


@pytest.fixture(scope="module")
def evidence():
    tables = load()
    trials = tables.table("trials")
    return convert(tables.table("effects"), trials), trials["sample_id"]


def rows(*lines):
    """Converted rows: sample, outcome, what it prints."""
    forms = {
        "figure": {"status": "poolable", "level": "2a", "measure": "SMD"},
        "p": {"p_low": 0.0, "p_high": 0.01, "p_from": "printed"},
        "words": {"p_low": 0.0, "p_high": 0.05, "p_from": "significance"},
        "none": {"p_low": 0.05, "p_high": 1.0, "p_from": "none"},
        "direction": {"sign_used": 1.0},
        "held": {"status": "excluded"},
    }
    blank = {
        "reporter": "self",
        "status": "censored",
        "level": "3",
        "measure": None,
        "p_low": 0.0,
        "p_high": 1.0,
        "p_from": None,
        "sign_used": 0.0,
        "significant": "not-stated",
    }
    table = [{"sample_id": s, "outcome": o, **blank, **forms[form]} for s, o, form in lines]
    return pd.DataFrame(table)


def test_each_state_is_told_apart():
    table = rows(
        ("a", "x", "figure"),
        ("b", "x", "p"),
        ("c", "x", "words"),
        ("d", "x", "none"),
        ("e", "x", "direction"),
        ("f", "x", "held"),
        ("g", "y", "none"),
    )
    matrix = reporting_matrix(table, pd.Series(list("abcdefgh")), ["x", "y"])
    assert list(matrix["x"]) == [
        *("figure", "significant", "significant", "no difference", "direction", "silent"),
        *("not mentioned", "not mentioned"),
    ]
    assert matrix.loc["g", "y"] == "no difference"
    assert set(matrix.stack()) == set(STATES)


def test_the_row_that_gives_most_counts_whatever_the_order():
    table = rows(("a", "x", "none"), ("a", "x", "figure"), ("a", "x", "held"))
    for some in (table, table.iloc[::-1]):
        assert reporting_matrix(some, pd.Series(["a", "a"]), ["x"]).loc["a", "x"] == "figure"


def test_reporters_that_are_not_asked_for_do_not_count():
    table = rows(("a", "x", "figure")).assign(reporter="teacher")
    matrix = reporting_matrix(table, pd.Series(["a"]), ["x"], ("self",))
    assert matrix.loc["a", "x"] == "not mentioned"


def test_shares_are_exact_and_add_up():
    table = rows(*((name, "x", "figure" if name < "c" else "none") for name in "abcdefgh"))
    shares = reporting_shares(reporting_matrix(table, pd.Series(list("abcdefghi")), ["x", "y"]))
    line = shares.set_index(["outcome", "state"]).loc[("x", "figure")]
    # Clopper-Pearson for 2 of 8, R: binom.test(2, 8)$conf.int
    assert (line["trials"], line["of"], line["share"]) == (2, 8, 0.25)
    assert line[["low", "high"]].tolist() == pytest.approx([0.03185403, 0.65085579], rel=1e-6)
    assert shares[shares["outcome"] == "x"]["share"].sum() == pytest.approx(1)
    assert shares[shares["outcome"] == "y"][["share", "low", "high"]].isna().all(axis=None)


def test_no_rows_give_an_empty_reading_not_an_error():
    empty = rows(("a", "x", "figure")).head(0)
    matrix = reporting_matrix(empty, pd.Series(["a"]), [])
    assert matrix.shape == (1, 0)
    assert reporting_shares(matrix).empty
    assert common_outcomes(empty) == []
    assert figure_by_result(matrix, empty)["results"].tolist() == [0, 0]


def test_figures_are_counted_by_result():
    table = rows(("a", "x", "figure"), ("b", "x", "words"), ("c", "x", "none"), ("c", "x", "none"))
    table["significant"] = ["yes", "yes", "no", "no"]
    found = figure_by_result(reporting_matrix(table, pd.Series(list("abc")), ["x"]), table)
    assert found[["figures", "results"]].to_numpy().tolist() == [[1, 2], [0, 1]]


def test_the_evidence_has_every_trial_once(evidence):
    converted, samples = evidence
    outcomes = common_outcomes(converted)
    matrix = reporting_matrix(converted, samples, outcomes)
    assert len(matrix) == samples.nunique()
    assert "self-compassion" in outcomes and len(outcomes) == 12
    shares = reporting_shares(matrix)
    assert shares.groupby("outcome")["share"].sum().to_numpy() == pytest.approx(1)
    assert (shares["low"] <= shares["share"]).all() and (shares["share"] <= shares["high"]).all()
