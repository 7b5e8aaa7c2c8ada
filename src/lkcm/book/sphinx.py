"""Sphinx extension of the book: MathML formulas, and bibliographies a screen reader can read."""

import os
from functools import cache

import latex2mathml.converter
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish


def _inline(translator: object, node: nodes.Element) -> None:
    translator.body.append(latex2mathml.converter.convert(node.astext()))
    raise nodes.SkipNode


def _block(translator: object, node: nodes.Element) -> None:
    formula = latex2mathml.converter.convert(node.astext(), display="block")
    translator.body.append(f'<div class="math">{formula}</div>\n')
    raise nodes.SkipNode


#: What docutils and the theme write, and what a screen reader or a keyboard can use: entries of a
#: list bear a role that ARIA has given up, and tables scroll but cannot be reached by keyboard.
MENDED = {
    'role="doc-biblioentry"': 'role="listitem"',
    '<div class="pst-scrollable-table-container">': (
        '<div class="pst-scrollable-table-container" tabindex="0">'
    ),
}


def _mend(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Apply `MENDED` to the body of a page."""
    if "body" in context:
        for found, better in MENDED.items():
            context["body"] = context["body"].replace(found, better)


#: Small shares of the pages, so that the first is written while the second is resolved.
SHARES_A_CORE = 4


def _write_side_by_side(app: Sphinx, env: object) -> None:
    """Let pages be written beside the process that resolves and indexes them.

    After the reading, since an extension of Jupyter Book's refuses to be read so.
    """
    if hasattr(os, "sched_getaffinity"):
        app.parallel = 1 + SHARES_A_CORE * len(os.sched_getaffinity(0))


class English(SearchEnglish):
    """Sphinx's English, which finds the stem of a word once, not once a page."""

    def init(self, options: dict[str, str]) -> None:
        """Load the stemmer."""
        super().init(options)
        self.stem = cache(super().stem)


def setup(app: Sphinx) -> dict:
    """Register the ``mathml`` renderer of formulas, which needs no script and no other host."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.add_search_language(English)
    app.connect("html-page-context", _mend)
    app.connect("env-updated", _write_side_by_side)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
