"""Check a file of participants against the common data elements."""

from pathlib import Path

import numpy as np
import pandas as pd

from lkcm.evidence.problems import ERROR, WARNING, Problem, printable
from lkcm.ipd.elements import BY_NAME, ELEMENTS, Element
from lkcm.ipd.files import UnreadableFile, read_table
from lkcm.ipd.identifying import identifying_column, identifying_values

#: Every rule: its level, and in one line how to mend what it finds.
RULES: dict[str, tuple[str, str]] = {
    "file-unreadable": (ERROR, "Save it in one of the formats that are read."),
    "column-identifies": (ERROR, "Delete the column; nothing here needs to know who someone is."),
    "value-identifies": (ERROR, "Replace it by a pseudonym or delete the column."),
    "column-duplicate": (ERROR, "Keep one of the columns of this name."),
    "column-missing": (ERROR, "Add the column, or map one to it (lkcm ipd harmonise)."),
    "column-unknown": (WARNING, "No element of this name: nothing reads it. Map or delete it."),
    "cell-empty": (ERROR, "Fill in the cell."),
    "not-a-number": (ERROR, "Write a plain number, or leave the cell empty."),
    "not-in-vocabulary": (ERROR, "Use one of the allowed codes (recode in the map)."),
    "out-of-range": (
        ERROR,
        "Check it against the source; rescale by the map; else leave it empty.",
    ),
    "participant-repeated": (ERROR, "Give each participant of a trial one row."),
    "arm-labels": (ERROR, "Map all labels to the two arms; a third arm is a trial of its own."),
    "arm-single": (ERROR, "Add the other arm; a trial without a control tells no effect."),
    "varies-in-trial": (ERROR, "Give all participants of a trial the same value."),
    "weeks-out-of-order": (ERROR, "Correct the weeks: during before after before follow-up."),
    "week-missing": (WARNING, "Add the week; without it a mediator cannot be placed before it."),
    "never-measured": (WARNING, "A whole trial lacks it: said there, and not imputed within it."),
}
#: Measurements in the order in which they are made.
_TIMES = ("mid", "post", "followup")


def problem(
    rule: str,
    file: str,
    row: int | None = None,
    column: str = "",
    found: str = "",
    allowed: str = "",
) -> Problem:
    """Make the problem of a rule of `RULES`; ``row`` counts participants from 1."""
    level, mend = RULES[rule]
    return Problem(level, rule, file, row, "", column, found, allowed, mend)


def check_file(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """Read and check a file of participants.

    Parameters
    ----------
    path : Path
        CSV, Parquet, SPSS or Stata, columns named as the elements.

    Returns
    -------
    frame : DataFrame
        As `check`; without rows where the file cannot be read.
    problems : list of Problem
        Everything that is wrong; empty if all is well.
    """
    try:
        raw = read_table(path)
    except UnreadableFile as error:
        return pd.DataFrame(), [problem("file-unreadable", Path(path).name, found=str(error))]
    return check(raw, Path(path).name)


def check(raw: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Problem]]:
    """Check a table of participants and give its columns their types.

    Parameters
    ----------
    raw : DataFrame
        As read; columns named as the elements.
    file : str
        What to call it.

    Returns
    -------
    frame : DataFrame
        All elements, in order: numbers as float64, everything else as text; what the table does
        not have is missing. Unknown columns are left out, with a warning each.
    problems : list of Problem
        In order of finding; the values of identifying columns are never repeated.
    """
    problems = _column_problems(raw, file)
    raw = raw.loc[:, ~raw.columns.duplicated()]
    columns = {}
    for element in ELEMENTS:
        if element.name not in raw:
            columns[element.name] = _absent(element, len(raw))
            continue
        columns[element.name], wrong = _typed(raw[element.name], element, file)
        problems += wrong
    frame = pd.DataFrame(columns, index=pd.RangeIndex(len(raw)))
    if not {"column-missing", "column-duplicate"} & {p.rule for p in problems}:
        problems += _row_problems(frame, file)
    return frame, problems


def _column_problems(raw: pd.DataFrame, file: str) -> list[Problem]:
    problems = []
    for name in raw.columns[raw.columns.duplicated()].unique():
        problems.append(problem("column-duplicate", file, column=printable(str(name))))
    for name in dict.fromkeys(raw.columns):
        known = name in BY_NAME
        if not known and identifying_column(name):
            problems.append(problem("column-identifies", file, column=printable(str(name))))
            continue
        values = raw[name] if raw.columns.tolist().count(name) == 1 else raw[name].iloc[:, 0]
        looks = identifying_values(values)
        if looks:
            place = {"row": looks[1] + 1, "column": printable(str(name))}
            found = f"what looks like {looks[0]}"
            problems.append(problem("value-identifies", file, **place, found=found))
        elif not known:
            problems.append(problem("column-unknown", file, column=printable(str(name))))
    for element in ELEMENTS:
        if element.required and element.name not in raw:
            problems.append(problem("column-missing", file, column=element.name))
    return problems


def _absent(element: Element, rows: int) -> pd.Series:
    if element.kind == "number":
        return pd.Series(np.full(rows, np.nan))
    return pd.Series(pd.array([pd.NA] * rows, dtype="str"))


def _typed(values: pd.Series, element: Element, file: str) -> tuple[pd.Series, list[Problem]]:
    values = values.reset_index(drop=True)
    if element.kind == "number":
        return _numbers(values, element, file)
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")  # a code 1.0 of SPSS is the code 1
    text = values.astype("str").str.strip().mask(values.isna())
    text = text.mask(text.eq(""))
    problems = []
    if element.required:
        problems += _cells("cell-empty", file, element, text.isna(), text)
    if element.kind == "coded" and element.name != "arm":
        wrong = text.notna() & ~text.isin(element.values)
        problems += _cells("not-in-vocabulary", file, element, wrong, text)
    return text, problems


def _numbers(values: pd.Series, element: Element, file: str) -> tuple[pd.Series, list[Problem]]:
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    numbers = numbers.mask(np.isinf(numbers))
    written = values.notna() & values.astype("str").str.strip().ne("")
    no_number = written & numbers.isna()
    beyond = numbers.notna() & ~numbers.between(element.low, element.high)
    problems = _cells("not-a-number", file, element, no_number, values)
    return numbers, problems + _cells("out-of-range", file, element, beyond, values)


def _cells(
    rule: str, file: str, element: Element, wrong: pd.Series, values: pd.Series
) -> list[Problem]:
    return [
        problem(
            rule,
            file,
            row=int(place) + 1,
            column=element.name,
            found="nothing"
            if pd.isna(values.iloc[place])
            else printable(str(values.iloc[place]), 40),
            allowed=element.allowed,
        )
        for place in np.flatnonzero(wrong.to_numpy(dtype=bool))
    ]


def _row_problems(frame: pd.DataFrame, file: str) -> list[Problem]:
    twice = frame.duplicated(["trial", "participant"]) & frame["participant"].notna()
    problems = [
        problem(
            "participant-repeated",
            file,
            row=int(place) + 1,
            column="participant",
            found=f"{frame['participant'].iloc[place]} of {frame['trial'].iloc[place]} again",
        )
        for place in np.flatnonzero(twice)
    ]
    for trial, rows in frame.groupby("trial", sort=False):
        problems += _trial_problems(str(trial), rows, file)
    return problems


def _trial_problems(trial: str, rows: pd.DataFrame, file: str) -> list[Problem]:
    problems = _arm_problems(trial, rows, file)
    for element in ELEMENTS:
        found = rows[element.name].dropna().unique()
        if element.one_per_trial and len(found) > 1:
            several = f"trial {trial}: " + ", ".join(printable(str(v), 20) for v in found[:4])
            problems.append(problem("varies-in-trial", file, column=element.name, found=several))
    weeks = rows[[f"week_{time}" for time in _TIMES]].max()
    known = weeks.dropna()
    if (known.diff().dropna() <= 0).any():
        found = f"trial {trial}: {', '.join(f'{name} {week:g}' for name, week in known.items())}"
        problems.append(problem("weeks-out-of-order", file, column="week_mid", found=found))
    for time in _TIMES:
        if rows[f"outcome_{time}"].notna().any() and pd.isna(weeks[f"week_{time}"]):
            where = {"column": f"week_{time}", "found": f"trial {trial}"}
            problems.append(problem("week-missing", file, **where))
    for name in ("outcome_baseline", "age", "gender", "severity"):
        if rows[name].isna().all():
            where = {"column": name, "found": f"trial {trial}"}
            problems.append(problem("never-measured", file, **where))
    return problems


def _arm_problems(trial: str, rows: pd.DataFrame, file: str) -> list[Problem]:
    labels = rows["arm"].dropna().unique().tolist()
    allowed = BY_NAME["arm"].allowed
    told = f"trial {trial}: {', '.join(printable(str(label), 20) for label in labels[:6])}"
    if set(labels) - set(BY_NAME["arm"].values) or len(labels) > 2:
        many = f"{told} ({len(labels)} labels)"
        return [problem("arm-labels", file, column="arm", found=many, allowed=allowed)]
    if len(labels) < 2:
        return [problem("arm-single", file, column="arm", found=told, allowed=allowed)]
    return []
