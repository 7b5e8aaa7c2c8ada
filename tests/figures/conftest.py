"""A set of trials to pool in the page, and what the page must say of any set."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lkcm.book.assets import write_assets
from lkcm.paths import BOOK, ROOT
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import ADHOC_BELOW, UNCERTAIN_BELOW, headline_test

TYPES = ("waitlist", "no-treatment", "relaxation", "mindfulness", "attention", "not-stated")
GROUPS = ("passive", "passive", "active", "mindfulness", "active", "unknown")


@pytest.fixture(scope="session")
def public_set() -> pd.DataFrame:
    """19 SMDs (metadat's dat.raudenbush1985) with comparators, levels and sizes made up."""
    oracles = json.loads((ROOT / "tests" / "oracles" / "pool.json").read_text("utf-8"))
    effects = pd.DataFrame(oracles["sets"]["raudenbush1985"])
    turn = np.arange(len(effects))
    effects = effects.assign(
        label=[f"Study {i} & <b>" for i in turn],
        comparator=np.array(GROUPS)[turn % 6],
        comparator_type=np.array(TYPES)[turn % 6],
        lkcm_core=np.array(["yes", "part", "yes", "doubtful", "yes"])[turn % 5],
        level=np.array(["1", "2a", "2b", "2a", "2a", "2c", "1"])[turn % 7],
        n_total=(4 / effects["vi"]).round(),
        address=[f"https://example.org/{i}?a=1&b=2" if i % 3 else None for i in turn],
    )
    effects.loc[7, "n_total"] = np.nan
    return effects


def two(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if round(value, 2) else "0.00"


def span(ends: tuple[float, float]) -> str:
    return f"{two(ends[0])} to {two(ends[1])}"


def expected_words(chosen: pd.DataFrame) -> list[str]:
    """The lines above the chart, from the library's pool."""
    k, unsized = len(chosen), int(chosen["n_total"].isna().sum())
    if k == 0:
        return ["k = 0: no trial passes"]
    people = f"n = {chosen['n_total'].sum():,.0f}"
    people += f" and {unsized} of unknown size" if unsized else ""
    if k == 2:
        return ["k = 2: two trials, no pooled headline", people]
    fit, plain = (
        pool(chosen["yi"], chosen["vi"], method="DL", test=test)
        for test in (headline_test(k), "knapp-hartung")
    )
    effect = f"g {two(fit.estimate)} ({span(fit.ci)})"
    if k == 1:
        return ["k = 1: one trial, its own interval", f"{effect} by Wald; {people}"]
    lines = [
        f"k = {k}, {effect}, tau² {two(fit.tau2)}",
        people + ("; k < 5: very uncertain" if k < UNCERTAIN_BELOW else ""),
        f"95 % prediction interval {span(fit.prediction_interval)}",
    ]
    if k >= ADHOC_BELOW:
        return [*lines, "DerSimonian-Laird, Knapp-Hartung"]
    plain_words = f"Knapp-Hartung plain: {span(plain.ci)}"
    return [*lines, "DerSimonian-Laird, Knapp-Hartung ad hoc (k < 10)", plain_words]


@pytest.fixture(scope="session")
def in_words() -> Callable[[pd.DataFrame], list[str]]:
    return expected_words


def write_page(folder: Path, figures: str) -> str:
    """Write a page that holds figures and what makes them live; return its address."""
    shutil.copytree(BOOK / "_static", folder / "_static")
    write_assets(folder / "assets")
    page = folder / "page.html"
    page.write_text(
        '<!doctype html><html lang="en" data-content_root="./" data-theme="light"><head>'
        '<meta charset="utf-8"><title>Page</title><meta name="viewport" '
        'content="width=device-width"><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="_static/lkcm.css">'
        '<script src="_static/charts.js"></script></head><body class="bd-content"><main>'
        f"<h1>Page</h1>{figures}</main></body></html>",
        encoding="utf-8",
    )
    return page.as_uri()


@pytest.fixture(scope="session")
def live_page() -> Callable[[Path, str], str]:
    return write_page
