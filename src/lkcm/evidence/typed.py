"""From text cells to typed columns, checked against the table's schema.

One rule for missing values: whatever the column, an empty cell is NaN (`pandas.NA` in `year`),
unless the schema names what an empty cell or an absent column is read as. Numbers are float64,
counts included; calendar years are Int64; everything else is text. In a column of numbers the
words "not-stated" are an empty cell.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
import pandera.pandas as pa

from lkcm.evidence.problems import Problem, problem
from lkcm.evidence.reading import RawTable
from lkcm.evidence.schemas import KEYS, TABLES, column_metadata

NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?"
NOT_STATED = "not-stated"

_RULE_OF_CHECK = {
    "isin": "not-in-vocabulary",
    "str_matches": "malformed",
    "not_nullable": "cell-empty",
}
_BOUNDS = {
    "greater_than": ("min_value", "above"),
    "greater_than_or_equal_to": ("min_value", "at least"),
    "less_than": ("max_value", "below"),
    "less_than_or_equal_to": ("max_value", "at most"),
}


@dataclass(frozen=True, eq=False)
class Table:
    """A loaded table; equal only to itself.

    Attributes
    ----------
    raw : RawTable
        The cells as text, and their lines in the file.
    frame : pandas.DataFrame
        The typed columns, all that the schema names and then those it does not; same rows.
    problems : list of Problem
        What is wrong with form and values.
    """

    raw: RawTable
    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)

    def problem(
        self, rule: str, position: int, column: str, found: str | None = None, allowed: str = ""
    ) -> Problem:
        """Problem in the row at `position`; `found` defaults to the cell."""
        if found is None:
            found = self.raw.cells[column].iat[position] if column in self.raw.cells else ""
        line, row_id = self.raw.lines[position], self.raw.row_id(position)
        return problem(rule, self.raw.file, line, row_id, column, found, allowed)

    def where(
        self, rule: str, mask: pd.Series, column: str, found: pd.Series | None = None, allowed=""
    ) -> list[Problem]:
        """One problem for each row in which `mask` is true."""
        positions = np.flatnonzero(mask.fillna(False).to_numpy(dtype=bool))
        texts = [None] * len(mask) if found is None else list(found)
        return [self.problem(rule, i, column, texts[i], allowed) for i in positions]


@lru_cache(maxsize=64)
def empty_table(name: str) -> Table:
    """Table without rows, with all columns, for a file that is not there."""
    return type_table(RawTable(name, pd.DataFrame()))


@lru_cache(maxsize=64)
def type_table(raw: RawTable) -> Table:
    """Type the columns of a table and check them against its schema; once a process.

    Parameters
    ----------
    raw : RawTable
        As :func:`lkcm.evidence.reading.read_table` returns it.

    Returns
    -------
    Table
        Cells that cannot be typed are missing in the frame and reported.
    """
    columns, problems = {}, list(raw.problems)
    table = Table(raw, pd.DataFrame(), problems)
    for name, metadata in column_metadata(raw.name).items():
        columns[name] = _column(table, name, metadata)
    extra = {name: raw.cells[name] for name in raw.cells if name not in columns}
    frame = pd.DataFrame(columns | {n: _text(cells) for n, cells in extra.items()})
    if raw.name == "trials":
        frame["sample_id"] = frame["sample_id"].fillna(frame["trial_id"])
    table = Table(raw, frame, problems)
    problems += _schema_problems(table)
    problems += _repeated_keys(table)
    return table


def _column(table: Table, name: str, metadata: dict) -> pd.Series:
    """One typed column; problems are added to the table's."""
    cells, kind = table.raw.cells, metadata["kind"]
    if name not in cells:
        return _absent(len(cells), metadata)
    if kind in ("text", "coded"):
        filled = _text(cells[name])
        return filled.fillna(metadata["empty"]) if metadata.get("empty") else filled
    return _number(table, name, kind)


def _text(cells: pd.Series) -> pd.Series:
    """Text column: an empty cell is NaN."""
    return cells.where(cells != "")


def _absent(rows: int, metadata: dict) -> pd.Series:
    """Make the column that a file does not have."""
    if metadata["kind"] in ("text", "coded"):
        value = metadata.get("absent") or metadata.get("empty") or np.nan
        return pd.Series([value] * rows, dtype="str")
    dtype = "Int64" if metadata["kind"] == "year" else "float64"
    return pd.Series(np.full(rows, np.nan)).astype(dtype)


def _number(table: Table, name: str, kind: str) -> pd.Series:
    """Numeric column; what is no finite number, or not whole where it must be, is reported."""
    cells = table.raw.cells[name]
    stated = (cells != "") & (cells != NOT_STATED)
    plain = cells.str.fullmatch(NUMBER) & stated
    values = pd.to_numeric(cells.where(plain), errors="coerce").astype("float64")
    values = values.where(np.isfinite(values))
    table.problems.extend(
        table.where("not-a-number", stated & values.isna(), name, allowed="a number")
    )
    if kind == "number":
        return values
    broken = values.notna() & (values % 1 != 0)
    table.problems.extend(table.where("not-whole", broken, name, allowed="a whole number"))
    values = values.mask(broken)
    # an absurd year must not overflow; clipped it is still out of range
    return values.clip(-9999, 9999).astype("Int64") if kind == "year" else values


def _schema_problems(table: Table) -> list[Problem]:
    """Report what pandera finds."""
    raw, model = table.raw, TABLES[table.raw.name]
    if not len(table.frame):
        return []
    try:
        model.to_schema().validate(table.frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        failures = errors.failure_cases
    else:
        return []
    schema, problems = model.to_schema(), []
    for case in failures.itertuples():
        if case.check == "not_nullable" and not _is_empty_cell(raw, case.column, case.index):
            continue  # the column is reported as missing, or the cell as no number
        name = re.sub(r"\(.*", "", case.check, flags=re.S)
        rule = _RULE_OF_CHECK.get(name, "out-of-range")
        allowed = describe_allowed(schema.columns[case.column])
        problems.append(table.problem(rule, int(case.index), case.column, allowed=allowed))
    return list(dict.fromkeys(problems))


def _is_empty_cell(raw: RawTable, column: str, position: int) -> bool:
    """Tell whether the file has the column and nothing in the cell."""
    return column in raw.cells and not raw.cells[column].iat[position]


def describe_allowed(column: pa.Column) -> str:
    """Describe the allowed values of a column in words.

    Parameters
    ----------
    column : pandera.pandas.Column
        Column of a model of :data:`lkcm.evidence.schemas.TABLES`.
    """
    metadata = column.metadata
    if metadata["kind"] == "coded":
        return " | ".join(metadata["meanings"])
    if metadata["kind"] == "text":
        return metadata["allowed"] or "any text"
    bounds = [
        f"{_BOUNDS[check.name][1]} {check.statistics[_BOUNDS[check.name][0]]:g}"
        for check in column.checks
    ]
    kind = "a whole number" if metadata["kind"] in ("whole", "year") else "a number"
    return " ".join([kind, " and ".join(bounds)]).strip()


def _repeated_keys(table: Table) -> list[Problem]:
    """Rows whose key stands in an earlier row."""
    keys, name = list(KEYS[table.raw.name]), table.raw.name
    if not set(keys) <= set(table.raw.cells):
        return []
    complete = table.frame[keys].notna().all(axis=1)
    repeated = complete & table.frame.duplicated(keys)
    if name == "corrections":
        # a cell may be corrected again on another day
        repeated &= table.frame.duplicated([*keys, "old"])
    return table.where("key-repeated", repeated, keys[0], allowed="each key once")
