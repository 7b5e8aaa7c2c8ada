"""One failing example for every rule of every column, made from the schemas themselves."""

import csv
import re

import pytest

from lkcm.evidence import fields
from lkcm.evidence.check import check
from lkcm.evidence.fields import LATEST_YEAR
from lkcm.evidence.schemas import (
    KEYS,
    ONE_OF,
    REFERENCES,
    REQUIRED_COLUMNS,
    TABLES,
    column_metadata,
)

BAD_TEXTS = ("x" * 121, "nothing like it")


def bad_value(check):
    """A value that a pandera check refuses."""
    limits = check.statistics
    match check.name:
        case "isin":
            return "no-such-code"
        case "str_matches":
            return next(t for t in BAD_TEXTS if not re.match(limits["pattern"], t))
        case "greater_than_or_equal_to":
            return str(limits["min_value"] - 1)
        case "greater_than":
            return str(limits["min_value"])
        case "less_than_or_equal_to":
            return str(limits["max_value"] + 1)
        case "less_than":
            return str(limits["max_value"])
    raise AssertionError(f"no bad value for the check {check.name}")


RULE_OF = {"isin": "not-in-vocabulary", "str_matches": "malformed"}


def cases(table):
    """Each column of a table with a bad cell and the rule that must find it."""
    for name, column in TABLES[table].to_schema().columns.items():
        kind = column.metadata["kind"]
        for rule in column.checks:
            yield name, bad_value(rule), RULE_OF.get(rule.name, "out-of-range")
        if not column.nullable:
            yield name, "", "cell-empty"
        if kind in ("number", "whole", "year"):
            yield from ((name, text, "not-a-number") for text in ("many", "inf", "1,5"))
        if kind in ("whole", "year"):
            yield name, "12.5", "not-whole"


CASES = [
    pytest.param(table, line, *case, id=f"{table}-{case[0]}-{case[2]}-{case[1][:12]}")
    for table in TABLES
    for line, case in enumerate(cases(table), start=2)
]


def good_value(column, line):
    """A value for the cells of a row that are not to fail."""
    if column.nullable:
        return ""
    if column.metadata["kind"] == "coded":
        return next(iter(column.metadata["meanings"]))
    return "2026-01-01" if column.metadata["allowed"] == "YYYY-MM-DD" else f"id{line}"


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """Problems of a folder whose every row has one bad cell."""
    folder = tmp_path_factory.mktemp("broken")
    for table, model in TABLES.items():
        columns = model.to_schema().columns
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*columns, "remark"], restval="x")
            writer.writeheader()
            for line, (bad, value, _) in enumerate(cases(table), start=2):
                row = {name: good_value(column, line) for name, column in columns.items()}
                writer.writerow(row | {bad: value})
    return places(check(folder))


def places(problems):
    return {(p.level, p.rule, p.file, p.row, p.column) for p in problems}


@pytest.mark.parametrize(("table", "line", "column", "value", "rule"), CASES)
def test_a_bad_cell_is_found_where_it_is(broken, table, line, column, value, rule):
    assert ("error", rule, f"{table}.csv", line, column) in broken


def test_only_the_bad_cells_of_a_row_break_its_schema(broken):
    expected = {(p.values[0], p.values[1], p.values[2]) for p in CASES}
    of_cells = {"not-in-vocabulary", "malformed", "out-of-range", "cell-empty", "not-a-number"}
    found = {(f[:-4], line, column) for _, rule, f, line, column in broken if rule in of_cells}
    assert found <= expected


def test_the_rows_to_be_broken_are_valid(write, rows):
    assert check(write(rows)) == []


@pytest.mark.parametrize("table", TABLES)
def test_a_table_without_a_column_it_needs(write, rows, table):
    for column in REQUIRED_COLUMNS[table]:
        kept = {n: [dict(row) for row in rows[n]] for n in ("trials", "effects", table)}
        for row in kept[table]:
            del row[column]
            row["remark"] = "x"
        problems = check(write(kept))
        assert ("error", "column-missing", f"{table}.csv", 1, column) in places(problems)
        assert "cell-empty" not in {p.rule for p in problems}


@pytest.mark.parametrize("table", ONE_OF)
def test_a_table_needs_one_column_of_a_group(write, rows, table):
    for group in ONE_OF[table]:
        kept = {n: [dict(row) for row in rows[n]] for n in ("trials", "effects", table)}
        for row in kept[table]:
            for column in group:
                row.pop(column, None)
        problems = check(write(kept))
        assert ("error", "column-missing", f"{table}.csv", 1, group[0]) in places(problems)


@pytest.mark.parametrize("table", KEYS)
def test_a_key_stands_once(write, rows, table):
    for column in KEYS[table]:
        rows[table][1][column] = rows[table][0][column]
    if table == "corrections":
        rows[table][1]["old"] = rows[table][0]["old"]
    problems = check(write({n: rows[n] for n in {"trials", "effects", table}}))
    assert ("error", "key-repeated", f"{table}.csv", 3, KEYS[table][0]) in places(problems)


@pytest.mark.parametrize(
    ("table", "column"), [(t, c) for t, columns in REFERENCES.items() for c in columns]
)
def test_a_reference_points_to_a_row(write, rows, table, column):
    for row in rows[table]:
        row.setdefault(column, "")
    rows[table][1][column] = "nowhere"
    target = REFERENCES[table][column][0]
    problems = check(write({n: rows[n] for n in {"trials", "effects", table, target}}))
    assert ("error", "reference-unknown", f"{table}.csv", 3, column) in places(problems)


def test_this_year_and_the_next_are_plausible(write, rows):
    rows["trials"][0]["year"], rows["trials"][1]["year"] = LATEST_YEAR - 1, LATEST_YEAR
    assert check(write({n: rows[n] for n in ("trials", "effects")})) == []


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (
            fields.P_VALUE,
            ["0.05", ".05", "<0.001", ">0.05", "0", "1", "1.0", "5e-4", "<1e-10"],
            ["1.5", "-0.1", "1e5", "<", "0.05*", "=0.05", "ns", "0,05", "5"],
        ),
        (
            fields.DOI,
            ["10.1002/jclp.21923", "10.1002/(SICI)1097-4636(1998)43:4<338::AID-X>3.0.CO;2-B"],
            ["doi:10.1002/x", "https://doi.org/10.1002/x", "10.1/x", "10.1002/", "10.1002/a b"],
        ),
        (
            fields.URL,
            ["https://example.org", "http://a.b/c?d=e#f", "https://xn--e1afmkfd.xn--p1ai/"],
            ["example.org", "ftp://a.b", "javascript:alert(1)", "https:///a.b/c", "http://a.b/ c"]
            + ['https://a.b/"onclick="x', "https://a.b/<script>"],
        ),
        (
            fields.ADDRESS,
            ["https://example.org", "github:owner/repository/file.md", "no-address:a copy"],
            ["javascript:alert(1)", "github:", "data:text/html,x"],
        ),
        (fields.DAY, ["2026-11-22"], ["2026-13-01", "2026-1-1", "22.11.2026", "2026-11-22T10"]),
        (fields.PARTIAL_DATE, ["2020", "2020-08", "2020-08-31"], ["20", "2020-8", "08/2020"]),
    ],
    ids=["p", "doi", "url", "address", "day", "partial date"],
)
def test_forms_of_text(pattern, good, bad):
    assert [text for text in good if not re.match(pattern, text)] == []
    assert [text for text in bad if re.match(pattern, text)] == []


def test_every_column_says_what_it_is():
    for table, model in TABLES.items():
        assert model.__doc__
        for name, column in model.to_schema().columns.items():
            assert column.title and column.description, f"{table}.{name}"
            assert column.metadata["kind"] in ("text", "coded", "number", "whole", "year")


def test_a_default_is_an_allowed_value():
    for table in TABLES:
        for name, metadata in column_metadata(table).items():
            for default in (metadata.get("empty"), metadata.get("absent")):
                assert default is None or default in metadata["meanings"], f"{table}.{name}"
