"""From the bytes of a CSV file to a table of text cells, whatever the bytes."""

import csv
import difflib
import io
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pandas as pd

from lkcm.evidence.problems import Problem, problem
from lkcm.evidence.schemas import KEYS, ONE_OF, REQUIRED_COLUMNS, column_metadata

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as its file has it; equal only to itself, so that it can be kept by functions.

    Attributes
    ----------
    name : str
        Name of the table; its file is `name`.csv.
    cells : pandas.DataFrame
        Text cells without surrounding blanks; an empty cell is "".
    lines : list of int
        Line of the file, from 1, at which each row begins.
    problems : list of Problem
        What is wrong with the form of the file.
    whole : bool
        Whether the file was read to its end; else no other table is compared with it.
    """

    name: str
    cells: pd.DataFrame
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.csv"

    def row_id(self, position: int) -> str:
        """Key of a row, key columns joined by "/"."""
        keys = [k for k in KEYS[self.name] if k in self.cells]
        return "/".join(str(self.cells[k].iat[position]) for k in keys)


def read_table(path: Path, name: str) -> RawTable:
    """Read a CSV file and report everything that is wrong with its form.

    Parameters
    ----------
    path : pathlib.Path
        The file; it exists, but may be anything.
    name : str
        The table that it holds.

    Returns
    -------
    RawTable
        What could be read; surrounding blanks, blank rows and a byte order mark are dropped.
    """
    file = path.name
    try:
        # a pipe or a device would never end
        data = path.read_bytes() if path.is_file() else None
    except OSError as error:
        found = error.strerror or type(error).__name__
        return _unread(name, problem("file-unreadable", file, found=found, allowed="a CSV file"))
    if data is None:
        found = "a folder" if path.is_dir() else "not a regular file"
        return _unread(name, problem("file-unreadable", file, found=found, allowed="a CSV file"))
    return _parsed(data, name, file)


@lru_cache(maxsize=64)
def _parsed(data: bytes, name: str, file: str) -> RawTable:
    """Parse the bytes of a file; the same bytes once a process."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        return _unread(name, problem("file-empty", file, found="nothing", allowed="a header row"))
    text, problems = _decode(data, file)
    rows, lines, syntax = _rows(text, file)
    problems += syntax
    if not rows:
        return _unread(name, *problems)
    header, problems_of_header = _header(rows[0], lines[0], name)
    table = _table(name, header, rows[1:], lines[1:], whole=not syntax)
    found = [*problems, *problems_of_header, *_ragged(table, header, rows[1:])]
    if _CONTROL.search(text):
        found += _control_characters(table)
    table.problems.extend(found)
    return table


def _unread(name: str, *problems: Problem) -> RawTable:
    """Stand in for a table that could not be read."""
    return RawTable(name, pd.DataFrame(), [], list(problems), whole=False)


def _decode(data: bytes, file: str) -> tuple[str, list[Problem]]:
    """Text of the file, and the lines that are not UTF-8."""
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    problems = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            line.decode()
        except UnicodeDecodeError as error:
            found = repr(line[error.start : error.end])[2:-1]
            problems.append(
                problem("file-encoding", file, number, found=found, allowed="UTF-8 text")
            )
    return data.decode("utf-8-sig", errors="replace"), problems


def _rows(text: str, file: str) -> tuple[list[list[str]], list[int], list[Problem]]:
    """Rows that are not blank, their first lines, and the place where the syntax breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines, start = [], [], 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                rows.append(stripped)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        return rows, lines, [problem("file-syntax", file, start, found=str(error), allowed="CSV")]
    return rows, lines, []


def _header(cells: list[str], line: int, name: str) -> tuple[list[str], list[Problem]]:
    """Column names, and what is wrong with them."""
    file, known = f"{name}.csv", list(column_metadata(name))
    if len(cells) == 1 and re.search("[;\t|]", cells[0]):
        found = problem("file-delimiter", file, line, found=cells[0], allowed="commas")
        return cells, [found]
    problems = []
    missing = [c for c in known if c not in cells]
    for position, column in enumerate(cells):
        if not column:
            place = f"column {position + 1}"
            problems.append(problem("column-unnamed", file, line, column=place))
        elif column in cells[:position]:
            problems.append(problem("column-duplicate", file, line, column=column, found=column))
        elif column not in known:
            problems.append(_unknown_column(column, missing, file, line))
    for column in REQUIRED_COLUMNS[name]:
        if column in missing:
            problems.append(problem("column-missing", file, line, column=column, allowed=column))
    for group in ONE_OF.get(name, ()):
        if not set(group) & set(cells):
            allowed = "one of " + ", ".join(group)
            problems.append(
                problem("column-missing", file, line, column=group[0], allowed=allowed)
            )
    return cells, problems


def _unknown_column(column: str, missing: list[str], file: str, line: int) -> Problem:
    """Report a column that no schema knows: misspelt, if one that is missing is like it."""
    simple = re.sub(r"[\s_.-]+", "_", column.lower())
    like = difflib.get_close_matches(simple, missing, n=1, cutoff=0.85)
    if like:
        return problem("column-misspelt", file, line, column=column, found=column, allowed=like[0])
    return problem("column-unknown", file, line, column=column, found=column)


def _table(
    name: str, header: list[str], rows: list[list[str]], lines: list[int], whole: bool
) -> RawTable:
    """Cells by column; of columns with one name the first is kept."""
    width = len(header)
    padded = [row if len(row) == width else (row + [""] * width)[:width] for row in rows]
    columns = dict(zip(reversed(header), reversed(list(zip(*padded, strict=True))), strict=False))
    cells = pd.DataFrame(
        {c: pd.Series(columns.get(c, ()), dtype="str") for c in dict.fromkeys(header) if c}
    )
    return RawTable(name, cells, list(lines), [], whole)


def _ragged(table: RawTable, header: list[str], rows: list[list[str]]) -> list[Problem]:
    """Rows with more or fewer cells than the header."""
    width = len(header)
    return [
        problem(
            "row-ragged",
            table.file,
            table.lines[i],
            table.row_id(i),
            found=f"{len(row)} cells",
            allowed=f"{width} cells",
        )
        for i, row in enumerate(rows)
        if len(row) != width
    ]


def _control_characters(table: RawTable) -> list[Problem]:
    """Cells with invisible control characters."""
    return [
        problem(
            "control-character",
            table.file,
            table.lines[i],
            table.row_id(i),
            column,
            found=cells.iat[i],
            allowed="visible characters",
        )
        for column, cells in table.cells.items()
        for i in cells.str.contains(_CONTROL, na=False).to_numpy().nonzero()[0]
    ]
