"""Tasks and markers in groups, which way they point, and how many stand behind each that moved."""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.effects.ratios import log_odds_ratio
from lkcm.informants.methods import DIRECTIONS, direction

#: Classes that no answer about oneself enters, with the words for a reader.
OBJECTIVE = {
    "behaviour": "behavioural task",
    "coder": "coded behaviour",
    "implicit": "implicit task",
    "physiology": "physiology or brain",
}
#: Groups of tasks and markers in the order of pages: class, words in the instrument (None for
#: all of an outcome), outcome (None for any). The first that fits is taken.
GROUPS = {
    "choices with money or goods": (
        *("behaviour", r"donat|dictator|redistribut|distributive|shar(?:e|ing)|helping game"),
        None,
    ),
    "helping": ("behaviour", r"\bseat\b|\bhelping\b|prosocial game", None),
    "other prosocial behaviour": ("behaviour", None, "prosocial-behaviour"),
    "reading of others' feelings": ("behaviour", None, "empathy"),
    "aggression": ("behaviour", r"aggress|hostil|punish", None),
    "cognition and other tasks": ("behaviour", None, None),
    "coded behaviour and letters": ("coder", None, None),
    "implicit bias": ("implicit", None, "implicit-bias"),
    "other implicit tasks": ("implicit", None, None),
    "heart rate variability": (
        *("physiology", r"heart rate variab|\bhrv\b|vagal|\brsa\b"),
        "physiology",
    ),
    "cortisol": ("physiology", r"cortisol", "physiology"),
    "inflammation and immunity": (
        *("physiology", r"c-reactive|\bcrp\b|il-6|inflamm|ctra|\biga\b|immun"),
        "physiology",
    ),
    "arousal, heart rate, pressure": (
        *("physiology", r"amylase|heart rate|blood pressure|skin conductance|stress reactivity"),
        "physiology",
    ),
    "brain": ("physiology", None, "brain"),
    "metabolism, ageing and other": ("physiology", None, None),
}
#: Directions of a trial: those of a result, one for results that differ, and one for rows that
#: cannot be used.
SHOWN = (*DIRECTIONS[:1], "mixed", *DIRECTIONS[1:], "cannot be used")
#: Level at which a test of nothing is statistically significant by chance.
ALPHA = 0.05
#: Normal quantile of a 95 % interval.
Z = float(stats.norm.isf(0.025))


def objective_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of tasks and markers, with their group and direction.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.informants.classes.informant_rows`.

    Returns
    -------
    DataFrame
        With ``family`` (words of `OBJECTIVE`), ``marker`` (of `GROUPS`) and ``direction`` (of
        `SHOWN`, not "mixed"). Brain activity that has no better or worse and rows with a reason
        not to be used are "cannot be used"; a result that is printed twice stands once.
    """
    mine = rows[rows["method"].isin(OBJECTIVE) & rows["same_result_as"].isin(["", np.nan])]
    named = mine["instrument"].fillna("").str.lower()
    marker = pd.Series("", index=mine.index, dtype="str")
    for name, (method, words, outcome) in GROUPS.items():
        fits = mine["method"].eq(method) & marker.eq("")
        if words is not None:
            fits &= named.str.contains(words)
        if outcome is not None:
            fits &= mine["outcome"].eq(outcome)
        marker = marker.mask(fits, name)
    return mine.assign(
        family=mine["method"].map(OBJECTIVE),
        marker=marker,
        direction=direction(mine).mask(mine["status"].eq("excluded"), "cannot be used"),
    )


def by_trial(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a trial and group: the direction of its results.

    Parameters
    ----------
    rows : DataFrame
        Of `objective_rows`.

    Returns
    -------
    DataFrame
        ``marker``, ``family``, ``sample_id``, ``trial_id``, ``direction`` ("mixed" where results
        differ; rows that cannot be used only count where there is no other), ``results`` (rows),
        ``figures``, ``instruments``, ``source_url`` and ``place`` (1, 2, … within the group).
    """
    if rows.empty:
        return pd.DataFrame(columns=[*BY_TRIAL, "place"])
    usable = rows["direction"].ne("cannot be used")
    has_usable = usable.groupby([rows["marker"], rows["sample_id"]]).transform("any")
    counted = rows[usable | ~has_usable]
    found = counted.groupby(["marker", "sample_id"], as_index=False).agg(
        family=("family", "first"),
        trial_id=("trial_id", "first"),
        direction=("direction", _together),
        results=("effect_id", "size"),
        figures=("yi", "count"),
        instruments=("instrument", lambda names: "; ".join(sorted(set(names.dropna())))),
        source_url=("source_url", "first"),
    )
    rank = {name: place for place, name in enumerate(SHOWN)}
    order = {name: place for place, name in enumerate(GROUPS)}
    found = found.sort_values(
        ["marker", "direction", "sample_id"],
        key=lambda column: column.map(
            {"marker": order, "direction": rank}.get(column.name, {name: name for name in column})
        ),
    )
    return found[list(BY_TRIAL)].assign(place=found.groupby("marker").cumcount() + 1)


#: Columns of `by_trial`.
BY_TRIAL = (
    *("marker", "family", "sample_id", "trial_id", "direction", "results", "figures"),
    *("instruments", "source_url"),
)


def _together(values: pd.Series) -> str:
    return values.iloc[0] if values.nunique() == 1 else "mixed"


def marker_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Count, by group, the results that are mentioned for each one reported as better.

    Parameters
    ----------
    rows : DataFrame
        Of `objective_rows`.

    Returns
    -------
    DataFrame
        One row a group that has results, and ``all``: ``marker``, ``trials``, ``mentioned``
        (results), ``better`` (favour LKCM), ``none``, ``worse``, ``untold`` (no direction, or
        cannot be used), ``per_better`` (mentioned for each better one; NaN without one) and
        ``chance`` (the chance that at least one of them is statistically significant with no
        effect anywhere, were they independent tests at .05).
    """
    lines = []
    for name in [*GROUPS, "all"]:
        mine = rows if name == "all" else rows[rows["marker"] == name]
        if mine.empty:
            continue
        said = mine["direction"].value_counts()
        better = int(said.get("favours LKCM", 0))
        lines.append(
            {
                "marker": name,
                "trials": mine["sample_id"].nunique(),
                "mentioned": len(mine),
                "better": better,
                "none": int(said.get("no difference", 0)),
                "worse": int(said.get("favours control", 0)),
                "untold": int(said.get("unknown", 0) + said.get("cannot be used", 0)),
                "per_better": len(mine) / better if better else np.nan,
                "chance": 1 - (1 - ALPHA) ** len(mine),
            }
        )
    columns = ["marker", "trials", "mentioned", "better", "none", "worse", "untold"]
    return pd.DataFrame(lines, columns=[*columns, "per_better", "chance"])


def direction_bounds(trials: pd.DataFrame) -> pd.DataFrame:
    """Bound, by group, the share of trials that favour LKCM.

    Parameters
    ----------
    trials : DataFrame
        Of `by_trial`.

    Returns
    -------
    DataFrame
        ``marker``, ``trials``, ``better``, ``known`` (trials with a direction or a stated lack
        of difference), ``low`` (unknown ones all against LKCM) and ``high`` (unknown ones left
        out; NaN where none is known).
    """
    order = {name: place for place, name in enumerate(GROUPS)}
    known = ~trials["direction"].isin(["unknown", "cannot be used"])
    found = (
        trials.assign(known=known, better=trials["direction"].eq("favours LKCM"))
        .groupby("marker", as_index=False)
        .agg(trials=("sample_id", "size"), better=("better", "sum"), known=("known", "sum"))
    )
    found = found.sort_values("marker", key=lambda names: names.map(order))
    return found.assign(
        low=found["better"] / found["trials"],
        high=found["better"] / found["known"].where(found["known"] > 0),
    ).reset_index(drop=True)


def counts_as_odds(rows: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return behaviour that was counted, as log odds ratios (LKCM arm over control).

    A task that a person does or does not do (offers a seat, gives the money) is no cut on a
    scale, so its odds ratio is not turned into a standardised mean difference.

    Parameters
    ----------
    rows : DataFrame
        Of `objective_rows`.
    effects : DataFrame
        The table ``effects``, for the counts.

    Returns
    -------
    DataFrame
        The rows with all four counts, with ``log_or``, ``variance``, ``or``, ``low`` and
        ``high`` (odds ratio and its 95 % interval), and the rows that print a ratio alone, with
        ``measure`` (OR, RR or HR) and the ratio and interval as printed.
    """
    cells = ["events_t", "n_t", "events_c", "n_c"]
    printed = ["ci_low", "ci_high"]
    columns = [*cells, *printed, "ci_level"]
    table = rows.join(effects.set_index("effect_id")[columns], on="effect_id")
    counted = table[cells].notna().all(axis=1)
    log_or, variance = log_odds_ratio(*(table[name] for name in cells))
    estimate = np.where(counted, log_or, table["yi"].where(table["measure"].ne("SMD")))
    variance = np.where(counted, variance, table["vi"])
    half = Z * np.sqrt(variance)
    ends = {"low": np.exp(estimate - half), "high": np.exp(estimate + half)}
    for name, column in zip(ends, printed, strict=True):
        # a printed 95 % interval stands as it is printed
        as_printed = ~counted & table["ci_level"].fillna(0.95).eq(0.95) & table[column].notna()
        ends[name] = np.where(as_printed, table[column], ends[name])
    found = table.assign(
        log_or=np.where(counted, log_or, np.nan),
        variance=variance,
        measure=table["measure"].str.replace("log", "").mask(counted, "OR"),
        ratio=np.exp(estimate),
        **ends,
    )
    return found[np.isfinite(estimate)]
