"""The gold-standard ledger: one line a trial, each cell yes, no or not stated.

A cell is "no" only where a source says so; silence, in an abstract above all, is "not stated".
"""

import re

import numpy as np
import pandas as pd

from lkcm.evidence.describe import (
    CLINICAL,
    COMPARATORS,
    LARGE,
    NOT_STATED,
    share_with_interval,
)
from lkcm.harms.reporting import harm_reporting
from lkcm.synthesis.comparators import comparator_group

#: Items of the ledger, with what makes a cell "yes".
ITEMS = {
    "active control": "an active comparator or mindfulness training is one of the arms",
    "established treatment": "a psychotherapy is one of the comparators",
    "registered": "the source names or mentions a registration",
    "more than 100 in the LKCM group": "stated size of the largest LKCM group",
    "follow-up 6 months": "a measurement 26 weeks or more after the end",
    "follow-up 12 months": "a measurement 52 weeks or more after the end",
    "blinded or clinician-rated": "assessors blind to the arm, or an outcome rated by a clinician",
    "intention to treat": "all randomised people were analysed",
    "harms reported": "the source says anything of harms",
}
#: Weeks after the end that count as 6 and 12 months.
SIX_MONTHS, TWELVE_MONTHS = 26, 52
#: Kinds of comparator from the strongest to the weakest.
STRENGTH = (
    *("psychotherapy", "mindfulness", "relaxation", "attention", "other-active", "usual-care"),
    *("add-on", "waitlist", "no-treatment"),
)
#: Conditions by words in the description of the population; the first that is found decides.
CONDITIONS = {
    "self-harm or suicide": r"self-harm|suicid",
    "psychosis": r"psychos|psychotic|schizo|paranoi|mental state",
    "personality disorder": r"personality|borderline",
    "trauma or grief": r"ptsd|trauma|grief|bereave",
    "depression or bipolar": r"depressi|depressed|bipolar",
    "anxiety": r"anxiety",
    "eating, weight, body image": r"binge|eating|anorexi|obes|overweight|body image|body weight",
    "substance use": r"opioid|smok|substance|alcohol",
    "cancer": r"cancer|biops|tumour|breast surgery",
    "diabetes": r"diabet",
    "pain": r"\bpain\b|fibromyalgia",
    "infertility": r"infertil|fertility|\bivf\b",
    "stress or self-criticism": r"stress|distress|self-critic",
}
OTHER_CONDITION = "other conditions"


def ledger(
    trials: pd.DataFrame, effects: pd.DataFrame, levels: tuple[str, ...] = CLINICAL
) -> pd.DataFrame:
    """Return the ledger, one row a trial.

    Parameters
    ----------
    trials, effects : DataFrame
        The evidence tables.
    levels : tuple of str
        Values of ``clinical_level`` that are looked at.

    Returns
    -------
    DataFrame
        The trial's own columns, ``condition``, ``strongest`` (the strongest comparator), one
        column for each of `ITEMS` (yes, no or not stated) and ``met`` (how many are yes); the
        fullest first.
    """
    found = harm_reporting(trials, effects)
    found = found[found["clinical_level"].isin(levels)]
    sample = found["sample_id"]
    rows = effects.join(trials.set_index("trial_id")["sample_id"], on="trial_id")
    cells = {
        **_comparators(trials, rows, sample),
        "registered": _stated(trials, sample, "registered"),
        "more than 100 in the LKCM group": _large(trials, rows, sample),
        "follow-up 6 months": _followed(trials, rows, sample, SIX_MONTHS),
        "follow-up 12 months": _followed(trials, rows, sample, TWELVE_MONTHS),
        "blinded or clinician-rated": _blinded(trials, rows, sample),
        "intention to treat": _stated(trials, sample, "itt"),
        "harms reported": np.where(found["harms"].eq("not mentioned"), NOT_STATED, "yes"),
    }
    registered = sample.isin(trials.loc[trials["registration"].notna(), "sample_id"])
    cells["registered"] = np.where(registered, "yes", cells["registered"])
    table = found.assign(
        condition=condition(found["population"]), strongest=_strongest(rows, sample), **cells
    )
    table["met"] = table[list(ITEMS)].eq("yes").sum(axis=1)
    return table.sort_values(["met", "year", "sample_id"], ascending=[False, False, True])


def _cell(sample: pd.Series, yes: set, no: set) -> np.ndarray:
    """Give "yes" before "no" before "not stated"."""
    return np.select([sample.isin(yes), sample.isin(no)], ["yes", "no"], NOT_STATED)


def _stated(trials: pd.DataFrame, sample: pd.Series, column: str) -> np.ndarray:
    said = trials[column]
    yes, no = (set(trials.loc[said.eq(word), "sample_id"]) for word in ("yes", "no"))
    return _cell(sample, yes, no)


def _comparators(
    trials: pd.DataFrame, rows: pd.DataFrame, sample: pd.Series
) -> dict[str, np.ndarray]:
    """Judge by the comparators of the results: silence on a third arm is no "no"."""
    known = rows[rows["comparator_type"].ne("not-stated") & rows["comparator_type"].notna()]
    active = comparator_group(known["comparator_type"]).isin(["active", "mindfulness"])
    treatment = known["comparator_type"].eq("psychotherapy")
    silent = rows.loc[~rows.index.isin(known.index), "sample_id"]
    two_arms = trials["n_arms"].eq(2).groupby(trials["sample_id"]).all()
    # a comparator that is not described might be anything, and so might a further arm
    whole = (set(known["sample_id"]) & set(two_arms.index[two_arms])) - set(silent)
    return {
        "active control": _cell(sample, set(known.loc[active, "sample_id"]), whole),
        "established treatment": _cell(sample, set(known.loc[treatment, "sample_id"]), whole),
    }


def _strongest(rows: pd.DataFrame, sample: pd.Series) -> pd.Series:
    rank = rows["comparator_type"].map({name: place for place, name in enumerate(STRENGTH)})
    best = rank.groupby(rows["sample_id"]).min()
    names = {name: COMPARATORS[STRENGTH[int(place)]] for name, place in best.dropna().items()}
    return pd.Series([names.get(name, NOT_STATED) for name in sample], index=sample.index)


def _large(trials: pd.DataFrame, rows: pd.DataFrame, sample: pd.Series) -> np.ndarray:
    """Judge by stated sizes: a small analysed group of a large trial may have been a large one."""
    stated = rows["n_t"].groupby(rows["sample_id"]).max()
    total = trials["n_randomised"].groupby(trials["sample_id"]).max()
    small = stated[stated <= LARGE].index
    no = set(total.index[total <= LARGE])
    no |= set(small[~(total.reindex(small) > 2 * LARGE)])
    return _cell(sample, set(stated.index[stated > LARGE]), no)


def _followed(
    trials: pd.DataFrame, rows: pd.DataFrame, sample: pd.Series, weeks: int
) -> np.ndarray:
    """Judge by the longest follow-up: a result at one time says nothing of a longer one."""
    longest = trials["followup_weeks_max"].groupby(trials["sample_id"]).max()
    printed = rows["followup_weeks"].groupby(rows["sample_id"]).max()
    yes = set(longest.index[longest >= weeks]) | set(printed.index[printed >= weeks])
    return _cell(sample, yes, set(longest.index[longest < weeks]))


def _blinded(trials: pd.DataFrame, rows: pd.DataFrame, sample: pd.Series) -> np.ndarray:
    rated = rows["rater_role"].isin(["clinician", "blind-assessor"])
    yes = set(rows.loc[rated & rows["harm"].eq("none"), "sample_id"])
    yes |= set(trials.loc[trials["blinded_assessor"].eq("yes"), "sample_id"])
    return _cell(sample, yes, set(trials.loc[trials["blinded_assessor"].eq("no"), "sample_id"]))


def condition(population: pd.Series) -> pd.Series:
    """Name the condition of each population by the first of `CONDITIONS` that is found."""

    def name(words: object) -> str:
        text = words if isinstance(words, str) else ""
        return next(
            (name for name, said in CONDITIONS.items() if re.search(said, text, re.IGNORECASE)),
            OTHER_CONDITION,
        )

    return population.map(name)


def counts(table: pd.DataFrame) -> pd.DataFrame:
    """Count yes, no and not stated by item, with an exact interval of the share of "yes".

    Returns
    -------
    DataFrame
        ``item``, ``yes``, ``no``, ``not_stated``, ``trials``, ``share``, ``low``, ``high``.
    """
    rows = []
    for item in ITEMS:
        yes, no = (int(table[item].eq(word).sum()) for word in ("yes", "no"))
        n = len(table)
        rows.append((item, yes, no, n - yes - no, n, *share_with_interval(yes, n)))
    columns = ["item", "yes", "no", "not_stated", "trials", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


#: What made the case for mindfulness-based cognitive therapy.
STANDARD = ("established treatment", "follow-up 12 months", "blinded or clinician-rated")


def by_condition(table: pd.DataFrame) -> pd.DataFrame:
    """Count, by condition, the trials that meet each part of the standard, and all of it.

    Returns
    -------
    DataFrame
        ``condition``, ``trials``, one column for each of `STANDARD`, ``all``, ``best`` (most
        items of the whole ledger that one trial meets); most trials first.
    """
    met = table[list(STANDARD)].eq("yes")
    rows = met.assign(all=met.all(axis=1), trials=1, condition=table["condition"])
    found = rows.groupby("condition").sum().astype(int)
    found["best"] = table.groupby("condition")["met"].max()
    found = found.sort_values("trials", ascending=False, kind="stable").reset_index()
    return found[["condition", "trials", *STANDARD, "all", "best"]]
