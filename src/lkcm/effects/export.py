"""Effects as other programs read them: metafor, metapsyTools, or anything that reads CSV.

The Metapsy data standard (docs.metapsy.org) wants semicolons, decimal commas and NA; metafor's
users read commas and points. Positive effects favour the LKCM arm in all formats.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from lkcm.effects.arms import arm_labels
from lkcm.evidence.labels import trial_labels

#: Who rates, in the words of the Metapsy standard.
RATING = {"self": "self-report", "clinician": "clinician"}
#: Short names of control conditions, as Metapsy data bases write them.
CONDITION = {"waitlist": "wlc", "usual-care": "cau", "no-treatment": "no intervention"}
#: Columns of the Metapsy standard that identify a comparison.
METAPSY_DESIGN = (
    *("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2", "outcome_type"),
    *("instrument", "time", "time_weeks", "rating"),
)
#: Columns of the standard that hold figures, ours and metapsyTools' own.
METAPSY_FIGURES = (
    *("mean_arm1", "sd_arm1", "n_arm1", "mean_arm2", "sd_arm2", "n_arm2"),
    *("event_arm1", "totaln_arm1", "event_arm2", "totaln_arm2"),
    *("precalc_g", "precalc_g_se", "precalc_log_rr", "precalc_log_rr_se"),
    *(".id", ".g", ".g_se", ".log_rr", ".log_rr_se"),
    *(".event_arm1", ".event_arm2", ".totaln_arm1", ".totaln_arm2"),
)
#: Further columns, in snake case as the standard asks.
METAPSY_MORE = ("year", "outcome", "comparator", "programme", "lkcm_core", "level", "source_url")
#: Columns of the table for metafor: yi, vi and what ``vcalc`` and ``rma.mv`` need.
METAFOR = (
    *("study", "effect_id", "label", "measure", "yi", "vi", "grp1", "grp2", "w1", "w2", "obs"),
    *("outcome", "instrument", "reporter", "timepoint", "followup_weeks", "comparator"),
    *("programme", "lkcm_core", "randomisation", "year", "level", "source_url"),
)


def for_metafor(converted: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Give the poolable effects with metafor's names.

    ``vcalc(vi, cluster = study, obs = obs, grp1 = grp1, grp2 = grp2, w1 = w1, w2 = w2,
    rho = 0.6)`` gives their covariance; pool one ``measure`` at a time.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.
    trials : DataFrame
        The table of trials.

    Returns
    -------
    DataFrame
        Columns `METAFOR`, sorted by study as ``rma.mv`` with blocks wants them.
    """
    rows = _poolable(converted, trials)
    arms = arm_labels(rows)
    table = rows.assign(
        study=rows["sample_id"],
        grp1=arms["treatment"],
        grp2=arms["control"],
        w1=rows["n_t_used"],
        w2=rows["n_c_used"],
        obs=arms["outcome"],
        comparator=rows["comparator_type"],
        programme=rows["intervention_class"],
    )
    return table.sort_values(["study", "effect_id"])[list(METAFOR)].reset_index(drop=True)


def for_metapsy(converted: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Give the poolable effects in the columns of the Metapsy data standard.

    Parameters
    ----------
    converted, trials
        As `for_metafor`.

    Returns
    -------
    DataFrame
        `METAPSY_DESIGN`, `METAPSY_FIGURES` and `METAPSY_MORE`: standardised mean differences as
        ``precalc_g`` and ``.g``, log risk ratios as ``precalc_log_rr`` and ``.log_rr``. Odds and
        hazard ratios, for which the standard has no column, are left out.
    """
    rows = _poolable(converted, trials)
    rows = rows[rows["measure"].isin(["SMD", "logRR"])].sort_values(["sample_id", "effect_id"])
    smd, se = rows["measure"].eq("SMD"), np.sqrt(rows["vi"].astype(float))
    several = rows["n_arms"] > 2
    comparator = rows["comparator_type"].fillna("").astype(str)
    arm = rows["arm_t"].fillna("").astype(str)
    weeks = rows["weeks"].astype(float) + rows["followup_weeks"].fillna(0).where(
        rows["timepoint"].ne("post") & rows["followup_weeks"].notna()
        | rows["timepoint"].eq("post")
    )
    table = pd.DataFrame(
        {
            "study": rows["label"],
            "condition_arm1": rows["intervention_class"].fillna("lkcm").str.lower(),
            "condition_arm2": comparator.map(CONDITION).fillna(comparator.str.replace("-", " ")),
            "multi_arm1": arm.where(arm.ne(""), "lkcm").where(several),
            "multi_arm2": rows["control"].where(several),
            "outcome_type": np.where(smd, "msd", "event"),
            "instrument": rows["instrument"].fillna(rows["outcome"]),
            "time": rows["timepoint"].replace({"followup": "follow-up"}),
            "time_weeks": weeks,
            "rating": rows["reporter"].map(RATING).fillna(rows["reporter"]),
            "n_arm1": rows["n_t_used"].where(smd),
            "n_arm2": rows["n_c_used"].where(smd),
            "totaln_arm1": rows["n_t_used"].where(~smd),
            "totaln_arm2": rows["n_c_used"].where(~smd),
            ".id": rows["effect_id"],
            "year": rows["year"],
            "outcome": rows["outcome"],
            "comparator": comparator,
            "programme": rows["intervention_class"],
            "lkcm_core": rows["lkcm_core"],
            "level": rows["level"],
            "source_url": rows["source_url"],
        }
    )
    for name, mine in (("g", smd), ("log_rr", ~smd)):
        effect, error = rows["yi"].where(mine), se.where(mine)
        table[f"precalc_{name}"] = table[f".{name}"] = effect
        table[f"precalc_{name}_se"] = table[f".{name}_se"] = error
    for end in ("arm1", "arm2"):
        table[f".totaln_{end}"] = table[f"totaln_{end}"].fillna(table[f"n_{end}"])
    table = table.reindex(columns=[*METAPSY_DESIGN, *METAPSY_FIGURES, *METAPSY_MORE])
    texts = table.select_dtypes(include=["object", "string"]).columns
    for name in texts:  # the standard: no semicolons, no outer spaces
        table[name] = table[name].astype("string").str.replace(";", ",").str.strip()
    return table.reset_index(drop=True)


def whole(converted: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Give every row with what became of it, poolable or not.

    Parameters
    ----------
    converted, trials
        As `for_metafor`.
    """
    return _labelled(converted, trials)


def _poolable(converted: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    return _labelled(converted, trials)[lambda rows: rows["status"] == "poolable"]


def _labelled(converted: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    about = trials.set_index("trial_id")[["year", "weeks", "n_arms"]]
    about = about.assign(label=trial_labels(trials).to_numpy())
    return converted.join(about, on="trial_id")


#: Formats with what makes the table, and how a CSV of it is written.
FORMATS: dict[str, tuple[Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame], dict[str, str]]] = {
    "metapsy": (for_metapsy, {"sep": ";", "decimal": ",", "na_rep": "NA"}),
    "metafor": (for_metafor, {"na_rep": "NA"}),
    "csv": (whole, {}),
}
