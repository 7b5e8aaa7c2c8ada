"""Put a chart on a page: a static SVG first, which a vendored Vega may turn interactive.

The SVG shows without JavaScript, in print and from a disk. ``book/_static/charts.js`` replaces it
by the live chart when the reader scrolls near, and leaves it alone if anything fails. Nothing here
is random, so that the same chart gives the same bytes.
"""

import base64
import json
import os
import re
from html import escape

import altair
import pandas as pd
from IPython.display import display

from lkcm.figures import easel
from lkcm.figures.theme import FONT

#: The words that mark simulated or otherwise invented data, on the page and on the chart.
SYNTHETIC = "Synthetic data"

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TAG = re.compile(r"<[^>]+>")
_VEGA_ID = re.compile(r'(\bid="|url\(#|href="#)((?:clip|gradient_|pattern_)\d+)')
_BASE_URL = "https://vega.github.io/vega-datasets/"  # vl-convert completes relative links with it
_EMPTY_LINK = re.compile(rf'<a xlink:href="{re.escape(_BASE_URL)}(?:null)?">(.*?)</a>', re.DOTALL)
_EMPTY_PATH = re.compile(r'<path class="\w+" aria-hidden="true" d="(?:M0,0h0v0h0Z)?"[^>]*/>')
_DEFAULTS = re.compile(r' (?:opacity="1"|stroke-width="1"|pointer-events="none")')


def show(
    chart: altair.TopLevelMixin,
    *,
    title: str,
    alt: str,
    name: str,
    data: pd.DataFrame,
    synthetic: bool = False,
    caption: str | None = None,
) -> None:
    """Display a chart as one notebook output: HTML for the book, text for a terminal.

    Parameters
    ----------
    chart : altair.TopLevelMixin
        The chart, about 720 px wide with its labels, without a title of its own.
    title : str
        The finding, in a sentence; it stands above the chart.
    alt : str
        What the chart shows, in a sentence, for those who do not see it.
    name : str
        Unique on its page; lower-case letters, digits and hyphens. Names the downloads.
    data : pandas.DataFrame
        The rows behind the chart, offered as CSV (without the index).
    synthetic : bool, optional
        Whether the data are simulated; then the page and the chart itself say so.
    caption : str, optional
        How to read the chart, below its title.

    Raises
    ------
    ValueError
        If `name` is not of that form, or `title` or `alt` is empty.
    """
    html = figure_html(
        chart, title=title, alt=alt, name=name, data=data, synthetic=synthetic, caption=caption
    )
    mark = f"[{SYNTHETIC}] " if synthetic else ""
    display({"text/html": html, "text/plain": f"{mark}{title}\n{alt}"}, raw=True)


def figure_html(
    chart: altair.TopLevelMixin,
    *,
    title: str,
    alt: str,
    name: str,
    data: pd.DataFrame,
    synthetic: bool = False,
    caption: str | None = None,
) -> str:
    """Return the HTML figure that `show` displays; the parameters are the same.

    Returns
    -------
    str
        A ``figure`` element with caption, static SVG, spec and downloads.

    Raises
    ------
    ValueError
        As `show`.
    """
    check_name(name)
    if not title.strip() or not alt.strip():
        raise ValueError(f"figure {name!r} needs a title and an alt text")
    spec = chart_spec(chart, title=title, synthetic=synthetic)
    kind = "lkcm-chart lkcm-synthetic" if synthetic else "lkcm-chart"
    badge = f"{synthetic_badge()} " if synthetic else ""
    note = f'<span class="lkcm-caption">{_text(caption)}</span>' if caption else ""
    return (
        f'<figure class="{kind}" id="figure-{name}" tabindex="0" role="group" '
        f'aria-label="{escape(alt)}">'
        f'<figcaption>{badge}<span class="lkcm-title">{_text(title)}</span>{note}</figcaption>'
        f'<div class="lkcm-canvas">{static_svg(spec, title=title, prefix=f"figure-{name}")}</div>'
        f'<script type="application/json">{script_json(spec)}</script>'
        f'<p class="lkcm-downloads">{csv_link(data, name)}</p>'
        "</figure>"
    )


def _text(words: str) -> str:
    return escape(words).replace(" %", "\N{NO-BREAK SPACE}%")


def chart_spec(chart: altair.TopLevelMixin, *, title: str, synthetic: bool = False) -> dict:
    """Return the Vega-Lite spec of a chart, described, and marked where its data are synthetic.

    Parameters
    ----------
    chart : altair.TopLevelMixin
        The chart; data of any length are embedded.
    title : str
        Becomes the spec's description, which the live chart announces.
    synthetic : bool, optional
        Whether to draw the words of `SYNTHETIC` on the chart.

    Returns
    -------
    dict
    """
    with altair.data_transformers.enable("default", max_rows=None):
        # Validation takes as long as the rest; a build leaves it to the tests of its notebooks.
        spec = chart.to_dict(validate=easel.ADDRESS not in os.environ)
    spec["description"] = title
    _drop_unused_fields(spec)
    if synthetic:
        own = spec.get("title")
        own = {"text": own} if isinstance(own, str | list) else dict(own or {})
        text = own.get("text", [])
        lines = [text] if isinstance(text, str) else list(text)
        spec["title"] = {**own, "text": [SYNTHETIC, *lines]}
    return spec


def _drop_unused_fields(spec: dict) -> None:
    """Keep of the rows only the fields that are named anywhere in the chart."""
    named = json.dumps({key: value for key, value in spec.items() if key != "datasets"})
    for name, rows in spec.get("datasets", {}).items():
        fields = {key for row in rows for key in row}
        used = {key for key in fields if json.dumps(key)[1:-1] in named}
        spec["datasets"][name] = [
            {key: value for key, value in row.items() if key in used} for row in rows
        ]


def static_svg(spec: dict, *, title: str, prefix: str) -> str:
    """Draw a spec as an SVG element whose ids are this chart's own.

    Parameters
    ----------
    spec : dict
        A Vega-Lite spec with its data.
    title : str
        The accessible name of the drawing.
    prefix : str
        Start of every id.

    Returns
    -------
    str
        One ``svg`` element; text stays text and fonts are the reader's own.
    """
    svg = easel.draw(spec)
    svg = _EMPTY_LINK.sub(r"\1", _EMPTY_PATH.sub("", svg))
    ids: dict[str, str] = {}
    svg = _TAG.sub(lambda tag: _tidy_tag(tag.group(), prefix, ids), svg)
    root = f'<svg role="graphics-document" aria-label="{escape(title)}" font-family="{FONT}" '
    return svg.replace("<svg ", root, 1)


def _tidy_tag(tag: str, prefix: str, ids: dict[str, str]) -> str:
    """Return one SVG tag with own ids and links, without what only repeats a default.

    Vega counts ids on from chart to chart; `ids` collects new ones in order of appearance.
    """

    def own_id(found: re.Match) -> str:
        return found[1] + ids.setdefault(found[2], f"{prefix}-{len(ids) + 1}")

    tag = _DEFAULTS.sub("", tag).replace(f' font-family="{FONT}"', "")
    return _VEGA_ID.sub(own_id, tag).replace(f'href="{_BASE_URL}', 'href="')


def script_json(value: object) -> str:
    r"""Return JSON that is safe inside a ``script`` element.

    Every ``<`` is written ``\u003c``: neither ``</script>`` nor ``<!--`` can then occur.

    Raises
    ------
    ValueError
        If a number is not finite.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def csv_link(data: pd.DataFrame, name: str) -> str:
    """Return a link that downloads a table as CSV, without JavaScript and from a disk too."""
    content = base64.b64encode(data.to_csv(index=False, lineterminator="\n").encode()).decode()
    return (
        f'<a class="lkcm-csv" download="{name}.csv" '
        f'href="data:text/csv;charset=utf-8;base64,{content}" '
        f'aria-label="Download {name}.csv">CSV</a>'
    )


def synthetic_badge() -> str:
    """Return the hatched badge that marks synthetic data."""
    return f'<span class="lkcm-badge-synthetic"><span>{SYNTHETIC}</span></span>'


def check_name(name: str) -> None:
    """Refuse a name that would not do as id and file name.

    Raises
    ------
    ValueError
        If `name` is not lower-case letters and digits in groups joined by hyphens.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"name {name!r}: use lower-case letters, digits and single hyphens, as in 'trial-size'"
        )
