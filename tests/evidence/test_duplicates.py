import pytest

from lkcm.evidence.duplicates import find_duplicates
from lkcm.evidence.exports import Entry
from lkcm.evidence.identifiers import identifiers

TITLE = "Effects of an invented compassion course on café owners"


def entry(number=1, **fields):
    return Entry(number, number, **fields)


def record(record_id="r0001", decision="excluded", **cells):
    return {"record_id": record_id, "decision": decision, **cells}


def only(entries, records, trials=None):
    (match,) = find_duplicates(entries, records, trials)
    return match.same_as, match.why, match.certain


@pytest.mark.parametrize(
    ("new", "old", "why"),
    [
        pytest.param({"doi": "10.99999/A"}, {"doi": "10.99999/a"}, "DOI", id="DOI, case"),
        pytest.param(
            {"doi": "10.99999/a.1"}, {"url": "https://journal.org/articles/10.99999/a.1/full"},
            "DOI", id="DOI in address",
        ),
        pytest.param(
            {"pmid": "99"}, {"url": "https://pubmed.ncbi.nlm.nih.gov/99/"}, "PubMed number",
            id="PubMed page",
        ),
        pytest.param(
            {"url": "http://www.Example.org/a/?utm_source=x#top"}, {"url": "https://example.org/a"},
            "address", id="address",
        ),
    ],
)  # fmt: skip
def test_identifiers_are_certain(new, old, why):
    assert only([entry(**new)], [record(**old)]) == ("r0001", why, True)


def test_leading_record_is_preferred_whatever_the_order():
    records = [record("r0001", "duplicate-report", doi="10.99999/a"),
               record("r0002", "included", doi="10.99999/a", trial_id="t")]  # fmt: skip
    assert only([entry(doi="10.99999/a")], records)[0] == "r0002"


def test_trial_completes_its_leading_record():
    records = [record("r0001", "included", title="Café trial", trial_id="t")]
    trials = {"t": {"title": TITLE, "authors": "Doe & Roe", "year": "2020", "journal": "JIE",
                    "doi": "10.99999/a", "pmid": "99"}}  # fmt: skip
    assert only([entry(doi="10.99999/a")], records, trials) == ("r0001", "DOI", True)
    assert only([entry(pmid="99")], records, trials) == ("r0001", "PubMed number", True)


def test_bib_dedupe_finds_a_title_that_differs_in_a_word():
    records = [record("r0001", "included", title="Café trial", year="2020", trial_id="t")]
    trials = {"t": {"title": TITLE, "authors": "Doe, Jane and Roe, Richard",
                    "journal": "Journal of Invented Examples"}}  # fmt: skip
    new = entry(title=TITLE + "s.", authors="Doe, J. and Roe, R.", year="2020",
                journal="Journal of Invented Examples")  # fmt: skip
    assert only([new], records, trials) == ("r0001", "bib-dedupe", False)


def test_bib_dedupe_within_the_export():
    shared = {"authors": "Doe, J. and Roe, R.", "journal": "Journal of Invented Examples",
              "volume": "3", "pages": "1-9", "year": "2020"}  # fmt: skip
    entries = [entry(1, title=TITLE, **shared), entry(2, title=TITLE.replace("é", "e"), **shared)]
    first, second = find_duplicates(entries, [])
    assert first.same_as == ""
    assert (second.same_as, second.why) == ("entry 1", "bib-dedupe")


@pytest.mark.parametrize(
    ("new", "old", "same"),
    [
        pytest.param({"year": "2020"}, {"year": "2020"}, True, id="same year"),
        pytest.param({"year": "2020"}, {"year": "2019"}, True, id="online first"),
        pytest.param({"year": "2020"}, {"year": ""}, True, id="year unknown"),
        pytest.param({"year": "2020"}, {"year": "2017"}, False, id="years apart"),
        pytest.param({"doi": "10.99999/a"}, {"doi": ""}, True, id="DOI unknown"),
        pytest.param({"doi": "10.99999/a"}, {"doi": "10.99999/b"}, False, id="other DOI"),
        pytest.param({}, {"reason": "protocol-only"}, False, id="protocol"),
    ],
)
def test_same_title(new, old, same):
    (match,) = find_duplicates([entry(title=TITLE.upper(), **new)], [record(title=TITLE, **old)])
    assert (match.same_as, match.why) == (("r0001", "title") if same else ("", ""))
    assert match.perhaps == (() if same else ("r0001",))


def test_titles_in_other_scripts_are_not_empty():
    one, other = "慈悲の瞑想と思いやりの比較試験", "自己への優しさに関する別の比較試験"
    first, second, third = find_duplicates(
        [entry(1, title=one), entry(2, title=other), entry(3, title=one)], []
    )
    assert (first.same_as, second.same_as, third.same_as) == ("", "", "entry 1")
    assert second.perhaps == ()


def test_short_titles_do_not_tell():
    assert only([entry(title="Editorial")], [record(title="Editorial")])[0] == ""


def test_repeat_of_a_known_entry_is_the_same_as_the_record():
    entries = [entry(1, doi="10.99999/a", title=TITLE), entry(2, title=TITLE)]
    _, second = find_duplicates(entries, [record(doi="10.99999/a")])
    assert second.same_as == "r0001"


def test_order_of_the_records_is_irrelevant():
    records = [record(f"r{i:04}", doi=f"10.99999/{i}", title=f"{TITLE} {i}") for i in range(20)]
    entries = [entry(i + 1, doi=f"10.99999/{i}") for i in range(0, 20, 3)]
    found = [m.same_as for m in find_duplicates(entries, records)]
    assert found == [m.same_as for m in find_duplicates(entries, records[::-1])]
    assert found == [f"r{i:04}" for i in range(0, 20, 3)]


def test_nothing_to_compare():
    assert find_duplicates([], [record(title=TITLE)]) == []
    assert only([entry(title=TITLE)], []) == ("", "", False)


def test_bib_dedupe_is_quiet(capfd):
    find_duplicates([entry(title=TITLE), entry(2, title=TITLE + " again")], [record(title=TITLE)])
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("url", "keys"),
    [
        ("", set()),
        ("no-address: a letter", set()),
        ("http://[broken.org/10.99999/x", set()),
        ("https://doi.org/10.99999/a%2Fb", {"doi:10.99999/a/b", "url:doi.org/10.99999/a/b"}),
        (
            "https://x.org/article?id=10.99999/j.1&page=2",
            {"doi:10.99999/j.1", "url:x.org/article?id=10.99999/j.1&page=2"},
        ),
        ("https://example.org/", set()),
    ],
)
def test_identifiers_of_an_address(url, keys):
    assert identifiers("", "", url) == keys
