"""Which printed rows carry the change of a symptom in both arms, and beyond what counts as worse.

A control arm's change is never assumed: a row without both arms' change, or both arms' means and
SDs before and after, has no place here.
"""

import re

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.harms.events import EventsError
from lkcm.synthesis.comparators import comparator_group

#: Outcomes that are symptoms, in the order in which one is chosen for a trial.
SYMPTOMS = (
    *("depression", "anxiety", "ptsd", "stress", "negative-affect", "symptom-worsening", "pain"),
    *("burnout", "eating", "shame", "self-criticism", "body-image"),
)
#: Thresholds in the order in which pages show them.
THRESHOLDS = {
    "any": "any worsening",
    "half-sd": "worsening by half a baseline SD",
    "reliable": "reliable worsening (Jacobson-Truax)",
    "important": "worsening by the minimal important difference",
}
#: Correlation of a score before and after, for the SD of change where only they are printed.
R = 0.6


def symptom_changes(
    effects: pd.DataFrame, trials: pd.DataFrame, *, r: float = R
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with both arms' change of a symptom, and the symptom rows without it.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence tables.
    r : float
        Correlation before-after for the SD of a change: ``sd1^2 + sd2^2 - 2 r sd1 sd2``.

    Returns
    -------
    usable : DataFrame
        Labels, the columns `lkcm.harms.worsening.CHANGE`, ``sd_baseline`` (pooled; missing where
        it is not printed) and ``basis`` (words).
    without : DataFrame
        The other between-arm symptom rows, with ``because`` (words).
    """
    if not -1 < r < 1:
        raise EventsError(f"r is {r}; allowed: between -1 and 1")
    about = ["sample_id", "lkcm_core", "clinical_level", "randomisation"]
    rows = effects.join(trials.set_index("trial_id")[about], on="trial_id")
    rows = rows[
        rows["outcome"].isin(SYMPTOMS)
        & rows["about"].eq("participant")
        & rows["effect_scope"].ne("within-group")
        & rows["same_result_as"].isna()
    ]
    rows = rows.assign(group=comparator_group(rows["comparator_type"]))
    rows = rows[rows["group"].notna()]
    change = _change(rows, r)
    rows = pd.concat([rows.drop(columns=["sd_t", "sd_c"]), change], axis=1)
    because = _because(rows)
    return rows[because == ""], rows[because != ""].assign(because=because[because != ""])


def _change(rows: pd.DataFrame, r: float) -> pd.DataFrame:
    """Give each arm's change, positive is worse, and the baseline SD."""
    worse = rows["higher_is_better"].map({"no": 1.0, "yes": -1.0})
    found = {}
    for arm in "tc":
        pre, post = rows[f"sd_pre_{arm}"], rows[f"sd_{arm}"]
        mean = rows[f"mean_change_{arm}"].fillna(rows[f"mean_{arm}"] - rows[f"mean_pre_{arm}"])
        found[f"worse_{arm}"] = worse * mean
        from_pre_post = np.sqrt(pre**2 + post**2 - 2 * r * pre * post)
        found[f"sd_{arm}"] = rows[f"sd_change_{arm}"].fillna(from_pre_post)
    printed = rows[["sd_change_t", "sd_change_c"]].notna().all(axis=1)
    weights = rows["n_t"] - 1, rows["n_c"] - 1
    pooled = weights[0] * rows["sd_pre_t"] ** 2 + weights[1] * rows["sd_pre_c"] ** 2
    baseline = np.sqrt(pooled / (weights[0] + weights[1]))
    basis = np.where(printed, "change as printed", "before and after, correlation assumed")
    return pd.DataFrame(found | {"sd_baseline": baseline, "basis": basis})


def _because(rows: pd.DataFrame) -> pd.Series:
    """Say why a row cannot be used; empty where it can."""
    arms = rows[["worse_t", "sd_t", "worse_c", "sd_c"]]
    known = arms.notna().all(axis=1) & (rows[["sd_t", "sd_c"]] > 0).all(axis=1)
    sized = (rows[["n_t", "n_c"]] >= 2).all(axis=1)
    words = np.select(
        [
            rows["hold"].notna(),
            ~known & arms[["worse_t", "worse_c"]].isna().all(axis=1),
            ~known,
            ~sized,
        ],
        [
            "held: " + rows["hold"].fillna("").astype(str),
            "no means before and after",
            "change or its SD known in one arm at most",
            "sizes of the arms not stated",
        ],
        "",
    )
    return pd.Series(words, index=rows.index)


def one_per_trial(usable: pd.DataFrame) -> pd.DataFrame:
    """Choose one contrast a trial: passive control first, then the order of `SYMPTOMS`.

    Ties go to the contrast on more people, then to the lower identifier.
    """
    rank = {outcome: place for place, outcome in enumerate(SYMPTOMS)}
    order = usable.assign(
        _control=usable["group"].ne("passive"),
        _time=usable["timepoint"].ne("post"),
        _symptom=usable["outcome"].map(rank),
        _people=-(usable["n_t"] + usable["n_c"]),
    ).sort_values(["_control", "_time", "_symptom", "_people", "effect_id"], kind="stable")
    keep = order.drop_duplicates("sample_id").index
    return usable.loc[usable.index.isin(keep)]


def instrument_of(names: pd.Series, instruments: pd.DataFrame) -> pd.DataFrame:
    """Find the scale of each row in the table of instruments.

    Parameters
    ----------
    names : Series
        Names as in ``effects.instrument``.
    instruments : DataFrame
        The table ``instruments``; the first pattern that is found decides.

    Returns
    -------
    DataFrame
        Index of `names`; ``instrument_id``, ``reliability``, ``mid``, missing where unknown.

    Raises
    ------
    EventsError
        A pattern that is no regular expression.
    """
    patterns = []
    for row in instruments.itertuples():
        try:
            patterns.append((re.compile(row.pattern, re.IGNORECASE), row.Index))
        except re.error as problem:
            raise EventsError(f"instruments: pattern {row.pattern!r}: {problem}") from None
    places = [
        next((place for pattern, place in patterns if pattern.search(str(name))), None)
        for name in names
    ]
    found = instruments.reindex(columns=["instrument_id", "reliability", "mid"]).reindex(places)
    return found.set_axis(names.index)


def thresholds(usable: pd.DataFrame, instruments: pd.DataFrame) -> pd.DataFrame:
    """Return the change beyond which someone counts as worse, in units of each row's instrument.

    Reliable change is ``z sqrt(2) sd sqrt(1 - reliability)`` with z of a two-sided 95 %
    (Jacobson & Truax 1991, J Consult Clin Psychol 59:12).

    Parameters
    ----------
    usable : DataFrame
        Of `symptom_changes`.
    instruments : DataFrame
        The table ``instruments``; may have no rows.

    Returns
    -------
    DataFrame
        Index of `usable`, columns `THRESHOLDS`; missing where a figure is missing.
    """
    scale = instrument_of(usable["instrument"], instruments)
    sd = usable["sd_baseline"].astype(float)
    error = np.sqrt(2 * (1 - scale["reliability"].astype(float)))
    found = {
        "any": 0.0 * usable["worse_t"].astype(float),
        "half-sd": 0.5 * sd,
        "reliable": stats.norm.isf(0.025) * sd * error,
        "important": scale["mid"].astype(float),
    }
    return pd.DataFrame(found, index=usable.index)
