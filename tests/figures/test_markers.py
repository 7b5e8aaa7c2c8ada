import re
from html import unescape

import pandas as pd
import vl_convert

from lkcm.figures.easel import VEGA_LITE
from lkcm.figures.markers import SHAPE, SHOWN, direction_chart, mentioned_chart
from lkcm.figures.renderer import chart_spec, static_svg
from lkcm.informants.objective import SHOWN as DIRECTIONS

TRIALS = pd.DataFrame(
    {
        "marker": ["cortisol"] * 3 + ["brain"],
        "family": "physiology or brain",
        "sample_id": list("abcd"),
        "direction": ["favours LKCM", "mixed", "no difference", "cannot be used"],
        "results": [1, 2, 1, 1],
        "figures": [1, 0, 0, 0],
        "instruments": ["hair cortisol", "cortisol; slope", "cortisol", ""],
        "place": [1, 2, 3, 1],
        "label": ["A 2020", "B & <b> 2021", "C 2022", "D 2023"],
        "address": ["https://example.org/a", None, None, None],
    }
)
COUNTS = pd.DataFrame(
    {
        "marker": ["cortisol", "brain"],
        "trials": [3, 1],
        "mentioned": [4, 2],
        "better": [1, 0],
        "none": [2, 0],
        "worse": [1, 0],
        "untold": [0, 2],
        "per_better": [4.0, None],
    }
)


def drawn(chart, capfd) -> tuple[str, list[str]]:
    spec = chart_spec(chart, title="A finding.")
    vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE, show_warnings=True)
    assert capfd.readouterr() == ("", "")
    svg = static_svg(spec, title="A finding.", prefix="chart")
    return svg, [unescape(text) for text in re.findall(r"<(?:text|tspan)\b[^>]*>([^<]+)", svg)]


def test_each_trial_is_a_symbol_that_says_what_it_is(capfd):
    svg, texts = drawn(direction_chart(TRIALS), capfd)
    assert {"cortisol", "brain", "favours LKCM", "mixed", "cannot be used"} <= set(texts)
    assert "favours control" not in texts
    assert 'aria-label="B &amp; &lt;b&gt; 2021, cortisol; slope: mixed (2 results)"' in svg
    assert 'aria-label="D 2023, brain: cannot be used"' in svg
    assert svg.count("<a ") == 1


def test_every_direction_has_a_colour_and_a_shape_of_its_own():
    assert set(SHOWN) == set(SHAPE) == set(DIRECTIONS)
    assert len(set(SHAPE.values())) == len(SHAPE)


def test_bars_end_with_results_mentioned_for_those_that_are_better(capfd):
    _, texts = drawn(mentioned_chart(COUNTS), capfd)
    assert {"4 for 1", "2", "results mentioned", "favours control", "unknown"} <= set(texts)
