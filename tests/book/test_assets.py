import re
import shutil
import time
from pathlib import Path

import altair as alt
import pandas as pd
import pytest
from playwright.sync_api import Page

from lkcm.book.assets import BUNDLE, write_assets
from lkcm.figures import figure_html, table_html
from lkcm.paths import BOOK

TITLE = "A finding </script><script>document.title='broken'</script>\"'&."
ROWS = pd.DataFrame(
    {
        "trial": [f"Trial {i}" for i in range(3000)],
        "n": pd.array([i * 7 % 1000 if i % 5 else None for i in range(3000)], dtype="Int64"),
        "delivery": [("group", "app", "retreat")[i % 3] for i in range(3000)],
    }
)


def test_bundle_is_wrapped_named_and_the_same_each_time(tmp_path):
    first, second = (write_assets(tmp_path / name) for name in ("one", "two"))
    text = first.read_text(encoding="utf-8")
    assert first == tmp_path / "one" / BUNDLE
    assert re.match(r"/\* .*BSD-3-Clause.* \*/\n\(\(\)=>\{", text)
    assert text.endswith("})();\n")
    assert "window.vegaEmbed=" in text
    assert first.read_bytes() == second.read_bytes()
    assert [p.name for p in first.parent.iterdir()] == [BUNDLE]


def test_bundle_is_written_once_a_version(tmp_path):
    target = write_assets(tmp_path)
    stamp = target.stat().st_mtime_ns
    assert write_assets(tmp_path).stat().st_mtime_ns == stamp
    target.write_text("/* another version */", encoding="utf-8")
    assert "vegaEmbed" in write_assets(tmp_path).read_text(encoding="utf-8")


def test_static_files_name_no_other_host():
    files = [p for p in (BOOK / "_static").iterdir() if p.suffix in {".js", ".css", ".svg"}]
    assert len(files) >= 4
    hosts = {h for p in files for h in re.findall(r"https?://([\w.-]+)", p.read_text("utf-8"))}
    assert hosts <= {"www.w3.org"}  # the name of the SVG language, never fetched
    assert not any("@import" in p.read_text("utf-8") for p in files)


def chart_page(folder: Path) -> str:
    """Write a page with two figures, the second bound to a slider, and two tables."""
    data = pd.DataFrame({"trial": [TITLE, "Lang 2017"], "g": [0.3, -0.1], "c": ["a", "b"]})
    dots = alt.Chart(data).mark_point().encode(x="g:Q", y="trial:N", color="c:N", tooltip="trial")
    slider = alt.param(name="s", value=1, bind=alt.binding_range(min=0, max=2, name="Size "))
    grown = dots.transform_calculate(g="datum.g * s").add_params(slider)
    words = {"title": TITLE, "alt": "Two dots.", "data": data}
    parts = [
        figure_html(dots, name="dots", **words),
        '<div style="height: 2500px"></div>',
        figure_html(grown, name="grown", synthetic=True, **words),
        table_html(ROWS, caption="Trials", name="trials", filterable=True, filters=["delivery"]),
        table_html(ROWS.head(1), caption="One", name="one"),
    ]
    static = BOOK / "_static"
    shutil.copytree(static, folder / "_static", dirs_exist_ok=True)
    write_assets(folder / "assets")
    page = folder / "page.html"
    page.write_text(
        '<!doctype html><html lang="en" data-content_root="./" data-theme="light"><head>'
        '<meta charset="utf-8"><title>Page</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="_static/lkcm.css"><link rel="icon" href="data:,">'
        '<script src="_static/charts.js"></script><script src="_static/tables.js"></script>'
        '</head><body class="bd-content"><main><h1>Page</h1>'
        f"{''.join(parts)}</main></body></html>",
        encoding="utf-8",
    )
    return page.as_uri()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    return chart_page(tmp_path_factory.mktemp("a book"))


@pytest.fixture
def open_page(browser, address):
    """Open the page with the network cut; at the end no complaint and no request may be left."""
    complaints: list[str] = []
    contexts = []

    def opened(**options) -> Page:
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route(
            lambda url: not url.startswith(("file:", "data:", "blob:")),
            lambda route: (complaints.append(route.request.url), route.abort()),
        )
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.slow
def test_without_javascript_charts_and_tables_are_there(open_page):
    page = open_page(java_script_enabled=False)
    for name in ("dots", "grown"):
        assert page.locator(f"#figure-{name} .lkcm-canvas svg").is_visible()
        assert page.locator(f"#figure-{name} .lkcm-csv").is_visible()
        assert page.locator(f"#figure-{name} .lkcm-svg").count() == 0
    assert page.locator("#table-trials tbody tr").count() == len(ROWS)
    assert page.locator("#table-trials button").count() == 0


@pytest.mark.slow
def test_charts_come_alive_when_they_come_near(open_page):
    page = open_page()
    page.wait_for_selector("#figure-dots[data-live=true]")
    assert page.locator("#figure-grown").get_attribute("data-live") is None
    page.locator("#figure-grown").scroll_into_view_if_needed()
    page.wait_for_selector("#figure-grown[data-live=true]")
    assert page.locator("#figure-grown").get_attribute("aria-label") == "Two dots."
    assert page.locator("#figure-grown svg").get_by_text("Synthetic data").count() == 1
    assert page.title() == "Page"
    before = page.locator("#figure-grown .mark-symbol path").nth(0).get_attribute("transform")
    page.locator("#figure-grown .lkcm-controls input").fill("0.5")
    after = page.locator("#figure-grown .mark-symbol path").nth(0).get_attribute("transform")
    assert before != after


@pytest.mark.slow
@pytest.mark.parametrize("figure", ["#figure-dots", "#figure-grown"])
def test_live_chart_stands_where_the_static_one_stood(open_page, figure):
    static = open_page(java_script_enabled=False).locator(f"{figure} svg").bounding_box()
    page = open_page()
    page.locator(figure).scroll_into_view_if_needed()
    page.wait_for_selector(f"{figure}[data-live=true]")
    live = page.locator(f"{figure} svg").bounding_box()
    # The browser's fonts are not those with which the static drawing was measured.
    assert live["width"] == pytest.approx(static["width"], abs=25)
    assert live["height"] == pytest.approx(static["height"], abs=10)


@pytest.mark.slow
@pytest.mark.parametrize("javascript", [True, False], ids=["live", "static"])
def test_on_a_phone_the_figure_scrolls_and_the_page_does_not(open_page, javascript):
    page = open_page(
        viewport={"width": 390, "height": 800}, java_script_enabled=javascript, has_touch=True
    )
    if javascript:
        page.wait_for_selector("#figure-dots[data-live=true]")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    figure = page.locator("#figure-dots")
    assert figure.evaluate("f => f.scrollWidth > f.clientWidth")
    figure.evaluate("f => { f.scrollLeft = 200; }")
    assert page.locator("#figure-dots figcaption").bounding_box()["x"] >= 0
    drawn = figure.locator("svg").first
    scale = drawn.evaluate("s => s.getBoundingClientRect().width / s.getAttribute('width')")
    sizes = drawn.evaluate(
        "s => [...s.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize))"
    )
    assert len(sizes) > 5
    assert min(sizes) * scale >= 11


@pytest.mark.slow
def test_a_chart_that_cannot_come_alive_stays_static(browser, address):
    page = browser.new_page()
    page.route("**/assets/vega.js", lambda route: route.abort())
    page.goto(address)
    page.wait_for_selector("#figure-dots[data-live=false]")
    assert page.locator("#figure-dots .lkcm-canvas svg").is_visible()
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "words"), [("dots", 0), ("grown", 1)])
def test_downloaded_drawing_stands_alone(open_page, tmp_path, name, words):
    page = open_page(accept_downloads=True)
    page.locator(f"#figure-{name}").scroll_into_view_if_needed()
    page.wait_for_selector(f"#figure-{name}[data-live=true]")
    with page.expect_download() as waiting:
        page.locator(f"#figure-{name} .lkcm-svg").click()
    assert waiting.value.suggested_filename == f"{name}.svg"
    target = tmp_path / "drawing.svg"
    waiting.value.save_as(target)
    svg = target.read_text(encoding="utf-8")
    assert "<title>A finding &lt;/script&gt;" in svg
    assert 'color="#000"' in svg
    assert svg.count(">Synthetic data</text>") == words


@pytest.mark.slow
def test_csv_downloads(open_page, tmp_path):
    page = open_page(accept_downloads=True)
    with page.expect_download() as waiting:
        page.locator("#table-trials .lkcm-csv").click()
    waiting.value.save_as(tmp_path / "trials.csv")
    back = pd.read_csv(tmp_path / "trials.csv", dtype={"n": "Int64"})
    pd.testing.assert_frame_equal(back, ROWS)


@pytest.mark.slow
def test_table_filters_and_counts(open_page):
    page = open_page()
    count = page.locator("#table-trials output")
    assert count.text_content() == "3,000 of 3,000 shown"
    page.locator("#table-trials select").select_option("app")
    assert count.text_content() == "1,000 of 3,000 shown"
    page.locator("#table-trials input[type=search]").fill("TRIAL 299")
    text = ROWS.trial.str.lower() + " " + ROWS.n.astype("string").fillna("not stated")
    wanted = ROWS.trial[text.str.contains("299") & (ROWS.delivery == "app")]
    page.wait_for_function(
        "n => document.querySelector('#table-trials output').textContent.startsWith(`${n} of`)",
        arg=len(wanted),
    )
    assert page.locator(
        "#table-trials tbody tr:not([hidden]) td:first-child"
    ).all_text_contents() == (wanted.tolist())
    assert page.locator("#table-one .lkcm-tools").count() == 0


@pytest.mark.slow
def test_table_sorts_numbers_as_numbers_and_puts_the_missing_last(open_page):
    page = open_page()
    button = page.locator("#table-trials th button").nth(1)
    button.click()
    assert page.locator("#table-trials th").nth(1).get_attribute("aria-sort") == "ascending"
    column = "[...document.querySelectorAll('#table-trials tbody td:nth-child(2)')]"
    read = f"{column}.map((cell) => cell.dataset.sort)"
    values = [float(v) for v in page.evaluate(read) if v]
    assert values == sorted(values)
    assert page.locator("#table-trials tbody tr").last.locator(".lkcm-missing").count() == 1
    button.click()
    assert page.locator("#table-trials th").nth(1).get_attribute("aria-sort") == "descending"
    values = [float(v) for v in page.evaluate(read) if v]
    assert values == sorted(values, reverse=True)
    assert page.locator("#table-trials tbody tr").last.locator(".lkcm-missing").count() == 1
    page.locator("#table-trials th button").nth(0).press("Enter")
    assert page.locator("#table-trials tbody td").first.text_content() == "Trial 0"
    assert page.locator("#table-trials th[aria-sort]").count() == 1


@pytest.mark.slow
def test_three_thousand_rows_answer_at_once(open_page):
    page = open_page()
    begun = time.perf_counter()
    page.locator("#table-trials th button").nth(1).click()
    page.locator("#table-trials select").select_option("app")
    page.locator("#table-trials output").text_content()
    assert time.perf_counter() - begun < 2
