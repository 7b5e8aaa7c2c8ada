"""The rows of effects.csv made ready to convert: sizes, signs, models and p values.

Nothing is converted here. Each step says what a row states, what may be assumed for it, and
by which rule; `lkcm.effects.routes` then turns the printed figure into an effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.effects.reported import MODELS, parse_p, variance_factor
from lkcm.effects.smd import design_effect, inverse_sizes

NUMBERS = (
    *("n_t", "n_c", "mean_t", "sd_t", "mean_c", "sd_c"),
    *("mean_pre_t", "sd_pre_t", "mean_pre_c", "sd_pre_c"),
    *("mean_change_t", "sd_change_t", "mean_change_c", "sd_change_c"),
    *("events_t", "events_c", "stat_value", "ci_low", "ci_high", "ci_level", "df1", "df2"),
    "followup_weeks",
)
TEXTS = (
    *("effect_id", "trial_id", "study", "arm_t", "control", "comparator_type", "outcome"),
    *("instrument", "reporter", "rater_role", "about", "timepoint", "higher_is_better"),
    *("stat_kind", "p_value", "effect_scope", "model", "sign", "significant", "harm"),
    *("hold", "same_result_as", "locator", "source_url", "dichotomised"),
)
TRIAL_NUMBERS = ("n_randomised", "n_arms", "cluster_units_per_arm")
TRIAL_TEXTS = (
    *("sample_id", "design", "age_group", "lkcm_core", "randomisation", "intervention_class"),
)

#: Kinds whose estimate is a ratio of events, with the measure that they are.
RATIO_KINDS = {"or": "logOR", "rr": "logRR", "hr": "logHR"}

#: The significance level at which abstracts say "significant".
ALPHA = 0.05


@dataclass(frozen=True)
class ConversionRules:
    """What is assumed where a source does not say.

    Parameters
    ----------
    r : float
        Correlation of baseline with outcome, for change scores, ANCOVA, pre-post-control
        effects and crossovers.
    icc, icc_classroom : float
        Intracluster correlation in cluster trials, and in those of children or adolescents,
        whose units are classrooms.
    assume_model : {"post", "change", "ancova"}
        Analysis model of a statistic whose model is mixed or not stated.
    equal_arms : bool
        Whether the total is halved where a two-arm trial does not print its arm sizes.
    include_2c : bool
        Whether exact p values with sizes (level 2c) are poolable instead of sensitivity.
    rescale_printed : bool
        Whether printed d and g, whose standardiser is unknown, are rescaled by their model.
    event_measure : {"logRR", "logOR"}
        Measure computed from counts of events.

    Raises
    ------
    ValueError
        If a value is outside what is named above; all problems are listed.
    """

    r: float = 0.6
    icc: float = 0.05
    icc_classroom: float = 0.15
    assume_model: str = "post"
    equal_arms: bool = True
    include_2c: bool = False
    rescale_printed: bool = False
    event_measure: str = "logRR"

    def __post_init__(self):
        problems = []
        if not -1 < self.r < 1:
            problems.append(f"r is {self.r}, allowed: between -1 and 1")
        for name in ("icc", "icc_classroom"):
            if not 0 <= getattr(self, name) <= 1:
                problems.append(f"{name} is {getattr(self, name)}, allowed: 0 to 1")
        if self.assume_model not in MODELS:
            problems.append(f"assume_model is {self.assume_model!r}, allowed: {MODELS}")
        if self.event_measure not in ("logRR", "logOR"):
            problems.append(f"event_measure is {self.event_measure!r}, allowed: logRR, logOR")
        if problems:
            raise ValueError("; ".join(problems))


def stated(rows: pd.DataFrame, *columns: str) -> np.ndarray:
    """Say in which rows all of `columns` hold a number."""
    return np.logical_and.reduce([rows[column].notna().to_numpy() for column in columns])


def prepare(effects: pd.DataFrame, trials: pd.DataFrame, rules: ConversionRules) -> pd.DataFrame:
    """Give one prepared row per row of `effects`, in the same order.

    Missing columns are supplied empty, a missing sample_id is the trial_id. Text is "" where
    missing; numbers are floats, NaN where they cannot be read (the schema check names those).
    Added are the trial's columns and `sizes`, `n_t_used`, `n_c_used`, `h`, `design_effect`,
    `paired`, `model_used`, `variance_factor`, `sign_used`, `sign_conflict`, `p_kind`, `p`,
    `p_low`, `p_high`, `p_from` and `measure`.

    Raises
    ------
    ValueError
        If an effect_id or a trial_id occurs twice; all such ids are named.
    """
    rows = _typed(effects, NUMBERS, TEXTS)
    trial_rows = _typed(trials, TRIAL_NUMBERS, ("trial_id", *TRIAL_TEXTS)).set_index("trial_id")
    _refuse_duplicates("effects.csv", "effect_id", rows["effect_id"])
    _refuse_duplicates("trials.csv", "trial_id", trial_rows.index.to_series())
    trial_rows = trial_rows.reindex(rows["trial_id"]).set_axis(rows.index)
    trial_rows[list(TRIAL_TEXTS)] = trial_rows[list(TRIAL_TEXTS)].fillna("")
    rows = pd.concat([rows, trial_rows], axis=1)
    # a trial without a sample_id is a sample of its own
    rows["sample_id"] = rows["sample_id"].where(rows["sample_id"] != "", rows["trial_id"])
    for step in (_sizes, _models, _signs, _p_values):
        rows = pd.concat([rows, step(rows, rules)], axis=1)
    return rows


def _typed(table: pd.DataFrame, numbers: Sequence[str], texts: Sequence[str]) -> pd.DataFrame:
    """Take the named columns as floats and as text, empty where the table lacks them."""
    index = pd.RangeIndex(len(table))
    columns = {}
    for name in numbers:
        values = pd.Series(table[name].to_numpy() if name in table else np.nan, index=index)
        columns[name] = pd.to_numeric(values, errors="coerce").astype(float)
    for name in texts:
        values = table[name].to_numpy() if name in table else ""
        columns[name] = pd.Series(values, index=index).astype("str").fillna("").str.strip()
    return pd.DataFrame(columns, index=index)


def _refuse_duplicates(table: str, column: str, ids: pd.Series) -> None:
    twice = ids[ids.duplicated()].unique()
    if len(twice):
        raise ValueError(f"{table}: {column} must be unique, found twice: {', '.join(twice)}")


def _sizes(rows: pd.DataFrame, rules: ConversionRules) -> pd.DataFrame:
    """Give arm sizes as stated, or half the total in a two-arm trial; clusters and crossovers."""
    is_stated = ((rows["n_t"] > 0) & (rows["n_c"] > 0)).to_numpy()
    neither = (rows["n_t"].isna() & rows["n_c"].isna()).to_numpy()
    crossover = (rows["design"] == "crossover").to_numpy()
    total = rows["n_randomised"]
    missing = {
        "one-arm": ~neither,
        "no-total": ~(total > 0),
        "crossover": crossover,
        "several-studies": rows["study"] != "",
        "arms-not-stated": rows["n_arms"].isna(),
        "more-than-two-arms": rows["n_arms"] != 2,
        "equal-arms-off": np.full(len(rows), not rules.equal_arms),
    }
    sizes = np.select([is_stated, *missing.values()], ["stated", *missing], default="equal-arms")
    halved = np.where(sizes == "equal-arms", total / 2, np.nan)
    n_t = np.where(is_stated, rows["n_t"], halved)
    n_c = np.where(is_stated, rows["n_c"], halved)
    h = inverse_sizes(n_t, n_c)
    # in a crossover the same people are counted twice, unless only the first period is used
    paired = crossover & (n_t + n_c > total)
    children = rows["age_group"].isin(["children", "adolescents"])
    icc = np.where(children, rules.icc_classroom, rules.icc)
    inflation = design_effect(n_t, n_c, rows["cluster_units_per_arm"], icc)
    return pd.DataFrame(
        {
            "sizes": sizes,
            "n_t_used": n_t,
            "n_c_used": n_c,
            "h": np.where(paired, 1 / np.minimum(n_t, n_c), h),
            "paired": paired,
            "crossover_unclear": crossover & is_stated & total.isna(),
            "design_effect": np.where(rows["design"] == "cluster", inflation, 1.0),
        },
        index=rows.index,
    )


def _models(rows: pd.DataFrame, rules: ConversionRules) -> pd.DataFrame:
    """Give the analysis model, assumed where mixed or not stated, and the measure."""
    unknown = rows["model"].isin(["mixed", "not-stated", ""])
    model = rows["model"].where(~unknown, rules.assume_model)
    factor = np.where(
        rows["paired"] & (model == "post"), 2 * (1 - rules.r), variance_factor(model, rules.r)
    )
    counts = rows["model"].eq("counts") | stated(rows, "events_t", "events_c")
    otherwise = pd.Series(np.where(counts, "logRR", "SMD"), index=rows.index)
    return pd.DataFrame(
        {
            "model_used": model,
            "model_assumed": unknown,
            "variance_factor": factor,
            "measure": rows["stat_kind"].map(RATIO_KINDS).fillna(otherwise),
        }
    )


def _signs(rows: pd.DataFrame, rules: ConversionRules) -> pd.DataFrame:
    """Say which arm did better: from the means where both arms have them, else from `sign`."""
    printed = rows["sign"].map({"+": 1.0, "-": -1.0}).fillna(0.0)
    better = rows["higher_is_better"].map({"yes": 1.0, "no": -1.0})
    change_t = rows["mean_change_t"].fillna(rows["mean_t"] - rows["mean_pre_t"])
    change_c = rows["mean_change_c"].fillna(rows["mean_c"] - rows["mean_pre_c"])
    post = np.sign((rows["mean_t"] - rows["mean_c"]) * better)
    change = np.sign((change_t - change_c) * better)
    baseline = change.notna() & stated(rows, "sd_pre_t", "sd_pre_c")
    # the stated sign may speak of the means after training or of the changes
    contradicted = (printed * post.fillna(change) < 0) & (printed * change.fillna(post) < 0)
    has_means = (rows["mean_t"] - rows["mean_c"]).notna() | (change_t - change_c).notna()
    return pd.DataFrame(
        {
            "change_t": change_t,
            "change_c": change_c,
            "sign_used": change.where(baseline, post.fillna(change)).fillna(printed),
            "sign_conflict": contradicted,
            "better_unknown": has_means & better.isna(),
        }
    )


def _p_values(rows: pd.DataFrame, rules: ConversionRules) -> pd.DataFrame:
    """Give the interval of two-sided p that a row allows, from its p value and its words."""
    printed = rows["p_value"].where(rows["p_value"] != "")
    value = rows["stat_value"].astype("str").where(rows["stat_kind"] == "p")
    p = parse_p(printed.fillna(value))
    no = (rows["significant"] == "no").to_numpy()
    yes = (rows["significant"] == "yes").to_numpy()
    is_printed = (p["kind"] != "").to_numpy()
    # "p = .05" is read as "p <= .05", unless the source calls the result non-significant
    threshold = (p["kind"] == "threshold").to_numpy() & ~no
    low = np.where(threshold, 0.0, p["low"].fillna(0.0))
    high = np.where(threshold, p["value"], p["high"].fillna(1.0))
    worded_low, worded_high = np.where(no, ALPHA, 0.0), np.where(yes, ALPHA, 1.0)
    agree = np.maximum(low, worded_low) < np.minimum(high, worded_high)
    return pd.DataFrame(
        {
            "p_kind": np.where(p["kind"] == "threshold", "bound", p["kind"]),
            "p": p["value"],
            "p_low": np.where(agree, np.maximum(low, worded_low), low),
            "p_high": np.where(agree, np.minimum(high, worded_high), high),
            "p_from": np.select(
                [p["kind"] == "exact", is_printed, yes | no],
                ["printed", "printed bound", "significance stated"],
                "",
            ),
            "p_disagrees": ~agree,
        },
        index=rows.index,
    )
