"""What must hold of the book's own files before any notebook runs."""

import difflib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from lkcm.book.chapters import Page, chapters_file, merge_toc, read_pages, toc_files
from lkcm.paths import BOOK, NOTEBOOKS, ROOT

GLUE = re.compile(r"\{glue:[a-z]*\}`([^`]*)`")
REFERENCE = re.compile(r"(chapters/)?[a-z0-9-]+\.ipynb::[A-Za-z0-9_-]+:s")

#: Documents that the stage step writes; they have no file in ``book/``.
GENERATED = {"dictionary"}


def problems(data: Path) -> list[str]:
    """Return everything that is wrong with chapters, table of contents and glued references.

    Parameters
    ----------
    data : Path
        The evidence folder, whose own ``chapters.yml`` wins when it has one.
    """
    path = chapters_file(data)
    pages = read_pages(path)
    found = [f"{path}: page {page.name!r}: {text}" for page in pages for text in _of_page(page)]
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    if path == BOOK / "chapters.yml":
        found += _toc_against_chapters(toc, pages)
    documents = set(toc_files(merge_toc(toc, pages))) - GENERATED
    for document in sorted(d for d in documents if not d.startswith("chapters/")):
        prose = BOOK / f"{document}.md"
        if not prose.is_file():
            found.append(f"_toc.yml: {document}: there is no book/{document}.md")
    for prose in sorted(BOOK.glob("*.md")):
        found += _glue_problems(prose.name, prose.read_text(encoding="utf-8"))
    for notebook in sorted({page.notebook for page in pages}):
        file = NOTEBOOKS / notebook
        if file.is_file():
            cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
            text = "".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
            found += _glue_problems(notebook, text)
    return found


def _of_page(page: Page) -> Iterator[str]:
    import papermill

    from lkcm.evidence.schemas import TABLES

    for table in page.tables:
        if table not in TABLES:
            yield f"unknown table {table!r}{_hint(table, TABLES)}; allowed: {', '.join(TABLES)}"
    notebook = NOTEBOOKS / page.notebook
    if not notebook.is_file():
        yield f"there is no notebooks/{page.notebook}"
        return
    known = papermill.inspect_notebook(str(notebook))
    for name in page.parameters:
        if name not in known:
            allowed = ", ".join(known) or "none"
            yield f"unknown parameter {name!r}{_hint(name, known)}; {page.notebook} has: {allowed}"


def _hint(name: str, known: object) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _toc_against_chapters(toc: dict, pages: list[Page]) -> Iterator[str]:
    listed = {file for file in toc_files(toc) if file.startswith("chapters/")}
    made = {f"chapters/{page.name}" for page in pages}
    for file in sorted(made - listed):
        yield f"_toc.yml: {file} is made by book/chapters.yml but not listed; readers never see it"
    for file in sorted(listed - made):
        yield f"_toc.yml: {file} is listed but book/chapters.yml has no such page"


def _glue_problems(where: str, text: str) -> Iterator[str]:
    for match in GLUE.finditer(text):
        if match.group().startswith("{glue:text}") and REFERENCE.fullmatch(match.group(1)):
            continue
        yield (
            f"{where}: {match.group()} is no reference to a glued text; "
            "write {glue:text}`chapters/PAGE.ipynb::key:s` (the :s is obligatory)"
        )
