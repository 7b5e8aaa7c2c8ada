import base64
import json
import re
from html.parser import HTMLParser
from io import StringIO

import altair as alt
import pandas as pd
import pytest

from lkcm.figures import easel, renderer, theme
from lkcm.figures.renderer import chart_spec, csv_link, figure_html, script_json, static_svg

NASTY = "</script><script>alert(1)</script>\"'&<!-- <b>"
DATA = pd.DataFrame(
    {
        "trial": ["Ashar 2016", NASTY, "Lang 2017"],
        "g": [0.31, None, -0.12],
        "comparator": ["passive", "active", "unknown"],
        "address": ["https://example.org/a?b=1&c=2", None, "search.html"],
    }
)


def dots(data: pd.DataFrame = DATA) -> alt.Chart:
    colour = alt.Color("comparator:N", scale=theme.scale(theme.COMPARATOR))
    return alt.Chart(data).mark_point(clip=True).encode(x="g:Q", y="trial:N", color=colour)


def figure(chart=None, **changes) -> str:
    options = {"title": "A finding.", "alt": "Dots.", "name": "dots", "data": DATA, **changes}
    return figure_html(chart or dots(), **options)


class Page(HTMLParser):
    """Elements in document order, and the text inside each."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        for tag in set(self._open):
            self.texts[tag] = self.texts.get(tag, "") + data

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_figure_has_caption_drawing_spec_and_download():
    page = Page(figure(caption="How to read it."))
    (outer,) = page.all("figure")
    assert outer["role"] == "group"
    assert outer["tabindex"] == "0"
    assert outer["aria-label"] == "Dots."
    assert "A finding." in page.texts["figcaption"]
    assert "How to read it." in page.texts["figcaption"]
    assert len(page.all("svg")) == 1
    spec = json.loads(page.texts["script"])
    assert spec["encoding"]["x"]["field"] == "g"
    assert spec["description"] == "A finding."
    assert [a["download"] for a in page.all("a")] == ["dots.csv"]


def test_a_per_cent_sign_stays_by_its_number():
    chart = alt.Chart(pd.DataFrame({"x": [1]})).mark_point().encode(x="x:Q")
    html = figure_html(
        chart, title="8 of 10 (80 %)", alt="a", name="n", data=chart.data, caption="95 % CI"
    )
    assert ">8 of 10 (80\N{NO-BREAK SPACE}%)</span>" in html
    assert ">95\N{NO-BREAK SPACE}% CI</span>" in html


def test_text_from_data_cannot_leave_its_place():
    page = Page(figure(title=NASTY, alt=NASTY, caption=NASTY))
    (outer,) = page.all("figure")
    assert outer["aria-label"] == NASTY
    assert [s.get("type") for s in page.all("script")] == ["application/json"]
    assert page.all("b") == []
    assert page.texts["figcaption"] == NASTY + NASTY
    spec = json.loads(page.texts["script"])
    assert NASTY in [row["trial"] for rows in spec["datasets"].values() for row in rows]


@pytest.mark.parametrize("text", ["</script>", "<!--<script>", "a < b", "\u2028 ü"])
def test_script_json_says_the_same_without_a_less_than_sign(text):
    written = script_json({text: [text, 1.5, None]})
    assert "<" not in written
    assert json.loads(written) == {text: [text, 1.5, None]}


def test_script_json_refuses_numbers_that_json_does_not_have():
    with pytest.raises(ValueError):
        script_json({"x": float("nan")})


def test_csv_is_the_data():
    content = re.search(r'base64,([^"]+)"', csv_link(DATA, "dots"))[1]
    back = pd.read_csv(StringIO(base64.b64decode(content).decode()))
    pd.testing.assert_frame_equal(back, DATA)


def test_same_chart_same_bytes():
    select = alt.selection_point(fields=["trial"])
    assert figure(dots().add_params(select)) == figure(dots().add_params(select))


def test_ids_are_the_charts_own():
    svgs = [static_svg(dots().to_dict(), title="t", prefix=name) for name in ("one", "two")]
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in svgs]
    used = [set(re.findall(r"url\(#([^)]+)\)", svg)) for svg in svgs]
    assert ids[0] and ids == used
    assert not ids[0] & ids[1]
    assert all(i.startswith("one-") for i in ids[0])


def test_drawing_has_no_background_and_no_colour_of_its_own():
    svg = static_svg(dots().to_dict(), title="t", prefix="dots")
    colours = set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg))
    # The row without a figure is not drawn, but its class stands in the legend.
    assert colours == {"none", "currentColor", *theme.COMPARATOR.values()}
    assert "<style" not in svg and "@font-face" not in svg


def test_tidying_changes_no_label():
    data = DATA.assign(
        g=1.0, trial=['opacity="1"', 'id="clip0"', 'href="https://vega.github.io/x"']
    )
    svg = static_svg(dots(data).to_dict(), title="t", prefix="dots")
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert {t.replace("&quot;", '"') for t in texts} >= set(data["trial"])


def test_links_are_those_of_the_data():
    chart = dots().encode(href="address:N")
    page = Page(figure(chart, data=DATA))
    links = [a["xlink:href"] for a in page.all("a") if "xlink:href" in a]
    assert links == ["https://example.org/a?b=1&c=2", "search.html"]


@pytest.mark.parametrize(
    ("own", "lines"),
    [
        (None, ["Synthetic data"]),
        ("Own", ["Synthetic data", "Own"]),
        (["Two", "lines"], ["Synthetic data", "Two", "lines"]),
        (alt.Title("Own", anchor="end"), ["Synthetic data", "Own"]),
    ],
    ids=["none", "text", "lines", "title"],
)
def test_synthetic_data_are_marked_on_the_page_and_on_the_drawing(own, lines):
    chart = dots() if own is None else dots().properties(title=own)
    assert chart_spec(chart, title="t", synthetic=True)["title"]["text"] == lines
    page = Page(figure(chart, synthetic=True))
    assert page.texts["figcaption"].startswith("Synthetic data")
    assert "Synthetic data" in page.texts["svg"]
    assert "Synthetic data" not in Page(figure(chart)).texts["svg"]


@pytest.mark.parametrize("name", ["", "Dots", "a b", "-a", "a--b", 'a"b', "a/b", "ä"])
def test_names_that_would_not_do_as_ids_are_refused(name):
    with pytest.raises(ValueError, match="lower-case"):
        figure(name=name)


@pytest.mark.parametrize("field", ["title", "alt"])
def test_a_figure_without_words_is_refused(field):
    with pytest.raises(ValueError, match="needs a title and an alt text"):
        figure(**{field: " "})


def test_many_rows_are_no_error():
    data = pd.DataFrame({"x": range(6000)})
    spec = chart_spec(alt.Chart(data).mark_tick().encode(x="x:Q"), title="t")
    assert sum(len(rows) for rows in spec["datasets"].values()) == 6000


def test_show_gives_a_terminal_its_words(monkeypatch):
    shown = []
    monkeypatch.setattr(renderer, "display", lambda data, raw: shown.append((data, raw)))
    renderer.show(dots(), title="A finding.", alt="Dots.", name="dots", data=DATA, synthetic=True)
    ((data, raw),) = shown
    assert raw
    assert data["text/plain"] == "[Synthetic data] A finding.\nDots."
    assert data["text/html"] == figure(synthetic=True)


def test_vega_lite_is_the_version_of_the_bundle():
    from lkcm.book import assets

    assert easel.VEGA_LITE == assets.VEGA_LITE


def test_specs_are_validated_but_in_a_build(monkeypatch):
    chart = dots().encode(x=alt.X("x:Q", axis={"nonsense": 1}))
    monkeypatch.delenv(easel.ADDRESS, raising=False)
    with pytest.raises(alt.utils.schemapi.SchemaValidationError, match="nonsense"):
        chart_spec(chart, title="t")
    monkeypatch.setenv(easel.ADDRESS, "an easel")
    assert chart_spec(chart, title="t")["encoding"]["x"]["axis"] == {"nonsense": 1}


def test_rows_hold_only_fields_that_the_chart_names():
    data = DATA.assign(**{"not drawn": "x" * 1000, "a field": 1.0, "näme": 2.0})
    chart = (
        dots(data)
        .transform_calculate(twice="2 * datum['a field']")
        .encode(tooltip=[alt.Tooltip("näme:Q"), alt.Tooltip("address:N")])
    )
    (rows,) = chart_spec(chart, title="t")["datasets"].values()
    assert {*rows[0]} == {"trial", "g", "comparator", "address", "a field", "näme"}
    assert len(rows) == len(data)
