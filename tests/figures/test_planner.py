import re
from html import unescape

import pandas as pd
import pytest
import vl_convert
from live_page import LINES, SLIDE, page_of, visit

from lkcm.figures import figure_html
from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.planner import ASSURANCE, KEY, NODES, POWER, planner_chart
from lkcm.figures.renderer import chart_spec, static_svg
from lkcm.planning.trials.assurance import assurance
from lkcm.planning.trials.prior import Prior, sceptical
from lkcm.planning.trials.two_arm import TwoArm, closed_size, power

PRIORS = [
    Prior("this book & <others>", "a pool", 0.6, 0.5, 4),
    sceptical("a sceptic", 0.81),
    Prior("sure", "a view", 0.4, 0.05),
]
START = TwoArm(r=0.6, dropout=0.2)
#: What a reader sets: effect, correlation, drop-out, power and place of the prior.
CHOICES = [
    (0.23, 0.6, 0.2, 0.8, 0),
    (0.81, 0.0, 0.0, 0.8, 1),
    (0.5, 0.9, 0.5, 0.9, 2),
    (0.05, 0.0, 0.3, 0.9, 0),
    (1.2, 0.3, 0.1, 0.9, 1),
    (0.35, 0.75, 0.15, 0.8, 2),
]
DATA = pd.DataFrame({"prior": [prior.name for prior in PRIORS]})
#: How far the closed forms may be from the library's exact numbers.
NEAR = 0.006


def drawn(choice) -> list[str]:
    effect, r, dropout, wanted, place = choice
    design = TwoArm(r=r, dropout=dropout)
    chart = planner_chart(PRIORS, effect=effect, design=design, start=place, power_wanted=wanted)
    svg = static_svg(chart_spec(chart, title="A finding."), title="A finding.", prefix="plan")
    return [unescape(text) for text in re.findall(r"<(?:text|tspan)\b[^>]*>([^<]+)", svg)]


def check_words(choice, texts: list[str]) -> None:
    """Compare a plan in words with the library."""
    effect, r, dropout, wanted, place = choice
    design, prior = TwoArm(r=r, dropout=dropout), PRIORS[place]
    n = int(closed_size(effect, design, power_wanted=wanted))
    answer = f"n = {n:,} in each arm ({2 * n:,} in all) for {100 * wanted:.0f} % power"
    assert f"{answer} at d = {effect:.2f}" in texts
    line = next(text for text in texts if text.startswith("Assurance"))
    found = re.fullmatch(r"Assurance at that size: (\d+) % \(of any size at most (\d+) %\)", line)
    assert int(found[1]) / 100 == pytest.approx(assurance(n, design, prior), abs=0.005 + NEAR)
    assert int(found[2]) / 100 == pytest.approx(prior.above(0), abs=0.0051)
    low, high = (f"{end:.2f}".replace("-", "−") for end in prior.interval())
    assert f"95 % of the effects to expect: {low} to {high}" in texts


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_the_static_drawing_tells_the_plan_of_the_library(choice):
    check_words(choice, drawn(choice))


def test_vega_lite_has_nothing_to_warn_of(capfd):
    chart = planner_chart(PRIORS, effect=0.3, design=START, arms=[5, 20, 9000])
    spec = chart_spec(chart, title="A finding.")
    vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")


def test_names_of_distributions_are_escaped():
    chart = planner_chart(PRIORS, effect=0.3, design=START)
    html = figure_html(chart, title="t", alt="a", name="n", data=DATA)
    assert "<others>" not in html


def test_all_problems_are_named_at_once():
    words = r"no distribution.*start is 1.*effect is 3.*power is 0.5.*equal arms.*name 'a-b'"
    with pytest.raises(ValueError, match=words):
        planner_chart([], effect=3, design=TwoArm(ratio=2), name="a-b", power_wanted=0.5, start=1)


#: The points of both curves, and the size that the plan needs.
CURVES = """
async () => {
  const view = await window.views.plan.runAsync();
  const points = {};
  const walk = (item) => {
    if (item.datum && item.datum.curve && item.datum.n !== undefined)
      (points[item.datum.curve] ||= []).push([item.datum.n, item.datum.chance]);
    (item.items || []).forEach(walk);
  };
  walk(view.scenegraph().root);
  return { points, n: view.signal("plan_n") };
}
"""


def make_every_choice(page) -> dict:
    seen = {}
    controls = page.locator("#figure-planner .lkcm-controls")
    for choice in CHOICES:
        effect, r, dropout, wanted, place = choice
        controls.get_by_label("Effect to find").evaluate(SLIDE, effect)
        controls.get_by_label("Baseline correlation").evaluate(SLIDE, r)
        controls.get_by_label("Drop-out").evaluate(SLIDE, dropout)
        controls.get_by_label("Power").select_option(str(wanted))
        controls.get_by_label("Effects to expect").select_option(f"d{place}")
        numbers = page.evaluate(CURVES)
        words = page.locator(".answer_marks text, .details_marks tspan, .details_marks text")
        seen[choice] = {"numbers": numbers, "words": words.evaluate_all(LINES)}
    return seen


@pytest.fixture(scope="module", params=[1400, 390], ids=["desk", "phone"])
def seen(request, browser, tmp_path_factory):
    chart = planner_chart(PRIORS, effect=0.23, design=START, arms=[10, 30, 500])
    figure = figure_html(
        chart, title="Plan", alt="Curves.", name="planner", data=DATA, caption=KEY
    )
    address = page_of(tmp_path_factory.mktemp("a page"), [figure])
    return visit(browser, address, request.param, ["planner"], make_every_choice)


class TestLive:
    pytestmark = pytest.mark.slow

    @pytest.mark.parametrize("choice", CHOICES, ids=str)
    def test_plans_as_the_library_does(self, seen, choice):
        effect, r, dropout, wanted, place = choice
        design, numbers = TwoArm(r=r, dropout=dropout), seen[choice]["numbers"]
        assert numbers["n"] == closed_size(effect, design, power_wanted=wanted)
        curves = {name: dict(points) for name, points in numbers["points"].items()}
        assert set(curves) == {POWER, ASSURANCE}
        sizes = [n for n in curves[POWER] if n * (1 - dropout) >= 10]
        assert len(sizes) > 40
        exact = {
            POWER: power(effect, sizes, design),
            ASSURANCE: assurance(sizes, design, PRIORS[place], NODES),
        }
        for name, expected in exact.items():
            assert [curves[name][n] for n in sizes] == pytest.approx(expected, abs=NEAR)

    @pytest.mark.parametrize("choice", CHOICES, ids=str)
    def test_says_so_in_words(self, seen, choice):
        check_words(choice, seen[choice]["words"])

    def test_nothing_complains(self, seen):
        assert seen["complaints"] == []

    def test_inputs_fit_the_screen(self, seen):
        assert seen["right"] <= seen["size"]
        assert seen["width"] <= seen["size"]
