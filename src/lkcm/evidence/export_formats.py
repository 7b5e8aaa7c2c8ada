"""The formats of search exports: RIS, PubMed NBIB, BibTeX and the CSV of screening tools.

Parsing is done by rispy, nbib and bibtexparser, one entry at a time, so that a faulty entry is
named by its line instead of being dropped in silence (as rispy does with one without end mark).
"""

import csv
import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator

#: What a reader yields: the line on which an entry begins, from 1, and its fields as exported, or,
#: for an entry that cannot be read, what was found instead.
Raw = tuple[int, dict[str, str] | str]

_NBIB_LINE = re.compile(r"[A-Z][A-Z0-9 ]{3}-( |$)| {6}")
_NBIB_TAGS = {"PMID", "TI", "DP", "FAU", "AU", "AID", "JT", "VI", "IP", "PG"}
_BIB_OTHER = {"string", "preamble", "comment"}
_BIB_ENTRY = re.compile(r"^[ \t]*@[ \t]*(\w+)[ \t]*[{(]", re.MULTILINE)

#: Columns of CSV exports (in small letters) by what they hold; the first that is filled counts.
CSV_COLUMNS = {
    "title": ("title", "primary_title", "article title", "document title"),
    "authors": ("authors", "author", "author names"),
    "year": ("year", "published year", "publication_year", "publication year", "date"),
    "doi": ("doi",),
    "url": ("url", "urls", "link"),
    "pmid": ("pubmed_id", "pmid"),
    "journal": ("journal", "journal_name", "secondary_title", "source title"),
    "volume": ("volume",),
    "number": ("issue", "number"),
    "pages": ("pages",),
    "notes": ("notes", "exported_notes_1", "rayyan-inclusion"),
    "label": ("asreview_label", "included", "label_included"),
}


def recognise(text: str) -> str:
    """Return the format of an export's text, or an empty string.

    Parameters
    ----------
    text : str
        The content, with line feeds as line ends.

    Returns
    -------
    str
        ``RIS``, ``NBIB``, ``BibTeX``, ``CSV`` or empty.
    """
    if set(_csv_header(text)) & {*CSV_COLUMNS["title"], *CSV_COLUMNS["doi"]}:
        return "CSV"
    if re.search(r"^TY\s+-", text, re.MULTILINE):
        return "RIS"
    if re.search(r"^PMID- ?", text, re.MULTILINE):
        return "NBIB"
    if _BIB_ENTRY.search(text):
        return "BibTeX"
    return ""


def _read_ris(text: str) -> Iterator[Raw]:
    import rispy

    for line, chunk in _chunks(text, r"^TY\s+-"):
        last = chunk.rstrip().rsplit("\n", 1)[-1].strip()
        items = rispy.loads(chunk)
        if len(items) == 1:
            yield line, _ris_fields(items[0])
        elif re.match(r"ER\s*-", last):
            yield line, "tags that are not written 'TI  - ' (two blanks before the hyphen)"
        else:
            yield line, f"no end mark 'ER  - ' (the last line is {last[:60]!r})"


def _ris_fields(item: dict) -> dict[str, str]:
    pages = [item.get("start_page", ""), item.get("end_page", "")]
    return {
        "title": _first(item, "title", "primary_title"),
        "authors": " and ".join(item.get("authors") or item.get("first_authors", [])),
        "year": _first(item, "year", "publication_year", "date"),
        "doi": item.get("doi", ""),
        "url": (item.get("urls") or [""])[0],
        "journal": _first(item, "journal_name", "secondary_title", "alternate_title3"),
        "volume": item.get("volume", ""),
        "issue": item.get("number", ""),
        "pages": "-".join(filter(None, pages)),
        "notes": " | ".join(item.get("notes", [])),
    }


def _read_nbib(text: str) -> Iterator[Raw]:
    import nbib
    from nbib.exceptions import MalformedLine, UnknownTagFormat

    for line, chunk in _chunks(text, r"^PMID-"):
        rows = [row for row in chunk.split("\n") if row.strip()]
        bad = next((row for row in rows if not _NBIB_LINE.match(row)), None)
        if bad is not None:
            yield line, f"a line without a tag: {bad.strip()[:60]!r}"
            continue
        try:
            (item,) = nbib.read("\n".join(_nbib_needed(rows)) + "\n")
        except (ValueError, MalformedLine, UnknownTagFormat):
            yield line, f"an odd field after {rows[0].strip()[:60]!r}"
            continue
        yield line, _nbib_fields(item)


def _nbib_needed(rows: list[str]) -> Iterator[str]:
    """Keep the fields that are used: nbib stops at an odd value of any field that it knows."""
    wanted = False
    for row in rows:
        if not row.startswith(" "):
            tag = row[:4].strip()
            wanted = tag in _NBIB_TAGS and (tag != "AID" or row.endswith("[doi]"))
        if wanted:
            yield row.ljust(6)  # an editor may have cut the blank after an empty tag


def _nbib_fields(item: dict) -> dict[str, str]:
    names = [_first(author, "author", "author_abbreviated") for author in item.get("authors", [])]
    return {
        "title": item.get("title", ""),
        "authors": " and ".join(names),
        "year": item.get("publication_date", ""),
        "doi": item.get("doi", ""),
        "pmid": str(item["pubmed_id"]),
        "journal": item.get("journal", ""),
        "volume": item.get("journal_volume", ""),
        "issue": item.get("journal_issue", ""),
        "pages": item.get("pages", ""),
    }


def _read_bibtex(text: str) -> Iterator[Raw]:
    chunks = [
        (line, chunk, _BIB_ENTRY.match(chunk)[1].lower())
        for line, chunk in _chunks(text, _BIB_ENTRY.pattern)
    ]
    macros = "".join(chunk for _, chunk, kind in chunks if kind == "string")
    wanted = [(line, chunk) for line, chunk, kind in chunks if kind not in _BIB_OTHER]
    whole = _bibtex_items(text)
    for place, (line, chunk) in enumerate(wanted):
        # one pass over the file is quick; entry by entry only when it lost one
        items = [whole[place]] if len(whole) == len(wanted) else _bibtex_items(macros + chunk)
        if len(items) == 1:
            yield line, _bibtex_fields(items[0])
        else:
            start = chunk.split("\n", 1)[0][:40]
            yield line, f"unbalanced braces, a missing comma or an undefined macro after {start!r}"


def _bibtex_fields(item: dict[str, str]) -> dict[str, str]:
    from bibtexparser.latexenc import latex_to_unicode

    plain = {key: latex_to_unicode(value) for key, value in item.items()}
    return {
        "title": plain.get("title", ""),
        "authors": re.sub(r"\s+and\s+", " and ", plain.get("author", "")),
        "year": plain.get("year") or plain.get("date", ""),
        "doi": item.get("doi", "").replace("\\_", "_"),
        "url": item.get("url", "").replace("\\_", "_"),
        "pmid": plain.get("pmid", ""),
        "journal": _first(plain, "journal", "journaltitle", "booktitle"),
        "volume": plain.get("volume", ""),
        "issue": plain.get("number", ""),
        "pages": plain.get("pages", "").replace("--", "-"),
        "notes": plain.get("note", ""),
    }


def _bibtex_items(text: str) -> list[dict[str, str]]:
    """Return what bibtexparser can read of the text: nothing at all if it stops on an error."""
    from bibtexparser.bibdatabase import UndefinedString
    from bibtexparser.bparser import BibTexParser

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its use of pyparsing, not of concern to the reader
        parser = BibTexParser(ignore_nonstandard_types=False)
        try:
            return parser.parse(text, partial=True).entries
        except UndefinedString:
            return []


def _read_csv(text: str) -> Iterator[Raw]:
    names = _csv_header(text)
    reader = csv.reader(io.StringIO(text), delimiter=_delimiter(text), strict=True)
    line, header = 1, True
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                pass
            elif header:
                header = False
            elif len(cells) != len(names):
                yield line, f"{len(cells)} cells, where the header has {len(names)}"
            else:
                yield line, _csv_fields(dict(zip(names, cells, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        yield line, str(error)


def _csv_fields(row: dict[str, str]) -> dict[str, str]:
    return {
        name: next((row[c] for c in columns if row.get(c, "").strip()), "")
        for name, columns in CSV_COLUMNS.items()
    }


def _first(item: dict, *names: str) -> str:
    return next((item[name] for name in names if item.get(name)), "")


def _csv_header(text: str) -> list[str]:
    """Return the names of the columns, in small letters."""
    head = text.lstrip("\n").split("\n", 1)[0]
    try:
        names = next(csv.reader([head], delimiter=_delimiter(text)), [])
    except csv.Error:
        return []
    return [name.strip().lower() for name in names]


def _delimiter(text: str) -> str:
    head = text.lstrip("\n").split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _chunks(text: str, start: str) -> Iterator[tuple[int, str]]:
    """Yield each part of the text that begins with the pattern, and the line of its beginning."""
    begins = [match.start() for match in re.finditer(start, text, re.MULTILINE)]
    line, done = 1, 0
    for begin, end in zip(begins, [*begins[1:], len(text)], strict=True):
        line += text.count("\n", done, begin)
        done = begin
        yield line, text[begin:end]


#: Name of a format to the function that yields its entries.
READERS: dict[str, Callable[[str], Iterator[Raw]]] = {
    "RIS": _read_ris,
    "NBIB": _read_nbib,
    "BibTeX": _read_bibtex,
    "CSV": _read_csv,
}
