import pytest
from docutils import nodes
from sphinx.search.en import SearchEnglish

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


@pytest.mark.parametrize(
    ("found", "better"),
    [
        ('<div role="doc-biblioentry">', '<div role="listitem">'),
        (
            '<div class="pst-scrollable-table-container">',
            '<div class="pst-scrollable-table-container" tabindex="0">',
        ),
    ],
)
def test_what_a_screen_reader_cannot_use_is_mended(found, better):
    context = {"body": f"<p>{found}</p>"}
    sphinx._mend(None, "references", "page.html", context, None)
    assert context["body"] == f"<p>{better}</p>"


def test_pages_without_a_body_stay():
    sphinx._mend(None, "search", "search.html", context := {}, None)
    assert context == {}


def test_stems_are_those_of_sphinx():
    ours, theirs = sphinx.English({}), SearchEnglish({})
    for word in ("Meditations", "meditation", "compassionate", "trials", "0.35"):
        assert ours.stem(word) == ours.stem(word) == theirs.stem(word)
