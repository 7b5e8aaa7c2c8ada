"""Import a search export into the records: ``lkcm import FILE --source NAME``.

Each entry of the export is *added* as a record to be screened, *merged* into a record of the same
paper (only cells that are empty there are filled, and only when a DOI, PubMed number or address
says that it is the same), or *left* because its record lacks nothing. The export itself becomes a
row of ``queries.csv``, so that the counts of the flow diagram stay right.

An export's exclusion becomes the record's decision, with a vote in ``screening.csv``, when it
states its reason. An inclusion does not: a record is included by extracting its trial
(``lkcm add-trial``), so it stays ``unscreened`` and is listed.
"""

import argparse
import datetime
import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lkcm.paths import DATA

if TYPE_CHECKING:
    from lkcm.evidence.duplicates import Match
    from lkcm.evidence.import_plan import Plan
    from lkcm.evidence.problems import Problem
    from lkcm.evidence.table_text import TableText

#: Tables that an import reads; all but the first may be absent.
_TABLES = ("records", "queries", "screening", "trials")


def import_export(
    path: Path,
    source: str,
    folder: Path = DATA,
    *,
    dry_run: bool = False,
    today: datetime.date | None = None,
) -> tuple["Plan | None", list["Problem"]]:
    """Import a search export into an evidence folder: all of it, or nothing.

    Parameters
    ----------
    path : Path
        The export: RIS, PubMed NBIB, BibTeX or CSV, recognised by content.
    source : str
        Where the search was made (``PubMed``, ``Rayyan`` …).
    folder : Path
        The evidence folder.
    dry_run : bool
        Whether to write nothing.
    today : date, optional
        Day of the look-up.

    Returns
    -------
    Plan or None
        What was done, or would be; None when there are errors and nothing was written.
    list of Problem
        Problems of the export, and errors that the tables would gain.

    Raises
    ------
    OSError, BusyFolderError, InterruptedWriteError
        If the tables cannot be read, locked or written; they are then as they were.
    """
    from lkcm.evidence.check import check
    from lkcm.evidence.exports import read_export
    from lkcm.evidence.import_plan import plan_import
    from lkcm.evidence.problems import ERROR, has_errors, problem
    from lkcm.evidence.table_text import read_table
    from lkcm.evidence.writing import locked, new_errors, write_together

    export = read_export(path)
    problems = list(export.problems)
    if not (folder / "records.csv").is_file():
        problems.append(problem("table-missing", "records.csv", found="nothing", allowed="a file"))
    if has_errors(problems):
        return None, problems
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    with locked(folder):
        files = {name: folder / f"{name}.csv" for name in _TABLES}
        try:
            tables = {name: read_table(file) for name, file in files.items() if file.is_file()}
        except ValueError:
            return None, [*problems, *(p for p in check(folder) if p.level == ERROR)]
        plan = plan_import(export, tables, source, digest, today)
        if not plan.changes:
            return plan, problems
        contents = _contents(plan, tables)
        errors = new_errors(folder, contents, check)
        if errors:
            return None, [*problems, *errors]
        if not dry_run:
            write_together(contents)
    return plan, problems


def _contents(plan: "Plan", tables: Mapping[str, "TableText"]) -> dict[Path, str]:
    contents = {}
    for name, rows in plan.rows.items():
        filled = plan.filled if name == "records" else {}
        if rows or filled:
            contents[tables[name].path] = tables[name].changed(rows, filled)
    return contents


def report(plan: "Plan") -> str:
    """Return what an import did: counts, then a line for each entry.

    Parameters
    ----------
    plan : Plan
        As `import_export` returns it.

    Returns
    -------
    str
        Text for a terminal.
    """
    n = len(plan.export.entries)
    lines = [f"{plan.export.path.name}: {plan.export.format}, {n} entr{'y' if n == 1 else 'ies'}"]
    for name, meaning in (
        ("added", "new records"),
        ("merged", "known; cells that were empty were filled"),
        ("left", "known; nothing to add"),
    ):
        matches = getattr(plan, name)
        lines.append(f"{name}: {len(matches)} ({meaning})")
        lines += [f"  {_line(plan, match)}" for match in matches]
    return "\n".join(lines)


def _line(plan: "Plan", match: "Match") -> str:
    from lkcm.evidence.problems import printable

    entry = match.entry
    name = f"entry {entry.number}"
    said = [f"{name} -> {plan.record_ids[name]}"]
    said.append(printable(entry.title or entry.doi, 70))
    if match.same_as:
        said.append(f"same {match.why}" if match.why != "bib-dedupe" else "alike by bib-dedupe")
    if plan.gains.get(name):
        said.append(f"filled {', '.join(plan.gains[name])}")
    if match.perhaps:
        alike = [plan.record_ids.get(name, name) for name in match.perhaps[:5]]
        said.append(f"compare with {', '.join(alike)}: title alike, identifiers or years differ")
    if entry.vote == "included":
        said.append("included in the export: add its trial with lkcm add-trial")
    elif entry.vote == "excluded":
        said.append(f"excluded in the export: {entry.reason or 'no reason stated'}")
    return " | ".join(said)


def command(args: argparse.Namespace) -> int:
    """Run ``lkcm import``; returns 0, or 2 when nothing could be imported."""
    from lkcm.evidence.problems import format_problems
    from lkcm.evidence.writing import BusyFolderError, InterruptedWriteError

    source = args.source.strip()
    if not source or not source.isprintable() or len(source) > 60:
        print(f"--source: found {source!r}, allowed: 1 to 60 characters", file=sys.stderr)
        return 2
    try:
        plan, problems = import_export(args.file, source, args.data, dry_run=args.dry_run)
    except (OSError, BusyFolderError, InterruptedWriteError) as error:
        print(f"{error}\nnothing was imported", file=sys.stderr)
        return 2
    if problems:
        print(format_problems(problems), file=sys.stderr)
    if plan is None:
        print("nothing was imported", file=sys.stderr)
        return 2
    print(report(plan))
    if not plan.changes:
        print(f"nothing to do: imported before as {plan.query_id or 'the same records'}")
    elif args.dry_run:
        print("dry run: nothing was written")
    else:
        print(f"written to {args.data}" + (f" as {plan.query_id}" if plan.query_id else ""))
    return 0
