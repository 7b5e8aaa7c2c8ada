import pytest

from lkcm.evidence.check import check, default_folder, inspect


@pytest.fixture
def small(rows):
    return {name: rows[name] for name in ("trials", "effects", "corrections")}


def test_a_correction_changes_what_is_loaded_and_not_the_file(write, small):
    folder = write(small)
    before = (folder / "trials.csv").read_bytes()
    titles = inspect(folder).tables["trials"].frame["title"]
    assert list(titles) == ["Kindness in alphas", "Kindness in betas"]
    assert (folder / "trials.csv").read_bytes() == before


def test_a_correction_applies_though_the_log_is_not_asked_for(write, small):
    tables = inspect(write(small), ["trials"]).tables
    assert list(tables) == ["trials"]
    assert tables["trials"].frame["title"].iat[0] == "Kindness in alphas"


def test_a_malformed_figure_may_be_emptied(write, small):
    for trial in small["trials"]:
        trial["year"] = "about 2010"
    change = {"column": "year", "old": "about 2010", "new": ""}
    small["corrections"] = [row | change for row in small["corrections"]]
    folder = write(small)
    assert check(folder) == []
    assert inspect(folder).tables["trials"].frame["year"].isna().all()


def test_a_cell_may_be_corrected_again(write, small):
    first = small["corrections"][0]
    small["corrections"].append(first | {"old": first["new"], "new": "Kindness"})
    folder = write(small)
    assert check(folder) == []
    assert inspect(folder).tables["trials"].frame["title"].iat[0] == "Kindness"


def test_several_key_columns_are_joined(write, rows):
    change = {"table": "screening", "row_id": "r1/a", "column": "decision", "old": "included"}
    rows["corrections"] = [rows["corrections"][0] | change | {"new": "duplicate-report"}]
    decisions = inspect(write(rows)).tables["screening"].frame["decision"]
    assert list(decisions) == ["duplicate-report", "included"]


@pytest.mark.parametrize(
    ("change", "rule", "column"),
    [
        ({"table": "moods"}, "correction-table", "table"),
        ({"table": "corrections"}, "correction-table", "table"),
        ({"row_id": "gamma2013"}, "correction-row", "row_id"),
        ({"column": "mood"}, "correction-column", "column"),
        ({"old": "Kindness"}, "correction-old", "old"),
    ],
)
def test_a_correction_that_does_not_fit(write, small, change, rule, column):
    small["corrections"][1] |= change
    problems = check(write(small))
    assert [(p.rule, p.file, p.row, p.column) for p in problems] == [
        (rule, "corrections.csv", 3, column)
    ]


def test_a_correction_made_in_the_table_as_well_is_an_error(write, small):
    small["trials"][0]["title"] = "Kindness in alphas"
    assert [p.rule for p in check(write(small))] == ["correction-old"]


def test_every_correction_of_this_review_has_its_reason():
    log = inspect(default_folder(), ["corrections"]).tables["corrections"].frame
    assert len(log) and log["reason"].notna().all() and log["date"].notna().all()
