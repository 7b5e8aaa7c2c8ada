"""The calculator of the trial that would tell: static, and moved in a browser."""

import re
from html import unescape

import pandas as pd
import pytest
import vl_convert
from live_page import SLIDE, page_of, visit

from lkcm.figures import figure_html
from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.renderer import chart_spec, static_svg
from lkcm.figures.telling_trial import AXIS, KEY, POWERS, design_chart
from lkcm.informants.informant_design import trial_sizes

#: Self-reported effect, agreement, agreement of informants, share lost, power.
STATES = [
    (0.5, 0.35, 0.35, 0.15, 0.8),
    (0.25, 0.1, 0.6, 0.0, 0.9),
    (1.2, 0.6, 0.2, 0.4, 0.95),
    (0.05, 0.05, 0.95, 0.6, 0.95),
]


def answers(g: float, agreement: float, between: float, lost: float, power: float) -> list[str]:
    sizes = trial_sizes(g, agreement, between, lost=lost, power=power)
    return [f"{people:,.0f} people" for people in sizes["people"]]


def chart(g: float, agreement: float, between: float, lost: float, power: float, **options):
    return design_chart(g, agreement, between=between, lost=lost, power=power, **options)


@pytest.mark.parametrize("state", STATES)
def test_static_drawing_shows_the_sizes_of_the_library(state, capfd):
    spec = chart_spec(chart(*state, references={"largest": 2161.0}), title="A finding.")
    vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")
    svg = static_svg(spec, title="A finding.", prefix="design")
    texts = [unescape(text) for text in re.findall(r"<(?:text|tspan)\b[^>]*>([^<]+)", svg)]
    assert [text for text in texts if text.endswith(" people")] == answers(*state)
    reliability = trial_sizes(0.5, 0.5, state[2])["reliability"].iloc[2]
    assert texts.count(f"3 informants, reliability {reliability:.2f}") == 2
    assert "largest" in texts


def test_sizes_beyond_the_axis_are_named_in_full():
    beyond = [float(text.split()[0].replace(",", "")) for text in answers(*STATES[3])]
    assert max(beyond) > AXIS[1]


def test_informants_agree_with_each_other_as_with_the_person_unless_told():
    params = {one["name"]: one["value"] for one in design_chart(0.5, 0.3).to_dict()["params"]}
    assert params["design_b"] == params["design_r"] == 0.3
    assert len(params) == 5


def test_all_problems_are_named():
    with pytest.raises(ValueError, match="g_self is 3.*; agreement is 0; .*power is 0.5.*; name"):
        design_chart(3, 0, between=0.3, power=0.5, name="a-b")


LABELS = (
    "Self-reported effect, g",
    "Agreement of self and informant",
    "Agreement of two informants",
    "Share without an informant's rating",
)


def set_every_state(page) -> dict:
    """Set every state on the page and return what it answered."""
    figure = page.locator("#figure-design")
    controls, found = figure.locator(".lkcm-controls"), []
    for *values, power in STATES:
        for label, value in zip(LABELS, values, strict=True):
            controls.get_by_label(label).evaluate(SLIDE, value)
        controls.get_by_label("Power").select_option(index=POWERS.index(power))
        page.evaluate("async () => { await window.views.design.runAsync(); }")
        texts = figure.locator("svg text").all_text_contents()
        found.append([text for text in texts if text.endswith(" people")])
    return {"answers": found}


@pytest.mark.slow
@pytest.mark.parametrize("width", [1400, 390])
def test_moved_in_the_browser_it_answers_as_the_library(browser, width, tmp_path):
    figure = figure_html(
        chart(*STATES[0]), title="The trial", alt="Sizes.", name="design",
        data=pd.DataFrame({"people": [1]}), caption=KEY,
    )  # fmt: skip
    address = page_of(tmp_path / "a page", [figure])
    seen = visit(browser, address, width, ["design"], set_every_state)
    assert seen["answers"] == [answers(*state) for state in STATES]
    assert seen["complaints"] == []
    assert seen["width"] == width
