"""The command ``lkcm pool FILE.csv``: pool anybody's table of effects and variances."""

import argparse
import csv
import json
import re
import sys
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from lkcm.synthesis import LARGEST, METHODS, TESTS

if TYPE_CHECKING:
    from lkcm.synthesis.pooled import Pooled

#: What ``--json`` prints, in this order.
JSON_KEYS = (
    *("k", "estimate", "se", "ci", "p", "tau2", "tau2_ci", "q", "q_p", "i2", "h2"),
    "prediction_interval",
)
#: A number as every program writes it: no decimal comma, thousands mark, infinity or hex.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Cells that mean "not there".
MISSING = ("", "na", "nan", "null", ".")


class BadTable(Exception):
    """A table that cannot be pooled; its arguments are the problems, one a line."""


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Register ``lkcm pool``.

    Parameters
    ----------
    subparsers : what ``ArgumentParser.add_subparsers`` returned
        The new parser sets ``func``, which takes the parsed arguments and returns the exit code.
    """
    parser = subparsers.add_parser(
        "pool",
        help="pool a table of effects",
        description="Pool a table with one trial a row: a random-effects meta-analysis with its "
        "heterogeneity and prediction interval. The numbers agree with metafor's rma().",
        epilog="Exit code 2 means that the table could not be pooled; each problem is named.",
    )
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="comma-separated table")
    parser.add_argument("--effect", default="yi", help="column of effects (default: %(default)s)")
    parser.add_argument(
        "--variance", default="vi", help="column of sampling variances (default: %(default)s)"
    )
    parser.add_argument(
        "--method", default="REML", choices=list(METHODS), type=str.upper, help=_choices(METHODS)
    )
    parser.add_argument(
        "--test", default="knapp-hartung", choices=list(TESTS), help=_choices(TESTS)
    )
    parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")
    parser.set_defaults(func=_run)


def pool_command(
    file: Path,
    effect: str = "yi",
    variance: str = "vi",
    method: str = "REML",
    test: str = "knapp-hartung",
    as_json: bool = False,
) -> int:
    """Pool the effects in a file and print the result.

    Parameters
    ----------
    file : Path
        CSV in UTF-8 with a header, one trial a row.
    effect, variance : str
        Names of the columns of effects and of their sampling variances.
    method, test : str
        As `lkcm.synthesis.pool.pool`.
    as_json : bool
        Print `JSON_KEYS` as JSON, null for what is not defined, instead of lines to read.

    Returns
    -------
    int
        0, or 2 when the table cannot be pooled: then every problem is on standard error, with
        file, line, column, what was found and what is allowed, and nothing is on standard output.
    """
    try:
        effects, variances = read_effects(file, effect, variance)
    except BadTable as problems:
        for problem in problems.args:
            print(f"{file}: {problem}", file=sys.stderr)
        return 2
    from lkcm.synthesis.pool import PoolError, pool

    try:
        pooled = pool(effects, variances, method=method, test=test)
    except PoolError as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    if as_json:
        print(json.dumps({key: getattr(pooled, key) for key in JSON_KEYS}, allow_nan=False))
    else:
        print("\n".join(_lines(pooled)))
    return 0


def read_effects(file: Path, effect: str, variance: str) -> tuple[list[float], list[float]]:
    """Read two columns of numbers from a CSV file.

    Parameters
    ----------
    file : Path
        CSV in UTF-8 with a header.
    effect, variance : str
        Names of the columns.

    Returns
    -------
    effects, variances : list of float
        One of each a row, variances above zero.

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
    problems = _header_problems(header_line, header, (effect, variance))
    if problems:
        raise BadTable(*problems)
    if not rows:
        raise BadTable("no rows below the header; allowed: a row for each trial")
    problems += _repeated_rows(header, rows)
    numbers: dict[str, list[float]] = {effect: [], variance: []}
    for line, cells in rows:
        if len(cells) != len(header):
            problems.append(
                f"line {line}: found {len(cells)} cells; allowed: {len(header)}, as in the header"
            )
            continue
        for column, values in numbers.items():
            cell = cells[header.index(column)].strip()
            wrong = _cell_problem(cell, above_zero=column == variance)
            if wrong:
                problems.append(f"line {line}, column {column}: {wrong}")
            else:
                values.append(float(cell))
    if problems:
        raise BadTable(*problems)
    return numbers[effect], numbers[variance]


def _run(arguments: argparse.Namespace) -> int:
    names = ("file", "effect", "variance", "method", "test", "as_json")
    return pool_command(**{name: getattr(arguments, name) for name in names})


def _choices(meanings: dict[str, str]) -> str:
    return "; ".join(f"{name}: {meaning}" for name, meaning in meanings.items())


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


def _header_problems(line: int, header: list[str], columns: tuple[str, str]) -> list[str]:
    problems = []
    if columns[0] == columns[1]:
        problems.append(f"column {columns[0]} is named as effect and as variance; allowed: two")
    for column in dict.fromkeys(columns):
        if column not in header:
            problems.append(
                f"line {line}: no column {column}; found: {', '.join(header)}; allowed: commas "
                "between columns, whose names --effect and --variance give"
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


def _lines(pooled: "Pooled") -> list[str]:
    def interval(ends: tuple[float, float] | None) -> str:
        return "not defined" if ends is None else f"{ends[0]:.4f} to {ends[1]:.4f}"

    def number(value: float | None, form: str = ".4f") -> str:
        return "not defined" if value is None else format(value, form)

    return [
        f"trials               {pooled.k}",
        f"estimate             {pooled.estimate:.4f} (SE {pooled.se:.4f})",
        f"95 % CI              {interval(pooled.ci)}",
        f"p                    {number(pooled.p, '.2g')}",
        f"prediction interval  {interval(pooled.prediction_interval)}",
        f"tau2                 {number(pooled.tau2)} (95 % CI {interval(pooled.tau2_ci)})",
        f"I2, H2               {number(pooled.i2, '.1f')} %, {number(pooled.h2, '.2f')}",
        f"Q                    {pooled.q:.2f} (p {number(pooled.q_p, '.2g')})",
        f"method, test         {pooled.method}, {pooled.test}",
        *(f"note                 {note}" for note in pooled.notes),
    ]
