"""From the rows of effects.csv to comparable effects, or to the reason why not.

`convert` gives one row for each row of the table: a poolable effect ``yi`` with variance
``vi``, or the interval of p and the direction that the censored likelihood uses, or a
reason in words. `waterfall` counts them. Levels of evidence: 1 arm-level figures; 2a a
printed effect or statistic with stated arm sizes; 2b the same (or arm-level figures) with
equal arms assumed from the total; 2c an exact p with sizes; 3 an exact or bounded p;
4 direction or significance only.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.effects.ratios import has_empty_cell
from lkcm.effects.reasons import EXCLUDING, REASONS, exclusions, obstacles
from lkcm.effects.routes import ROUTES
from lkcm.effects.rows import ALPHA, ConversionRules, prepare

DEFAULT_RULES = ConversionRules()

#: Columns of the converted table that come from the evidence, in this order.
LABELS = (
    *("effect_id", "trial_id", "sample_id", "study", "arm_t", "control", "comparator_type"),
    *("outcome", "instrument", "reporter", "rater_role", "about", "timepoint"),
    *("followup_weeks", "effect_scope", "model", "harm", "higher_is_better", "sign"),
    *("significant", "stat_kind", "stat_value", "p_value", "lkcm_core", "randomisation"),
    *("intervention_class", "design", "hold", "same_result_as", "locator", "source_url"),
)

#: Conversions whose variance is the printed interval's, whatever the arm sizes.
FROM_INTERVAL = ("printed:interval", "ratio:interval", "or:dichotomised")

#: Conversions whose formula depends on the analysis model.
BY_MODEL = tuple(candidate.code for candidate in ROUTES if candidate.by_model)

#: What the formula adds for a model.
MODEL_WORDS = {
    "post": "",
    "change": " x sqrt(2(1 - r)), change scores to raw-score metric",
    "ancova": " x sqrt(1 - r^2), ANCOVA to raw-score metric",
}


def convert(
    effects: pd.DataFrame,
    trials: pd.DataFrame,
    rules: ConversionRules = DEFAULT_RULES,
    **changes: float | str | bool,
) -> pd.DataFrame:
    """Turn every row of the effects table into an effect or a reason.

    Parameters
    ----------
    effects, trials : DataFrame
        The tables effects.csv and trials.csv. Columns that they lack are taken as empty.
    rules : ConversionRules, optional
        What is assumed where a source does not say.
    **changes
        Fields of `rules` to change, e.g. ``r=0.4`` or ``include_2c=True``.

    Returns
    -------
    DataFrame
        One row per row of `effects`, in its order and with a fresh index: `LABELS`, then

        - `measure`: SMD, logRR, logOR or logHR. An SMD is positive when it favours the LKCM
          arm; a log ratio is LKCM arm over control, whichever is better.
        - `yi`, `vi`: effect and variance, NaN unless poolable or sensitivity. Variances
          include the design effect of cluster trials.
        - `level`: 1, 2a, 2b, 2c, 3, 4, or "" when excluded.
        - `conversion`, `formula`: stable code and words of the rule used.
        - `status`: poolable, sensitivity (2c), censored (3 and 4) or excluded.
        - `reason`: words of `REASONS`, "" where poolable or in sensitivity; `reason_code`.
        - `flags`: what was assumed, joined by "; " (write ``converted["flags"]``:
          ``converted.flags`` is an attribute of every DataFrame).
        - `n_t_used`, `n_c_used`: arm sizes, stated or assumed; `model_used`.
        - `null_variance`: the variance that an SMD of zero would have,
          ``variance_factor h design_effect``, also for censored rows (NaN without sizes).
        - `p_low`, `p_high`, `p_from`: interval of the two-sided p; `sign_used`: 1, -1, or 0
          where it is unknown.

    Raises
    ------
    ValueError
        If ids are not unique or a rule is out of range.
    """
    rules = replace(rules, **changes)
    rows = prepare(effects, trials, rules)
    route, size, variance = _apply_routes(rows, rules)
    tried = route >= 0
    codes = np.where(tried, np.array([candidate.code for candidate in ROUTES])[route], "")
    measure = _measure(rows, codes, rules)
    ratio = measure != "SMD"
    size = np.where(ratio, size, np.abs(size))
    signed = ratio | (rows["sign_used"] != 0).to_numpy() | (size == 0)
    usable = np.isfinite(size) & (variance > 0) & ~rows["crossover_unclear"].to_numpy()
    out = exclusions(rows)
    effect = usable & signed & (out == "")
    reason = np.where(out != "", out, obstacles(rows, tried, usable & ~signed))
    reason = np.where(effect, "", reason)
    codes = np.where(effect, codes, "")
    result = pd.DataFrame(
        {
            "measure": measure,
            "yi": np.where(effect, np.where(ratio, size, size * rows["sign_used"]), np.nan),
            "vi": np.where(effect, variance, np.nan),
            **_standing(rows, codes, reason, rules),
            "reason": pd.Series(reason).map(REASONS).fillna("").to_numpy(),
            "reason_code": reason,
            "flags": _flags(rows, codes),
            **_null_variance(rows, codes, ratio, rules),
        }
    )
    p = _p_interval(rows, size, variance, reason == "unsigned")
    kept = rows[["n_t_used", "n_c_used", "model_used", "design_effect", "sign_used"]]
    return pd.concat([rows[list(LABELS)], result, kept, p], axis=1)


def _apply_routes(
    rows: pd.DataFrame, rules: ConversionRules
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute each row's effect by the first route that applies (-1: none)."""
    route = np.full(len(rows), -1)
    size, variance = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    for number, candidate in enumerate(ROUTES):
        mask = (route < 0) & candidate.applies(rows)
        if mask.any():
            # a zero SD gives no finite effect, which becomes a reason, not a warning
            with np.errstate(divide="ignore", invalid="ignore"):
                size[mask], variance[mask] = candidate.effect(rows[mask], rules)
            route[mask] = number
    return route, size, variance * rows["design_effect"].to_numpy()


def _measure(rows: pd.DataFrame, codes: np.ndarray, rules: ConversionRules) -> np.ndarray:
    """Give the measure of the route taken, else the one that the row's figure would have."""
    as_stated = (codes == "") | (codes == "ratio:interval")
    return np.select([codes == "events", as_stated], [rules.event_measure, rows["measure"]], "SMD")


def _standing(
    rows: pd.DataFrame, codes: np.ndarray, reason: np.ndarray, rules: ConversionRules
) -> dict[str, np.ndarray]:
    """Give level, status, and the conversion with its formula."""
    level_of, words_of = (
        pd.Series({candidate.code: getattr(candidate, name) for candidate in ROUTES})
        for name in ("level", "words")
    )
    route_level, formula = level_of.reindex(codes), words_of.reindex(codes).fillna("")
    effect, excluded = codes != "", np.isin(reason, EXCLUDING)
    assumed = (rows["sizes"] == "equal-arms").to_numpy() & ~np.isin(codes, FROM_INTERVAL)
    has_p = (rows["p_kind"] != "").to_numpy() | (reason == "unsigned")
    level = np.select(
        [
            excluded,
            ~effect & has_p,
            ~effect,
            route_level == "2c",
            assumed,
            route_level == "1",
        ],
        ["", "3", "4", "2c", "2b", "1"],
        "2a",
    )
    waits = (level == "2c") & (not rules.include_2c)
    status = np.select(
        [waits, effect, excluded], ["sensitivity", "poolable", "excluded"], "censored"
    )
    by_model = np.isin(codes, BY_MODEL)
    words = rows["model_used"].map(MODEL_WORDS).fillna("").to_numpy()
    return {
        "level": level,
        "conversion": codes.astype(object) + np.where(by_model, ":" + rows["model_used"], ""),
        "formula": formula.to_numpy() + np.where(by_model, words, ""),
        "status": status,
    }


def _null_variance(
    rows: pd.DataFrame, codes: np.ndarray, ratio: np.ndarray, rules: ConversionRules
) -> dict[str, np.ndarray]:
    """Give the factor of h in the variance, and the variance that an SMD of zero would have."""
    as_printed = (codes == "printed") & (not rules.rescale_printed)
    changes = np.isin(codes, ["means:pre-post-control", "means:change"])
    factor = np.select(
        [rows["paired"] | changes, as_printed | (codes == "means:post")],
        [2 * (1 - rules.r), 1.0],
        rows["variance_factor"].fillna(1.0),
    )
    null = factor * rows["h"].to_numpy() * rows["design_effect"].to_numpy()
    return {"variance_factor": factor, "null_variance": np.where(ratio, np.nan, null)}


def _flags(rows: pd.DataFrame, codes: np.ndarray) -> np.ndarray:
    """Join the assumptions behind each row."""
    effect = codes != ""
    by_model = np.isin(codes, BY_MODEL)
    kind = rows["stat_kind"].to_numpy()
    printed = np.char.startswith(codes, "printed")
    interval = np.isin(codes, (*FROM_INTERVAL, "md:interval"))
    uses_r = np.isin(codes, ["means:pre-post-control", "means:change"]) | (
        by_model & rows["model_used"].isin(["change", "ancova"])
    )
    counts = [rows[name] for name in ("events_t", "n_t_used", "events_c", "n_c_used")]
    no_event = (rows["events_t"] == 0) & (rows["events_c"] == 0)
    flags = {
        "equal arms assumed": (rows["sizes"] == "equal-arms") & ~np.isin(codes, FROM_INTERVAL),
        "metric unknown": printed,
        "smd not J-corrected": printed & (kind == "smd"),
        "d not J-corrected": (codes == "printed:interval") & (kind == "d"),
        "model not stated": by_model & rows["model_assumed"],
        "pre-post correlation assumed": uses_r | (effect & rows["paired"]),
        "95 % interval assumed": interval & rows["ci_level"].isna(),
        "0.5 added to each cell": (codes == "events") & has_empty_cell(*counts),
        "no event in either arm": (codes == "events") & no_event,
        "variance inflated for clustering": effect & (rows["design_effect"] > 1),
        "crossover, paired variance": effect & rows["paired"],
        "better direction not stated, sign from text": effect & rows["better_unknown"],
        "p and significance disagree": rows["p_disagrees"],
    }
    joined = np.full(len(rows), "", dtype=object)
    for words, where in flags.items():
        where = np.asarray(where)
        joined[where] = joined[where] + ("; " + words)
    return pd.Series(joined, dtype="str").str.removeprefix("; ").to_numpy()


def _p_interval(
    rows: pd.DataFrame, size: np.ndarray, variance: np.ndarray, unsigned: np.ndarray
) -> pd.DataFrame:
    """Give the interval of p; an unsigned figure tells at least whether it was significant."""
    p = rows[["p_low", "p_high", "p_from"]].copy()
    computed = unsigned & (p["p_from"] == "").to_numpy()
    z = np.divide(size, np.sqrt(variance), where=computed, out=np.zeros_like(size))
    significant = 2 * stats.norm.sf(z) <= ALPHA
    p.loc[computed & significant, "p_high"] = ALPHA
    p.loc[computed & ~significant, "p_low"] = ALPHA
    p.loc[computed, "p_from"] = "significance computed"
    return p


def waterfall(converted: pd.DataFrame) -> pd.DataFrame:
    """Count the converted rows by status, level, measure and reason.

    Parameters
    ----------
    converted : DataFrame
        Result of `convert`.

    Returns
    -------
    DataFrame
        Columns `status`, `level`, `measure`, `reason`, `rows` and `samples` (distinct
        sample_id). Poolable first, then sensitivity, censored, excluded; `rows` adds up to
        ``len(converted)``.
    """
    order = {"poolable": 0, "sensitivity": 1, "censored": 2, "excluded": 3}
    keys = ["status", "level", "measure", "reason"]
    counts = converted.groupby(keys)["sample_id"].agg(rows="size", samples="nunique").reset_index()
    counts["order"] = counts["status"].map(order)
    counts = counts.sort_values(["order", "level", "rows"], ascending=[True, True, False])
    return counts.drop(columns="order").reset_index(drop=True)
