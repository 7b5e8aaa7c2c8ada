"""The estimator in the browser, chosen through the inputs of the chart that holds it."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from live_page import LINES, SLIDE, page_of, visit
from scipy import stats

from lkcm import evidence
from lkcm.effects import convert
from lkcm.evidence.labels import trial_labels
from lkcm.figures import figure_html
from lkcm.figures.dersimonian_laird import quantiles
from lkcm.figures.repool import EVERY, KEY, repool_chart
from lkcm.figures.tables import web_address
from lkcm.synthesis.outcome import outcome_rows, pool_group
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import ADHOC_BELOW, headline_test


@pytest.fixture(scope="module")
def sets(public_set) -> dict[str, pd.DataFrame]:
    return {"public": public_set, "real": real_set()}


def real_set() -> pd.DataFrame:
    """Self-compassion as the pooling page hands it over."""
    trials, effects = (evidence.load().table(name) for name in ("trials", "effects"))
    labels = pd.Series(trial_labels(trials).to_numpy(), index=trials["trial_id"])
    rows = outcome_rows(convert(effects, trials), "self-compassion")
    kept = pool_group(rows, "all", statuses=("poolable", "sensitivity")).kept
    return kept.assign(
        label=kept["trial_id"].map(labels),
        comparator=kept["group"],
        n_total=kept["n_t_used"] + kept["n_c_used"],
        address=kept["source_url"].map(web_address),
    )


@dataclass(frozen=True)
class Choice:
    """What a reader sets, and on which chart."""

    name: str
    chart: str = "public"
    comparator: str = EVERY
    kind: str | None = None
    weakest: str | None = None
    core_only: bool = False
    size: int = 0
    k: int | None = None
    tau2_is_zero: bool | None = None

    def passing(self, effects: pd.DataFrame) -> pd.DataFrame:
        keep = effects["level"] <= (self.weakest or "2c")
        if self.comparator != EVERY:
            keep &= effects["comparator"] == self.comparator
        if self.kind:
            keep &= effects["comparator_type"] == self.kind
        if self.core_only:
            keep &= effects["lkcm_core"] == "yes"
        if self.size:
            keep &= effects["n_total"] >= self.size
        return effects[keep]


CHOICES = [
    Choice("everything", k=19, tau2_is_zero=False),
    Choice("passive", comparator="passive", k=7, tau2_is_zero=True),
    Choice("active", comparator="active", k=6, tau2_is_zero=False),
    Choice("waitlist", comparator="passive", kind="waitlist", k=4, tau2_is_zero=True),
    Choice("core", core_only=True, k=11, tau2_is_zero=False),
    Choice("stated-sizes", weakest="2a", k=14, tau2_is_zero=False),
    Choice("large", size=130, k=11, tau2_is_zero=False),
    Choice("three", comparator="unknown", k=3, tau2_is_zero=True),
    Choice("two", comparator="mindfulness", size=40, k=2),
    Choice("one", comparator="passive", size=300, k=1),
    Choice("none", comparator="mindfulness", core_only=True, size=300, k=0),
    Choice("all-filters", comparator="passive", weakest="2a", core_only=True, size=20),
    Choice("real-everything", "real"),
    Choice("real-passive-core", "real", comparator="passive", core_only=True),
    Choice("real-stated-sizes", "real", weakest="2a"),
    Choice("real-large", "real", size=80),
]


def named(choices):
    return [pytest.param(choice, id=choice.name) for choice in choices]


def test_quantiles_stand_at_the_number_of_trials():
    found = quantiles(12)
    assert found[:2] == [None, stats.norm.isf(0.025)]
    assert found[12] == stats.t.isf(0.025, 11)
    assert [len(quantiles(k)) for k in (1, 2, 3)] == [2, 3, 4]


#: The pooled numbers of a chart: the datum behind its answer in words.
POOLED = """
async (name) => {
  const view = await window.views[name].runAsync();
  return { ...view.data("answer_marks")[0].datum };
}
"""


def page_of_two_charts(folder: Path, sets: dict[str, pd.DataFrame]) -> str:
    figures = [
        figure_html(
            repool_chart(effects, name=name),
            title=f"The {name} set", alt="A forest plot.", name=name, data=effects, caption=KEY,
        )
        for name, effects in sets.items()
    ]  # fmt: skip
    return page_of(folder, figures)


def choose(controls, choice: Choice) -> None:
    kind = f"{choice.comparator}/{choice.kind}" if choice.kind else choice.comparator
    controls.get_by_label("Comparator").select_option(kind)
    levels = controls.get_by_label("Evidence levels")
    every = levels.locator("option").last.get_attribute("value")
    levels.select_option(choice.weakest or every)
    controls.get_by_label("Core programmes only").set_checked(choice.core_only)
    controls.get_by_label("Participants, at least").evaluate(SLIDE, choice.size)


def make_every_choice(page) -> dict:
    """Make every choice on a page and return what it answered."""
    seen = {}
    for choice in CHOICES:
        figure = page.locator(f"#figure-{choice.chart}")
        choose(figure.locator(".lkcm-controls"), choice)
        numbers = page.evaluate(POOLED, choice.chart)
        words = figure.locator(".answer_marks text, .details_marks tspan, .details_marks text")
        seen[choice.name] = {"numbers": numbers, "words": words.evaluate_all(LINES)}
    return seen


@pytest.fixture(scope="module", params=[1400, 390], ids=["desk", "phone"])
def seen(request, browser, sets, tmp_path_factory):
    address = page_of_two_charts(tmp_path_factory.mktemp("a page"), sets)
    return visit(browser, address, request.param, ["public", "real"], make_every_choice)


class TestLive:
    pytestmark = pytest.mark.slow

    @pytest.mark.parametrize("choice", named(CHOICES))
    def test_pools_as_the_library_does(self, seen, sets, choice):
        chosen = choice.passing(sets[choice.chart])
        found, k = seen[choice.name]["numbers"], len(chosen)
        assert choice.k in (None, k)
        assert found["k"] == k
        if k == 0:
            return
        fit = pool(chosen["yi"], chosen["vi"], method="DL", test=headline_test(k))
        plain = pool(chosen["yi"], chosen["vi"], method="DL", test="knapp-hartung")
        expected = {
            "estimate": fit.estimate, "se": fit.se, "tau2": fit.tau2 or 0.0, "q": fit.q,
            "ci_low": fit.ci[0], "ci_high": fit.ci[1],
            "plain_low": plain.ci[0], "plain_high": plain.ci[1],
            "n": chosen["n_total"].sum(), "n_unsized": chosen["n_total"].isna().sum(),
        }  # fmt: skip
        if fit.prediction_interval:
            expected["pi_low"], expected["pi_high"] = fit.prediction_interval
        assert {key: found[key] for key in expected} == pytest.approx(expected, rel=1e-6, abs=1e-9)
        if choice.tau2_is_zero is not None:
            assert (found["tau2"] == 0) == (fit.q < k - 1) == choice.tau2_is_zero

    @pytest.mark.parametrize("choice", named(CHOICES))
    def test_says_so_in_words(self, seen, sets, in_words, choice):
        assert seen[choice.name]["words"] == in_words(choice.passing(sets[choice.chart]))

    def test_the_choices_cover_what_can_happen(self, seen):
        found = [seen[choice.name]["numbers"] for choice in CHOICES]
        assert {0, 1, 2, 3} < {numbers["k"] for numbers in found}
        assert max(numbers["k"] for numbers in found) >= ADHOC_BELOW
        assert {numbers["tau2"] == 0 for numbers in found if numbers["k"] > 2} == {True, False}
        assert len({numbers["estimate"] for numbers in found if numbers["k"]}) >= 10

    def test_nothing_complains(self, seen):
        assert seen["complaints"] == []

    def test_inputs_of_two_charts_have_names_of_their_own(self, seen):
        assert len(seen["names"]) == len(set(seen["names"])) == 8

    def test_inputs_fit_the_screen(self, seen):
        assert seen["right"] <= seen["size"]
        assert seen["width"] <= seen["size"]
