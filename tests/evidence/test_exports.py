from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest

from lkcm.evidence.exports import read_export
from lkcm.evidence.problems import has_errors

EXPORTS = Path(__file__).parent / "exports"


def read(tmp_path, content):
    path = tmp_path / "export"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_export(path)


def fields(entry, *names):
    return tuple(getattr(entry, name) for name in names)


@pytest.mark.parametrize(
    ("name", "kind", "n"),
    [
        pytest.param("pubmed.nbib", "NBIB", 2, id="nbib"),
        pytest.param("scopus.ris", "RIS", 2, id="ris"),
        pytest.param("zotero.bib", "BibTeX", 2, id="bibtex"),
        pytest.param("rayyan.csv", "CSV", 3, id="rayyan"),
        pytest.param("covidence.csv", "CSV", 2, id="covidence"),
        pytest.param("asreview.csv", "CSV", 3, id="asreview"),
    ],
)
def test_format_is_recognised_by_content(name, kind, n):
    export = read_export(EXPORTS / name)
    assert (export.format, len(export.entries), export.problems) == (kind, n, ())


def test_nbib_fields():
    first, second = read_export(EXPORTS / "pubmed.nbib").entries
    assert fields(first, "line", "title", "year", "doi", "pmid") == (
        2,
        "A pilot study and randomized controlled trial of the mindful self-compassion program",
        "2013",
        "10.1002/jclp.21923",
        "23070875",
    )
    assert first.authors == "Neff, Kristin D and Germer, Christopher K"
    # the publisher's item number comes before the DOI
    assert fields(second, "doi", "volume", "issue", "pages") == (
        "10.99999/invented.2026.001", "3", "2", "101-9",
    )  # fmt: skip


def test_empty_nbib_tags(tmp_path):
    export = read(tmp_path, "PMID- 7\nTI  -\n      A title\nVI  -\nPHST- nonsense\n")
    assert (export.problems, export.entries[0].title) == ((), "A title")


def test_ris_fields():
    first, second = read_export(EXPORTS / "scopus.ris").entries
    assert fields(first, "authors", "year", "url", "journal", "pages") == (
        "Müller, Ä. and O'Neil, S.",
        "2026",
        "https://example.org/record/1",
        "Journal of Invented Examples",
        "101-109",
    )
    assert fields(second, "authors", "title", "year", "doi", "vote") == (
        "山田, 花子",
        "慈悲の瞑想と自己への思いやりに関する作り話の無作為化比較試験",
        "2025",
        "10.99999/invented.2025.007",
        "included",
    )


def test_bibtex_fields():
    first, second = read_export(EXPORTS / "zotero.bib").entries
    assert first.title == (
        "Loving-Kindness Meditation for Night-Shift Nurses: a Made-Up Randomised Trial"
    )
    assert fields(first, "authors", "journal", "doi") == (
        "Müller, Änne and O'Neil, Sam",
        "Journal of Invented Examples",
        "10.99999/invented.2026.001",
    )
    assert fields(second, "title", "authors", "year", "url", "line") == (
        "Mitgefühl & Güte: ein erfundener Versuch mit Losverfahren",
        "Gruß, Jo",
        "2024",
        "https://example.org/mitgefuehl",
        11,
    )


@pytest.mark.parametrize(
    ("name", "votes"),
    [
        pytest.param(
            "rayyan.csv",
            [("excluded", "not-randomised"), ("", ""), ("included", "")],
            id="rayyan: agreed, divided, one screener",
        ),
        pytest.param(
            "covidence.csv", [("excluded", "wrong-comparator"), ("", "")], id="covidence: notes"
        ),
        pytest.param(
            "asreview.csv", [("included", ""), ("excluded", ""), ("", "")], id="asreview: labels"
        ),
    ],
)
def test_votes_of_screening_tools(name, votes):
    entries = read_export(EXPORTS / name).entries
    assert [(entry.vote, entry.reason) for entry in entries] == votes


def test_csv_quotes_and_line_breaks_in_cells():
    first, second, _ = read_export(EXPORTS / "rayyan.csv").entries
    assert first.title == 'Kindness, "compassion" and sleep: an invented trial'
    assert second.title == "A second invented trial of compassion training in schools"
    assert second.line == 3


@pytest.mark.parametrize("name", [path.name for path in sorted(EXPORTS.glob("*.*"))])
@pytest.mark.parametrize("change", ["crlf", "cr", "bom", "utf-16"])
def test_line_ends_and_byte_order_marks_do_not_matter(name, change, tmp_path):
    text = (EXPORTS / name).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    content = {
        "crlf": text.replace("\n", "\r\n").encode(),
        "cr": text.replace("\n", "\r").encode(),
        "bom": b"\xef\xbb\xbf" + text.encode(),
        "utf-16": text.encode("utf-16"),
    }[change]
    export = read(tmp_path, content)
    assert export.problems == ()
    assert export.entries == read_export(EXPORTS / name).entries


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(delimiter, tmp_path):
    export = read(tmp_path, f"Title{delimiter}DOI\nA, b{delimiter}10.99999/x\n")
    assert fields(export.entries[0], "title", "doi") == ("A, b", "10.99999/x")


@pytest.mark.parametrize(
    ("content", "rule", "row", "found"),
    [
        pytest.param(b"", "export-empty", None, "nothing", id="empty"),
        pytest.param(b" \r\n\n", "export-empty", None, "nothing", id="blank"),
        pytest.param(b"title,doi\n", "export-empty", None, "no entry", id="header only"),
        pytest.param(b"to whom it\nmay concern", "export-format", None, "to whom it", id="prose"),
        pytest.param(b"a,b\n1,2\n", "export-format", None, "a,b", id="other CSV"),
        pytest.param(b"title\nok\ncaf\xe9\n", "export-encoding", 3, "byte 0xe9", id="latin-1"),
        pytest.param(
            b"title,doi\nA,10.99999/a\nB\n", "export-entry", 3,
            "1 cells, where the header has 2", id="ragged",
        ),
        pytest.param(
            b'title\n"open', "export-entry", 2, "unexpected end of data", id="open quote"
        ),
        pytest.param(
            b"TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nTI  - B\n", "export-entry", 4,
            "no end mark 'ER  - ' (the last line is 'TI  - B')", id="RIS without end",
        ),
        pytest.param(
            b"TY - JOUR\nTI - A\nER - \n", "export-entry", 1,
            "tags that are not written 'TI  - ' (two blanks before the hyphen)", id="RIS blanks",
        ),
        pytest.param(
            b"PMID- 1\nTI  - A\nlost\n", "export-entry", 1, "a line without a tag: 'lost'",
            id="NBIB stray line",
        ),
        pytest.param(
            b"PMID- one\nTI  - A\n", "export-entry", 1, "an odd field after 'PMID- one'",
            id="NBIB number",
        ),
        pytest.param(
            b"PMID- 7\nTI  - A\nAID - 10.99999/x[doi]\n", "export-entry", 1,
            "an odd field after 'PMID- 7'", id="NBIB field",
        ),
        pytest.param(
            b"@misc{a, title={A}}\n@misc{b, title={B}\n", "export-entry", 2,
            "unbalanced braces, a missing comma or an undefined macro after '@misc{b, title={B}'",
            id="BibTeX brace",
        ),
        pytest.param(
            b"@misc{a, title={A}, journal=jcp}\n", "export-entry", 1,
            "unbalanced braces, a missing comma or an undefined macro after "
            "'@misc{a, title={A}, journal=jcp}'",
            id="BibTeX macro",
        ),
        pytest.param(
            b"TY  - JOUR\nAU  - Doe, J\nER  - \n", "export-nameless", 1, "both empty",
            id="neither title nor DOI",
        ),
    ],
)  # fmt: skip
def test_bad_input_is_refused(content, rule, row, found, tmp_path):
    (problem,) = read(tmp_path, content).problems
    assert problem.level == "error"
    assert (problem.rule, problem.file, problem.row, problem.found) == (rule, "export", row, found)
    assert problem.allowed


def test_folder_is_refused(tmp_path):
    (problem,) = read_export(tmp_path).problems
    assert problem.rule == "export-unreadable"


def test_all_problems_at_once(tmp_path):
    problems = read(tmp_path, "title,doi,year\nA\n,,2020\nB,,n.d.\nC,none,2020\n").problems
    assert [(p.row, p.row_id, p.column, p.found) for p in problems] == [
        (2, "entry 1", "", "1 cells, where the header has 3"),
        (3, "entry 2", "title, doi", "both empty"),
        (4, "entry 3", "year", "n.d."),
        (5, "entry 4", "doi", "none"),
    ]
    assert has_errors(problems)


def test_unusable_doi_year_and_address_are_left_empty_with_a_warning(tmp_path):
    export = read(tmp_path, "title,doi,year,url\nA,n/a,1066,see shelf\n")
    assert fields(export.entries[0], "doi", "year", "url") == ("", "", "")
    assert [(p.level, p.column) for p in export.problems] == [
        ("warning", "doi"), ("warning", "year"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("doi", "clean"),
    [
        ("https://doi.org/10.99999/a.b", "10.99999/a.b"),
        ("doi:10.99999/a.b.", "10.99999/a.b"),
        ("10.99999/a%281%29", "10.99999/a(1)"),
        ("10.99999/a [doi]", "10.99999/a"),
    ],
)
def test_doi_prefixes(doi, clean, tmp_path):
    assert read(tmp_path, f"title,doi\nA,{doi}\n").entries[0].doi == clean


def test_titles_lose_markup_and_full_stop(tmp_path):
    export = read(tmp_path, "title\n<i>Mettā</i> &amp; care: a trial.\nWait for it...\n")
    assert [e.title for e in export.entries] == ["Mettā & care: a trial", "Wait for it..."]


PIECES = [
    b"TY  - JOUR\n", b"ER  - \n", b"TI  - A\n", b"UR  - http://[\n", b"PMID- 1\n", b"FAU - X\n",
    b"      more\n", b"@article{k,\n", b" title = {A},\n", b"}\n", b'"', b"{", b"title,doi\n",
    b"A,10.99999/x\n", b"\xff", b"\0", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\\", b",",
]  # fmt: skip


@hypothesis.settings(
    max_examples=150, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(
    st.one_of(st.binary(max_size=80), st.lists(st.sampled_from(PIECES)).map(b"".join))
)
def test_any_bytes_are_read_or_refused_with_a_reason(tmp_path, content):
    export = read(tmp_path, content)
    assert export.entries or has_errors(export.problems)
    for entry in export.entries:
        refused = {problem.row_id for problem in export.problems if problem.level == "error"}
        assert entry.title or entry.doi or f"entry {entry.number}" in refused


def test_order_of_the_entries_is_kept(tmp_path):
    lines = [f"Title number {i},10.99999/{i}" for i in range(50)]
    export = read(tmp_path, "\n".join(["title,doi", *lines]))
    assert [e.doi for e in export.entries] == [f"10.99999/{i}" for i in range(50)]
    assert [e.line for e in export.entries] == list(range(2, 52))
