"""What can be concluded, in sentences computed from k, interval and prediction interval."""

from collections.abc import Mapping

import pandas as pd

from lkcm.informants.anchor import Anchor
from lkcm.informants.classes import CLASSES, CONSTRUCT_WORDS, DAILY
from lkcm.informants.contrast import Contrast
from lkcm.informants.methods import ClassEffect, MultiMethod
from lkcm.synthesis.pooled import HEADLINE_FROM, UNCERTAIN_BELOW
from lkcm.words import interval, number, short_interval, span, two

#: How much can be concluded, with the rule of each; the chapters show this table.
CONCLUSIONS = {
    "nothing was asked": "no trial has a report of this class",
    "nothing yet": "fewer than three trials print a usable figure",
    "very uncertain": "three or four trials, whatever they show",
    "unclear": "the confidence interval includes zero",
    "favours LKCM on average": "the confidence interval lies above zero, the prediction interval "
    "does not",
    "favours LKCM": "the confidence and the prediction interval lie above zero",
    "favours control": "the confidence interval lies below zero",
}


def conclusion(effect: ClassEffect) -> str:
    """Return the conclusion of `CONCLUSIONS` that a class of reporter allows."""
    if effect.rows.empty:
        return "nothing was asked"
    if effect.k < HEADLINE_FROM or effect.ci is None:
        return "nothing yet"
    if effect.k < UNCERTAIN_BELOW:
        return "very uncertain"
    low, high = effect.ci
    if low <= 0 <= high:
        return "unclear"
    if high < 0:
        return "favours control"
    interval_above = effect.prediction_interval is not None and effect.prediction_interval[0] > 0
    return "favours LKCM" if interval_above else "favours LKCM on average"


def class_sentence(effect: ClassEffect, about: str) -> str:
    """Say in one sentence what a class of reporter allows to conclude about a construct.

    Parameters
    ----------
    effect : ClassEffect
        One class.
    about : str
        The construct in words.
    """
    name, verdict = CLASSES[effect.name], conclusion(effect)
    if verdict == "nothing was asked":
        return f"{_capital(name)} on {about}: no trial asked."
    if verdict == "nothing yet":
        pointing = effect.directions["favours LKCM"]
        told = f"{effect.trials} trial{_s(effect.trials)} with a usable report"
        if effect.trials:
            told += f" ({pointing} in favour of LKCM), {effect.k} with a figure"
        return f"{_capital(name)} on {about}: nothing yet. {_capital(told)}; a model needs three."
    words = f"{_capital(name)} on {about}: g {interval(effect.estimate, effect.ci)}"
    words += f" in {effect.k} trials"
    if effect.prediction_interval:
        words += f"; a further trial: {span(effect.prediction_interval)}"
    return f"{words} ({verdict})."


def contrast_sentence(contrast: Contrast) -> str:
    """Say in one sentence how far two classes of reporter differ within or between trials."""
    pair = f"{CLASSES[contrast.first]} minus {CLASSES[contrast.second]}"
    where = _capital(contrast.kind)
    if contrast.ci is None:
        return f"{where}, {pair}: {contrast.notes[0]}."
    words = f"{where}, {pair}: {interval(contrast.estimate, contrast.ci)} in {contrast.k} trials"
    if contrast.prediction_interval:
        words += f"; a further trial: {span(contrast.prediction_interval)}"
    return words + (". Very uncertain: few trials." if contrast.k < UNCERTAIN_BELOW else ".")


def asked_sentence(trials: pd.DataFrame, samples: int) -> str:
    """Say how many trials asked a second person, who that was, and whether it was of kindness.

    Parameters
    ----------
    trials : DataFrame
        Of `lkcm.informants.views.second_person_trials`.
    samples : int
        All trials in the evidence.
    """
    if trials.empty:
        return (
            f"None of {number(samples)} trials has a report by someone who is not the trained "
            "person."
        )
    raters = trials["raters"]
    close = int(raters.str.contains("significant-other").sum())
    daily = int(raters.map(lambda roles: bool(set(roles.split(", ")) & set(DAILY))).sum())
    kind = int(trials["kindness"].sum())
    return (
        f"{_capital(_count(len(trials)))} of {number(samples)} trials asked someone other than "
        f"the trained person about that person: {_count(daily)} asked someone from daily life, "
        f"{_count(close)} a partner, a friend or family other than a parent, and "
        f"{_count(kind)} asked about kindness."
    )


def _count(n: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[n] if n < len(words) else number(n)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _s(n: int) -> str:
    return "" if n == 1 else "s"


def telling_trial_sentence(
    sizes: pd.DataFrame, anchor: Anchor, randomised: pd.Series, informants: int = 2
) -> str:
    """Say how large the trial is that would tell, and how large the trials are.

    Parameters
    ----------
    sizes : DataFrame
        Of `lkcm.informants.informant_design.trial_sizes`.
    anchor : Anchor
        The self-reported effect that it was planned from.
    randomised : Series
        People randomised in each trial of the evidence.
    informants : int
        For each person.
    """
    people = sizes[sizes["informants"].eq(informants)].set_index("reading")["people"]
    needed = {name: people.get(name) for name in ("trait", "score")}
    if any(pd.isna(value) for value in needed.values()):
        return "The trial that would tell cannot be sized: the expected effect is zero."
    words = (
        f"The trial that would tell, {informants} informants a person: "
        f"{number(needed['trait'])} people if a self-reported g of {two(anchor.estimate)} is a "
        f"change of the person, {number(needed['score'])} if others only follow the self-report"
    )
    if randomised.empty:
        return f"{words}."
    return (
        f"{words}; the median trial here randomised {number(randomised.median())}, the largest "
        f"{number(randomised.max())}."
    )


def method_lines(fits: Mapping[tuple[str, str], MultiMethod]) -> pd.DataFrame:
    """Return the lines of a table of constructs, comparators and classes of reporter.

    Parameters
    ----------
    fits : mapping of (construct, group of comparators) to MultiMethod

    Returns
    -------
    DataFrame
        ``question`` (construct and comparators), ``class``, ``verdict``, ``trials`` (with those
        that favour LKCM), ``k``, ``effect``, ``prediction`` and ``across`` (span of the two
        readings, and of their intervals), in words; missing where there is none.
    """
    lines = []
    for (name, group), fit in fits.items():
        for one in fit.classes.values():
            interval_ = one.prediction_interval
            pointing = one.directions["favours LKCM"]
            lines.append(
                {
                    "question": f"{CONSTRUCT_WORDS.get(name, name)} v {group}",
                    "class": CLASSES[one.name].replace(" report", ""),
                    "verdict": conclusion(one),
                    "trials": f"{one.trials} ({pointing})" if one.trials else "0",
                    "k": one.k,
                    "effect": short_interval(one.estimate, one.ci) if one.ci else None,
                    "prediction": span(interval_) if interval_ else None,
                    "across": _across(one),
                }
            )
    return pd.DataFrame(lines)


def pooled_lines(fit: MultiMethod) -> pd.DataFrame:
    """Return the lines of a forest plot by class, for the classes that have a model.

    Parameters
    ----------
    fit : MultiMethod

    Returns
    -------
    DataFrame
        ``class`` (words), ``label``, ``estimate``, ``low``, ``high``, ``pi_low``, ``pi_high``.
    """
    table = fit.to_frame()
    table = table[table["low"].notna()]
    return table.assign(
        **{"class": table["label"]},
        label=[f"Pooled, {row.label} (k = {row.k})" for row in table.itertuples()],
    )[["class", "label", "estimate", "low", "high", "pi_low", "pi_high"]]


def _across(one: ClassEffect) -> str | None:
    """Say what all levels of evidence give; None where a reading has no headline."""
    across = one.across
    if across is None or across.ci_span is None:
        return None
    if not all(fit.headline for fit in across.fits.values()):
        return None
    low, high = across.span
    middle = two(low) if two(low) == two(high) else span((low, high))
    return f"{middle} ({span(across.ci_span)})"
