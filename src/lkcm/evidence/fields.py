"""Column definitions: pandera fields that also carry what a data dictionary needs.

A model describes a table as it is *after* loading, when every column is present. Whether the
CSV file must have the column is kept in the field's metadata (`required`), together with

``kind``
    `text`, `coded`, `number`, `whole` or `year`.
``unit``
    Unit of measurement, if there is one.
``empty``
    What an empty cell and an absent column are read as.
``absent``
    What an absent column is read as; where the column is present a cell may not be empty.
``meanings``
    Meaning of each allowed value of a coded column.
``allowed``
    The allowed values in words, where range or vocabulary do not say it.
"""

from datetime import date
from typing import Any

import pandera.pandas as pa

ID = r"^[^\r\n]{1,120}$"
DOI = r"^10\.[0-9]{4,9}/\S+$"
URL = r"^https?://[^\s/?#\"<>]+\.[^\s\"<>]+$"
ADDRESS = r"^(https?://[^\s/?#\"<>]+\.[^\s\"<>]+|(github|scholar|code-excerpt|no-?address):.*\S)$"
P_VALUE = r"^[<>]?(0?\.[0-9]+|0\.?|1(\.0*)?|[0-9](\.[0-9]+)?[eE]-0*[1-9][0-9]{0,2})$"
DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
PARTIAL_DATE = r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$"

#: Randomised trials of psychological interventions before this year are typing errors.
EARLIEST_YEAR = 1950
LATEST_YEAR = date.today().year + 1


def text(
    title: str,
    description: str,
    *,
    pattern: str | None = None,
    allowed: str | None = None,
    required: bool = False,
) -> Any:
    """Make a column of free text; `allowed` says in words what `pattern` says in symbols."""
    metadata = {"kind": "text", "required": required, "allowed": allowed}
    return pa.Field(
        nullable=not required,
        str_matches=pattern,
        title=title,
        description=description,
        metadata=metadata,
    )


def key(title: str, description: str) -> Any:
    """Make the identifier that a table must have."""
    allowed = "1 to 120 characters on one line"
    return text(title, description, pattern=ID, allowed=allowed, required=True)


def reference(title: str, description: str, *, required: bool = False) -> Any:
    """Point to a row of another table."""
    allowed = "an identifier in the table named"
    return text(title, description, pattern=ID, allowed=allowed, required=required)


def doi() -> Any:
    """Make a column of digital object identifiers without their resolver."""
    return text("DOI", "Digital object identifier.", pattern=DOI, allowed="a bare DOI: 10.…/…")


def url(description: str) -> Any:
    """Make a column of web addresses."""
    return text("Address", description, pattern=URL, allowed="http://… or https://…")


def address(description: str, *, required: bool = False) -> Any:
    """Make a column of web addresses, or markers of what was read and has none."""
    allowed = "http(s)://…, or github:, scholar:, code-excerpt: or no-address: and what it is"
    return text("Address", description, pattern=ADDRESS, allowed=allowed, required=required)


def coded(
    title: str,
    description: str,
    values: dict[str, str],
    *,
    empty: str | None = None,
    absent: str | None = None,
    required: bool = False,
) -> Any:
    """Make a column of codes from a closed list."""
    metadata = {
        "kind": "coded",
        "required": required,
        "empty": empty,
        "absent": absent,
        "meanings": values,
    }
    return pa.Field(
        nullable=not required and absent is None,
        isin=list(values),
        title=title,
        description=description,
        metadata=metadata,
    )


def number(title: str, description: str, *, unit: str | None = None, **bounds: float) -> Any:
    """Make a column of measured quantities (float64); `bounds` are pandera's ge, gt, le, lt."""
    metadata = {"kind": "number", "required": False, "unit": unit}
    return pa.Field(
        nullable=True, title=title, description=description, metadata=metadata, **bounds
    )


def whole(title: str, description: str, *, unit: str | None = None, **bounds: float) -> Any:
    """Make a column of whole numbers, kept as float64 so that a missing value is NaN."""
    metadata = {"kind": "whole", "required": False, "unit": unit}
    return pa.Field(
        nullable=True, title=title, description=description, metadata=metadata, **bounds
    )


def year(description: str) -> Any:
    """Make a column of calendar years (Int64), from 1950 to next year."""
    return pa.Field(
        nullable=True,
        ge=EARLIEST_YEAR,
        le=LATEST_YEAR,
        title="Year",
        description=description,
        metadata={"kind": "year", "required": False, "unit": "year"},
    )
