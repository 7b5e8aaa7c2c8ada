"""What sources say of harms, trial by trial, and every signal against LKCM by name."""

import numpy as np
import pandas as pd

from lkcm.evidence.describe import COMPARATORS, NOT_STATED, one_per_sample, share_with_interval
from lkcm.harms.counts import adverse_counts

#: How a trial's source treats harms, the fullest first.
CLASSES = {
    "per arm": "events of both arms are counted",
    "none occurred": "no event is said to have occurred, without counts of both arms",
    "mentioned otherwise": "harms are mentioned in another way",
    "not mentioned": "what was read does not mention harms",
}
#: First years of the periods in which reporting is counted.
PERIODS = (2010, 2015, 2020)


def harm_reporting(trials: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return each trial with the class of its reporting of harms.

    A trial of several reports has the fullest class of any of them. "not mentioned" is a statement
    about the page that was read, mostly an abstract, never about the trial.

    Parameters
    ----------
    trials, effects : DataFrame
        The evidence tables.

    Returns
    -------
    DataFrame
        One row a sample, as `lkcm.evidence.describe.one_per_sample`, with ``harms`` (a key of
        `CLASSES`), ``said`` (what the source says, in our words, or missing) and ``period``.
    """
    counts = adverse_counts(effects, trials)
    per_arm = set(counts.loc[counts["a"].notna() & counts["c"].notna(), "sample_id"])
    mentioned = trials["harms_mentioned"]
    none = set(trials.loc[mentioned.eq("yes-none-occurred"), "sample_id"])
    other = set(trials.loc[mentioned.eq("yes-other"), "sample_id"]) | set(counts["sample_id"])
    found = one_per_sample(trials)
    sample = found["sample_id"]
    harms = np.select(
        [sample.isin(per_arm), sample.isin(none), sample.isin(other)],
        list(CLASSES)[:3],
        "not mentioned",
    )
    said = trials.dropna(subset=["adverse_events"]).drop_duplicates("sample_id")
    said = said.set_index("sample_id")["adverse_events"]
    return found.assign(harms=harms, said=sample.map(said), period=_period(found["year"]))


def _period(year: pd.Series) -> pd.Series:
    first, *_, last = PERIODS
    words = [f"before {first}"]
    words += [f"{start} to {end - 1}" for start, end in zip(PERIODS, PERIODS[1:], strict=False)]
    words.append(f"{last} and later")
    place = np.searchsorted(PERIODS, year.fillna(0).astype(float), side="right")
    named = pd.Series(np.array(words)[place], index=year.index)
    named = named.where(year.notna(), "year not shown")
    return pd.Series(pd.Categorical(named, [*words, "year not shown"]), index=year.index)


def reporting_shares(reporting: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return the share of trials in each class, with exact intervals.

    Parameters
    ----------
    reporting : DataFrame
        Of `harm_reporting`.
    by : str, optional
        A column to split by, such as ``period``.

    Returns
    -------
    DataFrame
        ``by`` (if given), ``harms``, ``trials``, ``of``, ``share``, ``low``, ``high``.
    """
    groups = [("all", reporting)] if by is None else list(reporting.groupby(by, observed=True))
    rows = []
    for name, group in groups:
        for harms in CLASSES:
            n = int(group["harms"].eq(harms).sum())
            rows.append((name, harms, n, len(group), *share_with_interval(n, len(group))))
    columns = [by or "group", "harms", "trials", "of", "share", "low", "high"]
    found = pd.DataFrame(rows, columns=columns)
    return found if by else found.drop(columns="group")


def signals(effects: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return every result that points against LKCM, one row a trial, outcome and comparator.

    A signal is a between-arm row whose sign favours the control or that is coded as worsening;
    drop-out is not a harm and has a table of its own. Rows that repeat another are left out. Where
    a trial has several rows for one outcome, a statistically significant one comes first.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence tables.

    Returns
    -------
    DataFrame
        ``trial_id``, ``sample_id``, ``outcome``, ``instrument``, ``comparator``, ``strength``
        (words), ``printed`` (words), ``held`` (why it is not pooled, or missing) and the address;
        statistically significant ones first.
    """
    rows = effects.join(trials.set_index("trial_id")["sample_id"], on="trial_id")
    against = rows["sign"].eq("-") | rows["harm"].eq("worsening")
    rows = rows[
        against
        & rows["harm"].ne("dropout")
        & rows["effect_scope"].ne("within-group")
        & rows["same_result_as"].isna()
        & rows["about"].eq("participant")
    ]
    strength = rows["significant"].map({"yes": 0, "no": 2}).fillna(1)
    harm = rows["harm"].ne("worsening")
    rows = rows.assign(_strength=strength, _harm=harm)
    rows = rows.sort_values(["_strength", "_harm", "sample_id", "effect_id"], kind="stable")
    rows = rows.drop_duplicates(["sample_id", "outcome", "comparator_type"])
    words = {
        0: "statistically significant",
        1: "significance not stated",
        2: "not statistically significant",
    }
    rows = rows.assign(
        comparator=rows["comparator_type"].map(COMPARATORS).fillna(NOT_STATED),
        strength=rows["_strength"].map(words),
        printed=[_printed(row) for row in rows.itertuples()],
        held=rows["hold"],
    )
    columns = ["trial_id", "sample_id", "outcome", "instrument", "comparator", "strength"]
    return rows[[*columns, "printed", "held", "source_url"]].reset_index(drop=True)


def _printed(row: tuple) -> str:
    """Say the figure of a row as it is printed."""
    parts = []
    if row.stat_kind not in ("text", "p") and pd.notna(row.stat_value):
        parts.append(f"{row.stat_kind} = {row.stat_value:g}")
    if pd.notna(row.p_value):
        bound = str(row.p_value).startswith(("<", ">"))
        parts.append(f"p {row.p_value}" if bound else f"p = {row.p_value}")
    elif row.stat_kind == "p" and pd.notna(row.stat_value):
        parts.append(f"p = {row.stat_value:g}")
    return "; ".join(parts) or "words only"
