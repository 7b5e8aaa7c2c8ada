"""A table of effects in a file: read, and told in words what is wrong with it."""

import csv
import re
from io import StringIO
from pathlib import Path

from lkcm.synthesis import LARGEST

#: A number as every program writes it: no decimal comma, thousands mark, infinity or hex.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Cells that mean "not there".
MISSING = ("", "na", "nan", "null", ".")


class BadTable(Exception):
    """A table that cannot be pooled; its arguments are the problems, one a line."""


def read_effects(
    file: Path, effect: str, variance: str, study: str | None = None
) -> tuple[list[float], list[float], list[str]]:
    """Read effects, variances and studies from a CSV file.

    Parameters
    ----------
    file : Path
        CSV in UTF-8 with a header.
    effect, variance : str
        Names of the columns of numbers.
    study : str, optional
        Name of the column that says which study an effect is from.

    Returns
    -------
    effects, variances : list of float
        One of each a row, variances above zero.
    studies : list of str
        One a row; empty where no column is named.

    Raises
    ------
    BadTable
        With every problem that was found.
    """
    lines = _rows(_text(file))
    if not lines:
        raise BadTable("the file is empty; allowed: a header line and a row for each trial")
    (header_line, header), rows = lines[0], lines[1:]
    header = [name.strip() for name in header]
    named = {"effect": effect, "variance": variance} | ({} if study is None else {"study": study})
    problems = _header_problems(header_line, header, named)
    if problems:
        raise BadTable(*problems)
    if not rows:
        raise BadTable("no rows below the header; allowed: a row for each trial")
    problems += _repeated_rows(header, rows)
    columns: dict[str, list] = {column: [] for column in named.values()}
    for line, cells in rows:
        if len(cells) != len(header):
            problems.append(
                f"line {line}: found {len(cells)} cells; allowed: {len(header)}, as in the header"
            )
            continue
        for column, values in columns.items():
            cell = cells[header.index(column)].strip()
            if column == study:
                wrong = _study_problem(cell)
            else:
                wrong = _cell_problem(cell, above_zero=column == variance)
            if wrong:
                problems.append(f"line {line}, column {column}: {wrong}")
            else:
                values.append(cell if column == study else float(cell))
    if problems:
        raise BadTable(*problems)
    return columns[effect], columns[variance], [] if study is None else columns[study]


def _text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadTable(f"cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadTable(
            f"line {line}: found the byte 0x{content[error.start]:02x}; allowed: text in UTF-8 "
            "(save the table as 'CSV UTF-8')"
        ) from None


def _rows(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise BadTable(f"line {line}: not a CSV row ({error})") from None
    return rows


def _header_problems(line: int, header: list[str], named: dict[str, str]) -> list[str]:
    problems = []
    options = [f"--{role}" for role in named]
    for column in dict.fromkeys(named.values()):
        roles = [role for role, name in named.items() if name == column]
        if len(roles) > 1:
            problems.append(
                f"column {column} is named as {' and as '.join(roles)}; allowed: a column for each"
            )
        if column not in header:
            problems.append(
                f"line {line}: no column {column}; found: {', '.join(header)}; allowed: commas "
                f"between columns, whose names {', '.join(options[:-1])} and {options[-1]} give"
            )
        elif header.count(column) > 1:
            problems.append(
                f"line {line}: column {column} stands {header.count(column)} times; allowed: once"
            )
    return problems


def _repeated_rows(header: list[str], rows: list[tuple[int, list[str]]]) -> list[str]:
    if len(header) < 3:
        # Two trials may share effect and variance; only a row with a name can be the same trial.
        return []
    first: dict[tuple[str, ...], int] = {}
    return [
        f"line {line}: the same as line {first[tuple(cells)]} in every column; allowed: each "
        "trial once"
        for line, cells in rows
        if first.setdefault(tuple(cells), line) != line
    ]


def _study_problem(cell: str) -> str | None:
    if cell.lower() in MISSING:
        return "found nothing; allowed: the name of a study"
    return None


def _cell_problem(cell: str, *, above_zero: bool) -> str | None:
    allowed = "a number above zero" if above_zero else "a number"
    if cell.lower() in MISSING:
        return f"found nothing; allowed: {allowed} (delete the row to pool without it)"
    if not NUMBER.fullmatch(cell):
        return f"found '{cell}'; allowed: {allowed}, with a decimal point"
    value = float(cell)
    if above_zero and value <= 0:
        return f"found {cell}; allowed: {allowed}"
    if abs(value) > LARGEST or (above_zero and value < 1 / LARGEST):
        return f"found {cell}; allowed: {allowed} that can be computed with"
    return None
