"""The routes from a printed figure to an effect, in the order in which they are tried.

A route says which rows it applies to and how it computes the size of the effect and its
variance; the first that applies to a row is taken. Sizes come without a sign, except for
ratios, which are LKCM arm over control as printed. The functions behind the routes, with
their equations, are in `lkcm.effects.smd`, `lkcm.effects.ratios` and `lkcm.effects.reported`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.effects import ratios, reported, smd
from lkcm.effects.rows import ConversionRules, stated

SIZES = ("n_t_used", "n_c_used")


@dataclass(frozen=True)
class Route:
    """One way from a printed figure to an effect.

    Parameters
    ----------
    code : str
        Short, stable name of the rule.
    words : str
        The formula for a human reader.
    level : {"1", "2", "2c"}
        Level of evidence: arm-level figures, a printed statistic, or a p value.
    applies : callable
        Rows to a boolean array.
    effect : callable
        Rows and rules to ``(size, variance)`` arrays.
    by_model : bool
        Whether the formula depends on the analysis model (`variance_factor`).
    """

    code: str
    words: str
    level: str
    applies: Callable[[pd.DataFrame], np.ndarray]
    effect: Callable[[pd.DataFrame, ConversionRules], smd.Pair]
    by_model: bool = False


def _variance(
    rows: pd.DataFrame, g: np.ndarray, rules: ConversionRules, factor: np.ndarray | float = 1.0
) -> np.ndarray:
    """Give the variance of g between arms, or within people where a crossover pairs them."""
    n_t, n_c = (rows[name].to_numpy() for name in SIZES)
    parallel = smd.smd_variance(g, n_t, n_c, factor)
    crossover = smd.crossover_variance(g, np.minimum(n_t, n_c), rules.r)
    return np.where(rows["paired"], crossover, parallel)


def _kind(rows: pd.DataFrame, *kinds: str) -> np.ndarray:
    return rows["stat_kind"].isin(kinds).to_numpy() & stated(rows, "stat_value")


def _events(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    measure = {"logRR": ratios.log_risk_ratio, "logOR": ratios.log_odds_ratio}
    counts = (rows[name] for name in ("events_t", "n_t_used", "events_c", "n_c_used"))
    return measure[rules.event_measure](*counts)


def _events_apply(rows: pd.DataFrame) -> np.ndarray:
    within = (rows["events_t"] <= rows["n_t_used"]) & (rows["events_c"] <= rows["n_c_used"])
    return within.to_numpy()


def _pre_post_control(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    columns = ("change_t", "sd_pre_t", "n_t_used", "change_c", "sd_pre_c", "n_c_used")
    return smd.pre_post_control(*(rows[name] for name in columns), r=rules.r)


def _post_means(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    columns = ("mean_t", "sd_t", "n_t_used", "mean_c", "sd_c", "n_c_used")
    g, _ = smd.smd(*(rows[name] for name in columns))
    return g, _variance(rows, g, rules)


def _changes(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    columns = ("change_t", "sd_change_t", "n_t_used", "change_c", "sd_change_c", "n_c_used")
    return smd.smd_from_changes(*(rows[name] for name in columns), r=rules.r)


def _ratio(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    level = rows["ci_level"].fillna(0.95)
    return ratios.log_ratio_from_interval(
        rows["stat_value"], rows["ci_low"], rows["ci_high"], level
    )


def _odds_to_d(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    return ratios.smd_from_log_odds(*_ratio(rows, rules))


def _printed(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    """Apply J to a printed d, not to a g or "SMD"; rescale none unless asked to."""
    size = rows["stat_value"].abs().to_numpy()
    j = smd.small_sample_factor(rows["n_t_used"] + rows["n_c_used"] - 2)
    g = np.where(rows["stat_kind"] == "d", j * size, size)
    factor = np.nan_to_num(rows["variance_factor"], nan=1.0) if rules.rescale_printed else 1.0
    g = g * np.sqrt(factor)
    return g, _variance(rows, g, rules, factor)


def _printed_interval(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    level = rows["ci_level"].fillna(0.95)
    variance = reported.variance_from_interval(rows["ci_low"], rows["ci_high"], level)
    return rows["stat_value"].abs().to_numpy(), variance


def _md_sd(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
    """Standardise a printed mean difference by the pooled SD, at baseline where post lacks."""
    sd_t, sd_c = (rows[f"sd_{arm}"].fillna(rows[f"sd_pre_{arm}"]) for arm in "tc")
    n_t, n_c = rows["n_t_used"], rows["n_c_used"]
    d = rows["stat_value"] / smd.pooled_sd(sd_t, sd_c, n_t, n_c)
    g, _ = smd.smd_from_d(d, n_t, n_c)
    return g, _variance(rows, g, rules, rows["variance_factor"])


def _error_df(rows: pd.DataFrame) -> pd.Series:
    """Give the error df: as printed, else N - 2, less one for ANCOVA's covariate."""
    assumed = rows["n_t_used"] + rows["n_c_used"] - 2 - (rows["model_used"] == "ancova")
    paired = rows[list(SIZES)].min(axis=1) - 1
    return rows["df2"].fillna(paired.where(rows["paired"], assumed))


def _from_t(t: Callable[[pd.DataFrame], np.ndarray]) -> Callable:
    """Make the route of a statistic that gives the size of t."""

    def effect(rows: pd.DataFrame, rules: ConversionRules) -> smd.Pair:
        size = np.abs(t(rows))
        n_t, n_c = rows["n_t_used"], rows["n_c_used"]
        g, variance = reported.smd_from_t(size, n_t, n_c, rows["variance_factor"])
        people = np.minimum(n_t, n_c)
        paired_g, paired_variance = smd.crossover_from_t(size, people, rules.r)
        paired = rows["paired"]
        return np.where(paired, paired_g, g), np.where(paired, paired_variance, variance)

    return effect


def _t_of_md(rows: pd.DataFrame) -> np.ndarray:
    """Give t = MD / SE, the SE from the interval with t quantiles (Handbook 6.5.2.3)."""
    level = rows["ci_level"].fillna(0.95)
    df = _error_df(rows)
    return rows["stat_value"] / np.sqrt(
        reported.variance_from_interval(rows["ci_low"], rows["ci_high"], level, df)
    )


def _statistic(*kinds: str) -> Callable[[pd.DataFrame], np.ndarray]:
    """Make the condition: one of `kinds`, with sizes and a model that can be converted."""

    def applies(rows: pd.DataFrame) -> np.ndarray:
        return _kind(rows, *kinds) & stated(rows, *SIZES, "variance_factor")

    return applies


def _f_kind(kind: str) -> Callable[[pd.DataFrame], np.ndarray]:
    return lambda rows: _statistic(kind)(rows) & (rows["df1"] == 1).to_numpy()


def _p_applies(rows: pd.DataFrame) -> np.ndarray:
    plain = rows["stat_kind"].isin(["p", "text", "md", ""]) & (rows["measure"] == "SMD")
    exact = rows["p_kind"] == "exact"
    return (plain & exact).to_numpy() & stated(rows, *SIZES, "variance_factor")


def _ratio_applies(rows: pd.DataFrame, *kinds: str) -> np.ndarray:
    return _kind(rows, *kinds) & stated(rows, "ci_low", "ci_high")


def _md_has_sd(rows: pd.DataFrame) -> np.ndarray:
    sds = stated(rows, "sd_t", "sd_c") | stated(rows, "sd_pre_t", "sd_pre_c")
    return _statistic("md")(rows) & sds


ROUTES = (
    Route("events", "log ratio of events/n, LKCM over control", "1", _events_apply, _events),
    Route(
        "means:pre-post-control",
        "g = J (change_t - change_c) / pooled baseline SD, Morris 2008 d_ppc2",
        "1",
        lambda rows: (
            stated(rows, "change_t", "sd_pre_t", "change_c", "sd_pre_c", *SIZES)
            & ~rows["paired"].to_numpy()
        ),
        _pre_post_control,
    ),
    Route(
        "means:post",
        "g = J (mean_t - mean_c) / pooled SD",
        "1",
        lambda rows: stated(rows, "mean_t", "sd_t", "mean_c", "sd_c", *SIZES),
        _post_means,
    ),
    Route(
        "means:change",
        "g = J (change_t - change_c) / pooled SD of change x sqrt(2(1 - r))",
        "1",
        lambda rows: (
            stated(rows, "change_t", "sd_change_t", "change_c", "sd_change_c", *SIZES)
            & ~rows["paired"].to_numpy()
        ),
        _changes,
    ),
    Route(
        "or:dichotomised",
        "d = ln OR x sqrt(3) / pi, variance from the interval",
        "2",
        lambda rows: _ratio_applies(rows, "or") & (rows["dichotomised"] == "yes").to_numpy(),
        _odds_to_d,
    ),
    Route(
        "ratio:interval",
        "ln of the printed ratio, variance from the interval",
        "2",
        lambda rows: _ratio_applies(rows, "or", "rr"),
        _ratio,
    ),
    Route("md:sd", "g = J MD / pooled SD", "2", _md_has_sd, _md_sd, by_model=True),
    Route(
        "md:interval",
        "t = MD / SE with the SE from the interval, then as t",
        "2",
        lambda rows: _statistic("md")(rows) & stated(rows, "ci_low", "ci_high"),
        _from_t(_t_of_md),
        by_model=True,
    ),
    Route(
        "printed",
        "g = J d for a printed d; a printed g or SMD as it stands; variance from the sizes",
        "2",
        lambda rows: (
            _kind(rows, "d", "g", "smd")
            & stated(rows, *SIZES)
            & (rows["model"] != "multivariate").to_numpy()
        ),
        _printed,
    ),
    Route(
        "printed:interval",
        "the printed d, g or SMD as it stands; variance from the interval",
        "2",
        lambda rows: (
            _ratio_applies(rows, "d", "g", "smd") & (rows["model"] != "multivariate").to_numpy()
        ),
        _printed_interval,
    ),
    Route(
        "t",
        "g = J t sqrt(h)",
        "2",
        _statistic("t"),
        _from_t(lambda rows: rows["stat_value"]),
        by_model=True,
    ),
    Route(
        "F",
        "t = sqrt(F), df1 = 1, then as t",
        "2",
        _f_kind("F"),
        _from_t(lambda rows: reported.t_from_f(rows["stat_value"])),
        by_model=True,
    ),
    Route(
        "eta2",
        "F = eta2 / (1 - eta2) x df2, df1 = 1, then as F",
        "2",
        _f_kind("eta2"),
        _from_t(lambda rows: reported.t_from_eta2(rows["stat_value"], _error_df(rows))),
        by_model=True,
    ),
    Route(
        "p",
        "t from the exact two-sided p, then as t",
        "2c",
        _p_applies,
        _from_t(lambda rows: reported.t_from_p(rows["p"], _error_df(rows))),
        by_model=True,
    ),
)
