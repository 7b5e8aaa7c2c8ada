"""Calendar versions: ``2026.11``, and ``2026.11.1`` for a second edition in one month."""

import re

#: Year, month and, from the second edition of a month, a number from 1.
FORM = re.compile(r"(20\d\d)\.(0[1-9]|1[0-2])(?:\.([1-9]\d?))?")
ALLOWED = "YYYY.MM, or YYYY.MM.N for a further edition in that month, such as 2026.11 or 2026.11.1"


class EditionError(ValueError):
    """An edition that cannot be made or read; the text lists every problem, one a line."""


def order(version: str) -> tuple[int, int, int]:
    """Return what versions sort by.

    Parameters
    ----------
    version : str
        A calendar version.

    Returns
    -------
    tuple of three ints
        Year, month and number; 0 for the first edition of a month.

    Raises
    ------
    EditionError
        If it is no calendar version.
    """
    found = FORM.fullmatch(version)
    if found is None:
        raise EditionError(f"version {version!r}; allowed: {ALLOWED}")
    year, month, number = found.groups()
    return int(year), int(month), int(number or 0)
