"""``chapters.yml``: which page is made from which notebook, tables and parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from lkcm.paths import BOOK

#: Begins every line of a pipeline step that the driver passes on to the person at the terminal.
REPORT = "lkcm! "
#: Stamp of a book that is not released; a released one is stamped ``VERSION@COMMIT``.
DRAFT = "draft"

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
KEYS = {"notebook", "title", "part", "tables", "parameters", "reads_results", "reads_participants"}


class ChaptersError(ValueError):
    """``chapters.yml`` or ``_toc.yml`` cannot be used; the text lists every problem."""


@dataclass(frozen=True)
class Page:
    """One executed page of the book.

    Attributes
    ----------
    name : str
        Slug; the page is published as ``chapters/NAME.html``.
    notebook : str
        File name in ``notebooks/``.
    title : str
        The page's H1, also where one notebook serves many pages.
    part : str
        Part of the book in which the page stands.
    tables : tuple of str
        Evidence tables that the page may read; an edit of any of them reruns the page.
    parameters : dict
        papermill parameters.
    reads_results : bool
        Whether the page is made last, from the harvested results of all others (their file is
        named by the environment variable LKCM_RESULTS) and the records of released editions.
    reads_participants : bool
        Whether the page reads files of individual participants (``ipd`` and ``micro`` in the
        evidence folder).
    """

    name: str
    notebook: str
    title: str
    part: str
    tables: tuple[str, ...] = ()
    parameters: dict = field(default_factory=dict)
    reads_results: bool = False
    reads_participants: bool = False


def chapters_file(data: Path) -> Path:
    """Return the ``chapters.yml`` in force: the evidence folder's own, else the book's."""
    own = Path(data) / "chapters.yml"
    return own if own.is_file() else BOOK / "chapters.yml"


def read_pages(path: Path) -> list[Page]:
    """Read the pages of a ``chapters.yml``, in order.

    Raises
    ------
    ChaptersError
        If the file is not YAML of the expected form; all problems at once.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ChaptersError(f"{path}: cannot be read as YAML: {error}") from None
    pages = content.get("pages") if isinstance(content, dict) else None
    if not isinstance(pages, dict) or not pages:
        raise ChaptersError(f"{path}: expected a mapping `pages:` with at least one page")
    problems = [f"{path}: {text}" for text in _form_problems(pages)]
    if problems:
        raise ChaptersError("\n".join(problems))
    return [
        Page(
            name=name,
            notebook=page["notebook"],
            title=page["title"],
            part=page["part"],
            tables=tuple(page.get("tables") or ()),
            parameters=dict(page.get("parameters") or {}),
            reads_results=page.get("reads_results", False),
            reads_participants=page.get("reads_participants", False),
        )
        for name, page in pages.items()
    ]


def _form_problems(pages: dict) -> Iterator[str]:
    for name, page in pages.items():
        where = f"page {name!r}"
        if not (isinstance(name, str) and NAME.fullmatch(name)):
            yield f"{where}: a page's name is lower-case letters, digits and hyphens"
        if not isinstance(page, dict):
            yield f"{where}: expected a mapping, found {page!r}"
            continue
        for key in sorted(set(page) - KEYS, key=str):
            yield f"{where}: unknown key {key!r}; allowed: {', '.join(sorted(KEYS))}"
        for key in ("notebook", "title", "part"):
            if not (isinstance(page.get(key), str) and page[key].strip()):
                yield f"{where}: {key} must be text, found {page.get(key)!r}"
        tables = page.get("tables") or []
        if not (isinstance(tables, list) and all(isinstance(table, str) for table in tables)):
            yield f"{where}: tables must be a list of table names, found {tables!r}"
        if not isinstance(page.get("parameters") or {}, dict):
            yield f"{where}: parameters must be a mapping, found {page['parameters']!r}"
        for key in ("reads_results", "reads_participants"):
            if not isinstance(page.get(key, False), bool):
                yield f"{where}: {key} must be true or false, found {page[key]!r}"


def toc_files(toc: dict) -> list[str]:
    """Return every document that a Jupyter Book ``_toc.yml`` names, root first."""
    found = [toc["root"]]

    def walk(node: object) -> None:
        if isinstance(node, list):
            for item in node:
                walk(item)
        elif isinstance(node, dict):
            if "file" in node:
                found.append(node["file"])
            for key in ("parts", "chapters", "sections"):
                walk(node.get(key))

    walk(toc)
    return found


def merge_toc(toc: dict, pages: list[Page]) -> dict:
    """Return ``toc`` with exactly the given pages as executed chapters.

    Prose documents stay where they are; a part left without a document goes. Pages that the
    table of contents does not know are added to their part, a new part before the last one.
    """
    names = {f"chapters/{page.name}" for page in pages}
    listed = set(toc_files(toc))
    parts = []
    for part in toc["parts"]:
        kept = [
            item
            for item in part["chapters"]
            if not item["file"].startswith("chapters/") or item["file"] in names
        ]
        parts.append({**part, "chapters": kept})
    for page in pages:
        file = f"chapters/{page.name}"
        if file in listed:
            continue
        home = next((part for part in parts if part["caption"] == page.part), None)
        if home is None:
            home = {"caption": page.part, "chapters": []}
            parts.insert(max(len(parts) - 1, 0), home)
        home["chapters"].append({"file": file})
    return {**toc, "parts": [part for part in parts if part["chapters"]]}
