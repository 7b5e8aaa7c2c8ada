"""What a notebook says to the book: headline values, and tables that it cannot do without."""

import math
from collections.abc import Iterable

from IPython.display import Markdown, display

from lkcm.evidence import Evidence

#: MIME prefix under which MyST-NB looks for glued outputs.
PREFIX = "application/papermill.record/"


def glue(key: str, text: str, value: object = None, *, synthetic: bool = False) -> None:
    """Store a headline value under ``key`` for prose pages and ``results.json``.

    Parameters
    ----------
    key : str
        Name within the page; prose shows it by ``{glue:text}`chapters/PAGE.ipynb::key:s` ``.
    text : str
        The finished text, rounded, with its interval where it has one.
    value : int, float, str, bool, list, dict or None
        What ``results.json`` keeps and tests compare. The text itself when None.
    synthetic : bool
        Mark a value that rests on synthetic data; claims and front page refuse those.

    Raises
    ------
    ValueError
        If the value is NaN or infinite: a missing number is said in words.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(
            f"glue {key!r}: {value} is no number to print; say in words what is missing"
        )
    record = {"text": text, "value": text if value is None else value}
    if synthetic:
        record["synthetic"] = True
    display(
        {PREFIX + "text/plain": repr(text)},
        raw=True,
        metadata={"scrapbook": {"name": key, "mime_prefix": PREFIX}, "lkcm": record},
    )


def needs(evidence: Evidence, *tables: str) -> None:
    """Stop the chapter in words when a table is missing or empty.

    The rest of the notebook is not run, the page says what is missing and how to add it, and
    the build goes on.

    Raises
    ------
    SystemExit
        With status 0, which papermill takes as the end of the notebook.
    """
    missing = [table for table in tables if not evidence.has(table)]
    if missing:
        stop(_what_is_missing(missing), *missing)


def stop(words: str, *missing: str) -> None:
    """Stop the chapter in words, as `needs` does, for want of something else than a table.

    Parameters
    ----------
    words : str
        What is missing and how to add it, as Markdown.
    *missing : str
        Short names of what is missing.

    Raises
    ------
    SystemExit
        With status 0.
    """
    display(Markdown(words), metadata={"lkcm_stop": list(missing)})
    raise SystemExit(0)


def _what_is_missing(tables: Iterable[str]) -> str:
    files = " and ".join(f"`{table}.csv`" for table in tables)
    return (
        f"**Not in this evidence.** This chapter is computed from {files}, and the evidence "
        "folder has no rows there. Add the file with the columns that the "
        "[data dictionary](../dictionary.md) lists, then run `make book` again."
    )
