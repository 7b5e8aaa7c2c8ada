"""What an import of a search export does to the tables, worked out before anything is written."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from lkcm.evidence.duplicates import Match, find_duplicates
from lkcm.evidence.exports import Entry, Export
from lkcm.evidence.table_text import TableText, unused_ids

#: Decision on a record that nobody has judged.
UNSCREENED = "unscreened"


@dataclass(frozen=True)
class Plan:
    """What an import does.

    Parameters
    ----------
    export : Export
        The export.
    query_id : str
        Identifier of the import in ``queries.csv``; empty without that table.
    record_ids : dict
        ``entry n`` to the record that it became or is the same as.
    rows : dict
        Name of a table to its new rows.
    filled : dict
        Index of an old record to its row with the cells that are filled in it.
    gains : dict
        ``entry n`` to the columns that it fills.
    added, merged, left : tuple of Match
        Entries by what becomes of them.
    """

    export: Export
    query_id: str
    record_ids: dict[str, str]
    rows: dict[str, list[dict[str, str]]]
    filled: dict[int, dict[str, str]]
    gains: dict[str, tuple[str, ...]]
    added: tuple[Match, ...]
    merged: tuple[Match, ...]
    left: tuple[Match, ...]

    @property
    def changes(self) -> bool:
        """Whether any table changes."""
        return bool(self.filled or any(self.rows.values()))


def plan_import(
    export: Export,
    tables: Mapping[str, TableText],
    source: str,
    digest: str,
    today: datetime.date | None = None,
) -> Plan:
    """Work out what an import does, without doing it.

    Parameters
    ----------
    export : Export
        The export, without errors.
    tables : mapping
        Name to text of a table; ``records`` must be there, ``queries``, ``screening`` and
        ``trials`` may be.
    source : str
        Where the search was made.
    digest : str
        Start of the SHA-256 of the export: the same file from the same source is one look-up.
    today : date, optional
        Day of the look-up.

    Returns
    -------
    Plan
        The new rows and filled cells.
    """
    records = tables["records"]
    trials = {row["trial_id"]: row for row in tables["trials"].rows} if "trials" in tables else {}
    place = {row["record_id"]: index for index, row in enumerate(records.rows)}
    ids = unused_ids(place, "r", 4)
    record_ids: dict[str, str] = {}
    filled: dict[int, dict[str, str]] = {}
    gains: dict[str, tuple[str, ...]] = {}
    fates: dict[str, list[Match]] = {"added": [], "merged": [], "left": []}
    for match in find_duplicates(export.entries, records.rows, trials):
        name = f"entry {match.entry.number}"
        same_as = record_ids.get(match.same_as, match.same_as)
        record_ids[name] = same_as or next(ids)
        if match.certain and same_as in place:
            row = filled.setdefault(place[same_as], dict(records.rows[place[same_as]]))
            gain = _gain(row, match.entry)
            row |= gain
            gains[name] = tuple(gain)
        fates["merged" if gains.get(name) else "left" if same_as else "added"].append(match)
    query_id, rows = _query(export, tables, source, digest, today or datetime.date.today())
    rows["records"] = [
        _record(record_ids[f"entry {match.entry.number}"], query_id, match.entry)
        for match in fates["added"]
    ]
    if "screening" in tables:
        rows["screening"] = [_vote(row, source) for row in rows["records"] if row["reason"]]
    filled = {index: row for index, row in filled.items() if row != records.rows[index]}
    lists = {fate: tuple(matches) for fate, matches in fates.items()}
    return Plan(export, query_id, record_ids, rows, filled, gains, **lists)


def _query(
    export: Export,
    tables: Mapping[str, TableText],
    source: str,
    digest: str,
    today: datetime.date,
) -> tuple[str, dict[str, list[dict[str, str]]]]:
    """Return the look-up that stands for the import, and its row unless it is there already."""
    if "queries" not in tables:
        return "", {}
    mark = f"(sha256 {digest})"
    rows = tables["queries"].rows
    for row in rows:
        if row.get("corpus") == source and row.get("query", "").endswith(mark):
            return row["query_id"], {}
    query_id = next(unused_ids((row["query_id"] for row in rows), "import-", 3))
    row = {
        "query_id": query_id,
        "corpus": source,
        "query": f"{export.path.name} {mark}",
        "date": today.isoformat(),
        "n_results": str(len(export.entries)),
    }
    return query_id, {"queries": [row]}


def _record(record_id: str, query_id: str, entry: Entry) -> dict[str, str]:
    url = entry.url
    if not url and entry.pmid:
        url = f"https://pubmed.ncbi.nlm.nih.gov/{entry.pmid}/"
    elif not url and entry.doi:
        url = f"https://doi.org/{entry.doi}"
    return {
        "record_id": record_id,
        "query_id": query_id,
        "url": url,
        "title": entry.title,
        "year": entry.year,
        "doi": entry.doi,
        "decision": "excluded" if entry.reason else UNSCREENED,
        "reason": entry.reason,
    }


def _vote(record: Mapping[str, str], source: str) -> dict[str, str]:
    shared = ("record_id", "query_id", "decision", "reason")
    return {"reader": source, **{column: record[column] for column in shared}}


def _gain(record: Mapping[str, str], entry: Entry) -> dict[str, str]:
    """Return the cells that are empty in a record and that the entry of the same paper has."""
    said = {"title": entry.title, "year": entry.year, "doi": entry.doi}
    return {column: cell for column, cell in said.items() if cell and record.get(column) == ""}
