"""Counts of adverse events and of people who left, as the sources print them."""

import numpy as np
import pandas as pd

from lkcm.synthesis.comparators import comparator_group

#: Columns that every table of counts has.
COUNTS = ("a", "n_t", "c", "n_c")


def adverse_counts(effects: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return counts of adverse events, one row a trial and kind (serious, any).

    A row that is held because the control arm's count is missing keeps the LKCM arm's count: the
    hold forbids the contrast, not the arm.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence tables.

    Returns
    -------
    DataFrame
        ``sample_id``, ``trial_id``, ``kind``, ``what``, ``group``, `COUNTS` (missing where not
        stated) and the row's address.
    """
    rows = _harm_rows(effects, trials, "adverse-event")
    rows = rows[rows["events_t"].notna()]
    serious = rows["instrument"].fillna("").str.contains("serious", case=False)
    rows = rows.assign(kind=np.where(serious, "serious", "any"), what=rows["instrument"])
    known = rows[["events_t", "events_c", "n_t", "n_c"]].notna().sum(axis=1)
    rows = rows.assign(_known=-known).sort_values(["sample_id", "_known", "effect_id"])
    return _as_counts(rows.drop_duplicates(["sample_id", "kind"]), ["kind", "what"])


def worsening_counts(effects: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Return counts of people who worsened, where a source gives both arms; one row a trial.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence tables.

    Returns
    -------
    DataFrame
        ``sample_id``, ``trial_id``, ``outcome``, ``instrument``, ``group``, `COUNTS` and the
        row's address.
    """
    rows = _harm_rows(effects, trials, "worsening")
    good = _complete(rows).sort_values(["sample_id", "_later", "_n", "effect_id"])
    return _as_counts(good.drop_duplicates("sample_id"), ["outcome", "instrument"])


def dropout_counts(
    effects: pd.DataFrame, trials: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return drop-out per arm, one row a trial, and the trials whose counts cannot be used.

    Rows directly after the programme come before follow-ups. Where only the trial's own row
    counts those who left, the arms' sizes are those of a result row of the same trial that add up
    to the number randomised; no sizes are assumed.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence tables.

    Returns
    -------
    usable : DataFrame
        ``sample_id``, ``trial_id``, ``group``, `COUNTS` and the row's address.
    unusable : DataFrame
        ``sample_id``, ``trial_id``, ``because`` (words) and the address.
    """
    rows = _harm_rows(effects, trials, "dropout")
    good = _complete(rows).sort_values(["sample_id", "_later", "_n", "effect_id"])
    usable = _as_counts(good.drop_duplicates("sample_id"), [])
    more = _from_trials(effects, trials)
    more = more[~more["sample_id"].isin(usable["sample_id"])]
    usable = pd.concat([usable, more[more["n_t"].notna()]], ignore_index=True)
    left = _left_out(rows, more, set(usable["sample_id"]))
    return usable, left


def _harm_rows(effects: pd.DataFrame, trials: pd.DataFrame, harm: str) -> pd.DataFrame:
    rows = effects[effects["harm"].eq(harm) & effects["same_result_as"].isna()]
    rows = rows.join(trials.set_index("trial_id")["sample_id"], on="trial_id")
    return rows.assign(group=comparator_group(rows["comparator_type"]).fillna("unknown"))


def _complete(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep what counts both arms of a randomised contrast, with keys for the order."""
    complete = rows[["events_t", "events_c", "n_t", "n_c"]].notna().all(axis=1)
    good = rows[complete & rows["hold"].isna() & rows["effect_scope"].ne("within-group")]
    return good.assign(_later=good["timepoint"].ne("post"), _n=-(good["n_t"] + good["n_c"]))


def _as_counts(rows: pd.DataFrame, extra: list[str]) -> pd.DataFrame:
    names = {"events_t": "a", "events_c": "c"}
    columns = ["sample_id", "trial_id", *extra, "group", *COUNTS, "locator", "source_url"]
    return rows.rename(columns=names).reindex(columns=columns).reset_index(drop=True)


def _from_trials(effects: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Take counts of the trials table, with sizes of a row that add up to those randomised."""
    given = trials[trials["dropout_t"].notna() & trials["dropout_c"].notna()]
    sizes = effects[["trial_id", "n_t", "n_c", "comparator_type"]].dropna(subset=["n_t", "n_c"])
    sizes = sizes.join(trials.set_index("trial_id")[["n_randomised", "n_arms"]], on="trial_id")
    whole = sizes[(sizes["n_t"] + sizes["n_c"]).eq(sizes["n_randomised"]) & sizes["n_arms"].eq(2)]
    whole = whole.drop_duplicates("trial_id").set_index("trial_id")
    rows = given.join(whole[["n_t", "n_c", "comparator_type"]], on="trial_id")
    rows = rows.rename(columns={"dropout_t": "a", "dropout_c": "c"})
    group = comparator_group(rows["comparator_type"]).fillna("unknown")
    rows = rows.assign(group=group, locator="table of trials")
    columns = ["sample_id", "trial_id", "group", *COUNTS, "locator", "source_url"]
    return rows[columns].drop_duplicates("sample_id")


def _left_out(rows: pd.DataFrame, more: pd.DataFrame, used: set[str]) -> pd.DataFrame:
    held = rows["hold"].fillna("")
    because = np.where(held != "", held, "count or size of an arm not stated")
    counted = rows.assign(because=because)[["sample_id", "trial_id", "because", "source_url"]]
    unsized = more[more["n_t"].isna()].assign(because="sizes of the arms not stated")
    both = pd.concat([counted, unsized[counted.columns]], ignore_index=True)
    return both[~both["sample_id"].isin(used)].drop_duplicates("sample_id", ignore_index=True)
