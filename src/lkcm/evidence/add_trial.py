"""Add one trial and its results at the terminal: ``lkcm add-trial``.

The questions and the allowed answers are those of the schemas. Nothing is written before all is
answered; then the whole folder is checked with the new rows, and all tables are written together:
the trial, its effects and, where the folder has a search, the record that reports it (marked as
included), the vote on it and, for a record that no search has found, a look-up by hand.
"""

import argparse
import datetime
import difflib
import re
import string
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lkcm.evidence.trial_draft import TABLES, Draft, new_contents

if TYPE_CHECKING:
    from lkcm.evidence.problems import Problem
    from lkcm.evidence.questions import Terminal
    from lkcm.evidence.table_text import TableText

#: Cells that most results of a trial share: offered again for the next one.
_REPEATED = (
    "control", "control_class", "comparator_type", "arm_t", "study", "timepoint",
    "followup_weeks", "n_t", "n_c", "effect_scope", "model", "about",
    "locator", "source_url", "extractor",
)  # fmt: skip


class Stopped(Exception):
    """The person does not want anything to be written."""


def add_trial(folder: Path, terminal: "Terminal", today: datetime.date | None = None) -> Draft:
    """Ask for a trial and its results, check them and write them.

    Parameters
    ----------
    folder : Path
        The evidence folder; it must hold ``trials.csv`` and ``effects.csv``.
    terminal : Terminal
        Where to ask.
    today : date, optional
        Day of the look-up by hand.

    Returns
    -------
    Draft
        What was written.

    Raises
    ------
    Stopped
        If the person does not confirm, or an error remains that no answer can mend.
    EOFError, KeyboardInterrupt
        If the answers end before all is asked. In every case nothing has been written.
    OSError, ValueError, BusyFolderError, InterruptedWriteError
        If the tables cannot be read, locked or written; they are then as they were.
    """
    from lkcm.evidence.check import check
    from lkcm.evidence.questions import HELP
    from lkcm.evidence.writing import locked, new_errors, write_together

    tables = _read(folder)
    terminal.say(HELP)
    draft = _ask_trial(terminal, tables)
    if not draft.known:
        draft.adopt = _ask_record(terminal, tables, draft.trial)
    _ask_effects(terminal, tables, draft)
    if draft.known and not draft.effects:
        raise Stopped("there is nothing to write")
    if not terminal.yes(f"Write {draft.summary} to {folder}?", default=True):
        raise Stopped("not confirmed")
    while True:
        with locked(folder):
            # read again: somebody else may have added to the tables meanwhile
            tables = _read(folder)
            contents = new_contents(draft, tables, today or datetime.date.today())
            errors = new_errors(folder, contents, check)
            if not errors:
                write_together(contents)
                return draft
        _mend(terminal, tables, draft, errors)


def _read(folder: Path) -> dict[str, "TableText"]:
    from lkcm.evidence.table_text import read_table

    for name in ("trials", "effects"):
        if not (folder / f"{name}.csv").is_file():
            raise ValueError(f"{folder} has no {name}.csv")
    files = {name: folder / f"{name}.csv" for name in TABLES}
    return {name: read_table(file) for name, file in files.items() if file.is_file()}


def _columns(tables: Mapping[str, "TableText"], name: str) -> list[str]:
    """Columns that a table has and the schemas know, its key first."""
    from lkcm.evidence.schemas import column_metadata

    return [column for column in column_metadata(name) if column in tables[name].columns]


def _ask_trial(terminal: "Terminal", tables: Mapping[str, "TableText"]) -> Draft:
    """Ask which trial it is, and for a new one for all that is known of it."""
    from lkcm.evidence.questions import ask_row

    known = {row["trial_id"]: row for row in tables["trials"].rows}
    question = "\nIdentifier of a trial that is there already [new trial]: "
    while name := terminal.ask(question).strip():
        if name in known:
            return Draft(known[name], known=True)
        close = difflib.get_close_matches(name, known, n=3)
        terminal.say(f"  no trial has this identifier; alike: {', '.join(close) or 'none'}")
    columns = _columns(tables, "trials")
    first = [column for column in ("authors", "year", "title") if column in columns]
    row = ask_row(terminal, "trials", first, {})
    proposed = _proposed_id(row, known)
    while True:
        row = ask_row(terminal, "trials", ["trial_id"], {"trial_id": proposed}, row)
        if row["trial_id"] not in known:
            break
        other = known[row["trial_id"]]
        label = f"{other.get('authors', '')} {other.get('year', '')}".strip()
        terminal.say(f"  there is a trial of this identifier ({label}): choose another")
    rest = [column for column in columns if column not in row]
    return Draft(ask_row(terminal, "trials", rest, {"sample_id": row["trial_id"]}, row))


def _proposed_id(row: Mapping[str, str], known: Mapping[str, object]) -> str:
    """First author and year, or the first words of the title, with a letter when that is taken."""
    words = re.findall(r"[^\W\d_]+", row.get("authors", "") or row.get("title", ""))
    folded = unicodedata.normalize("NFKD", words[0] if words else "").casefold()
    stem = "".join(c for c in folded if c.isalnum()) + row.get("year", "")
    tails = ["", *string.ascii_lowercase]
    return next((stem + tail for tail in tails if stem and stem + tail not in known), "")


def _ask_record(
    terminal: "Terminal", tables: Mapping[str, "TableText"], trial: Mapping[str, str]
) -> str:
    """Return the record that is this report, if the search has found it."""
    from lkcm.evidence.identifiers import identifiers

    if "records" not in tables:
        return ""
    mine = identifiers(*(trial.get(column, "") for column in ("doi", "pmid", "source_url")))
    for row in tables["records"].rows:
        theirs = identifiers(row.get("doi", ""), "", row.get("url", ""))
        if row["decision"] == "included" or not mine & theirs:
            continue
        said = " ".join(filter(None, (row["decision"], row.get("reason"), row.get("trial_id"))))
        terminal.say(f"\n{row['record_id']} ({said}): {row.get('title') or row.get('url')}")
        if terminal.yes("Is this the report, to be marked as included?", default=True):
            return row["record_id"]
    terminal.say("\nA record is added for the report: no search has found it.")
    return ""


def _ask_effects(terminal: "Terminal", tables: Mapping[str, "TableText"], draft: Draft) -> None:
    from lkcm.evidence.questions import ask_row, described
    from lkcm.evidence.table_text import unused_ids

    name = draft.trial["trial_id"]
    there = [row for row in tables["effects"].rows if row["trial_id"] == name]
    terminal.say(f"\n{name} has {len(there)} results.")
    ids = [row["effect_id"] for row in tables["effects"].rows]
    columns = [column for column in _columns(tables, "effects") if column != "trial_id"]
    shared = {"source_url": "source_url", "extractor": "extractors"}
    defaults = {column: draft.trial.get(of_trial, "") for column, of_trial in shared.items()}
    while terminal.yes(f"\nAdd a result of {name}?", default=not draft.effects):
        defaults["effect_id"] = next(unused_ids(ids, f"{name}-", 1))
        row = ask_row(terminal, "effects", columns, defaults, {"trial_id": name})
        defaults |= {column: row[column] for column in _REPEATED if column in row}
        draft.effects.append(row)
        while errors := _between_rows(there, draft):
            for error in errors:
                terminal.say(f"\n{error.row_id}: {described(error)}")
            if not terminal.yes("Correct it? Otherwise this result is left out.", default=True):
                draft.effects.pop()
                break
            _mend(terminal, tables, draft, errors)
        ids += [effect["effect_id"] for effect in draft.effects[-1:]]


def _between_rows(there: Sequence[dict[str, str]], draft: Draft) -> list["Problem"]:
    """Errors of the new results among all results of the trial."""
    from lkcm.evidence.questions import errors_in

    new = {row["effect_id"] for row in draft.effects}
    errors = errors_in({"effects": [*there, *draft.effects]})
    return [problem for problem in errors if problem.row_id in new]


def _mend(
    terminal: "Terminal",
    tables: Mapping[str, "TableText"],
    draft: Draft,
    errors: Sequence["Problem"],
) -> None:
    """Ask again for the cells that an error is in; stop when no answer can mend any."""
    from lkcm.evidence.problems import format_problems
    from lkcm.evidence.questions import ask_row, described

    rows = {("effects.csv", row["effect_id"]): row for row in draft.effects}
    if not draft.known:
        rows["trials.csv", draft.trial["trial_id"]] = draft.trial
    own = [error for error in errors if (error.file, error.row_id) in rows]
    own = [error for error in own if error.column in _columns(tables, error.file[:-4])]
    if not own:
        terminal.say(format_problems(list(errors)))
        raise Stopped("the evidence folder would not pass its checks")
    for error in own:
        row = rows[error.file, error.row_id]
        terminal.say(f"\n{error.row_id}: {described(error)}")
        rest = {column: cell for column, cell in row.items() if column != error.column}
        defaults = {error.column: row.get(error.column, "")}
        row |= ask_row(terminal, error.file[:-4], [error.column], defaults, rest)
    for effect in draft.effects:
        effect["trial_id"] = draft.trial["trial_id"]


def command(args: argparse.Namespace) -> int:
    """Run ``lkcm add-trial``; returns 0, or 2 when nothing was written."""
    from lkcm.evidence.questions import Terminal
    from lkcm.evidence.writing import BusyFolderError, InterruptedWriteError

    try:
        draft = add_trial(args.data, Terminal())
    except (EOFError, KeyboardInterrupt):
        reason = "stopped"
    except (Stopped, OSError, ValueError, BusyFolderError, InterruptedWriteError) as error:
        reason = str(error)
    else:
        print(f"written to {args.data}: {draft.summary}")
        return 0
    print(f"\n{reason}: nothing was written", file=sys.stderr)
    return 2
