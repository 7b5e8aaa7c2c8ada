import pytest
import yaml

from lkcm.book.chapters import ChaptersError, Page, chapters_file, merge_toc, read_pages, toc_files
from lkcm.paths import BOOK

GOOD = {"notebook": "trials.ipynb", "title": "The trials", "part": "The evidence"}


def written(tmp_path, content):
    path = tmp_path / "chapters.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def test_a_page_has_defaults(tmp_path):
    (page,) = read_pages(written(tmp_path, {"pages": {"trials": GOOD}}))
    assert page == Page("trials", "trials.ipynb", "The trials", "The evidence", (), {})


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("pages: [", "cannot be read as YAML", id="not YAML"),
        pytest.param("", "expected a mapping `pages:`", id="empty"),
        pytest.param({"pages": []}, "expected a mapping `pages:`", id="a list"),
        pytest.param({"pages": {"a b": GOOD}}, "lower-case letters", id="name with a space"),
        pytest.param({"pages": {1: GOOD}}, "lower-case letters", id="name is a number"),
        pytest.param({"pages": {"a": "x"}}, "expected a mapping, found 'x'", id="page is text"),
        pytest.param({"pages": {"a": GOOD | {"table": []}}}, "unknown key 'table'", id="key"),
        pytest.param({"pages": {"a": GOOD | {"title": 3}}}, "title must be text", id="title"),
        pytest.param({"pages": {"a": GOOD | {"tables": "x"}}}, "tables must be", id="tables"),
        pytest.param({"pages": {"a": GOOD | {"parameters": [1]}}}, "parameters must", id="params"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, content, told):
    with pytest.raises(ChaptersError, match=told):
        read_pages(written(tmp_path, content))


def test_all_problems_at_once(tmp_path):
    content = {"pages": {"A": GOOD, "b": GOOD | {"title": ""}, "c": {"notebook": "x"}}}
    with pytest.raises(ChaptersError) as caught:
        read_pages(written(tmp_path, content))
    assert len(str(caught.value).splitlines()) == 4


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "chapters.yml"
    path.write_bytes(b"\xff\xfe\x00pages")
    with pytest.raises(ChaptersError, match="cannot be read"):
        read_pages(path)


def test_the_evidence_folder_may_bring_its_own(tmp_path):
    assert chapters_file(tmp_path) == BOOK / "chapters.yml"
    own = written(tmp_path, {"pages": {"a": GOOD}})
    assert chapters_file(tmp_path) == own


TOC = {
    "root": "index",
    "parts": [
        {"caption": "The evidence", "chapters": [{"file": "chapters/trials"}]},
        {"caption": "Harms", "chapters": [{"file": "chapters/harms"}]},
        {"caption": "Behind", "chapters": [{"file": "methods", "sections": [{"file": "more"}]}]},
    ],
}


def test_toc_files_in_order():
    assert toc_files(TOC) == ["index", "chapters/trials", "chapters/harms", "methods", "more"]


def test_merge_keeps_prose_and_drops_pages_that_are_not_made():
    pages = [Page("trials", "trials.ipynb", "T", "The evidence")]
    assert toc_files(merge_toc(TOC, pages)) == ["index", "chapters/trials", "methods", "more"]


def test_merge_adds_pages_to_their_part_and_new_parts_before_the_last():
    pages = [
        Page("sizes", "trials.ipynb", "S", "The evidence"),
        Page("money", "trials.ipynb", "M", "Costs"),
    ]
    merged = merge_toc(TOC, pages)
    assert [part["caption"] for part in merged["parts"]] == ["The evidence", "Costs", "Behind"]
    assert toc_files(merged) == ["index", "chapters/sizes", "chapters/money", "methods", "more"]
