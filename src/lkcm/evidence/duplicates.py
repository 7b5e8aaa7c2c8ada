"""Which entries of a search export are in the records already, or twice in the export.

Certain duplicates share a DOI, a PubMed number or an address. The others are found by bib-dedupe
(Wagner 2024, BibDedupe, Journal of Open Source Software 9, 6318), whose rules need an author or a
journal on both sides: for the records these are known only where they lead a trial. A record
without them is a duplicate when it bears the same title and nothing contradicts.
"""

import re
import unicodedata
import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
from rapidfuzz import fuzz, process

from lkcm.evidence.exports import Entry
from lkcm.evidence.identifiers import identifiers

#: Titles at least this long (UTF-8 bytes: some five English words, ten Chinese characters) tell
#: one paper from another; shorter ones ("Editorial") do not.
TITLE_BYTES = 30
#: Similarity, per cent, from which a title is close enough to be shown to a person.
CLOSE = 92
#: Similarity, per cent, below which bib-dedupe is not asked: it would compare all with all.
WORTH_ASKING = 60
#: Which of several matching records an entry is merged with.
_PREFERENCE = ("included", "duplicate-report", "unscreened", "excluded")


@dataclass(frozen=True)
class Known:
    """What is known of a record or entry that duplicates are sought by.

    Parameters
    ----------
    name : str
        The record's id, or ``entry 3``.
    title, authors, year, journal, volume, issue, pages : str
        Empty where unknown.
    keys : frozenset of str
        What `identifiers` returns.
    rank : int
        Lower is preferred when several match; an earlier entry has a lower rank.
    other_title : str
        Another title of the same paper.
    final : bool
        Whether the same title alone suffices: not for a record of a protocol, whose results may
        bear its title.
    """

    name: str
    title: str
    authors: str
    year: str
    journal: str
    keys: frozenset[str]
    rank: int
    volume: str = ""
    issue: str = ""
    pages: str = ""
    other_title: str = ""
    final: bool = True


@dataclass(frozen=True)
class Match:
    """What an entry turned out to be.

    Parameters
    ----------
    entry : Entry
        The entry.
    same_as : str
        Record id or ``entry n`` of the same paper; empty when the entry is new.
    why : str
        ``DOI``, ``PubMed number``, ``address``, ``bib-dedupe`` or ``title``; empty when new.
    certain : bool
        Whether it was told by an identifier.
    perhaps : tuple of str
        For a new entry, records or entries that a person should compare it with.
    """

    entry: Entry
    same_as: str = ""
    why: str = ""
    certain: bool = False
    perhaps: tuple[str, ...] = ()


def find_duplicates(
    entries: Sequence[Entry],
    records: Sequence[Mapping[str, str]],
    trials: Mapping[str, Mapping[str, str]] | None = None,
) -> list[Match]:
    """Tell the new entries of an export from those that are there already.

    Parameters
    ----------
    entries : sequence of Entry
        Entries of the export.
    records : sequence of mappings
        Rows of ``records.csv``, column to text.
    trials : mapping, optional
        Rows of ``trials.csv`` by ``trial_id``: title, authors, journal, DOI and PubMed number
        complete the record that leads the trial.

    Returns
    -------
    list of Match
        One an entry, in order. An entry that repeats an earlier one is the same as that, or as
        the record that the earlier one is the same as.
    """
    old = [_of_record(record, trials or {}) for record in records]
    new = [_of_entry(entry) for entry in entries]
    same, close = _similar(old, new)
    index: dict[str, list[Known]] = {}
    for item in old:
        _put(index, item)
    matches, resolved = [], {}
    for entry, item in zip(entries, new, strict=True):
        match = _match(entry, item, index, same[item.name], close[item.name])
        if match.same_as:
            match = replace(match, same_as=resolved.get(match.same_as, match.same_as))
            resolved[item.name] = match.same_as
        matches.append(match)
        _put(index, item)
    return matches


def _match(
    entry: Entry,
    item: Known,
    index: Mapping[str, list[Known]],
    same: Sequence[Known],
    close: Sequence[Known],
) -> Match:
    """Return what one entry is; identifiers decide before bib-dedupe, and that before titles."""
    for kind, why in (("doi:", "DOI"), ("pmid:", "PubMed number"), ("url:", "address")):
        found = [o for key in item.keys if key.startswith(kind) for o in index.get(key, ())]
        if found:
            return Match(entry, _preferred(found), why, certain=True)
    earlier = [other for other in same if other.rank < item.rank]
    agreed = [other for other in earlier if not _contradicts(item, other)]
    if agreed:
        return Match(entry, _preferred(agreed), "bib-dedupe")
    titled = index.get(_title_key(item.title), [])
    agreed = [other for other in titled if other.final and not _contradicts(item, other)]
    if agreed:
        return Match(entry, _preferred(agreed), "title")
    perhaps = [*titled, *earlier, *(other for other in close if other.rank < item.rank)]
    return Match(entry, perhaps=tuple(dict.fromkeys(other.name for other in perhaps)))


def _preferred(found: Sequence[Known]) -> str:
    return min(found, key=lambda item: item.rank).name


def _contradicts(one: Known, other: Known) -> bool:
    """Whether two papers have different identifiers or years more than one apart."""
    for kind in ("doi:", "pmid:"):
        mine, theirs = ({k for k in item.keys if k.startswith(kind)} for item in (one, other))
        if mine and theirs and not mine & theirs:
            return True
    years = [int(item.year) for item in (one, other) if item.year.isdecimal()]
    return len(years) == 2 and abs(years[0] - years[1]) > 1


def _put(index: dict[str, list[Known]], item: Known) -> None:
    for key in {*item.keys, _title_key(item.title), _title_key(item.other_title)} - {""}:
        index.setdefault(key, []).append(item)


def _title_key(title: str) -> str:
    """Return a title that can be compared, or an empty string when it is too short to tell."""
    plain = _plain(title)
    return f"title:{plain}" if len(plain.encode()) >= TITLE_BYTES else ""


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", " ", folded).strip()


def _of_record(record: Mapping[str, str], trials: Mapping[str, Mapping[str, str]]) -> Known:
    decision = record.get("decision", "")
    leads = decision == "included"
    trial = trials.get(record.get("trial_id", ""), {}) if leads else {}
    doi = record.get("doi", "") or trial.get("doi", "")
    return Known(
        name=record["record_id"],
        title=trial.get("title", "") or record.get("title", ""),
        other_title=record.get("title", ""),  # often shortened by the reader
        authors=trial.get("authors", ""),
        year=record.get("year", ""),
        journal=trial.get("journal", ""),
        keys=identifiers(doi, trial.get("pmid", ""), record.get("url", "")),
        rank=_PREFERENCE.index(decision) if decision in _PREFERENCE else len(_PREFERENCE),
        final=record.get("reason", "") != "protocol-only",
    )


def _of_entry(entry: Entry) -> Known:
    return Known(
        name=f"entry {entry.number}",
        title=entry.title,
        authors=entry.authors,
        year=entry.year,
        journal=entry.journal,
        volume=entry.volume,
        issue=entry.issue,
        pages=entry.pages,
        keys=identifiers(entry.doi, entry.pmid, entry.url),
        rank=len(_PREFERENCE) + entry.number,
    )


def _similar(
    old: Sequence[Known], new: Sequence[Known]
) -> tuple[Mapping[str, list[Known]], Mapping[str, list[Known]]]:
    """Return what bib-dedupe holds each entry to be the same as, and what has a like title."""
    same, close = defaultdict(list), defaultdict(list)
    titled = [item for item in new if item.title]
    others = [item for item in [*old, *titled] if item.title]
    if not titled or len(others) < 2:
        return same, close
    titles = [[_plain(item.title) for item in items] for items in (titled, others)]
    alike = process.cdist(*titles, scorer=fuzz.ratio, score_cutoff=WORTH_ASKING, dtype="uint8")
    for row, column in zip(*(alike >= CLOSE).nonzero(), strict=True):
        if others[column] is not titled[row]:
            close[titled[row].name].append(others[column])
    worth_asking = [item for item, score in zip(others, alike.max(axis=0), strict=True) if score]
    known = {item.name: item for item in worth_asking}
    for one, other in _pairs_of_bib_dedupe(worth_asking):
        same[one].append(known[other])
        same[other].append(known[one])
    return same, close


def _pairs_of_bib_dedupe(items: Sequence[Known]) -> list[tuple[str, str]]:
    """Return the names of each two papers that bib-dedupe holds to be the same."""
    if not any(item.authors for item in items):
        return []  # its preparation fails when no paper has an author
    frame = pd.DataFrame(
        {
            "ID": [item.name for item in items],
            "ENTRYTYPE": "article",
            "title": [item.title for item in items],
            "author": [item.authors for item in items],
            "year": [item.year for item in items],
            "journal": [item.journal for item in items],
            "volume": [item.volume for item in items],
            "number": [item.issue for item in items],
            "pages": [item.pages for item in items],
            # pairs within one search set are not compared: the records are not at issue
            "search_set": ["" if item.name.startswith("entry ") else "records" for item in items],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses what pandas 3 deprecates
        from bib_dedupe import bib_dedupe

        prepared = bib_dedupe.prep(frame, verbosity_level=0, cpu=1)
        # a missing first author must not block all papers without authors together
        prepared["author_first"] = prepared["author_first"].astype("str").fillna("")
        pairs = bib_dedupe.block(prepared, verbosity_level=0, cpu=1)
        if pairs.empty:
            return []
        found = bib_dedupe.match(pairs, verbosity_level=0, cpu=1)
    found = found[found["duplicate_label"] == "duplicate"]
    return list(found[["ID_1", "ID_2"]].itertuples(index=False, name=None))
