import pytest
import yaml

from lkcm.book import preflight
from lkcm.book.preflight import problems
from lkcm.paths import DATA

PAGE = {"notebook": "trials.ipynb", "title": "T", "part": "P", "tables": ["trials"]}


def test_the_book_has_none():
    assert problems(DATA) == []


@pytest.mark.parametrize(
    ("page", "told"),
    [
        pytest.param({"tables": ["trails"]}, "unknown table 'trails' (did you mean", id="table"),
        pytest.param({"notebook": "x.ipynb"}, "there is no notebooks/x.ipynb", id="notebook"),
        pytest.param({"parameters": {"lage": 1}}, "(did you mean 'large'?)", id="parameter"),
    ],
)
def test_faults_of_a_page(tmp_path, page, told):
    (tmp_path / "chapters.yml").write_text(yaml.safe_dump({"pages": {"a": PAGE | page}}))
    (found,) = problems(tmp_path)
    assert told in found
    assert "page 'a'" in found


@pytest.mark.parametrize(
    "text",
    ["{glue:text}`chapters/trials.ipynb::n`", "{glue:text}`trials::n:s`", "{glue:}`n`"],
)
def test_glue_that_sphinx_would_misread(text):
    (found,) = preflight._glue_problems("index.md", f"so {text} it is")
    assert "the :s is obligatory" in found


def test_pages_and_toc_must_agree(monkeypatch, tmp_path):
    book = tmp_path / "book"
    book.mkdir()
    (book / "chapters.yml").write_text(yaml.safe_dump({"pages": {"a": PAGE}}))
    monkeypatch.setattr(preflight, "BOOK", book)
    monkeypatch.setattr(preflight, "chapters_file", lambda data: book / "chapters.yml")
    found = "\n".join(problems(tmp_path))
    assert "chapters/a is made by book/chapters.yml but not listed" in found
    assert "chapters/trials is listed but book/chapters.yml has no such page" in found
    assert "there is no book/methods.md" in found
