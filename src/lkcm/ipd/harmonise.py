"""Bring one trial's file to the common data elements, with a log of every changed cell."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.evidence.problems import Problem, has_errors
from lkcm.ipd.check import check
from lkcm.ipd.elements import ELEMENTS
from lkcm.ipd.identifying import identifying_column, identifying_values
from lkcm.ipd.mapping import Column, Map

#: Columns of the log.
LOG = ("row", "element", "column", "was", "is", "because")


class HarmoniseError(ValueError):
    """A file that the map does not fit; ``args`` has one problem each."""


@dataclass(frozen=True)
class Harmonised:
    """A file in common data elements.

    Attributes
    ----------
    frame : DataFrame
        All rows of the file, the elements that the map makes.
    log : DataFrame
        One row a changed cell (`LOG`): row of the file from 1 (empty for a whole column), element,
        column, what it was, what it is, and why. Identifying and dropped columns are named, their
        values never repeated.
    warnings : tuple of Problem
        What does not stop an analysis.
    """

    frame: pd.DataFrame
    log: pd.DataFrame
    warnings: tuple[Problem, ...]


def harmonise(raw: pd.DataFrame, rules: Map, file: str) -> Harmonised:
    """Rename, recode and rescale the columns of a file.

    No row is dropped, and no column but those that the map names under ``drop``.

    Parameters
    ----------
    raw : DataFrame
        As `lkcm.ipd.files.read_table` returns it.
    rules : Map
        The map.
    file : str
        What to call the file.

    Returns
    -------
    Harmonised

    Raises
    ------
    HarmoniseError
        With every problem: columns that the map neither uses nor drops, columns that the file
        lacks, identifying columns that are not dropped, values without a code, scores outside the
        instrument's range.
    """
    problems = _column_problems(raw, rules)
    if problems:
        raise HarmoniseError(*(f"{file}: {text}" for text in problems))
    made, logs = {}, [_dropped(rules)]
    for column in rules.columns:
        values, log, wrong = _make(raw[column.source].reset_index(drop=True), column)
        made[column.element] = values
        logs.append(log)
        problems += wrong
    for element, value in rules.constants.items():
        made[element] = pd.Series([value] * len(raw))
        logs.append(_line(element, "", "", value, "one value for the whole file"))
    if problems:
        raise HarmoniseError(*(f"{file}: {text}" for text in problems))
    order = [element.name for element in ELEMENTS if element.name in made]
    frame, found = check(pd.DataFrame({name: made[name] for name in order}), file)
    if has_errors(found):
        raise HarmoniseError(*(_words(item) for item in found if has_errors([item])))
    log = pd.concat(logs, ignore_index=True).astype({"row": "Int64"})
    return Harmonised(frame[order], log, tuple(found))


def _column_problems(raw: pd.DataFrame, rules: Map) -> list[str]:
    named = {column.source for column in rules.columns}
    listed = [str(name) for name in raw.columns]
    problems = [
        f"column {name} comes twice" for name in sorted({n for n in listed if listed.count(n) > 1})
    ]
    problems += [
        f"there is no column {name}, which the map reads" for name in sorted(named - set(listed))
    ]
    problems += [
        f"there is no column {name}, which the map drops"
        for name in rules.drop
        if name not in listed
    ]
    for name in dict.fromkeys(listed):
        if name in rules.drop:
            continue
        if name not in named:
            problems.append(f"column {name}: neither used nor named under drop")
        elif identifying_column(name):
            problems.append(f"column {name} identifies participants: name it under drop")
        elif listed.count(name) == 1 and (looks := identifying_values(raw[name])):
            problems.append(
                f"column {name}, row {looks[1] + 1}: looks like {looks[0]}: name it under drop"
            )
    return problems


def _make(values: pd.Series, column: Column) -> tuple[pd.Series, pd.DataFrame, list[str]]:
    renamed = _line(column.element, column.source, column.source, column.element, "renamed")
    logs = [renamed] if column.source != column.element else []
    problems: list[str] = []
    if column.recode is not None:
        values, log, problems = _recoded(values, column)
        logs.append(log)
    if column.scale is not None and not problems:
        values, log, problems = _rescaled(values, column)
        logs.append(log)
    log = pd.concat(logs, ignore_index=True) if logs else pd.DataFrame(columns=list(LOG))
    return values, log, problems


def _recoded(values: pd.Series, column: Column) -> tuple[pd.Series, pd.DataFrame, list[str]]:
    written = _as_written(values)
    new = written.map(column.recode)
    unknown = written[written.notna() & ~written.isin(list(column.recode))]
    problems = [
        f"column {column.source}, row {place + 1}: value {value!r} has no code for "
        f"{column.element}; coded: {', '.join(column.recode)}"
        for place, value in unknown.drop_duplicates().items()
    ]
    return new, _cells(column, written, new, "recoded"), problems


def _rescaled(values: pd.Series, column: Column) -> tuple[pd.Series, pd.DataFrame, list[str]]:
    low, high = column.scale
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = (values.notna() & numbers.isna()) | (numbers < low) | (numbers > high)
    problems = [
        f"column {column.source}, row {place + 1}: found {values[place]!r}; allowed: a number "
        f"from {low:g} to {high:g}"
        for place in np.flatnonzero(wrong)
    ]
    new = 100 * (numbers - low) / (high - low)
    new = 100 - new if column.reverse else new
    because = f"range {low:g} to {high:g} brought to 0 to 100" + (", turned" * column.reverse)
    return new, _cells(column, _as_written(values), new, because), problems


def _as_written(values: pd.Series) -> pd.Series:
    """Return values as text; the code 1.0 that SPSS and Stata give is the code 1."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return values.astype("str").str.strip().mask(values.isna())


def _cells(column: Column, old: pd.Series, new: pd.Series, because: str) -> pd.DataFrame:
    text = (
        new.map(lambda v: f"{v:.10g}") if pd.api.types.is_float_dtype(new) else new.astype("str")
    )
    text = text.mask(new.isna())
    changed = np.flatnonzero(old.notna() & (old != text).fillna(True).astype(bool))
    return pd.DataFrame(
        {
            "row": changed + 1,
            "element": column.element,
            "column": column.source,
            "was": old.iloc[changed].to_numpy(),
            "is": text.iloc[changed].to_numpy(),
            "because": because,
        }
    )


def _line(element: str, column: str, was: str, now: str, because: str) -> pd.DataFrame:
    return pd.DataFrame([dict(zip(LOG, (pd.NA, element, column, was, now, because), strict=True))])


def _dropped(rules: Map) -> pd.DataFrame:
    rows = [_line("", name, name, "", "dropped, as the map says") for name in rules.drop]
    return pd.concat(rows) if rows else pd.DataFrame(columns=list(LOG))


def _words(item: Problem) -> str:
    where = f", row {item.row}" if item.row else ""
    found = f": found {item.found}" if item.found else ""
    allowed = f"; allowed: {item.allowed}" if item.allowed else ""
    column = f", column {item.column}" if item.column else ""
    return f"{item.file}{where}{column}{found}{allowed}. {item.mend} [{item.rule}]"
