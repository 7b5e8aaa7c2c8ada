"""Read search exports: RIS, PubMed NBIB, BibTeX and the CSV of screening tools.

The format is recognised by content, never by the file's name. Whatever is wrong is reported at
once, by line, entry and field.
"""

import html
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lkcm.evidence.export_formats import READERS, recognise
from lkcm.evidence.fields import EARLIEST_YEAR, LATEST_YEAR
from lkcm.evidence.problems import ERROR, WARNING, Problem

FORMATS = (
    "RIS, PubMed NBIB, BibTeX, or CSV with a title or DOI column (Rayyan, Covidence, ASReview)"
)

_DOI = re.compile(r"10\.\d{4,9}/[^\s\"<>]+")
_YEARS = f"a year from {EARLIEST_YEAR} to {LATEST_YEAR}"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
#: Fields that are taken as they are exported.
_PLAIN = ("authors", "url", "pmid", "journal", "volume", "issue", "pages")


@dataclass(frozen=True)
class Entry:
    """One reference of a search export.

    Parameters
    ----------
    number : int
        Position in the file, from 1.
    line : int
        Line of the file on which it begins, from 1.
    title, authors, year, doi, url, pmid, journal, volume, issue, pages : str
        As exported, with blanks collapsed; empty where the export does not say. Authors are
        joined by `` and ``, the DOI has no prefix, the year is four digits.
    vote : str
        ``included``, ``excluded`` or empty: what the screening tool says.
    reason : str
        The tool's first reason for an exclusion, as a slug.
    """

    number: int
    line: int
    title: str = ""
    authors: str = ""
    year: str = ""
    doi: str = ""
    url: str = ""
    pmid: str = ""
    journal: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    vote: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Export:
    """A search export as read.

    Parameters
    ----------
    path : Path
        The file.
    format : str
        ``RIS``, ``NBIB``, ``BibTeX`` or ``CSV``; empty when it was not recognised.
    entries : tuple of Entry
        The references, in the order of the file.
    problems : tuple of Problem
        Everything that is wrong, in the order of the file: an error when the entry cannot be
        used, a warning when a field of it was left empty.
    """

    path: Path
    format: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def read_export(path: Path) -> Export:
    """Read a search export of any known format.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Export
        Its entries and every problem; with an error the entries must not be used.
    """
    text, problems = _decode(path)
    if problems:
        return Export(path, "", (), tuple(problems))
    kind = recognise(text)
    if not kind:
        first = next(line for line in text.split("\n") if line.strip())
        found = first.strip()
        return Export(path, "", (), (_problem("format", path, found=found, allowed=FORMATS),))
    entries: list[Entry] = []
    for number, (line, raw) in enumerate(READERS[kind](text), 1):
        if isinstance(raw, str):
            allowed = f"a whole {kind} entry"
            problems.append(_problem("entry", path, line, number, found=raw, allowed=allowed))
            continue
        entry, wrong = _entry(path, number, line, raw)
        entries.append(entry)
        problems.extend(wrong)
    if not entries and not problems:
        problems.append(_problem("empty", path, found="no entry", allowed="at least one entry"))
    return Export(path, kind, tuple(entries), tuple(problems))


#: Each rule: its level and how to mend what it finds.
_RULES = {
    "unreadable": (ERROR, "Name a file that may be read."),
    "encoding": (ERROR, "Export it again, or save it, as UTF-8."),
    "empty": (ERROR, "Export the search again."),
    "format": (ERROR, "Export the search in one of these formats."),
    "entry": (ERROR, "Correct the entry in the file, or export it again."),
    "nameless": (ERROR, "Give the entry a title or a DOI, or remove it from the file."),
    "field": (WARNING, "Nothing to do: the cell is left empty."),
}


def _problem(
    rule: str, path: Path, line: int | None = None, entry: int = 0, column: str = "", **said: str
) -> Problem:
    level, mend = _RULES[rule]
    row_id = f"entry {entry}" if entry else ""
    return Problem(level, f"export-{rule}", path.name, line, row_id, column, **said, mend=mend)


def _decode(path: Path) -> tuple[str, list[Problem]]:
    """Return the text with line ends of one kind, or the reason why it is none."""
    try:
        content = path.read_bytes()
    except OSError as error:
        found = error.strerror or type(error).__name__
        return "", [_problem("unreadable", path, found=found, allowed="a file")]
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte {content[error.start]:#04x}"
        return "", [_problem("encoding", path, line, found=found, allowed="UTF-8 text")]
    text = _CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not text.strip():
        return "", [_problem("empty", path, found="nothing", allowed="at least one entry")]
    return text, []


def _entry(path: Path, number: int, line: int, raw: dict[str, str]) -> tuple[Entry, list[Problem]]:
    """Return a cleaned entry, and what had to be left empty in it."""
    problems = []
    cells = {name: " ".join(raw.get(name, "").split()) for name in _PLAIN}
    cells["title"] = _clean_title(raw.get("title", ""))
    for name, found, value, allowed in (
        ("doi", raw.get("doi", ""), _clean_doi(raw.get("doi", "")), "10.prefix/suffix"),
        ("year", raw.get("year", ""), _clean_year(raw.get("year", "")), _YEARS),
    ):
        cells[name] = value
        if found.strip() and not value:
            said = {"found": found.strip(), "allowed": allowed}
            problems.append(_problem("field", path, line, number, name, **said))
    if not re.fullmatch(r"https?://[^\s/?#]+\.\S+", cells["url"]):
        cells["url"] = ""
    if not re.fullmatch(r"\d{1,9}", cells["pmid"], flags=re.ASCII):
        cells["pmid"] = ""
    if not cells["title"] and not cells["doi"]:
        said = {"found": "both empty", "allowed": "a title or a DOI"}
        problems.append(_problem("nameless", path, line, number, "title, doi", **said))
    vote, reason = _vote(raw)
    return Entry(number, line, **cells, vote=vote, reason=reason), problems


def _clean_doi(text: str) -> str:
    match = _DOI.search(unquote(text))
    return match[0].rstrip(".,;") if match else ""


def _clean_year(text: str) -> str:
    match = re.search(r"(?<!\d)\d{4}(?!\d)", text, flags=re.ASCII)
    return match[0] if match and EARLIEST_YEAR <= int(match[0]) <= LATEST_YEAR else ""


def _clean_title(text: str) -> str:
    """Return a title without markup, character references, line breaks and final full stop."""
    text = html.unescape(re.sub(r"</?(?:i|b|em|strong|su[bp]|scp)>", "", text, flags=re.I))
    text = " ".join(text.split())
    return text if text.endswith("..") else text.removesuffix(".")


def _vote(raw: dict[str, str]) -> tuple[str, str]:
    """Return the decision and reason that a screening tool wrote into its export.

    Rayyan writes each screener's vote and the reasons into the notes (``{"Ann"=>"Excluded"} |
    RAYYAN-EXCLUSION-REASONS: wrong outcome``), Covidence the reason (``Exclusion reason: …``),
    ASReview a label 1 or 0, or in RIS a note. Screeners who disagree give no decision.
    """
    notes = raw.get("notes", "")
    votes = set(re.findall(r'=>\s*"(Included|Excluded|Maybe)"', notes))
    votes |= {"1": {"Included"}, "0": {"Excluded"}}.get(raw.get("label", "").split(".")[0], set())
    if "ASReview_relevant" in notes:
        votes.add("Included")
    if "ASReview_irrelevant" in notes:
        votes.add("Excluded")
    stated = re.search(r"(?:RAYYAN-EXCLUSION-REASONS|Exclusion reason):\s*([^|;]*)", notes)
    if stated and not votes:
        votes.add("Excluded")
    vote = votes.pop().lower() if len(votes) == 1 else ""
    if vote == "maybe":
        vote = ""
    if vote != "excluded" or not stated:
        return vote, ""
    return vote, "-".join(re.findall(r"\w+", stated[1].split(",")[0].lower()))
