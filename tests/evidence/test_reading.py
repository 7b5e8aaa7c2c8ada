"""Whatever the bytes: a problem with a place, never an exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lkcm.evidence.check import check
from lkcm.evidence.problems import format_problems, to_json
from lkcm.evidence.reading import read_table

TRIALS = b"trial_id,title,year\na1,Kindness,2010\na2,Compassion,2012\n"
EFFECTS = b"effect_id,trial_id,outcome,sign\ne1,a1,stress,+\ne2,a2,stress,-\n"

# bytes of trials.csv, and (rule, row, column) that must be among the problems
FORMS = {
    "empty": (b"", ("file-empty", None, "")),
    "blank": (b"\xef\xbb\xbf \r\n\n", ("file-empty", None, "")),
    "not utf-8": (TRIALS.replace(b"Compassion", b"C\xf6mpassion"), ("file-encoding", 3, "")),
    "utf-16": (TRIALS.decode().encode("utf-16"), ("file-encoding", 1, "")),
    "nul": (TRIALS.replace(b"Comp", b"Co\0mp"), ("control-character", 3, "title")),
    "escape": (TRIALS.replace(b"Comp", b"\x1b[2J"), ("control-character", 3, "title")),
    "too few cells": (TRIALS + b"a3,Metta\n", ("row-ragged", 4, "")),
    "too many cells": (TRIALS + b"a3,Metta, or love,2015\n", ("row-ragged", 4, "")),
    "duplicate header": (TRIALS.replace(b"year", b"title"), ("column-duplicate", 1, "title")),
    "unnamed column": (TRIALS.replace(b"year", b""), ("column-unnamed", 1, "column 3")),
    "misspelt column": (TRIALS.replace(b"year", b"Year "), ("column-misspelt", 1, "Year")),
    "unknown column": (TRIALS.replace(b"year", b"mood"), ("column-unknown", 1, "mood")),
    "semicolons": (TRIALS.replace(b",", b";"), ("file-delimiter", 1, "")),
    "lone quote": (TRIALS.replace(b"Comp", b'"Comp'), ("file-syntax", 3, "")),
    "quote after a quoted cell": (TRIALS.replace(b"Kindness", b'"K"s'), ("file-syntax", 2, "")),
    "gigantic cell": (TRIALS.replace(b"Comp", b"x" * 200_000), ("file-syntax", 3, "")),
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "trials.csv").write_bytes(TRIALS)
    (tmp_path / "effects.csv").write_bytes(EFFECTS)
    return tmp_path


@pytest.mark.parametrize("form", FORMS)
def test_what_is_wrong_with_the_form(folder, form):
    data, expected = FORMS[form]
    (folder / "trials.csv").write_bytes(data)
    problems = [p for p in check(folder) if p.file == "trials.csv"]
    assert expected in {(p.rule, p.row, p.column) for p in problems}


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + TRIALS,
        TRIALS.replace(b"\n", b"\r\n"),
        TRIALS.replace(b"\n", b"\r"),
        TRIALS.rstrip(),
        TRIALS.replace(b"\n", b"\n\n,,\n"),
        TRIALS.replace(b"Kindness", b" Kindness "),
        TRIALS.replace(b"Kindness", b'"Kindness, ""metta""\nand more"'),
    ],
    ids=["bom", "crlf", "cr", "no last newline", "blank rows", "blanks", "quoted"],
)
def test_harmless_forms(folder, data):
    (folder / "trials.csv").write_bytes(data)
    assert check(folder) == []


def test_a_row_is_named_by_its_line_in_an_editor(folder):
    data = b'trial_id,title,year\na1,"two\nlines",2010\n\na2,Compassion,soon\n'
    (folder / "trials.csv").write_bytes(data)
    assert [(p.row, p.row_id, p.found) for p in check(folder)] == [(5, "a2", "soon")]


def test_a_broken_table_is_not_compared_with_others(folder):
    (folder / "trials.csv").write_bytes(TRIALS.replace(b"Kindness", b'"Kindness'))
    assert {p.rule for p in check(folder)} == {"file-syntax"}


def test_of_columns_with_one_name_the_first_is_read(folder):
    path = folder / "trials.csv"
    path.write_bytes(b"trial_id,title,title\na1,first,second\n")
    assert list(read_table(path, "trials").cells["title"]) == ["first"]


def test_a_folder_in_the_place_of_a_file(folder):
    (folder / "trials.csv").unlink()
    (folder / "trials.csv").mkdir()
    assert [(p.rule, p.found) for p in check(folder)] == [("file-unreadable", "a folder")]


def test_a_link_to_nothing(folder):
    (folder / "trials.csv").unlink()
    (folder / "trials.csv").symlink_to(folder / "trials.csv")
    assert [p.rule for p in check(folder)] == ["file-unreadable"]


pieces = st.sampled_from(
    [b",", b"\n", b"\r", b'"', b"\0", b"\xff", b"\xef\xbb\xbf", b"trial_id", b"effect_id", b"year"]
    + [
        b"outcome",
        b"sign",
        b"+",
        b"nan",
        b"1e999",
        b"-0.0",
        b"9" * 30,
        b"a1",
        b"\xc2\x85",
        b"title",
    ]
)
mangled = st.one_of(
    st.binary(max_size=200),
    st.lists(pieces, max_size=60).map(b"".join),
    st.tuples(st.sampled_from([TRIALS, EFFECTS]), st.integers(0, 60), pieces).map(
        lambda t: t[0][: t[1]] + t[2] + t[0][t[1] :]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(trials=mangled, effects=mangled, corrections=mangled)
def test_no_bytes_raise(tmp_path, trials, effects, corrections):
    files = {"trials.csv": trials, "effects.csv": effects, "corrections.csv": corrections}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    problems = check(tmp_path)
    assert all(p.file and p.rule and p.mend for p in problems)
    text = format_problems(problems)
    assert "\0" not in text and "\x1b" not in text
    assert to_json(problems).startswith("[")
