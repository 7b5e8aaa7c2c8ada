from docutils import nodes

from lkcm.book import sphinx


class Translator:
    def __init__(self):
        self.body = []


def rendered(render, formula):
    translator = Translator()
    node = nodes.math(formula, formula)
    try:
        render(translator, node)
    except nodes.SkipNode:
        return "".join(translator.body)


def test_formulas_are_mathml():
    inline, block = rendered(sphinx._inline, "a < b"), rendered(sphinx._block, r"\alpha")
    assert inline.startswith("<math")
    assert "&#x0003C;" in inline
    assert 'display="block"' in block
    assert "script" not in inline + block


def test_entries_of_a_bibliography_are_list_items():
    context = {"body": '<div role="list"><div role="doc-biblioentry">Gwet</div></div>'}
    sphinx._list_items(None, "references", "page.html", context, None)
    assert context["body"] == '<div role="list"><div role="listitem">Gwet</div></div>'
    sphinx._list_items(None, "search", "search.html", context := {}, None)
    assert context == {}
