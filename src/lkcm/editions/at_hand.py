"""The two editions that a page compares: the last released one, and what is at hand."""

import json
import os
from pathlib import Path

from lkcm.editions.record import Record, freeze, read, stored_versions
from lkcm.editions.version import EditionError
from lkcm.evidence.check import default_folder
from lkcm.paths import ROOT


def draft(data: Path, results: Path) -> Record:
    """Freeze the book as it was last built.

    Parameters
    ----------
    data : Path
        Evidence folder.
    results : Path
        Its harvested numbers.

    Raises
    ------
    EditionError
        If there are no numbers.
    """
    if not results.is_file():
        raise EditionError(f"{results} is not there; `make book` makes it")
    numbers = json.loads(results.read_text(encoding="utf-8"))
    return freeze(data, numbers, ROOT / "requirements.lock")


def compared(old: str = "", new: str = "") -> tuple[Record | None, Record | None]:
    """Return the editions that the page on changes compares, older first.

    In the pipeline, which names the harvested numbers by the environment variable LKCM_RESULTS,
    these are the last released edition and the book at hand. A notebook that is run by itself
    has no numbers at hand and compares the last two released editions.

    Parameters
    ----------
    old, new : str
        Versions of released editions, where others than these are to be compared.

    Returns
    -------
    tuple of two records
        None stands for what is not there.

    Raises
    ------
    EditionError
        If a named edition is not stored.
    """
    data = Path(default_folder())
    editions = data / "editions"
    released = stored_versions(editions)
    results = os.environ.get("LKCM_RESULTS")
    at_hand = draft(data, Path(results)) if results and not new else None
    if not new and at_hand is None:
        new, released = (released or [""])[-1], released[:-1]
    old = old or (released or [""])[-1]
    return tuple(
        record or (read(editions, version) if version else None)
        for record, version in ((None, old), (at_hand, new))
    )
