"""What can be wrong with an evidence folder, and how to mend it."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass

ERROR, WARNING = "error", "warning"

#: Every rule: its level, and in one line how to mend what it finds.
RULES: dict[str, tuple[str, str]] = {
    # files
    "folder-missing": (ERROR, "Name a folder that holds trials.csv and effects.csv."),
    "table-missing": (ERROR, "Add the file; the data dictionary lists its columns."),
    "file-unreadable": (ERROR, "Replace it by a plain CSV file that may be read."),
    "file-empty": (ERROR, "Add a header row, or delete the file."),
    "file-encoding": (ERROR, "Save the file as UTF-8."),
    "file-delimiter": (ERROR, "Save the file with commas between the cells."),
    "file-syntax": (ERROR, 'Close the quote, double a quote inside a quoted cell (""), split it.'),
    "file-unknown": (WARNING, "Rename or remove it; no chapter reads it."),
    "row-ragged": (ERROR, "Give the row as many cells as the header; quote cells with commas."),
    "control-character": (ERROR, "Delete the invisible character."),
    # columns
    "column-duplicate": (ERROR, "Keep one of the columns of this name."),
    "column-unnamed": (ERROR, "Name the column or delete it."),
    "column-missing": (ERROR, "Add the column."),
    "column-misspelt": (ERROR, "Correct the name in the header row."),
    "column-unknown": (WARNING, "Correct or remove it; it is kept as text and not checked."),
    # cells
    "cell-empty": (ERROR, "Fill in the cell."),
    "not-a-number": (ERROR, "Write a plain number such as 0.45, or leave the cell empty."),
    "not-whole": (ERROR, "Write a whole number, or leave the cell empty."),
    "not-in-vocabulary": (ERROR, "Use one of the allowed values; case counts."),
    "out-of-range": (ERROR, "Check the figure against its source."),
    "malformed": (ERROR, "Write it in the allowed form."),
    # rows
    "key-repeated": (ERROR, "Delete the second row or give it an identifier of its own."),
    "reference-unknown": (ERROR, "Correct the identifier, or add the row that it names."),
    "record-without-trial": (ERROR, "Name the trial that the record reports."),
    "record-without-reason": (WARNING, "Give the reason of the exclusion."),
    "trial-without-record": (ERROR, "Mark exactly one record of the trial as included."),
    "trial-included-twice": (ERROR, "Mark all but one record as duplicate-report."),
    "trial-unlabelled": (WARNING, "Give authors or a title; it is labelled by its identifier."),
    "ci-reversed": (ERROR, "Exchange the limits, or check them against the source."),
    "events-above-n": (ERROR, "Check events and n against the source."),
    "statistic-impossible": (ERROR, "Check the figure and its kind against the source."),
    "sign-conflict": (ERROR, "Correct sign, higher_is_better or the means."),
    "contrast-twice": (ERROR, "Delete one row, or name the other in its same_result_as."),
    "same-result-self": (ERROR, "Name the row that prints the same result first."),
    "same-result-cycle": (ERROR, "Leave same_result_as empty in one row of the circle."),
    # rows that cannot be converted as they stand
    "contrast-unclear": (WARNING, "Tell the rows apart by instrument, arm_t, study or time."),
    "ci-one-sided": (WARNING, "Add the other limit, if the source gives it."),
    "statistic-outside-ci": (WARNING, "Check that the interval belongs to the statistic."),
    "mean-without-sd": (WARNING, "Add the SD, if the source gives it."),
    "mean-one-arm": (WARNING, "Add the mean of the other arm, if the source gives it."),
    "sd-zero": (WARNING, "Check the SD; no effect size can be computed with it."),
    "statistic-without-value": (WARNING, "Add the value, or use the kind p or text."),
    "value-without-statistic": (WARNING, "Say in stat_kind what the value is."),
    "statistic-without-n": (WARNING, "Add n_t and n_c, or n_randomised of a two-arm trial."),
    "statistic-without-df": (WARNING, "Add df1: only a test with df1 = 1 can be converted."),
    "events-without-n": (WARNING, "Add the size of the arm, if the source gives it."),
    # corrections
    "correction-table": (ERROR, "Name one of the tables."),
    "correction-row": (ERROR, "Name a row of the table by its key, key columns joined by /."),
    "correction-column": (ERROR, "Name a column of the table."),
    "correction-old": (ERROR, "Copy the present cell to old, or delete the correction."),
}

#: Rows of one file, column and rule that are listed one by one in text; JSON lists all.
LISTED = 20
_WIDTH = {"found": 40, "allowed": 56}
_HEADINGS = ("", "file", "row", "id", "column", "found", "allowed", "how to mend")


@dataclass(frozen=True)
class Problem:
    """Something wrong in an evidence folder.

    Attributes
    ----------
    level : str
        `error` stops a build, `warning` does not.
    rule : str
        Identifier of the rule, a key of `RULES`.
    file : str
        Name of the file.
    row : int or None
        Line of the file as an editor counts it, from 1; None for the whole file.
    row_id : str
        Key of the row, key columns joined by "/"; empty for the whole file.
    column : str
        Name of the column; empty for the whole row.
    found, allowed, mend : str
        What is there, what may be there, and how to mend it.
    """

    level: str
    rule: str
    file: str
    row: int | None
    row_id: str
    column: str
    found: str
    allowed: str
    mend: str


def problem(
    rule: str,
    file: str,
    row: int | None = None,
    row_id: str = "",
    column: str = "",
    found: str = "",
    allowed: str = "",
) -> Problem:
    """Make the problem of a rule, with the rule's level and way to mend it."""
    level, mend = RULES[rule]
    return Problem(level, rule, file, row, row_id, column, found, allowed, mend)


def printable(text: str, width: int | None = None) -> str:
    """Put text on one line, control and format characters escaped, cut to `width` characters."""
    if width is not None and len(text) > width:
        text = text[: width - 1] + "…"
    return "".join(
        c if unicodedata.category(c)[0] not in "CZ" or c == " " else ascii(c)[1:-1] for c in text
    )


def format_problems(problems: Sequence[Problem]) -> str:
    """Write problems as a plain-text table; more than `LISTED` alike are counted, not listed.

    Parameters
    ----------
    problems : sequence of Problem
        As :func:`lkcm.evidence.check` returns them.

    Returns
    -------
    str
        A heading line and one line a problem; an empty string without problems.
    """
    if not problems:
        return ""
    rows, alike = [], {}
    for item in problems:
        kind = (item.rule, item.file, item.column)
        alike[kind] = alike.get(kind, 0) + 1
        if alike[kind] <= LISTED:
            rows.append(_cells(item))
    widths = [max(len(row[i]) for row in [_HEADINGS, *rows]) for i in range(len(_HEADINGS))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
        for row in [_HEADINGS, *rows]
    ]
    lines += [
        f"… and {count - LISTED} more of {rule} in {printable(file)} {printable(column)}".rstrip()
        for (rule, file, column), count in alike.items()
        if count > LISTED
    ]
    return "\n".join(lines)


def _cells(item: Problem) -> tuple[str, ...]:
    """Write the cells of one line of the table."""
    return (
        item.level,
        printable(item.file, 40),
        "" if item.row is None else str(item.row),
        printable(item.row_id, 28),
        printable(item.column, 28),
        printable(item.found, _WIDTH["found"]),
        printable(item.allowed, _WIDTH["allowed"]),
        f"{item.mend} [{item.rule}]",
    )


def to_json(problems: Sequence[Problem]) -> str:
    """Write every problem, whole, as a JSON array of objects with the fields of `Problem`."""
    return json.dumps([asdict(item) for item in problems], indent=1)


def has_errors(problems: Sequence[Problem]) -> bool:
    """Tell whether a problem stops a build."""
    return any(item.level == ERROR for item in problems)
