"""The record of an edition: evidence, parameters, software and results, frozen in one file."""

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from lkcm.book.chapters import chapters_file, read_pages
from lkcm.book.stage import edition as stamp_of
from lkcm.editions.version import EditionError, order
from lkcm.evidence.load import Evidence
from lkcm.evidence.schemas import KEYS, TABLES

#: A record as JSON holds it.
Record = dict[str, Any]
#: Tables of which every cell is kept, so that a difference can name rows and cells.
KEPT = ("trials", "effects", "corrections")
#: Name of what is at hand and not released.
DRAFT = "draft"


def freeze(
    data: Path, results: Mapping, lock: Path, *, version: str = DRAFT, date: str = "", commit=""
) -> Record:
    """Freeze what a book was made from and what it says.

    Parameters
    ----------
    data : Path
        Evidence folder.
    results : mapping
        Content of ``results.json``.
    lock : Path
        ``requirements.lock``.
    version, date, commit : str
        Version, day and git commit of a release; a draft has neither day nor commit.

    Returns
    -------
    dict
        ``version``, ``date``, ``commit``, ``data_hash``, ``last_search``, ``tables`` (hash and
        rows of each file), ``rows`` (cells of the tables `KEPT`, corrections applied), ``pages``
        (notebook and parameters), ``packages`` (of the lock), ``software`` and ``results``.

    Raises
    ------
    lkcm.evidence.load.EvidenceError
        If the evidence does not pass its checks.
    """
    evidence = Evidence.load(data, KEPT)
    stamp = stamp_of(data)
    return {
        "version": version,
        "date": date,
        "commit": commit,
        "data_hash": stamp["data_hash"],
        "last_search": stamp["last_search"],
        "tables": {name: _file(data / f"{name}.csv") for name in TABLES},
        "rows": {name: _rows(evidence.table(name), KEYS[name]) for name in KEPT},
        "pages": {
            page.name: {"notebook": page.notebook, "parameters": page.parameters}
            for page in read_pages(chapters_file(data))
        },
        "packages": packages(lock.read_text(encoding="utf-8")),
        "software": {"python": platform.python_version()},
        "results": dict(results),
    }


def packages(lock: str) -> dict[str, str]:
    """Return the versions that a lock file names, by package."""
    pins = (line.split("==") for line in lock.splitlines() if "==" in line)
    return {name.strip(): version.split(";")[0].strip() for name, version in pins}


def to_json(record: Record) -> str:
    """Return a record as JSON text, one row of a table a line, so that git can compare it."""
    rows = record["rows"]
    head = json.dumps({**record, "rows": {}}, indent=1, ensure_ascii=False, allow_nan=False)
    lines = []
    for table, kept in rows.items():
        each = ",\n".join(f"   {_compact(key)}: {_compact(cells)}" for key, cells in kept.items())
        lines.append(f"  {_compact(table)}: {{\n{each}\n  }}")
    return head.replace('"rows": {}', '"rows": {\n' + ",\n".join(lines) + "\n }", 1) + "\n"


def stored_versions(folder: Path) -> list[str]:
    """Return the versions whose records a folder holds, oldest first.

    Raises
    ------
    EditionError
        If a file of the folder is not named by a version.
    """
    return sorted((path.stem for path in Path(folder).glob("*.json")), key=order)


def read(folder: Path, version: str) -> Record:
    """Read the record of an edition.

    Raises
    ------
    EditionError
        If there is none, or it cannot be read.
    """
    path = Path(folder) / f"{version}.json"
    if not path.is_file():
        known = ", ".join(stored_versions(folder)) or "none"
        raise EditionError(f"no edition {version!r} in {folder}; stored: {known}")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise EditionError(f"{path}: not a record of an edition ({error})") from None
    if not isinstance(record, dict) or not {"version", "rows", "results"} <= set(record):
        raise EditionError(f"{path}: not a record of an edition: version, rows or results missing")
    return record


def _file(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {"sha256": None, "bytes": 0}
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _rows(frame: pd.DataFrame, keys: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return the stated cells of each row as text, by the row's key."""
    ids = frame[list(keys)].astype(str).agg("/".join, axis=1) if len(frame) else []
    columns = [column for column in frame.columns if column not in keys]
    texts = {column: _texts(frame[column]) for column in columns}
    return {
        key: {column: texts[column][i] for column in columns if texts[column][i]}
        for i, key in enumerate(ids)
    }


def _texts(column: pd.Series) -> list[str]:
    return [
        "" if pd.isna(value) or value == "not-stated" else _text(value)
        for value in column.astype(object)
    ]


def _text(value: object) -> str:
    return format(value, ".15g") if isinstance(value, float) else str(value)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
