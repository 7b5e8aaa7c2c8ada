"""A trial and its results that are not written yet, and the tables that they change."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lkcm.evidence.table_text import TableText, unused_ids

#: Tables that a new trial changes, in the order in which data flow.
TABLES = ("queries", "records", "screening", "trials", "effects")


@dataclass
class Draft:
    """Rows that a person has given and that are not written yet.

    Parameters
    ----------
    trial : dict
        The trial; with ``known``, as it is in the table.
    known : bool
        Whether the trial is there already and only effects are added.
    effects : list of dict
        Its new results.
    adopt : str
        Record that is to lead the trial; empty for a new one.
    """

    trial: dict[str, str]
    known: bool = False
    effects: list[dict[str, str]] = field(default_factory=list)
    adopt: str = ""

    @property
    def summary(self) -> str:
        """What is added, in a few words."""
        n = len(self.effects)
        results = f"{n} result{'' if n == 1 else 's'} of {self.trial['trial_id']}"
        return results if self.known else f"the trial and {results}"


def new_contents(
    draft: Draft, tables: Mapping[str, TableText], today: datetime.date
) -> dict[Path, str]:
    """Return the new text of each table that a draft changes.

    Parameters
    ----------
    draft : Draft
        The trial and its results.
    tables : mapping
        Name to text of a table; ``trials`` and ``effects`` must be there.
    today : date
        Day of the look-up by hand.

    Returns
    -------
    dict
        Path to text, for `lkcm.evidence.writing.write_together`.
    """
    added: dict[str, list[dict[str, str]]] = {"effects": draft.effects}
    edited: dict[int, dict[str, str]] = {}
    if not draft.known:
        added["trials"] = [draft.trial]
        if "records" in tables:
            edited = _add_record(draft, tables, added, today)
    contents = {}
    for name in TABLES:
        changes = edited if name == "records" else {}
        if name in tables and (added.get(name) or changes):
            contents[tables[name].path] = tables[name].changed(added.get(name, []), changes)
    return contents


def _add_record(
    draft: Draft,
    tables: Mapping[str, TableText],
    added: dict[str, list[dict[str, str]]],
    today: datetime.date,
) -> dict[int, dict[str, str]]:
    """Add the record that leads the trial, its look-up and its vote; return what is edited."""
    trial, records = draft.trial, tables["records"].rows
    leads = {"decision": "included", "reason": "", "trial_id": trial["trial_id"]}
    place = {row["record_id"]: index for index, row in enumerate(records)}
    edited = {}
    if draft.adopt in place:
        record = {**records[place[draft.adopt]], **leads}
        edited = {place[draft.adopt]: leads}
    else:
        shared = {column: trial.get(column, "") for column in ("title", "year", "doi")}
        record = {"record_id": next(unused_ids(place, "r", 4)), **shared, **leads}
        record |= {"url": trial.get("source_url", ""), "query_id": ""}
        if "queries" in tables:
            taken = [row["query_id"] for row in tables["queries"].rows]
            record["query_id"] = next(unused_ids(taken, "hand-", 3))
            added["queries"] = [_by_hand(record["query_id"], trial, today)]
        added["records"] = [record]
    reader = trial.get("extractors") or "add-trial"
    votes = tables["screening"].rows if "screening" in tables else ()
    if not any((v["record_id"], v["reader"]) == (record["record_id"], reader) for v in votes):
        said = {column: record.get(column, "") for column in ("record_id", "query_id", *leads)}
        added["screening"] = [{"reader": reader, **said}]
    return edited


def _by_hand(query_id: str, trial: Mapping[str, str], today: datetime.date) -> dict[str, str]:
    return {
        "query_id": query_id,
        "corpus": "added by hand",
        "query": f"lkcm add-trial {trial['trial_id']}",
        "date": today.isoformat(),
        "n_results": "1",
    }
