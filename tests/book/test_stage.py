from lkcm.book.stage import ABSENT, edition, say_absent, unlinked

HERE = "{glue:text}`chapters/trials.ipynb::n:s` trials"
LOCAL = "{glue:text}`trials.ipynb::n:s` trials"


def test_references_to_chapters_that_speak_stay():
    assert say_absent(HERE, frozenset({"trials"})) == HERE
    assert say_absent(LOCAL, frozenset({"trials"})) == LOCAL


def test_references_to_silent_chapters_become_words():
    assert say_absent(HERE, frozenset()) == f"{ABSENT} trials"
    assert say_absent(LOCAL, frozenset({"search"})) == f"{ABSENT} trials"


def test_links_to_chapters_that_are_not_made_become_text():
    text = "see [the trials](chapters/trials.ipynb), [here](search.ipynb), [methods](methods.md)"
    assert unlinked(text, frozenset({"trials", "search"})) == text
    assert unlinked(text, frozenset()) == "see the trials, here, [methods](methods.md)"


def test_only_the_link_itself_becomes_text_in_a_notebook():
    cell = '{"cells": [{"source": ["a [link](gone.ipynb)"]}]}'
    assert unlinked(cell, frozenset()) == '{"cells": [{"source": ["a link"]}]}'


def test_edition_of_a_folder(tmp_path):
    (tmp_path / "trials.csv").write_text("trial_id\na\n")
    without = edition(tmp_path)
    assert without["last_search"] == ""
    (tmp_path / "queries.csv").write_text("query_id,date\n1,2025-01-31\n2,2026-02-01\n3,\n")
    found = edition(tmp_path)
    assert found["last_search"] == "2026-02-01"
    assert found["data_hash"] != without["data_hash"]
    assert found["edition"] == found["commit"] == ""
    released = edition(tmp_path, "2026.10@0123abc")
    assert (released["edition"], released["commit"]) == ("2026.10", "0123abc")
