"""What the trials are: sizes, gaps, and what their sources leave out."""

import numpy as np
import pandas as pd
from scipy import stats

#: An arm beyond this size is what the commentary calls a large trial ("more than 100").
LARGE = 100

NOT_STATED = "not stated"


def one_per_sample(trials: pd.DataFrame) -> pd.DataFrame:
    """Return one row a sample, its first report, with the number of its reports.

    Reports with one ``sample_id`` share participants: they are one trial.
    """
    order = trials.sort_values(["sample_id", "year", "trial_id"], na_position="last")
    reports = order.groupby("sample_id").size()
    return order.drop_duplicates("sample_id").assign(
        reports=lambda t: t["sample_id"].map(reports).astype(int)
    )


def lkcm_group_sizes(trials: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the size of the LKCM group of each trial, and how it is known.

    Parameters
    ----------
    trials, effects : DataFrame
        The evidence tables.

    Returns
    -------
    DataFrame
        The trials of `one_per_sample` with ``group_n`` (participants, largest LKCM arm) and
        ``group_basis``: ``stated`` (from a result row), ``equal arms assumed`` (randomised
        participants divided by the stated number of arms) or ``not stated``.
    """
    sample = trials.set_index("trial_id")["sample_id"]
    stated = effects["n_t"].groupby(effects["trial_id"].map(sample)).max()
    arms = pd.to_numeric(trials["n_arms"], errors="coerce")
    share = (trials["n_randomised"] / arms).groupby(trials["sample_id"]).max()
    found = one_per_sample(trials)
    n_stated = found["sample_id"].map(stated).astype(float)
    n_share = found["sample_id"].map(share).astype(float)
    basis = np.select(
        [n_stated.notna(), n_share.notna()], ["stated", "equal arms assumed"], NOT_STATED
    )
    return found.assign(group_n=n_stated.fillna(n_share), group_basis=basis)


def share_with_interval(yes: int, n: int) -> tuple[float, float, float]:
    """Return a share and its exact 95 % interval (Clopper & Pearson 1934)."""
    if n == 0:
        return float("nan"), 0.0, 1.0
    low, high = stats.binomtest(yes, n).proportion_ci(0.95, method="exact")
    return yes / n, float(low), float(high)


#: What a reader wants to know of a trial, and how a table says that its source tells it.
REPORTED = {
    "number randomised": lambda t: t["n_randomised"].notna(),
    "mean age": lambda t: t["mean_age"].notna(),
    "gender": lambda t: t["pct_female"].notna(),
    "ethnicity": lambda t: t["ethnicity_reported"].eq("yes"),
    "country": lambda t: t["country"].notna(),
    "weeks of training": lambda t: t["weeks"].notna(),
    "way of delivery": lambda t: t["delivery"].notna(),
    "drop-out per arm": lambda t: t["dropout_t"].notna() & t["dropout_c"].notna(),
    "harms mentioned": lambda t: t["harms_mentioned"].isin(
        ["yes-none-occurred", "yes-other", "yes-per-arm"]
    ),
    "registration": lambda t: t["registered"].eq("yes"),
    "blinded assessor": lambda t: t["blinded_assessor"].isin(["yes", "no"]),
    "intention to treat": lambda t: t["itt"].isin(["yes", "no"]),
    "follow-up": lambda t: t["followup_weeks_max"].notna(),
    "open data": lambda t: t["data_open"].isin(["yes", "no"]),
}


def reporting(trials: pd.DataFrame) -> pd.DataFrame:
    """Return, item by item, the share of trials whose source states it.

    Returns
    -------
    DataFrame
        Columns ``item``, ``stated``, ``trials``, ``share``, ``low``, ``high`` (exact 95 %),
        most often stated first.
    """
    rows = []
    for item, states in REPORTED.items():
        stated = int(states(trials).groupby(trials["sample_id"]).any().sum())
        n = trials["sample_id"].nunique()
        share, low, high = share_with_interval(stated, n)
        rows.append((item, stated, n, share, low, high))
    columns = ["item", "stated", "trials", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("share", ascending=False, kind="stable")


#: Short heads for kinds of comparator, in the order in which they control for more.
COMPARATORS = {
    "no-treatment": "no treatment",
    "waitlist": "waitlist",
    "usual-care": "usual care",
    "add-on": "add-on",
    "attention": "attention",
    "relaxation": "relaxation",
    "mindfulness": "mindfulness",
    "psychotherapy": "psychotherapy",
    "other-active": "other active",
    "other-lkcm": "other LKCM",
    "not-stated": NOT_STATED,
}


OTHER_OUTCOMES = "all other outcomes"


def gap_map(trials: pd.DataFrame, effects: pd.DataFrame, outcomes: int = 12) -> pd.DataFrame:
    """Return trials by population, outcome and comparator, with the direction of their results.

    Parameters
    ----------
    trials, effects : DataFrame
        The evidence tables; within-group rows are left out.
    outcomes : int
        How many outcomes, by number of trials; the rest are summed as `OTHER_OUTCOMES`.

    Returns
    -------
    DataFrame
        One row a cell: ``population``, ``outcome``, ``comparator``, ``trials`` and, of these
        trials, ``favours_lkcm`` (a row with sign +), ``favours_control``, ``mixed`` and
        ``unknown``; ``direction`` says what more than half of the cell's trials do.
    """
    about = trials.set_index("trial_id")[["sample_id", "clinical_level"]]
    rows = effects[effects["effect_scope"] != "within-group"].join(about, on="trial_id")
    named = rows[rows["outcome"] != "other"]
    often = named.groupby("outcome")["sample_id"].nunique().nlargest(outcomes).index
    rows = rows.assign(
        outcome=rows["outcome"].where(rows["outcome"].isin(often), OTHER_OUTCOMES),
        comparator=rows["comparator_type"].map(COMPARATORS).fillna(NOT_STATED),
        population=np.where(rows["clinical_level"].isin(CLINICAL), "clinical", "non-clinical"),
        plus=rows["sign"].eq("+"),
        minus=rows["sign"].eq("-"),
    )
    cell = ["population", "outcome", "comparator"]
    per_trial = rows.groupby([*cell, "sample_id"])[["plus", "minus"]].any().reset_index()
    plus, minus = per_trial["plus"], per_trial["minus"]
    found = (
        per_trial.assign(
            favours_lkcm=plus & ~minus,
            favours_control=minus & ~plus,
            mixed=plus & minus,
            unknown=~plus & ~minus,
            trials=1,
        )
        .groupby(cell)[["trials", "favours_lkcm", "favours_control", "mixed", "unknown"]]
        .sum()
        .reset_index()
    )
    half = found["trials"] / 2
    found["direction"] = np.select(
        [found["favours_lkcm"] > half, found["favours_control"] > half],
        ["most favour LKCM", "most favour control"],
        "mixed or not stated",
    )
    return found


#: Levels of `clinical_level` that are a clinical sample.
CLINICAL = ("diagnosis", "elevated-symptoms", "medical-condition")


def counts(trials: pd.DataFrame, column: str, most: int | None = None) -> pd.DataFrame:
    """Return the number of trials by the values of a column, most frequent first.

    Parameters
    ----------
    trials : DataFrame
        One row a trial.
    column : str
        Missing values are counted as "not stated".
    most : int, optional
        Values beyond this number are summed as "other".
    """
    values = trials[column].fillna(NOT_STATED).replace("not-stated", NOT_STATED)
    if most is not None:
        frequent = values[values != NOT_STATED].value_counts().head(most).index
        values = values.where(values.isin([*frequent, NOT_STATED]), "other")
    found = values.value_counts().rename_axis(column).reset_index(name="trials")
    last = found[column].isin(["other", NOT_STATED])
    return pd.concat([found[~last], found[last]], ignore_index=True)


def listed(values: pd.Series, group: pd.Series) -> pd.Series:
    """Return, by group, the distinct values in alphabetical order, joined by commas."""
    known = values.dropna()
    return known.groupby(group.loc[known.index]).agg(lambda v: ", ".join(sorted(set(v))))
