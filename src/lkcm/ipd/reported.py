"""What trials say of mediators, moderators, open data and who took part."""

from collections.abc import Callable, Mapping

import pandas as pd

from lkcm.evidence.describe import share_with_interval

#: What a synthesis of participants' data needs, and how a table says that a source tells of it.
ELEMENTS_REPORTED: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "number randomised": lambda t: t["n_randomised"].notna(),
    "age": lambda t: t["mean_age"].notna(),
    "gender": lambda t: t["pct_female"].notna(),
    "ethnicity": lambda t: t["ethnicity_reported"].eq("yes"),
    "country": lambda t: t["country"].notna(),
    "drop-out of each arm": lambda t: t["dropout_t"].notna() & t["dropout_c"].notna(),
    "worsening or adverse events of each arm": lambda t: t["harms_mentioned"].eq("yes-per-arm"),
    "a mediator": lambda t: t["mediation_tested"].eq("yes"),
    "a moderator": lambda t: t["moderator_tested"].eq("yes"),
    "open participant data": lambda t: t["data_open"].eq("yes"),
}


def elements_reported(trials: pd.DataFrame) -> pd.DataFrame:
    """Return, element by element, the share of trials whose source tells of it.

    Returns
    -------
    DataFrame
        ``item``, ``stated``, ``trials``, ``share``, ``low``, ``high`` (exact 95 %), most often
        told first.
    """
    n = trials["sample_id"].nunique()
    rows = []
    for item, states in ELEMENTS_REPORTED.items():
        stated = int(states(trials).groupby(trials["sample_id"]).any().sum())
        rows.append((item, stated, n, *share_with_interval(stated, n)))
    columns = ["item", "stated", "trials", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("share", ascending=False, kind="stable")


def reported_tests(trials: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    """Return the trials whose source reports a test of a mediator or moderator, or open data.

    Parameters
    ----------
    trials : DataFrame
        The evidence.
    labels : Series
        Label of each ``trial_id``.

    Returns
    -------
    DataFrame
        ``label``, ``what`` (mediator | moderator | open data), ``named`` (mediators), ``n``,
        ``source_url``.
    """
    parts = []
    for column, what in (
        ("mediation_tested", "mediator"),
        ("moderator_tested", "moderator"),
        ("data_open", "open data"),
    ):
        rows = trials[trials[column].eq("yes")]
        named = (
            rows["mediator"] if what == "mediator" else pd.Series(None, rows.index, dtype="str")
        )
        parts.append(
            pd.DataFrame(
                {
                    "label": rows["trial_id"].map(labels),
                    "what": what,
                    "named": named,
                    "n": rows["n_randomised"],
                    "source_url": rows["source_url"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def mediators(trials: pd.DataFrame) -> pd.Series:
    """Return the number of samples that tested each named mediator, most first."""
    rows = trials[trials["mediation_tested"].eq("yes")][["sample_id", "mediator"]].dropna()
    named = rows.assign(mediator=rows["mediator"].str.split(r"[;,] ?", regex=True))
    named = named.explode("mediator")
    return named.groupby("mediator")["sample_id"].nunique().sort_values(ascending=False)


def participant_reviews(references: pd.DataFrame) -> pd.DataFrame:
    """Return published estimates that say they rest on individual participants' data."""
    text = references["title"].fillna("") + " " + references["question"].fillna("")
    text = text + " " + references["subset"].fillna("")
    return references[
        text.str.contains(r"individual[- ](?:participant|patient)|\bIPD\b", case=False)
    ]
