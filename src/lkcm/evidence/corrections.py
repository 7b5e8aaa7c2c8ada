"""The log of corrections: cells that are changed when a table is loaded, each with its reason."""

from dataclasses import replace
from functools import lru_cache

from lkcm.evidence.problems import Problem
from lkcm.evidence.reading import RawTable
from lkcm.evidence.schemas import KEYS, TABLES
from lkcm.evidence.typed import Table

_TABLES_WITH_ROWS = " | ".join(name for name in TABLES if name != "corrections")


def apply_corrections(
    tables: dict[str, RawTable], corrections: Table
) -> tuple[dict[str, RawTable], list[Problem]]:
    """Apply the log, in its order, to the tables at hand.

    Parameters
    ----------
    tables : dict of str to RawTable
        Tables as read; those not among them are left out of the log.
    corrections : Table
        The log.

    Returns
    -------
    corrected : dict of str to RawTable
        The tables with new cells; the given ones are not changed.
    problems : list of Problem
        Corrections that name no table, row or column, or whose old value is not in the cell.
    """
    named = set(corrections.frame["table"].dropna())
    problems = [
        corrections.problem("correction-table", i, "table", allowed=_TABLES_WITH_ROWS)
        for i, name in enumerate(corrections.frame["table"])
        if name not in TABLES or name == "corrections"
    ]
    corrected = dict(tables)
    for name, raw in tables.items():
        if name in named and name != "corrections" and raw.whole:
            corrected[name], found = _corrected(raw, corrections)
            problems += found
    return corrected, problems


@lru_cache(maxsize=64)
def _corrected(raw: RawTable, corrections: Table) -> tuple[RawTable, tuple[Problem, ...]]:
    """Apply the log to one table; once a process."""
    raw = replace(raw, cells=raw.cells.copy())
    problems, rows = [], _positions(raw)
    log = corrections.frame.fillna({"old": "", "new": ""})
    for i, line in enumerate(log.itertuples()):
        if line.table != raw.name:
            continue
        if line.row_id not in rows:
            problems.append(
                corrections.problem("correction-row", i, "row_id", allowed=f"a row of {raw.file}")
            )
        elif line.column not in raw.cells:
            allowed = " | ".join(raw.cells)
            problems.append(corrections.problem("correction-column", i, "column", allowed=allowed))
        else:
            problems += _apply(raw, rows[line.row_id], line, corrections, i)
    return raw, tuple(problems)


def _positions(raw: RawTable) -> dict[str, int]:
    """Position of each row by its key; of rows with one key the first."""
    keys = [name for name in KEYS[raw.name] if name in raw.cells]
    joined = ["/".join(row) for row in raw.cells[keys].itertuples(index=False)]
    return {key: i for i, key in reversed(list(enumerate(joined)))}


def _apply(raw: RawTable, position: int, line, corrections: Table, i: int) -> list[Problem]:
    """Change one cell, if its old value is there."""
    at = (position, raw.cells.columns.get_loc(line.column))
    present = raw.cells.iat[at]
    if present != line.old:
        found = f"{line.old!r}, but the cell is {present!r}"
        return [corrections.problem("correction-old", i, "old", found=found, allowed=present)]
    raw.cells.iat[at] = line.new
    return []
