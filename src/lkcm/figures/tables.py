"""Tables and boxes of a page, as safe HTML.

Whatever comes from data is escaped, and only web addresses become links. A table is complete
without JavaScript; ``book/_static/tables.js`` adds sorting, filters and a count.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from numbers import Real
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from IPython.display import display

from lkcm.figures.renderer import SYNTHETIC, check_name, csv_link, synthetic_badge

#: Verdicts and what each is called in the style sheet.
VERDICTS = {
    "supported": "supported",
    "contradicted": "contradicted",
    "not what this evidence shows": "not-shown",
    "cannot be told": "cannot-tell",
}

_INSIDE = re.compile(r"(?=.)(?:(?:\.\./)?[a-z0-9-]+(?:/[a-z0-9-]+)*\.html)?(?:#[A-Za-z0-9-]+)?")
_PLAIN_ROWS = 20  # rows of a table shown where only text is
_LONG_TEXT = 45  # characters from which a text is given a wide column


def html_text(value: object) -> str:
    """Return a value as text that is safe in HTML, inside attributes too."""
    return escape(str(value), quote=True)


def web_address(value: object) -> str | None:
    """Return an address if it is one of the web, else None.

    Parameters
    ----------
    value : object
        Text from data; may be missing.

    Returns
    -------
    str or None
        The address without surrounding spaces if it is http or https with a host. Use it for the
        ``href`` of charts too: other schemes, such as ``javascript:``, must not become links.
    """
    if not isinstance(value, str):
        return None
    address = value.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    safe = (
        parts.scheme in {"http", "https"} and parts.netloc and not any(map(str.isspace, address))
    )
    return address if safe else None


def book_address(value: object) -> str | None:
    """Return an address within the book (``page.html``, ``#table-rows`` or both), else None."""
    return value if isinstance(value, str) and _INSIDE.fullmatch(value) else None


def chip(text: str, kind: str | None = None) -> str:
    """Return a verdict chip as safe HTML.

    Parameters
    ----------
    text : str
        The verdict as the reader sees it.
    kind : str, optional
        A value of `VERDICTS`, for colour. By default the one of `text`, else neutral.

    Raises
    ------
    ValueError
        If `kind` is not a value of `VERDICTS`.
    """
    if kind is not None and kind not in VERDICTS.values():
        raise ValueError(f"kind {kind!r} of a chip; allowed: {sorted(VERDICTS.values())}")
    kind = kind or VERDICTS.get(text.strip().lower(), "neutral")
    return f'<span class="lkcm-chip lkcm-chip-{kind}">{html_text(text)}</span>'


def in_short(sentences: Sequence[str]) -> None:
    """Display the box that opens a chapter.

    Parameters
    ----------
    sentences : sequence of str
        Two or three finished sentences, the answer first.
    """
    lines = "".join(f"<p>{html_text(sentence)}</p>" for sentence in sentences)
    html = (
        '<div class="lkcm-in-short" role="note" aria-label="In short">'
        f'<p class="lkcm-in-short-head">In short</p>{lines}</div>'
    )
    _display(html, "In short\n" + "\n".join(sentences))


def cards(items: Sequence[Mapping[str, str]]) -> None:
    """Display result cards side by side.

    Parameters
    ----------
    items : sequence of mapping
        Each has `head` (outcome and comparator), `figure` (the estimate) and `note` (interval, k
        and n), and may have `verdict` (a key of `VERDICTS`) and `href` (a page of the book,
        relative, or a web address).
    """
    html = "".join(_card(item) for item in items)
    plain = "\n".join(f"{item['head']}: {item['figure']} ({item['note']})" for item in items)
    _display(f'<div class="lkcm-cards">{html}</div>', plain)


def table(df: pd.DataFrame, *, caption: str, name: str, **options: object) -> None:
    """Display a table as one notebook output: HTML for the book, text for a terminal.

    Parameters
    ----------
    df, caption, name
        As of `table_html`.
    **options
        The further parameters of `table_html`.

    Raises
    ------
    ValueError
        As `table_html`.
    """
    html = table_html(df, caption=caption, name=name, **options)
    shown = dict(options.get("columns") or {column: column for column in df.columns})
    head = df[list(shown)].head(_PLAIN_ROWS).rename(columns=shown)
    mark = f"[{SYNTHETIC}] " if options.get("synthetic") else ""
    _display(html, f"{mark}{caption} ({_count(len(df))})\n{head.to_string(index=False)}")


def table_html(
    df: pd.DataFrame,
    *,
    caption: str,
    name: str,
    columns: Mapping[str, str] | None = None,
    links: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    chips: Iterable[str] = (),
    filterable: bool = False,
    filters: Iterable[str] = (),
    fold: bool | str = False,
    synthetic: bool = False,
    missing: str = "not stated",
) -> str:
    """Return a table as an accessible HTML table with its download.

    Parameters
    ----------
    df : pandas.DataFrame
        The rows. All its columns are in the CSV that the table offers, so leave out the rest.
    caption : str
        What the table shows, in a sentence.
    name : str
        Unique on its page; lower-case letters, digits and hyphens. Names the download.
    columns : mapping of str to str, optional
        Columns to show, in this order, with their headings. By default all, under their names.
    links : mapping of str to str, optional
        Shown column -> column with its address: of the web, or within the book (`book_address`).
        What is neither stays text.
    formats : mapping of str to str, optional
        Column -> format specification of its numbers, such as ``".2f"`` or ``",d"``.
    chips : iterable of str, optional
        Columns whose texts are verdicts, shown as chips.
    filterable : bool, optional
        Whether the reader gets a text filter over all shown columns.
    filters : iterable of str, optional
        Columns for which the reader gets a choice of their values.
    fold : bool or str, optional
        Whether the table is folded, and the words to unfold it by.
    synthetic : bool, optional
        Whether the data are simulated; then the caption says so.
    missing : str, optional
        What stands in for a missing value.

    Returns
    -------
    str
        A ``div`` with the table and its download, in a ``details`` element if folded.

    Raises
    ------
    ValueError
        If a named column is not in `df`, a column of `links`, `formats`, `chips` or `filters` is
        not shown, or `name` is malformed.
    """
    check_name(name)
    shown = dict(columns or {column: column for column in df.columns})
    links, formats = dict(links or {}), dict(formats or {})
    chips, filters = set(chips), set(filters)
    _check_columns(df, shown, links, {*links, *formats, *chips, *filters})
    numeric = {c for c in shown if _is_numeric(df[c])}
    cells = [
        _column(df, c, links.get(c), formats.get(c), c in chips, c in numeric, missing)
        for c in shown
    ]
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    heads = "".join(_heading(df[c], shown[c], c in numeric, c in filters) for c in shown)
    badge = f"{synthetic_badge()} " if synthetic else ""
    search = " data-search" if filterable else ""
    html = (
        f'<div class="lkcm-table-block" id="table-{name}"{search}>'
        f'<div class="lkcm-table" tabindex="0" role="region" aria-label="{html_text(caption)}">'
        f"<table><caption><span>{badge}{html_text(caption)}</span></caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="lkcm-downloads"><span>{_count(len(df))}</span> {csv_link(df, name)}</p></div>'
    )
    return _folded(html, fold, caption) if fold else html


def _check_columns(df: pd.DataFrame, shown: dict, links: dict, used: set[str]) -> None:
    """Refuse columns that the table does not have or does not show."""
    if absent := [c for c in [*shown, *links.values()] if c not in df.columns]:
        raise ValueError(f"not columns of the table: {absent}; it has {list(df.columns)}")
    if hidden := sorted(used - set(shown)):
        raise ValueError(f"not among the shown columns: {hidden}; shown: {list(shown)}")


def _is_numeric(column: pd.Series) -> bool:
    """Return whether a column holds numbers (yes and no are none)."""
    types = pd.api.types
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _column(
    df: pd.DataFrame,
    column: str,
    link: str | None,
    spec: str | None,
    as_chip: bool,
    numeric: bool,
    missing: str,
) -> list[str]:
    """Return the cells of one column."""
    addresses = df[link] if link else [None] * len(df)
    return [
        _cell(
            value,
            web_address(address) or book_address(address),
            spec,
            as_chip,
            numeric,
            missing,
        )
        for value, address in zip(df[column], addresses, strict=True)
    ]


def _cell(
    value: object,
    address: str | None,
    spec: str | None,
    as_chip: bool,
    numeric: bool,
    missing: str,
) -> str:
    """Return one cell."""
    kind = ' class="lkcm-num"' if numeric else ""
    if pd.isna(value):
        text, sort = f'<span class="lkcm-missing">{html_text(missing)}</span>', ' data-sort=""'
    else:
        words = _words(value, spec)
        text = chip(words) if as_chip else html_text(words)
        sort = f' data-sort="{float(value)!r}"' if numeric else ""
    if address:
        text = f'<a href="{html_text(address)}" rel="noopener">{text}</a>'
    return f"<td{kind}{sort}>{text}</td>"


def _words(value: object, spec: str | None) -> str:
    """Return a value as a reader sees it."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if spec is None and isinstance(value, float):
        return format(value, ".15g")  # neither a trailing .0 nor the noise of binary fractions
    text = format(value, spec or "")
    return text.replace("-", "\N{MINUS SIGN}") if isinstance(value, Real) else text


def _heading(column: pd.Series, text: str, numeric: bool, choice: bool) -> str:
    """Return one column heading; a column of long texts is kept wide."""
    long = not numeric and column.dropna().astype(str).str.len().max() > _LONG_TEXT
    kind = ' class="lkcm-num"' if numeric else ' class="lkcm-wide"' if long else ""
    data = " data-choice" if choice else ""
    return f'<th scope="col"{kind}{data}>{html_text(text)}</th>'


def _count(rows: int) -> str:
    """Return the number of rows in words."""
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"


def _folded(html: str, fold: bool | str, caption: str) -> str:
    """Return a block folded behind a summary."""
    words = fold if isinstance(fold, str) else f"Table: {caption}"
    return f'<details class="lkcm-fold"><summary>{html_text(words)}</summary>{html}</details>'


def _card(item: Mapping[str, str]) -> str:
    """Return one result card."""
    href = item.get("href")
    head = html_text(item["head"])
    note = html_text(item["note"]).replace(" = ", "&nbsp;=&nbsp;").replace(" %", "&nbsp;%")
    if href and (web_address(href) or not urlsplit(href).scheme):
        head = f'<a href="{html_text(href)}">{head}</a>'
    verdict = f"<p>{chip(item['verdict'])}</p>" if item.get("verdict") else ""
    return (
        f'<div class="lkcm-card"><p class="lkcm-card-head">{head}</p>'
        f'<p class="lkcm-card-figure">{html_text(item["figure"])}</p>'
        f'<p class="lkcm-card-note">{note}</p>{verdict}</div>'
    )


def _display(html: str, plain: str) -> None:
    """Display one output as HTML and as text."""
    display({"text/html": html, "text/plain": plain}, raw=True)
