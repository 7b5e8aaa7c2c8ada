"""A throw-away Sphinx source folder: prose, executed chapters and what is generated for them."""

import argparse
import csv
import hashlib
import re
import shutil
import sys
from pathlib import Path

import yaml

from lkcm.book.chapters import DRAFT, Page, chapters_file, merge_toc, read_pages
from lkcm.book.finish import read, stopped_for
from lkcm.evidence.dictionary import dictionary_markdown
from lkcm.paths import BOOK, ROOT

ABSENT = "(not in this evidence)"
LINKED = re.compile(r"\[([^\[\]\n]*)\]\((?:\.\./)?(?:chapters/)?([a-z0-9-]+)\.ipynb\)")
GLUED = re.compile(r"\{glue:text\}`(?:chapters/)?([a-z0-9-]+)\.ipynb::[A-Za-z0-9_-]+:s`")


def stage(data: Path, chapters: Path, assets: Path, source: Path, stamp: str = DRAFT) -> None:
    """Fill ``source`` with everything that Jupyter Book compiles.

    Parameters
    ----------
    data : Path
        Evidence folder: its ``chapters.yml``, its own prose in ``book/`` (a page of the same name
        replaces ours), its hash and the date of its last search.
    chapters : Path
        Folder with the executed chapters.
    assets : Path
        Folder with the bundle of `lkcm.book.assets`.
    source : Path
        Written anew.
    stamp : str
        As of `edition`.
    """
    pages = read_pages(chapters_file(data))
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(BOOK, source, ignore=shutil.ignore_patterns("chapters.yml", ".ipynb_*"))
    if (data / "book").is_dir():
        shutil.copytree(data / "book", source, dirs_exist_ok=True)
    (source / "chapters").mkdir()
    speaking = _stage_chapters(pages, chapters, source / "chapters")
    made = frozenset(page.name for page in pages)
    for document in [*source.glob("*.md"), *source.glob("chapters/*.ipynb")]:
        text = document.read_text(encoding="utf-8")
        told = unlinked(say_absent(text, speaking), made)
        if told != text:
            document.write_text(told, encoding="utf-8")
    with (source / "dictionary.md").open("a", encoding="utf-8") as dictionary:
        dictionary.write("\n" + dictionary_markdown())
    shutil.copytree(assets, source / "_extra" / "assets")
    _write_yaml(source / "_toc.yml", merge_toc(_read_yaml(ROOT / "_toc.yml"), pages))
    config = _read_yaml(ROOT / "_config.yml")
    config["sphinx"]["config"]["html_context"]["lkcm"] = edition(data, stamp)
    _write_yaml(source / "_config.yml", config)


def _stage_chapters(pages: list[Page], chapters: Path, target: Path) -> frozenset[str]:
    speaking = set()
    for page in pages:
        notebook = chapters / f"{page.name}.ipynb"
        shutil.copy(notebook, target)
        if stopped_for(read(notebook)) is None:
            speaking.add(page.name)
    return frozenset(speaking)


def say_absent(text: str, speaking: frozenset[str]) -> str:
    """Replace references to chapters that are not there, or that stopped, by words."""
    return GLUED.sub(lambda m: m.group() if m.group(1) in speaking else ABSENT, text)


def unlinked(text: str, made: frozenset[str]) -> str:
    """Turn links to chapters that this book does not have into plain text."""
    return LINKED.sub(lambda m: m.group() if m.group(2) in made else m.group(1), text)


def edition(data: Path, stamp: str = DRAFT) -> dict[str, str]:
    """Return what every page foot shows: edition, commit, hash of the evidence, last search.

    Parameters
    ----------
    data : Path
        Evidence folder.
    stamp : str
        ``VERSION@COMMIT`` of a release, or ``draft``.
    """
    version, _, commit = stamp.partition("@")
    digest = hashlib.sha256()
    for table in sorted(data.glob("*.csv")):
        digest.update(table.name.encode() + b"\0" + table.read_bytes())
    return {
        "edition": "" if stamp == DRAFT else version,
        "commit": commit,
        "data_hash": digest.hexdigest()[:12],
        "last_search": _last_search(data / "queries.csv"),
    }


def _last_search(queries: Path) -> str:
    if not queries.is_file():
        return ""
    with queries.open(encoding="utf-8-sig", newline="") as file:
        return max((row.get("date") or "" for row in csv.DictReader(file)), default="")


def _read_yaml(path: Path) -> dict:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write_yaml(path: Path, content: dict) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Stage the book; called by the rule ``html`` of the Snakefile."""
    parser = argparse.ArgumentParser(prog="python -m lkcm.book.stage")
    for name in ("data", "chapters", "assets", "source"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--stamp", default=DRAFT)
    args = parser.parse_args(argv)
    stage(args.data, args.chapters, args.assets, args.source, args.stamp)
    return 0


if __name__ == "__main__":
    sys.exit(main())
