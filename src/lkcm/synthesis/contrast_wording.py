"""Contrasts between groups of trials in sentences and verdicts."""

import numpy as np

from lkcm.synthesis.contrasts import Contrast
from lkcm.synthesis.level_contrasts import LevelContrast
from lkcm.words import interval, span, two

#: Verdicts on a difference between two groups with the rule of each.
CONTRAST_VERDICTS = {
    "cannot be told": "a group has fewer than ten trials, or no estimate",
    "larger": "the interval of the difference lies above zero, however bare directions are read",
    "smaller": "the interval of the difference lies below zero, however bare directions are read",
    "unclear": "the interval of the difference includes zero under one reading at least",
}


def level_verdict(found: LevelContrast) -> str:
    """Return the verdict of `CONTRAST_VERDICTS` on first minus second group."""
    if not found.concluded:
        return "cannot be told"
    if (found.differences["low"] > 0).all():
        return "larger"
    return "smaller" if (found.differences["high"] < 0).all() else "unclear"


def level_sentence(
    found: LevelContrast, about: str, names: tuple[str, str], relation: str = "against"
) -> str:
    """Say in one sentence what two groups of trials give across all levels of evidence.

    Parameters
    ----------
    found : LevelContrast
        With variant A, and B where it was asked for.
    about : str
        Start of the sentence, such as "On self-compassion".
    names : tuple of two str
        The groups in words, such as "passive comparators".
    relation : str
        What joins an effect to its group: "against" comparators, "in" samples.
    """
    first, second = names
    k = found.trials
    if np.isnan(found.differences["difference"].to_numpy(float)).any():
        return f"{about}, {first} and {second} cannot be set against one another: {found.told}."
    lines = found.differences.set_index("variant")
    a = lines.iloc[0]
    one, other = (
        interval(a[place], (a[f"{place}_low"], a[f"{place}_high"]))
        for place in ("first", "second")
    )
    words = (
        f"{about}, g is {one} {relation} {first} ({k[0]} trials) and {other} "
        f"{relation} {second} ({k[1]} trials), figures, p values, words and directions together; "
        f"the difference is {two(a['difference'])} ({span((a['low'], a['high']))})"
    )
    if "B" in lines.index:
        b = lines.loc["B"]
        words += (
            f", and {two(b['difference'])} ({span((b['low'], b['high']))}) if every bare "
            "direction was significant"
        )
    return words + (f"; {found.told}." if found.told else ".")


def figure_sentence(found: Contrast, about: str, names: tuple[str, str]) -> str:
    """Say in one sentence what the trials with figures give.

    Parameters
    ----------
    found : Contrast
        Of `lkcm.synthesis.contrasts.group_contrast`.
    about, names
        As `level_sentence`.
    """
    if found.difference is None:
        return f"{about}, {found.told}."
    first, second = found.cells.to_dict("records")
    words = (
        f"{about}, g is {two(first['estimate'])} against {names[0]} ({first['trials']} trials) "
        f"and {two(second['estimate'])} against {names[1]} ({second['trials']} trials); the "
        f"difference is {interval(found.difference.estimate, found.difference.ci)}"
    )
    return words + (f"; {found.told}." if found.told else ".")
