import re

import numpy as np
import pandas as pd
import pytest

from lkcm.figures import tables
from lkcm.figures.tables import chip, html_text, table_html, web_address

NASTY = "</td><script>alert(1)</script>\"'&"
DATA = pd.DataFrame(
    {
        "trial": [NASTY, "Lang 2017", None],
        "g": [0.314, np.nan, -0.1],
        "n": pd.array([40, None, 1200], dtype="Int64"),
        "blinded": [True, False, True],
        "verdict": ["supported", "cannot be told", "something else"],
        "url": ["https://example.org/?a=1&b=\"'", "javascript:alert(1)", None],
    }
)


def html(df: pd.DataFrame = DATA, **options) -> str:
    return table_html(df, **{"caption": "Trials", "name": "trials", **options})


def cells(page: str) -> list[list[str]]:
    body = re.search(r"<tbody>(.*)</tbody>", page, re.DOTALL)[1]
    rows = re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    return [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in rows]


def test_a_per_cent_sign_stays_by_its_number():
    assert html_text("8 of 10 (80 %)") == "8 of 10 (80\N{NO-BREAK SPACE}%)"


def test_table_is_named_and_headed():
    page = html(columns={"trial": "Trial", "n": "Randomised"})
    assert 'role="region" aria-label="Trials"' in page
    assert "<caption><span>Trials</span></caption>" in page
    assert re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', page) == ["Trial", "Randomised"]
    assert "3 rows" in page


def test_text_from_data_is_escaped_everywhere():
    page = html(
        DATA.rename(columns={"g": NASTY}),
        caption=NASTY,
        chips=["trial"],
        fold=NASTY,
        missing="<b>",
    )
    assert "<script" not in page
    assert "<b>" not in page
    assert html_text(NASTY) in page


def test_only_web_addresses_become_links():
    page = html(columns={"trial": "Trial"}, links={"trial": "url"})
    first, second, third = (row[0] for row in cells(page))
    address = "https://example.org/?a=1&amp;b=&quot;&#x27;"
    assert first.startswith(f'<a href="{address}" rel="noopener">')
    assert second == "Lang 2017"
    assert "href" not in third


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://doi.org/10.1037/cps0000186", "https://doi.org/10.1037/cps0000186"),
        (" http://example.org ", "http://example.org"),
        ("HTTPS://example.org", "HTTPS://example.org"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("//example.org", None),
        ("https://", None),
        ("https://a b", None),
        ("https://[", None),
        ("10.1037/cps0000186", None),
        (None, None),
        (np.nan, None),
    ],
)
def test_web_address(value, expected):
    assert web_address(value) == expected


def test_what_is_not_stated_says_so():
    rows = cells(html(columns={"trial": "t", "g": "g", "n": "n"}))
    muted = '<span class="lkcm-missing">not stated</span>'
    assert rows[2][0] == rows[1][1] == rows[1][2] == muted
    assert '<span class="lkcm-missing">none</span>' in html(missing="none")


def test_numbers_are_formatted_for_the_eye_and_kept_for_sorting():
    page = html(columns={"g": "g", "n": "n"}, formats={"g": ".2f", "n": ",d"})
    assert cells(page)[0] == ["0.31", "40"]
    assert cells(page)[2] == ["\N{MINUS SIGN}0.10", "1,200"]
    assert re.findall(r'data-sort="([^"]*)"', page) == ["0.314", "40.0", "", "", "-0.1", "1200.0"]


@pytest.mark.parametrize(
    ("value", "expected"), [(3.0, "3"), (0.1 + 0.2, "0.3"), (1234.5, "1234.5"), (True, "yes")]
)
def test_values_without_a_format(value, expected):
    assert cells(html(pd.DataFrame({"x": [value]}))) == [[expected]]


def test_verdicts_are_chips():
    chips = [row[0] for row in cells(html(columns={"verdict": "v"}, chips=["verdict"]))]
    kinds = [re.search(r"lkcm-chip-([a-z-]+)", c)[1] for c in chips]
    assert kinds == ["supported", "cannot-tell", "neutral"]


def test_chip_refuses_a_kind_without_a_style():
    assert "lkcm-chip-not-shown" in chip("x", "not-shown")
    with pytest.raises(ValueError, match="kind 'nice' of a chip; allowed"):
        chip("x", "nice")


def test_filters_are_announced_to_the_script():
    page = html(filterable=True, filters=["verdict"])
    assert " data-search>" in page
    assert re.findall(r"<th[^>]* data-choice>([^<]*)</th>", page) == ["verdict"]
    assert "data-search" not in html() and "data-choice" not in html()


@pytest.mark.parametrize(
    ("fold", "words"),
    [(True, "Table: Trials"), ("The trials", "The trials")],
    ids=["bool", "text"],
)
def test_folded_table(fold, words):
    page = html(fold=fold)
    assert page.startswith(f'<details class="lkcm-fold"><summary>{words}</summary>')


def test_synthetic_table_says_so():
    assert "Synthetic data" in html(synthetic=True)
    assert "Synthetic data" not in html()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": {"gg": "g"}}, "not columns of the table: \\['gg'\\]"),
        ({"links": {"trial": "doi"}}, "not columns of the table: \\['doi'\\]"),
        ({"columns": {"g": "g"}, "filters": ["n"]}, "not among the shown columns: \\['n'\\]"),
        ({"name": "My table"}, "lower-case"),
    ],
    ids=["column", "link", "hidden", "name"],
)
def test_mistakes_of_the_caller_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        html(**options)


def test_an_empty_table_still_has_its_headings():
    page = html(DATA.head(0), formats={"g": ".2f"})
    assert cells(page) == []
    assert "0 rows" in page


def test_same_table_same_bytes():
    assert html(filters=["verdict", "trial"]) == html(filters=["trial", "verdict"])


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setattr(tables, "display", lambda data, raw: outputs.append(data))
    return outputs


def test_table_gives_a_terminal_its_rows(shown):
    tables.table(DATA, caption="Trials", name="trials", columns={"g": "Effect"}, synthetic=True)
    assert shown[0]["text/html"] == html(columns={"g": "Effect"}, synthetic=True)
    assert shown[0]["text/plain"].startswith("[Synthetic data] Trials (3 rows)\n Effect")


def test_in_short(shown):
    tables.in_short(["First.", NASTY])
    assert "<p>First.</p>" in shown[0]["text/html"]
    assert "<script" not in shown[0]["text/html"]
    assert shown[0]["text/plain"] == f"In short\nFirst.\n{NASTY}"


def test_a_box_further_down_has_a_head_of_its_own(shown):
    tables.in_short(["First."], head=NASTY)
    assert "In short" not in shown[0]["text/html"]
    assert "<script" not in shown[0]["text/html"]
    assert shown[0]["text/plain"] == f"{NASTY}\nFirst."


def test_numbers_have_a_true_minus_and_an_empty_column_is_none():
    rows = pd.DataFrame({"g": [-0.16], "none": [float("nan")], "day": ["2026-11-22"]})
    page = tables.table_html(rows, caption="c", name="n", formats={"g": ".2f"})
    assert ">\N{MINUS SIGN}0.16</td>" in page
    assert ">2026-11-22</td>" in page
    assert page.count('<td class="lkcm-num"') == 1


def test_cards(shown):
    card = {"head": "Depression", "figure": "0.41", "note": "k = 9", "verdict": "supported"}
    unsafe = {"head": NASTY, "figure": "-", "note": "-", "href": "javascript:alert(1)"}
    tables.cards([{**card, "href": "chapters/pooling.html"}, unsafe])
    page = shown[0]["text/html"]
    assert '<a href="chapters/pooling.html">Depression</a>' in page
    assert chip("supported") in page
    assert page.count("href") == 1
    assert "<script" not in page
    assert shown[0]["text/plain"].splitlines()[0] == "Depression: 0.41 (k = 9)"


@pytest.mark.parametrize("address", ["claims.html", "#table-rows", "../methods.html#pooling"])
def test_an_address_within_the_book_becomes_a_link(address):
    frame = pd.DataFrame({"k": [3], "rows": [address]})
    page = table_html(frame, caption="Pool", name="pool", columns={"k": "k"}, links={"k": "rows"})
    assert f'<a href="{address}" rel="noopener">3</a>' in page


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "//host/x.html", "x.html?a=1", "/etc", "a b.html", None]
)
def test_any_other_address_stays_text(address):
    frame = pd.DataFrame({"k": [3], "rows": [address]})
    page = table_html(frame, caption="Pool", name="pool", columns={"k": "k"}, links={"k": "rows"})
    assert "<a href" not in page.split("lkcm-downloads")[0]
