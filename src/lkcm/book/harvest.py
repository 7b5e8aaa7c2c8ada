"""The glued values of all chapters, as one machine-readable file."""

import argparse
import json
import sys
from pathlib import Path

from lkcm.book.finish import read, stopped_for

#: Floats are kept to this many significant digits: beyond it, processors differ.
DIGITS = 8


def harvest(folder: Path, pages: list[str]) -> dict:
    """Return what the executed chapters of ``folder`` glued, page by page.

    Returns
    -------
    dict
        ``{"pages": {page: {"values": {key: {"text", "value"}}, "stopped_for": [table, ...]}}}``;
        ``stopped_for`` only where a chapter's tables are missing.
    """
    return {"pages": {page: _of_page(folder / f"{page}.ipynb") for page in pages}}


def _of_page(path: Path) -> dict:
    notebook = read(path)
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            metadata = output.get("metadata", {})
            if "lkcm" in metadata:
                values[metadata["scrapbook"]["name"]] = rounded(dict(metadata["lkcm"]))
    stopped = stopped_for(notebook)
    found = {"values": dict(sorted(values.items()))}
    return found if stopped is None else {**found, "stopped_for": stopped}


def rounded(value: object) -> object:
    """Return ``value`` with every float in it at ``DIGITS`` significant digits."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rounded(item) for item in value]
    return value


def write(results: dict, path: Path) -> None:
    """Write results as JSON; NaN and infinity are refused."""
    text = json.dumps(results, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Harvest chapters; called by the rule ``results`` of the Snakefile."""
    parser = argparse.ArgumentParser(prog="python -m lkcm.book.harvest")
    parser.add_argument("--chapters", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("pages", nargs="*")
    args = parser.parse_args(argv)
    write(harvest(args.chapters, args.pages), args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
