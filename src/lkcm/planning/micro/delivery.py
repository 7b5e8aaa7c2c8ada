"""How LKCM has been delivered: in person or digitally, with what effect, and what was sensed."""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.evidence.describe import NOT_STATED
from lkcm.synthesis.censored import synthesise_each
from lkcm.synthesis.outcome import pool_group

#: Delivery as coded, by the words of this page; an order from people to phones.
DELIVERY = {
    "in-person": "in person",
    "mixed": "in person and digital",
    "online": "online",
    "audio": "recordings",
    "app": "app",
    NOT_STATED: NOT_STATED,
}
#: Coded deliveries that need no teacher in the room.
DIGITAL = ("online", "audio", "app")
#: The feature that the commentary asks for: help at the moment when it is needed.
MOMENT = "help in the moment"
#: What a digital programme had, by words in its description; a programme may have several.
FEATURES = {
    "a teacher, therapist or group online": r"therapist|group|session|class",
    "a partner to practise with": r"partner|dyad",
    "messages by day": r"daily email|daily text|\bSMS\b",
    "a diary or quizzes": r"diary|quiz",
    "virtual reality": r"\bVR\b|virtual reality",
    MOMENT: r"momentary|in the moment|just-in-time",
    "tailored to person or moment": r"tailor|personali|adaptive",
}


def delivery_effects(rows: pd.DataFrame, delivery: pd.Series) -> pd.DataFrame:
    """Return the effect on one outcome against one group of comparators, by delivery.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, narrowed to the comparators in question.
    delivery : Series
        Delivery by ``trial_id``, as in trials.csv.

    Returns
    -------
    DataFrame
        One row for "in person" and for "digital": ``delivery``, ``k`` (trials that say anything),
        ``figures`` (of them with a figure), ``pooled``, ``pooled_low``, ``pooled_high`` (figures
        only, from three trials on), ``a``, ``a_low``, ``a_high``, ``a_se``, ``b``, ``b_low``,
        ``b_high`` (all levels of evidence, variants A and B, with a headline only).
    """
    coded = rows["trial_id"].map(delivery)
    kinds = {"in person": coded.eq("in-person"), "digital": coded.isin(DIGITAL)}
    lines = []
    parts = {kind: rows[chosen] for kind, chosen in kinds.items()}
    for kind, found in synthesise_each(parts).items():
        figures = pool_group(parts[kind], kind)
        line = {"delivery": kind, "k": found.fits["A"].k, "figures": len(figures.kept)}
        if figures.pooled is not None and figures.pooled.headline:
            ends = figures.pooled.ci or (np.nan, np.nan)
            line |= {"pooled": figures.pooled.estimate}
            line |= {"pooled_low": ends[0], "pooled_high": ends[1]}
        for variant, fit in found.fits.items():
            if fit.headline and fit.ci is not None:
                name = variant.lower()
                line |= {name: fit.estimate, f"{name}_low": fit.ci[0], f"{name}_high": fit.ci[1]}
                line |= {f"{name}_se": fit.se}
        lines.append(line)
    parts = ("", "_low", "_high", "_se")
    columns = [f"{name}{part}" for name in ("pooled", "a", "b") for part in parts]
    return pd.DataFrame(lines).reindex(columns=["delivery", "k", "figures", *columns])


def delivery_contrast(table: pd.DataFrame) -> tuple[float, float, float] | None:
    """Return the effect of digital less that of in-person delivery, with its 95 % interval.

    Parameters
    ----------
    table : DataFrame
        Of `delivery_effects`.

    Returns
    -------
    tuple of three floats, or None
        From variant A; None unless both kinds have an estimate. Trials were not randomised to a
        delivery: the contrast is between trials.
    """
    both = table.set_index("delivery")[["a", "a_se"]].astype(float)
    if both.isna().any(axis=None):
        return None
    difference = float(both.loc["digital", "a"] - both.loc["in person", "a"])
    half = float(stats.norm.isf(0.025) * np.sqrt((both["a_se"] ** 2).sum()))
    return difference, difference - half, difference + half


def delivery_counts(trials: pd.DataFrame) -> pd.DataFrame:
    """Return trials by delivery: how many, how large, and with how many people.

    Parameters
    ----------
    trials : DataFrame
        One row a trial.

    Returns
    -------
    DataFrame
        ``delivery`` (in the order of `DELIVERY`), ``trials``, ``median_n`` (people randomised,
        NaN where none says so), ``people``.
    """
    coded = trials["delivery"].fillna(NOT_STATED).astype(str)
    grouped = trials.assign(delivery=coded).groupby("delivery")["n_randomised"]
    table = grouped.agg(trials="size", median_n="median", people="sum").reindex(list(DELIVERY))
    table = table[table["trials"].notna()].rename(index=DELIVERY)
    return table.rename_axis("delivery").reset_index().astype({"trials": int})


def digital_features(trials: pd.DataFrame) -> pd.DataFrame:
    """Return how many digital trials say that their programme had each of `FEATURES`.

    Parameters
    ----------
    trials : DataFrame
        One row a trial.

    Returns
    -------
    DataFrame
        ``feature`` and ``trials``; the last row counts trials whose source mentions sensing by
        phone or watch.
    """
    text = trials["digital_features"].fillna("").astype(str)
    lines = [
        (name, int(text.str.contains(pattern, case=False, regex=True).sum()))
        for name, pattern in FEATURES.items()
    ]
    sensed = trials["sensing"].notna() & ~trials["sensing"].isin(["not-stated", "none", "no"])
    lines.append(("sensing by phone or watch", int(sensed.sum())))
    return pd.DataFrame(lines, columns=["feature", "trials"])
