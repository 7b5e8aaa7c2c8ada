"""Menu, banner and notice of a released edition, from a sub-path and from a disk."""

import functools
import http.server
import json
import threading

import pytest

from lkcm.paths import BOOK

pytestmark = pytest.mark.slow

PAGE = """<!doctype html><html lang="en" data-content_root="{root}"><head><meta charset="utf-8">
<title>Page</title><link rel="icon" href="data:,"><script src="{root}editions.js"></script></head>
<body><header><details class="lkcm-editions" data-edition="{version}" data-page="{page}">
<summary>Edition {version}</summary><a href="{root}../editions.html">All editions</a></details>
<script defer src="{root}../editions.js"></script></header>
<main><article class="bd-article"><h1>Page</h1></article></main>
<p class="lkcm-edition">last search <time datetime="{searched}">{searched}</time></p></body></html>
"""
EDITIONS = [
    {"version": "2026.11", "date": "2026-11-20", "pages": ["index.html", "chapters/mood.html"]},
    {"version": "2026.10", "date": "2026-10-05", "pages": ["index.html", "chapters/old.html"]},
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Two editions under a sub-path; the script and the template's markup are the book's own."""
    folder = tmp_path_factory.mktemp("host")
    site = folder / "review"
    for edition in EDITIONS:
        for page in edition["pages"]:
            file = site / edition["version"] / page
            file.parent.mkdir(parents=True, exist_ok=True)
            root = "../" * page.count("/") or "./"
            values = {"root": root, "version": edition["version"], "page": page}
            searched = "2026-09-01" if edition["version"] == "2026.11" else "2025-06-15"
            file.write_text(PAGE.format(**values, searched=searched))
        script = (BOOK / "_static" / "editions.js").read_text("utf-8")
        (site / edition["version"] / "editions.js").write_text(script)
    (site / "editions.js").write_text(f"window.LKCM_EDITIONS = {json.dumps(EDITIONS)};\n")
    quiet = type(
        "Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None}
    )
    handler = functools.partial(quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield {"http": f"http://127.0.0.1:{server.server_port}/review", "file": site.as_uri()}
        server.shutdown()


@pytest.fixture
def visit(browser, site):
    contexts = []

    def open_page(kind, page, today="2026-11-26"):
        context = browser.new_context()
        contexts.append(context)
        opened = context.new_page()
        opened.clock.set_fixed_time(f"{today}T12:00:00")
        opened.goto(f"{site[kind]}/{page}")
        return opened

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("kind", ["http", "file"])
def test_the_menu_leads_to_the_same_page_where_an_edition_has_it(visit, kind):
    page = visit(kind, "2026.10/chapters/old.html")
    page.locator("details.lkcm-editions summary").click()
    links = page.locator("details.lkcm-editions li a")
    assert links.all_inner_texts() == ["2026.11 (2026-11-20)", "2026.10 (2026-10-05)"]
    ends = ["2026.11/index.html", "2026.10/chapters/old.html"]
    found = links.evaluate_all("all => all.map(a => a.href)")
    assert [href.endswith(end) for href, end in zip(found, ends, strict=True)] == [True, True]
    links.first.click()
    page.wait_for_url("**/2026.11/index.html")


def test_an_old_edition_points_to_the_newest(visit):
    banner = visit("http", "2026.10/index.html").locator(".lkcm-notice").first
    assert banner.inner_text() == "This is edition 2026.10. The newest is 2026.11 (2026-11-20)."
    assert visit("http", "2026.11/index.html").locator(".lkcm-notice").count() == 0


def test_an_old_search_is_announced_by_the_day_of_reading(visit):
    def notices(day):
        return visit("http", "2026.11/index.html", day).locator(".lkcm-notice").all_inner_texts()

    assert notices("2027-08-31") == []
    assert notices("2027-09-01") == ["The last search behind this page is 12 months old."]
    assert notices("2028-01-15") == ["The last search behind this page is 16 months old."]
