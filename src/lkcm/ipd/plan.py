"""Which trials the synthetic participants imitate: sizes, ages, means and SDs as published."""

import numpy as np
import pandas as pd

from lkcm.evidence.describe import one_per_sample
from lkcm.evidence.labels import trial_labels
from lkcm.synthesis.comparators import comparator_group

#: Possible range of questionnaires whose means the evidence has, and whether high is good.
RANGES: dict[str, tuple[float, float, bool]] = {
    "SCS total": (1, 5, True),
    "SCS-SF": (12, 60, True),
    "MAAS": (15, 90, True),
    "DASS": (0, 42, False),
    "BDI-II": (0, 63, False),
    "SPIN": (0, 68, False),
    "LSAS": (0, 144, False),
    "LSAS-SR": (0, 144, False),
    "HDRS-17": (0, 52, False),
}
#: Smallest and largest trial that is imitated.
SIZES = (20, 400)
#: What stands in where no source prints it: age, per cent women, and mean and SD of a score in
#: per cent of the possible range.
ASSUMED = {"age": 35.0, "female": 70.0, "mean": 55.0, "sd": 15.0}
#: Size of a trial where the evidence has too few with a stated size.
ASSUMED_SIZE = 60

COLUMNS = ("trial", "model", "n", "age", "female", "mean", "sd", "comparator", "weeks", "basis")


def plan(trials: pd.DataFrame, effects: pd.DataFrame, k: int = 16) -> pd.DataFrame:
    """Choose trials to imitate.

    Trials of two arms whose size is stated: those whose means and SDs before the programme are
    printed for a questionnaire of known range, and core trials besides, evenly by size.

    Parameters
    ----------
    trials, effects : DataFrame
        The evidence.
    k : int
        Number of synthetic trials.

    Returns
    -------
    DataFrame
        One row a synthetic trial: ``trial`` (S01 and on), ``model`` (the trial imitated), ``n``,
        ``age``, ``female`` (per cent), ``mean`` and ``sd`` (per cent of the possible range),
        ``comparator``, ``weeks``, and ``basis``: what of these is published.
    """
    labels = pd.Series(trial_labels(trials).to_numpy(), index=trials["trial_id"])
    wanted = one_per_sample(trials)
    wanted = wanted[
        wanted["n_randomised"].between(*SIZES)
        & pd.to_numeric(wanted["n_arms"], errors="coerce").eq(2)
    ].merge(_scores(effects), on="trial_id", how="left")
    by_size = wanted.sort_values(["n_randomised", "trial_id"])
    printed = by_size[by_size["mean"].notna()].head(k)
    others = by_size[by_size["mean"].isna() & by_size["lkcm_core"].eq("yes")]
    count = min(k - len(printed), len(others))
    evenly = np.linspace(0, len(others) - 1, count).round().astype(int)
    chosen = pd.concat([printed, others.iloc[evenly]]).sort_values(["n_randomised", "trial_id"])
    rows = _filled(chosen, effects, labels)
    missing = k - len(rows)
    if missing:
        rows = pd.concat([rows, _assumed(missing)], ignore_index=True)
    rows.insert(0, "trial", [f"S{place + 1:02d}" for place in range(len(rows))])
    return rows[list(COLUMNS)]


def _scores(effects: pd.DataFrame) -> pd.DataFrame:
    """Return the first printed mean and SD of each trial, in per cent of the possible range."""
    rows = effects[
        effects["instrument"].isin(list(RANGES))
        & effects["mean_pre_t"].notna()
        & effects["sd_pre_t"].gt(0)
        & effects["reporter"].eq("self")
    ].drop_duplicates("trial_id")
    low, high, good = (
        np.array([RANGES[name][part] for name in rows["instrument"]]) for part in range(3)
    )
    share = 100 * (rows["mean_pre_t"] - low) / (high - low)
    return pd.DataFrame(
        {
            "trial_id": rows["trial_id"],
            "mean": np.where(good == 1, share, 100 - share),
            "sd": 100 * rows["sd_pre_t"] / (high - low),
        }
    )


def _filled(chosen: pd.DataFrame, effects: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    kinds = effects.drop_duplicates("trial_id").set_index("trial_id")["comparator_type"]
    groups = comparator_group(chosen["trial_id"].map(kinds).fillna("not-stated")).fillna("unknown")
    published = chosen["mean"].notna()
    typical = {name: _median(chosen[name], ASSUMED[name]) for name in ("mean", "sd")}
    basis = np.where(published, "size, mean and SD", "size")
    age = chosen["mean_age"].between(10, 90)
    return pd.DataFrame(
        {
            "model": chosen["trial_id"].map(labels).to_numpy(),
            "n": chosen["n_randomised"].astype(int).to_numpy(),
            "age": chosen["mean_age"].where(age, ASSUMED["age"]).to_numpy(),
            "female": chosen["pct_female"].fillna(ASSUMED["female"]).to_numpy(),
            "mean": chosen["mean"].fillna(typical["mean"]).to_numpy(),
            "sd": chosen["sd"].fillna(typical["sd"]).to_numpy(),
            "comparator": groups.to_numpy(),
            "weeks": chosen["weeks"].where(chosen["weeks"].between(2, 52), 8.0).to_numpy(),
            "basis": basis,
        }
    )


def _median(values: pd.Series, otherwise: float) -> float:
    return float(values.median()) if values.notna().any() else otherwise


def _assumed(count: int) -> pd.DataFrame:
    names = ("age", "female", "mean", "sd")
    row = {"model": None, "n": ASSUMED_SIZE, "comparator": "passive", "weeks": 8.0}
    row |= {name: ASSUMED[name] for name in names} | {"basis": "assumed"}
    return pd.DataFrame([row] * count)
