"""Every page in a real browser with the network cut: charts, scripts, widths, accessibility."""

import functools
import http.server
import threading

import pytest

pytestmark = pytest.mark.slow

SIZES = {"desk": (1400, 900), "phone": (390, 844)}

#: Scrolls to the end, a frame a step: charts notice that they are near only when a frame is drawn.
#: False where none is drawn for ten seconds.
SCROLL = """async () => {
  const frame = () => new Promise((done) => {
    requestAnimationFrame(() => setTimeout(() => done(true), 0));
    setTimeout(() => done(false), 10000);
  });
  for (let y = 0; y < document.body.scrollHeight; y += 400) {
    window.scrollTo({ top: y, behavior: "instant" });
    if (!(await frame())) return false;
  }
  // a page that shrinks above the screen as charts come alive can carry others past it
  for (const figure of document.querySelectorAll("figure.lkcm-chart:not([data-live])")) {
    figure.scrollIntoView({ behavior: "instant" });
    if (!(await frame())) return false;
  }
  return true;
}"""
#: Chromium on a busy machine sometimes stops drawing a page; it is then opened anew.
ATTEMPTS = 3
#: Milliseconds after which a chart counts as missing; generous, for two cores are shared.
PATIENCE = 60_000

#: Rules of axe that the theme itself breaks on every page, each with the reason.
THEME = {
    "region": "the theme's skip link and search dialog stand outside landmarks",
}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def site(checkout):
    handler = functools.partial(Quiet, directory=str(checkout.html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def pages(checkout):
    """Every page of the table of contents, and the theme's search page."""
    found = [*checkout.html.glob("*.html"), *checkout.html.glob("chapters/*.html")]
    return sorted(path.relative_to(checkout.html).as_posix() for path in found)


class Visit:
    """One page, scrolled to its end, with what it logged and what it asked for."""

    def __init__(self, browser, site, page, size="desk", **options):
        width, height = SIZES[size]
        options["viewport"] = {"width": width, "height": height}
        for _ in range(ATTEMPTS):
            self._open(browser.new_context(**options), site, page)
            if not options.get("java_script_enabled", True) or self.page.evaluate(SCROLL):
                return
            self.context.close()
        pytest.fail(f"{page}: Chromium draws no frame")

    def _open(self, context, site, page):
        self.context, self.page = context, context.new_page()
        self.errors, self.outside = [], []
        self.page.on("console", self._log)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.route("**/*", functools.partial(self._cut, site))
        self.page.goto(f"{site}/{page}")

    def _log(self, message):
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _cut(self, site, route):
        if route.request.url.startswith((site, "data:", "blob:")):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


@pytest.mark.parametrize("size", SIZES)
def test_every_page_works_with_the_network_cut(browser, site, pages, size):
    charts = 0
    for name in pages:
        with Visit(browser, site, name, size) as visit:
            figures = visit.page.locator("figure.lkcm-chart")
            count = figures.count()
            if count:
                visit.page.wait_for_function(
                    "([live, n]) => document.querySelectorAll(live).length === n",
                    arg=["figure.lkcm-chart[data-live=true]", count],
                    timeout=PATIENCE,
                )
            charts += count
            assert visit.errors == [], name
            assert visit.outside == [], name
            width = visit.page.evaluate("document.documentElement.scrollWidth")
            assert width <= SIZES[size][0], f"{name} scrolls sideways"
    assert charts >= 6


def test_charts_and_tables_are_whole_without_javascript(browser, site, pages):
    for name in pages:
        with Visit(browser, site, name, java_script_enabled=False) as visit:
            figures = visit.page.locator("figure.lkcm-chart")
            for position in range(figures.count()):
                figure = figures.nth(position)
                assert figure.locator("svg").first.is_visible(), name
                assert figure.get_attribute("aria-label"), name
                assert figure.locator("a[download$='.csv']").count() == 1, name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_violation_of_ours(browser, site, pages, scheme):
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    for name in pages:
        with Visit(browser, site, name, color_scheme=scheme) as visit:
            for violation in axe.run(visit.page).response["violations"]:
                if violation["id"] not in THEME:
                    nodes = [node["html"][:200] for node in violation["nodes"][:3]]
                    found.append((name, violation["id"], nodes))
    assert found == []


def test_the_trials_can_be_sorted_and_filtered(browser, site):
    with Visit(browser, site, "chapters/trials.html") as visit:
        rows = visit.page.locator("#table-trials tbody tr")
        everything = rows.count()
        assert everything >= 200
        visit.page.get_by_label("Find").last.fill("diabetes")
        visit.page.wait_for_function(
            "n => document.querySelectorAll('#table-trials tbody tr[hidden]').length > n",
            arg=everything - 20,
        )
        assert 0 < rows.filter(visible=True).count() < 20
        visit.page.get_by_label("Find").last.fill("")
        visit.page.locator("#table-trials th button", has_text="Year").click()
        years = visit.page.locator("#table-trials tbody tr td:nth-child(2)").all_inner_texts()
        known = [int(year) for year in years if year.isdigit()]
        assert known == sorted(known)
        assert len(known) > 200


def test_labels_lead_to_the_page_that_was_read(browser, site):
    with Visit(browser, site, "chapters/trials.html") as visit:
        links = visit.page.locator(".lkcm-table tbody a").evaluate_all(
            "all => all.map(a => a.href)"
        )
        assert len(links) > 300
        assert all(link.startswith(("http://", "https://")) for link in links)
