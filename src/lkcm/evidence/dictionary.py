"""The data dictionary, generated from the schemas: Frictionless data package and book page."""

import csv
import json
import os
import re
from pathlib import Path

import pandera.pandas as pa

from lkcm.evidence.check import default_folder
from lkcm.evidence.schemas import (
    KEYS,
    ONE_OF,
    REFERENCES,
    REQUIRED_COLUMNS,
    REQUIRED_TABLES,
    TABLES,
    column_metadata,
)
from lkcm.evidence.typed import NOT_STATED, describe_allowed

PROFILES = "https://datapackage.org/profiles/2.0/"
_CONSTRAINTS = {
    "greater_than": ("exclusiveMinimum", "min_value"),
    "greater_than_or_equal_to": ("minimum", "min_value"),
    "less_than": ("exclusiveMaximum", "max_value"),
    "less_than_or_equal_to": ("maximum", "max_value"),
    "str_matches": ("pattern", "pattern"),
    "isin": ("enum", "allowed_values"),
}
_TYPES = {"text": "string", "coded": "string", "number": "number", "whole": "integer"}


def datapackage(folder: Path | None = None) -> dict:
    """Frictionless Data Package (version 2) of the tables of a folder.

    Parameters
    ----------
    folder : pathlib.Path, optional
        By default as :func:`lkcm.evidence.check.default_folder`.

    Returns
    -------
    dict
        One resource a table that is there, its columns in the order of the file.
    """
    folder = default_folder() if folder is None else Path(folder)
    there = [name for name in TABLES if (folder / f"{name}.csv").is_file()]
    return {
        "$schema": PROFILES + "datapackage.json",
        "name": "lkcm-evidence",
        "title": "Trials of loving-kindness and compassion meditation",
        "description": "Evidence tables of the living review. An empty cell is not stated. "
        "The changes listed in corrections.csv are applied when the tables are loaded.",
        "licenses": [
            {
                "name": "CC-BY-4.0",
                "title": "Creative Commons Attribution 4.0",
                "path": "https://creativecommons.org/licenses/by/4.0/",
            }
        ],
        "resources": [_resource(name, _header(folder, name), there) for name in there],
    }


def write_datapackage(folder: Path | None = None) -> Path:
    """Write `datapackage.json` into a folder, whole or not at all; return its path."""
    folder = default_folder() if folder is None else Path(folder)
    path = folder / "datapackage.json"
    text = json.dumps(datapackage(folder), indent=1, ensure_ascii=False) + "\n"
    temporary = path.with_suffix(".json.new")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
    return path


def _header(folder: Path, name: str) -> list[str]:
    """Columns of a table's file that its schema knows, in the order of the file."""
    with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        header = [cell.strip() for cell in next(csv.reader(file), [])]
    known = column_metadata(name)
    return [column for column in header if column in known]


def _resource(name: str, header: list[str], there: list[str]) -> dict:
    """One table."""
    columns = TABLES[name].to_schema().columns
    schema = {
        "$schema": PROFILES + "tableschema.json",
        "fields": [_field(column, columns[column]) for column in header],
        "fieldsMatch": "equal",
        "missingValues": [""],
        "primaryKey": list(KEYS[name]),
    }
    foreign = [
        {
            "fields": [column],
            "reference": {"resource": "" if other == name else other, "fields": [target]},
        }
        for column, (other, target) in REFERENCES.get(name, {}).items()
        if column in header and other in there
    ]
    if name == "corrections":
        del schema["primaryKey"]  # a cell may be corrected again on another day
    if foreign:
        schema["foreignKeys"] = foreign
    return {
        "name": name,
        "type": "table",
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": _summary(name),
        "schema": schema,
    }


def _field(name: str, column: pa.Column) -> dict:
    """One column; the upper bound of a year moves and is left to the checks."""
    metadata = column.metadata
    kind = metadata["kind"]
    field = {
        "name": name,
        "type": "integer" if kind == "year" else _TYPES[kind],
        "title": column.title,
        "description": column.description,
    }
    if metadata.get("unit"):
        field["unit"] = metadata["unit"]
    if kind in ("number", "whole"):
        field["missingValues"] = ["", NOT_STATED]
    constraints = {"required": True} if not column.nullable else {}
    for check in column.checks:
        constraint, statistic = _CONSTRAINTS[check.name]
        if (kind, constraint) != ("year", "maximum"):
            constraints[constraint] = check.statistics[statistic]
    return field | ({"constraints": constraints} if constraints else {})


def _summary(name: str) -> str:
    """Say what one row of the table is."""
    return " ".join(TABLES[name].__doc__.replace("`", "").split())


def dictionary_markdown() -> str:
    """Body of the data-dictionary page: a section a table, a row a column.

    Returns
    -------
    str
        MyST Markdown, headings from the second level, every cell escaped.
    """
    return "\n\n".join(_section(name) for name in TABLES) + "\n"


def _section(name: str) -> str:
    """One table."""
    need = "required" if name in REQUIRED_TABLES else "optional"
    columns = ", ".join(f"`{c}`" for c in REQUIRED_COLUMNS[name])
    groups = [" or ".join(f"`{c}`" for c in group) for group in ONE_OF.get(name, ())]
    lines = [
        f"## {name}.csv",
        "",
        f"One row: {_escape(_summary(name))} The table is {need}. "
        f"Columns that it needs: {', '.join([columns, *groups])}.",
        "",
        "| column | type | unit | allowed values | needed | meaning |",
        "|---|---|---|---|---|---|",
    ]
    schema = TABLES[name].to_schema()
    return "\n".join([*lines, *(_row(c, schema.columns[c]) for c in column_metadata(name))])


def _row(name: str, column: pa.Column) -> str:
    """One column."""
    metadata = column.metadata
    allowed = describe_allowed(column)
    if metadata["kind"] == "coded":
        allowed = "; ".join(f"{v} ({meaning})" for v, meaning in metadata["meanings"].items())
    elif metadata["kind"] == "year":
        allowed = f"{column.checks[0].statistics['min_value']} to next year"
    read_as = ""
    if metadata.get("empty"):
        read_as = f" Empty or absent: read as {metadata['empty']}."
    elif metadata.get("absent"):
        read_as = f" Absent column: read as {metadata['absent']}."
    cells = (
        {"coded": "code", "whole": "whole number"}.get(metadata["kind"], metadata["kind"]),
        metadata.get("unit") or "",
        allowed,
        "yes" if metadata["required"] else "",
        f"{column.description}{read_as}",
    )
    return f"| `{name}` | " + " | ".join(_escape(cell) for cell in cells) + " |"


def _escape(text: str) -> str:
    """Text that Markdown and HTML show as it stands, on one line of a table."""
    return re.sub(r"[\\`*_{}\[\]<>|$~^#&]", lambda m: f"&#{ord(m[0])};", " ".join(text.split()))
