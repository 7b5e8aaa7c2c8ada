"""Questions at a terminal, one a column, taken from the schema of a table.

What a column is, what it may hold and how an answer is checked all come from the schemas and the
rules of `lkcm check`: an answer that would be an error there is asked for again.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lkcm.evidence.problems import ERROR, Problem, printable
from lkcm.evidence.reading import RawTable
from lkcm.evidence.rules import cross_field_problems
from lkcm.evidence.schemas import TABLES
from lkcm.evidence.typed import describe_allowed, type_table

BACK, EMPTY = "<", "!"
HELP = (
    f"Enter takes the value in brackets, {EMPTY} leaves the cell empty, {BACK} goes back one "
    "question, Ctrl-C stops and writes nothing."
)

#: Columns of figures that are only asked for when the source prints such figures: question,
#: pattern of the columns.
FIGURES = {
    "Does the source print means or SDs after the intervention?": r"(mean|sd)_[tc]",
    "Does it print means or SDs before the intervention?": r"(mean|sd)_pre_[tc]",
    "Does it print means or SDs of change?": r"(mean|sd)_change_[tc]",
    "Does it print numbers of people with an event?": r"events_[tc]",
}
#: Columns that an earlier answer makes pointless: column, earlier column, answers that do.
POINTLESS = {
    "followup_weeks": ("timepoint", {"", "post"}),
    "stat_value": ("stat_kind", {"", "p", "text"}),
    "ci_low": ("stat_kind", {"", "p", "text", "F", "eta2"}),
    "ci_high": ("ci_low", {""}),
    "ci_level": ("ci_low", {""}),
    "df1": ("stat_kind", {"", "p", "text", "d", "g", "smd", "t", "md", "beta", "or", "rr", "hr"}),
    "df2": ("stat_kind", {"", "p", "text", "d", "g", "smd", "md", "beta", "or", "rr", "hr"}),
}


@dataclass(frozen=True)
class Terminal:
    """Where questions are asked.

    Parameters
    ----------
    ask : callable
        Prompt to answer; raises EOFError at the end of input.
    say : callable
        Takes a text to show.
    """

    ask: Callable[[str], str] = input
    say: Callable[[str], None] = print

    def yes(self, question: str, default: bool) -> bool:
        """Ask a question that is answered by yes or no."""
        while True:
            answer = self.ask(f"{question} [{'yes' if default else 'no'}] ").strip().lower()
            if answer in ("", "y", "yes", "n", "no"):
                return answer in ("y", "yes") if answer else default
            self.say("  yes or no")


def raw_table(name: str, rows: Sequence[Mapping[str, str]]) -> RawTable:
    """Return rows as the table of text cells that the checks take.

    Parameters
    ----------
    name : str
        The table.
    rows : sequence of mappings
        Column to answer; a column that no row has is absent.
    """
    columns = list(dict.fromkeys(column for row in rows for column in row))
    cells = {c: pd.Series([row.get(c, "") for row in rows], dtype="str") for c in columns}
    return RawTable(name, pd.DataFrame(cells), list(range(2, len(rows) + 2)))


def errors_in(tables: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Problem]:
    """Return the errors of the given rows, each taken by itself and between the tables.

    Parameters
    ----------
    tables : mapping
        Name of a table to its rows.

    Returns
    -------
    list of Problem
        Errors, in the order of the tables.
    """
    typed = {name: type_table(raw_table(name, rows)) for name, rows in tables.items() if rows}
    problems = [problem for table in typed.values() for problem in table.problems]
    problems += cross_field_problems(typed)
    return [problem for problem in problems if problem.level == ERROR]


def ask_row(
    terminal: Terminal,
    table: str,
    columns: Sequence[str],
    defaults: Mapping[str, str],
    row: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Ask for the cells of a row, one after the other.

    Parameters
    ----------
    terminal : Terminal
        Where to ask.
    table : str
        Name of the table.
    columns : sequence of str
        Columns to ask for, in order.
    defaults : mapping
        Column to the value that Enter takes; for the others what an empty cell means, if
        anything (``not-stated``, say).
    row : mapping, optional
        Cells that are known already.

    Returns
    -------
    dict
        Column to cell: those given and those asked for.
    """
    row = dict(row or {})
    asked: list[str] = []
    todo = list(columns)
    position = 0
    while position < len(todo):
        column = todo[position]
        if _pointless(terminal, column, row):
            row[column] = ""
            position += 1
            continue
        answer = _ask_cell(terminal, table, column, defaults.get(column), row)
        if answer is None:
            if asked:
                position = todo.index(asked.pop())
            for later in todo[position:]:
                row.pop(later, None)
            for question in FIGURES:
                row.pop(question, None)
            continue
        row[column] = answer
        asked.append(column)
        position += 1
    return {column: cell for column, cell in row.items() if column not in FIGURES}


def _pointless(terminal: Terminal, column: str, row: dict[str, str]) -> bool:
    """Whether a column need not be asked for; asks once for each group of figures."""
    if column in POINTLESS:
        earlier, answers = POINTLESS[column]
        return row.get(earlier, "") in answers
    for question, pattern in FIGURES.items():
        if re.fullmatch(pattern, column):
            if question not in row:
                row[question] = "yes" if terminal.yes(question, default=False) else "no"
            return row[question] == "no"
    return False


def _ask_cell(
    terminal: Terminal, table: str, column: str, default: str | None, row: Mapping[str, str]
) -> str | None:
    """Ask for one cell until the answer is allowed; None goes back one question."""
    schema = TABLES[table].to_schema().columns[column]
    meanings = schema.metadata.get("meanings") or {}
    if default is None:
        # never what an absent column is read as: a person has to say that
        default = schema.metadata.get("empty") or ""
    for line in _described(schema, meanings):
        terminal.say(line)
    while True:
        answer = " ".join(terminal.ask(f"{column} [{printable(default)}]: ").split())
        if answer == BACK:
            return None
        cell = default if not answer else "" if answer == EMPTY else answer
        if answer.isdecimal() and 1 <= int(answer) <= len(meanings):
            cell = list(meanings)[int(answer) - 1]
        if not cell.isprintable():
            terminal.say(f"  {printable(cell)!r} has characters that cannot be seen")
            continue
        # nothing is wrong with saying nothing where that is allowed
        wrong = [] if not cell and schema.nullable else _new_errors(table, row, column, cell)
        if not wrong:
            return cell
        for problem in wrong:
            terminal.say(f"  {described(problem)}")


def _described(schema, meanings: Mapping[str, str]) -> Iterator[str]:
    """Lines that say what a column is and what it may hold."""
    unit = schema.metadata.get("unit")
    yield f"\n{schema.title}{f' ({unit})' if unit else ''}: {schema.description}"
    for number, (value, meaning) in enumerate(meanings.items(), 1):
        yield f"  {number:>2}  {value}: {meaning}"
    allowed = describe_allowed(schema)
    if not meanings and allowed not in ("any text", "a number"):
        yield f"  {allowed}"


def _new_errors(table: str, row: Mapping[str, str], column: str, cell: str) -> list[Problem]:
    """Errors that a cell brings into a row."""
    errors = _own_errors(table, {**row, column: cell})
    if any(problem.column != column for problem in errors):
        before = {(p.rule, p.column) for p in _own_errors(table, row)}
        errors = [p for p in errors if p.column == column or (p.rule, p.column) not in before]
    return errors


def _own_errors(table: str, row: Mapping[str, str]) -> list[Problem]:
    """Errors of a row that is not complete yet, whatever the other rows are."""
    cells = {column: cell for column, cell in row.items() if column not in FIGURES}
    if not cells:
        return []
    return [p for p in errors_in({table: [cells]}) if p.rule != "reference-unknown"]


def described(problem: Problem) -> str:
    """Return a problem in one line: where, what was found, what is allowed, how to mend it.

    Parameters
    ----------
    problem : Problem
        The problem.
    """
    parts = [problem.column, f"found {printable(problem.found) or 'nothing'}"]
    if problem.allowed:
        parts.append(f"allowed: {problem.allowed}")
    return ", ".join(filter(None, parts)) + f". {problem.mend}"
