"""From the compiled site to the published folder, in one step that cannot be seen half done."""

import argparse
import ctypes
import os
import shutil
import sys
from pathlib import Path

import yaml

from lkcm.book.chapters import REPORT, toc_files

AT_FDCWD = -100
RENAME_EXCHANGE = 2


def exchange(new: Path, old: Path) -> None:
    """Put the folder ``new`` in the place of ``old``; what was there goes to ``new``.

    One atomic exchange where the system has it (Linux ``renameat2``), else two renames.
    """
    if not old.exists():
        os.rename(new, old)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if hasattr(libc, "renameat2"):
        status = libc.renameat2(
            AT_FDCWD, os.fsencode(new), AT_FDCWD, os.fsencode(old), RENAME_EXCHANGE
        )
        if status == 0:
            return
    aside = old.with_name(old.name + ".old")
    shutil.rmtree(aside, ignore_errors=True)
    os.rename(old, aside)
    os.rename(new, old)
    os.rename(aside, new)


def missing_pages(site: Path, documents: list[str]) -> list[str]:
    """Return the documents of the table of contents that have no HTML in ``site``."""
    return [document for document in documents if not (site / f"{document}.html").is_file()]


def publish(site: Path, toc: Path, results: Path, out: Path) -> list[str]:
    """Publish ``site`` as ``out/html`` and ``results`` as ``out/results.json``.

    Parameters
    ----------
    site : Path
        What Jupyter Book compiled; the folder changes places with the last book.
    toc : Path
        Table of contents: each of its pages must be there.
    results : Path
        Harvested numbers.
    out : Path
        Output folder.

    Returns
    -------
    list of str
        Pages of the table of contents that were not compiled; then nothing is published.
    """
    documents = toc_files(yaml.safe_load(toc.read_text(encoding="utf-8")))
    missing = missing_pages(site, documents)
    if not missing:
        exchange(site, out / "html")
        beside = out / ".work" / "results.part"
        shutil.copy(results, beside)
        os.replace(beside, out / "results.json")
    return missing


def main(argv: list[str] | None = None) -> int:
    """Publish the book; called by the rule ``html`` of the Snakefile."""
    parser = argparse.ArgumentParser(prog="python -m lkcm.book.publish")
    for name in ("site", "toc", "results", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args(argv)
    missing = publish(args.site, args.toc, args.results, args.out)
    for document in missing:
        print(f"{REPORT}{document} is in the table of contents but was not compiled", flush=True)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
