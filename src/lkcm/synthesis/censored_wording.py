"""The synthesis across levels in sentences: what a trial says, and what all of them add up to."""

import numpy as np
import pandas as pd

from lkcm.synthesis.censored import AcrossLevels, Censored
from lkcm.synthesis.contributions import FIGURES
from lkcm.words import interval, number, short_interval, span, two

#: Kinds of contribution in a word or two, for labels.
SHORT_KIND = {
    "p-value": "p printed",
    "significance": "statistically significant",
    "no-difference": "no difference",
    "direction": "direction only",
}


def contribution_words(kept: pd.DataFrame) -> pd.DataFrame:
    """Say what each chosen row tells of its effect.

    Parameters
    ----------
    kept : DataFrame
        ``kept`` of `lkcm.synthesis.contributions.Chosen`.

    Returns
    -------
    DataFrame
        On the same index: ``figure`` (bool), ``low`` and ``high`` (the 95 % interval of a figure,
        the bounds otherwise) and ``says`` (words).
    """
    figure = kept["kind"].isin(FIGURES)
    half = 1.96 * np.sqrt(kept["vi"].astype(float))
    low = kept["low"].where(~figure, kept["yi"] - half).astype(float)
    high = kept["high"].where(~figure, kept["yi"] + half).astype(float)
    words = [
        f"g {short_interval(row.yi, (a, b))}"
        if row.kind in FIGURES
        else f"{SHORT_KIND[row.kind]}: {_bounds(a, b, row.either)}"
        for row, a, b in zip(kept.itertuples(), low, high, strict=True)
    ]
    says = pd.Series(words, index=kept.index, dtype="str")
    return pd.DataFrame({"figure": figure, "low": low, "high": high, "says": says})


def _bounds(low: float, high: float, either: bool) -> str:
    if either:
        return f"beyond \N{PLUS-MINUS SIGN}{two(low)}"
    if np.isinf(high):
        return f"above {two(low) if low else 0}"
    return f"below {two(high) if high else 0}" if np.isinf(low) else span((low, high))


def levels_sentence(found: AcrossLevels | None, against: str) -> str:
    """Say in one sentence what the core trials against one group of comparators add up to.

    Parameters
    ----------
    found : AcrossLevels or None
        Of `lkcm.synthesis.censored.synthesise` under both variants; None without a row.
    against : str
        The comparators in words.
    """
    if found is None or not len(found.chosen.kept):
        return f"Against {against}, no core trial says anything that can be used."
    a, b = found.fits["A"], found.fits["B"]
    figures = sum(a.kinds[kind] for kind in FIGURES)
    trials = "one core trial says" if a.k == 1 else f"{number(a.k)} core trials say"
    told = f"Against {against}, {trials} something in some form, {number(figures)} by a figure"
    if a.estimate is None or b.estimate is None:
        return f"{told}: {_without_estimate(a, b)}."
    if not (a.headline and b.headline):
        few = a.bounded or "none"
        return f"{told}: no headline, for {few} of them bound the effect on both sides."
    words = f"{told}. All together: g {interval(a.estimate, a.ci)}"
    if not a.kinds["direction"]:
        return f"{words}; no report gives a bare direction, so one reading is enough."
    other = short_interval(b.estimate, b.ci)
    return (
        f"{words} if a bare direction means no more than that (A), {other} if every bare "
        "direction was statistically significant (B)."
    )


def _without_estimate(a: Censored, b: Censored) -> str:
    return a.notes[0] if a.estimate is None else b.notes[0]
