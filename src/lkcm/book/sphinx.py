"""Sphinx extension of the book: MathML formulas, and bibliographies a screen reader can read."""

import latex2mathml.converter
from docutils import nodes
from sphinx.application import Sphinx


def _inline(translator: object, node: nodes.Element) -> None:
    translator.body.append(latex2mathml.converter.convert(node.astext()))
    raise nodes.SkipNode


def _block(translator: object, node: nodes.Element) -> None:
    formula = latex2mathml.converter.convert(node.astext(), display="block")
    translator.body.append(f'<div class="math">{formula}</div>\n')
    raise nodes.SkipNode


def _list_items(app: Sphinx, page: str, template: str, context: dict, doctree: object) -> None:
    """Mend docutils' bibliography: a list whose entries bear a role that ARIA has given up."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app: Sphinx) -> dict:
    """Register the ``mathml`` renderer of formulas, which needs no script and no other host."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("html-page-context", _list_items)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
