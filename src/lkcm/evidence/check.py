"""Check a folder of evidence tables: every problem at once, whatever the bytes."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lkcm.evidence.corrections import apply_corrections
from lkcm.evidence.problems import (
    ERROR,
    RULES,
    WARNING,
    Problem,
    format_problems,
    has_errors,
    problem,
    to_json,
)
from lkcm.evidence.reading import RawTable, read_table
from lkcm.evidence.rules import cross_field_problems
from lkcm.evidence.schemas import REQUIRED_TABLES, TABLES
from lkcm.evidence.typed import Table, empty_table, type_table
from lkcm.words import count_of

__all__ = ["Inspection", "Problem", "check", "check_command", "default_folder", "inspect"]


@dataclass(frozen=True)
class Inspection:
    """Tables of a folder, typed, and everything that is wrong with them.

    Attributes
    ----------
    tables : dict of str to Table
        The tables asked for, one without rows where there is no file.
    problems : list of Problem
        In order of file, row and column.
    """

    tables: dict[str, Table]
    problems: list[Problem]


def default_folder() -> Path:
    """Folder of the evidence: `LKCM_DATA`, else the repository's `data`.

    Returns
    -------
    pathlib.Path
        The first that exists of: the value of the environment variable LKCM_DATA (taken without
        looking), `data` beside the package's source root, in the working directory, above it.
    """
    named = os.environ.get("LKCM_DATA")
    if named:
        return Path(named)
    root = Path(__file__).resolve().parents[3]
    places = [root / "data", Path("data"), Path("..") / "data"]
    return next((p for p in places if (p / "trials.csv").is_file()), places[0])


def inspect(folder: Path, names: Iterable[str] = TABLES) -> Inspection:
    """Read, correct, type and check tables of a folder.

    Parameters
    ----------
    folder : pathlib.Path
        The folder; anything may be in its place.
    names : iterable of str
        The tables to look at; the log of corrections is read in any case.

    Returns
    -------
    Inspection
        Rules between tables are applied to the tables at hand.
    """
    wanted = [name for name in TABLES if name in set(names)]
    found = [problem("folder-missing", str(folder), found=str(folder), allowed="a folder")]
    if not os.path.isdir(folder):
        return Inspection({name: empty_table(name) for name in wanted}, found)
    raws = {n: read_table(folder / f"{n}.csv", n) for n in wanted if _is_there(folder, n)}
    problems = [
        problem("table-missing", f"{name}.csv", found="no such file", allowed=f"{name}.csv")
        for name in REQUIRED_TABLES
        if name in wanted and name not in raws
    ]
    log = _corrections(folder, raws)
    corrected, wrong = apply_corrections(raws, log)
    tables = {name: type_table(raw) for name, raw in corrected.items()}
    for table in tables.values():
        problems += table.problems
    if "corrections" not in wanted:
        problems += log.problems
    problems += [*wrong, *cross_field_problems(tables)]
    absent = {name: empty_table(name) for name in wanted if name not in tables}
    return Inspection(tables | absent, _in_order(problems))


def _is_there(folder: Path, name: str) -> bool:
    """Whether there is anything by the name of the table's file."""
    return os.path.lexists(folder / f"{name}.csv")


def _corrections(folder: Path, raws: dict[str, RawTable]) -> Table:
    """Read and type the log of corrections."""
    if "corrections" in raws:
        return type_table(raws["corrections"])
    if _is_there(folder, "corrections"):
        return type_table(read_table(folder / "corrections.csv", "corrections"))
    return empty_table("corrections")


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Problems in order of file, row and column."""
    order = {f"{name}.csv": i for i, name in enumerate(TABLES)}
    return sorted(problems, key=lambda p: (order.get(p.file, -1), p.row or 0, p.column, p.rule))


def check(folder: Path | str) -> list[Problem]:
    """Every problem of a folder of evidence tables.

    Parameters
    ----------
    folder : path
        Must hold trials.csv and effects.csv; the other tables are optional.

    Returns
    -------
    list of Problem
        Empty if all is well. Never raises, whatever is in the folder.
    """
    folder = Path(folder)
    problems = inspect(folder).problems
    known = {f"{name}.csv" for name in TABLES}
    others = sorted(p.name for p in folder.glob("*.csv")) if os.path.isdir(folder) else []
    allowed = "one of " + ", ".join(sorted(known))
    return problems + [
        problem("file-unknown", name, found=name, allowed=allowed)
        for name in others
        if name not in known
    ]


def check_command(data: Path | None = None, as_json: bool = False, warnings: bool = False) -> int:
    """Print what is wrong with a folder.

    Parameters
    ----------
    data : pathlib.Path, optional
        The folder; by default as :func:`default_folder`.
    as_json : bool
        Print every problem as JSON, warnings too.
    warnings : bool
        List warnings one by one; else they are counted by rule.

    Returns
    -------
    int
        Exit code: 2 if there is an error, else 0.
    """
    folder = data if data is not None else default_folder()
    problems = check(folder)
    print(to_json(problems) if as_json else _report(folder, problems, warnings))
    return 2 if has_errors(problems) else 0


def _report(folder: Path, problems: list[Problem], warnings: bool) -> str:
    """Write the table of problems and a summary."""
    errors = [p for p in problems if p.level == ERROR]
    doubts = [p for p in problems if p.level == WARNING]
    parts = [format_problems(problems if warnings else errors)]
    if doubts and not warnings:
        counts = Counter(p.rule for p in doubts)
        lines = [f"  {n:>5}  {rule}: {RULES[rule][1]}" for rule, n in counts.most_common()]
        parts.append("\n".join(["Warnings, by rule (--warnings lists them):", *lines]))
    parts.append(f"{folder}: {count_of(len(errors), 'error')}, {count_of(len(doubts), 'warning')}")
    return "\n\n".join(part for part in parts if part)
