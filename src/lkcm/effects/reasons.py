"""Why a row is not pooled: one fixed table of reasons, and which row gets which.

A row is *excluded* when it may enter no between-group synthesis at all, and *censored* when
it has no poolable figure but a p value or a direction, which the censored likelihood uses.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lkcm.effects.rows import RATIO_KINDS, stated

REASONS = {
    # excluded
    "hold": "held back: the figure cannot be used as it stands",
    "same-result": "prints the same result as another row, which is kept",
    "within-group": "within one arm only, not a comparison of arms",
    "other-lkcm": "the control arm is itself loving-kindness or compassion training",
    "sign-conflict": "means and stated sign contradict each other",
    "few-clusters": "fewer than two randomised clusters an arm",
    "nothing": "neither figure, p value, direction nor significance stated",
    # a figure that is not converted
    "multivariate": "multivariate statistic, never converted to one outcome",
    "df1": "F or eta squared whose df1 is not stated as 1",
    "beta": "regression coefficient of unknown scale",
    "hazard-ratio": "hazard ratio, never a standardised mean difference",
    "crossover-unclear": "crossover: whether paired or first period cannot be told",
    "clusters-not-stated": "cluster trial: number of randomised clusters not stated",
    "ratio-no-interval": "ratio without an interval",
    "unsigned": "figure without a sign: which arm did better is not stated",
    "md-no-spread": "mean difference without SD, interval or exact p",
    "means-no-sd": "means without standard deviations",
    "means-one-arm": "means of one arm only",
    "one-arm-events": "events of one arm only",
    "not-usable": "figures that give no finite effect with a positive variance",
    # arm sizes
    "one-arm": "size of only one arm stated",
    "no-total": "neither arm sizes nor total stated",
    "crossover": "arm sizes missing in a crossover",
    "several-studies": "arm sizes missing, the total covers several experiments",
    "arms-not-stated": "arm sizes missing, number of arms not stated",
    "more-than-two-arms": "arm sizes missing, more than two arms",
    "equal-arms-off": "arm sizes missing, equal arms not assumed",
    # no figure
    "p-bound": "p value is a bound, no figure",
    "p-not-converted": "p value of counts or of an unsigned comparison, no figure",
    "no-difference": "no difference stated, without a figure",
    "direction": "direction or significance stated, without a figure",
}

#: Reasons that keep a row out of every between-group synthesis.
EXCLUDING = (
    *("hold", "same-result", "within-group", "other-lkcm"),
    *("sign-conflict", "few-clusters", "nothing"),
)


def exclusions(rows: pd.DataFrame) -> np.ndarray:
    """Give the code of the first reason that keeps a row out altogether, else ""."""
    silent = (rows["sign_used"] == 0) & (rows["p_from"] == "") & rows["stat_value"].isna()
    figures = stated(rows, "mean_t", "mean_c") | stated(rows, "events_t", "events_c")
    conditions = {
        "hold": rows["hold"] != "",
        "same-result": rows["same_result_as"] != "",
        "within-group": rows["effect_scope"] == "within-group",
        "other-lkcm": rows["comparator_type"] == "other-lkcm",
        "sign-conflict": rows["sign_conflict"],
        "few-clusters": (rows["design"] == "cluster") & (rows["cluster_units_per_arm"] < 2),
        "nothing": silent & ~figures,
    }
    return np.select(list(conditions.values()), list(conditions), "")


def obstacles(rows: pd.DataFrame, tried: np.ndarray, unsigned: np.ndarray) -> np.ndarray:
    """Give the code of the reason why a row that is not excluded has no poolable effect.

    Parameters
    ----------
    rows : DataFrame
        Prepared rows.
    tried : ndarray of bool
        Whether a route applied.
    unsigned : ndarray of bool
        Whether it gave the size of an effect whose sign is unknown.
    """
    kind = rows["stat_kind"]
    has_value = stated(rows, "stat_value")
    means, events = stated(rows, "mean_t", "mean_c"), stated(rows, "events_t", "events_c")
    printed = kind.isin(["d", "g", "smd", "t", "F", "eta2", "md"]) & has_value
    figure = printed | means | events
    no_sizes = rows[["n_t_used", "n_c_used"]].isna().any(axis=1)
    cases = [
        ((rows["model"] == "multivariate") & has_value, "multivariate"),
        (kind.isin(["F", "eta2"]) & (rows["df1"] != 1), "df1"),
        (kind == "beta", "beta"),
        (kind == "hr", "hazard-ratio"),
        (rows["crossover_unclear"] & tried, "crossover-unclear"),
        (rows["design_effect"].isna() & tried, "clusters-not-stated"),
        (kind.isin(list(RATIO_KINDS)) & ~tried, "ratio-no-interval"),
        (unsigned, "unsigned"),
        (tried, "not-usable"),
        (means & ~stated(rows, "sd_t", "sd_c"), "means-no-sd"),
        (no_sizes & (figure | (rows["p_kind"] == "exact")), rows["sizes"]),
        ((kind == "md") & has_value, "md-no-spread"),
        (figure, "not-usable"),
        (rows["mean_t"].notna() ^ rows["mean_c"].notna(), "means-one-arm"),
        (rows["events_t"].notna() ^ rows["events_c"].notna(), "one-arm-events"),
        (rows["p_kind"] == "bound", "p-bound"),
        (rows["p_kind"] == "exact", "p-not-converted"),
        (rows["significant"] == "no", "no-difference"),
    ]
    return np.select([where for where, _ in cases], [code for _, code in cases], "direction")
