"""A page of charts in a real browser, for tests of charts that compute."""

import shutil
from collections.abc import Callable
from pathlib import Path

from lkcm.book.assets import write_assets
from lkcm.paths import BOOK

#: Keeps each chart's view, and lets Vega's warnings through to the console.
KEEP_VIEWS = """
const views = window.views = {};
let embed;
Object.defineProperty(window, "vegaEmbed", {
  get: () => async (element, spec, options) => {
    const result = await embed(element, spec, { ...options, logLevel: 2 });
    views[spec.params[0].name.split("_")[0]] = result.view;
    return result;
  },
  set: (original) => { embed = original; },
});
"""

#: The lines of texts, each once.
LINES = """
(all) => all.filter((e) => !e.children.length).map((e) => e.textContent).filter(Boolean)
"""

#: Moves a slider as a hand does.
SLIDE = """
(input, value) => { input.value = value; input.dispatchEvent(new Event("input")); }
"""


def page_of(folder: Path, figures: list[str]) -> str:
    """Write a page with the book's scripts and styles, and return its address."""
    shutil.copytree(BOOK / "_static", folder / "_static")
    write_assets(folder / "assets")
    page = folder / "page.html"
    page.write_text(
        '<!doctype html><html lang="en" data-content_root="./" data-theme="light"><head>'
        '<meta charset="utf-8"><title>Page</title><meta name="viewport" '
        'content="width=device-width"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="_static/lkcm.css">'
        '<script src="_static/charts.js"></script></head><body class="bd-content"><main>'
        f"<h1>Page</h1>{''.join(figures)}</main></body></html>",
        encoding="utf-8",
    )
    return page.as_uri()


def visit(browser, address: str, width: int, figures: list[str], use: Callable) -> dict:
    """Open a page, wait until its figures live, use it, and return what was seen."""
    seen: dict = {"complaints": []}
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.on("console", lambda message: seen["complaints"].append(message.text))
    page.on("pageerror", lambda error: seen["complaints"].append(str(error)))
    page.add_init_script(KEEP_VIEWS)
    page.goto(address)
    for name in figures:
        page.locator(f"#figure-{name}").scroll_into_view_if_needed()
        page.wait_for_selector(f"#figure-{name}[data-live=true]")
    seen |= use(page)
    controls = page.locator(".lkcm-controls :is(input, select)")
    seen["names"] = controls.evaluate_all(
        "all => all.flatMap(e => [e.name, e.id]).filter(Boolean)"
    )
    seen["right"] = controls.evaluate_all(
        "all => Math.max(...all.map(e => e.getBoundingClientRect().right))"
    )
    seen["width"] = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    return seen | {"size": width}
