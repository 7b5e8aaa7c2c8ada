"""What changed between two editions: trials, rows, estimates, claims, parameters, software."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields

import pandas as pd

from lkcm.editions.record import Record
from lkcm.evidence.labels import cite_authors

#: Glued keys that are a page's headline: an estimate that moved must be explained.
HEADLINE = re.compile(r"estimate(?:_(?P<of>.+))?")
#: Key of a claim's status on the page of the claims.
CLAIM = re.compile(r"status_(?P<claim>[A-Za-z0-9-]+)")
#: Relative difference below which a number did not move: processors differ in the last digits.
SAME = 1e-6


@dataclass(frozen=True)
class Cell:
    """A cell of an evidence table that changed.

    Attributes
    ----------
    table, row, column : str
        Where it is.
    old, new : str
        What it held; empty for "not stated".
    reason : str
        From the log of corrections; empty where the table itself was edited.
    """

    table: str
    row: str
    column: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True)
class Moved:
    """A glued value that changed.

    Attributes
    ----------
    page, key : str
        Where it is printed.
    old, new : str
        Its text; empty where one edition does not print it.
    difference : float or None
        New minus old, where both are numbers.
    headline : bool
        Whether it is a page's estimate.
    old_verdict, new_verdict : str
        Verdict beside the estimate; empty where there is none.
    """

    page: str
    key: str
    old: str
    new: str
    difference: float | None
    headline: bool
    old_verdict: str
    new_verdict: str


@dataclass(frozen=True)
class Changed:
    """A setting, package, table or claim's status that changed; empty where it is not there."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Difference:
    """What changed from one edition to another; two equal editions have nothing in it.

    Attributes
    ----------
    old, new : str
        Versions.
    trials_in, trials_out : tuple of str
        Labels of trials that are new, and of those that are gone.
    results_in, results_out : tuple of str
        Identifiers of effect rows that are new, and of those that are gone.
    cells : tuple of Cell
        Corrected cells of rows that both editions have.
    moved : tuple of Moved
        Values that changed, headlines first.
    claims, parameters, software, tables : tuple of Changed
        Claims with another status; parameters of pages; versions; files with other content.
    """

    old: str
    new: str
    trials_in: tuple[str, ...]
    trials_out: tuple[str, ...]
    results_in: tuple[str, ...]
    results_out: tuple[str, ...]
    cells: tuple[Cell, ...]
    moved: tuple[Moved, ...]
    claims: tuple[Changed, ...]
    parameters: tuple[Changed, ...]
    software: tuple[Changed, ...]
    tables: tuple[Changed, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all changed."""
        names = [field.name for field in fields(self) if field.name not in ("old", "new")]
        return not any(getattr(self, name) for name in names)

    @property
    def headlines(self) -> tuple[Moved, ...]:
        """The estimates that moved, those whose verdict changed first."""
        found = [one for one in self.moved if one.headline]
        return tuple(sorted(found, key=lambda one: one.old_verdict == one.new_verdict))

    def frame(self, name: str) -> pd.DataFrame:
        """Return one of the tuples of dataclasses as a table, with its columns even if empty."""
        kind = {"cells": Cell, "moved": Moved, "headlines": Moved}.get(name, Changed)
        columns = [field.name for field in fields(kind)]
        return pd.DataFrame([asdict(one) for one in getattr(self, name)], columns=columns)


def difference(old: Record, new: Record) -> Difference:
    """Compare two editions.

    Parameters
    ----------
    old, new : dict
        Records of `lkcm.editions.record`.

    Returns
    -------
    Difference
        Everything that is not the same in both.
    """
    trials = [record["rows"].get("trials", {}) for record in (old, new)]
    effects = [record["rows"].get("effects", {}) for record in (old, new)]
    values = [_values(record) for record in (old, new)]
    return Difference(
        old=old["version"],
        new=new["version"],
        trials_in=tuple(_label(key, trials[1][key]) for key in trials[1] if key not in trials[0]),
        trials_out=tuple(_label(key, trials[0][key]) for key in trials[0] if key not in trials[1]),
        results_in=tuple(key for key in effects[1] if key not in effects[0]),
        results_out=tuple(key for key in effects[0] if key not in effects[1]),
        cells=tuple(_cells(old["rows"], new["rows"])),
        moved=tuple(sorted(_moved(*values), key=lambda one: not one.headline)),
        claims=tuple(_claims(*values)),
        parameters=tuple(_changed(*(_parameters(record) for record in (old, new)))),
        software=tuple(_changed(*(_software(record) for record in (old, new)))),
        tables=tuple(_changed(*(_tables(record) for record in (old, new)))),
    )


def _label(key: str, cells: Mapping[str, str]) -> str:
    named = cite_authors(cells.get("authors", ""))
    return f"{named} {cells.get('year', 'n.d.')} ({key})" if named else key


def _cells(old: Mapping, new: Mapping) -> Iterator[Cell]:
    log = new.get("corrections", {})
    for table in ("trials", "effects"):
        before, after = old.get(table, {}), new.get(table, {})
        for row in (key for key in after if key in before):
            for column in sorted({*before[row], *after[row]}):
                was, is_now = before[row].get(column, ""), after[row].get(column, "")
                if was != is_now:
                    reason = log.get(f"{table}/{row}/{column}", {}).get("reason", "")
                    yield Cell(table, row, column, was, is_now, reason)


def _values(record: Record) -> dict[tuple[str, str], dict]:
    pages = record["results"].get("pages", {})
    return {
        (page, key): value
        for page, content in pages.items()
        for key, value in content.get("values", {}).items()
    }


def _moved(old: Mapping, new: Mapping) -> Iterator[Moved]:
    for page, key in dict.fromkeys([*new, *old]):
        was, is_now = old.get((page, key)), new.get((page, key))
        if CLAIM.fullmatch(key) or _same(was, is_now):
            continue
        headline = HEADLINE.fullmatch(key)
        verdict = f"verdict_{headline['of']}" if headline and headline["of"] else "verdict"
        verdicts = [
            values.get((page, verdict), {}).get("text", "") if headline else ""
            for values in (old, new)
        ]
        yield Moved(
            page, key, _told(was), _told(is_now), _step(was, is_now), bool(headline), *verdicts
        )


def _claims(old: Mapping, new: Mapping) -> Iterator[Changed]:
    for page, key in dict.fromkeys([*new, *old]):
        if found := CLAIM.fullmatch(key):
            was, is_now = (_told(values.get((page, key))) for values in (old, new))
            if was != is_now:
                yield Changed(found["claim"], was, is_now)


def _same(old: Mapping | None, new: Mapping | None) -> bool:
    if old is None or new is None:
        return False
    return _equal(old["value"], new["value"]) and (
        old["text"] == new["text"] or isinstance(old["value"], float)
    )


def _equal(old: object, new: object) -> bool:
    if isinstance(old, int | float) and isinstance(new, int | float):
        return math.isclose(old, new, rel_tol=SAME, abs_tol=1e-12)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return all(_equal(*pair) for pair in zip(old, new, strict=True))
    return old == new


def _step(old: Mapping | None, new: Mapping | None) -> float | None:
    numbers = [
        value["value"]
        for value in (old, new)
        if value is not None
        and isinstance(value["value"], int | float)
        and not isinstance(value["value"], bool)
    ]
    return numbers[1] - numbers[0] if len(numbers) == 2 else None


def _told(value: Mapping | None) -> str:
    return "" if value is None else value["text"]


def _parameters(record: Record) -> dict[str, str]:
    pages = record.get("pages", {})
    return {
        f"{page}: {name}": repr(value)
        for page, made in pages.items()
        for name, value in {"notebook": made["notebook"], **made["parameters"]}.items()
    }


def _software(record: Record) -> dict[str, str]:
    return {**record.get("software", {}), **record.get("packages", {})}


def _tables(record: Record) -> dict[str, str]:
    files = record.get("tables", {})
    return {name: file["sha256"][:12] for name, file in files.items() if file["sha256"]}


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Changed]:
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            yield Changed(name, old.get(name, ""), new.get(name, ""))
