"""How far each effect moves when what its source does not say is assumed otherwise.

Each analysis converts the rows that give an effect once for every setting of one assumption: the
correlation r of baseline with outcome, the analysis model of a statistic, or equal arms. The
settings and the rows that move stand in a long table; `largest_changes` sums it up row by row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from lkcm.effects.convert import DEFAULT_RULES, convert
from lkcm.effects.reported import MODELS
from lkcm.effects.rows import ConversionRules

#: Correlations of baseline with outcome that are tried.
CORRELATIONS = tuple(np.round(np.arange(0.2, 0.91, 0.05), 2).tolist())

#: Shares of the people in the LKCM arm that are tried where a total is all that is stated.
ALLOCATIONS = {"1:2": 1 / 3, "1:1": 1 / 2, "2:1": 2 / 3}

#: Effects or variances that differ by less than this share are the same.
_SAME = 1e-9

_COLUMNS = ["setting", "effect_id", "measure", "yi", "vi", "conversion"]


def by_correlation(
    effects: pd.DataFrame,
    trials: pd.DataFrame,
    correlations: Iterable[float] = CORRELATIONS,
    rules: ConversionRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """Convert with other pre-post correlations r the rows whose effect or variance uses r.

    Returns
    -------
    DataFrame
        `setting` (r), `effect_id`, `measure`, `yi`, `vi`, `conversion`: one row an effect and
        setting, only effects of which yi or vi moves.

    Raises
    ------
    ValueError
        If a correlation is not between -1 and 1.
    """
    return _moving(effects, trials, {r: replace(rules, r=r) for r in correlations}, rules)


def by_model(
    effects: pd.DataFrame, trials: pd.DataFrame, rules: ConversionRules = DEFAULT_RULES
) -> pd.DataFrame:
    """Convert under each analysis model the rows whose model is mixed or not stated.

    Returns
    -------
    DataFrame
        As `by_correlation`; `setting` is post, change or ancova.
    """
    settings = {model: replace(rules, assume_model=model) for model in MODELS}
    return _moving(effects, trials, settings, rules)


def by_metric(
    effects: pd.DataFrame, trials: pd.DataFrame, rules: ConversionRules = DEFAULT_RULES
) -> pd.DataFrame:
    """Convert printed d and g as they stand, and rescaled by the analysis that they come from.

    Returns
    -------
    DataFrame
        As `by_correlation`; `setting` is "as printed" or "rescaled".
    """
    settings = {
        "as printed": replace(rules, rescale_printed=False),
        "rescaled": replace(rules, rescale_printed=True),
    }
    return _moving(effects, trials, settings, rules)


def by_allocation(
    effects: pd.DataFrame,
    trials: pd.DataFrame,
    allocations: Mapping[str, float] = ALLOCATIONS,
    rules: ConversionRules = DEFAULT_RULES,
) -> pd.DataFrame:
    """Convert with unequal arms the rows for which equal arms are assumed (level 2b).

    Parameters
    ----------
    effects, trials : DataFrame
        The tables effects.csv and trials.csv.
    allocations : mapping of str to float
        Name of a setting to the share of the people in the LKCM arm.
    rules : ConversionRules
        What else is assumed.

    Returns
    -------
    DataFrame
        As `by_correlation`; `setting` is the name of an allocation.

    Raises
    ------
    ValueError
        If a share is not between 0 and 1.
    """
    if wrong := {name: share for name, share in allocations.items() if not 0 < share < 1}:
        raise ValueError(f"shares of the LKCM arm {wrong}, allowed: between 0 and 1")
    base = convert(effects, trials, rules)
    assumed = (base["level"] == "2b").to_numpy()
    total = (base["n_t_used"] + base["n_c_used"]).to_numpy()[assumed]
    rows = effects[assumed]
    found = [
        _setting(name, rows.assign(n_t=total * share, n_c=total * (1 - share)), trials, rules)
        for name, share in allocations.items()
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_COLUMNS)


def _moving(
    effects: pd.DataFrame,
    trials: pd.DataFrame,
    settings: Mapping[object, ConversionRules],
    rules: ConversionRules,
) -> pd.DataFrame:
    """Convert under each setting, and keep the rows of which the effect or variance moves."""
    base = convert(effects, trials, rules)
    rows = effects[base["status"].isin(["poolable", "sensitivity"]).to_numpy()]
    found = [_setting(name, rows, trials, setting) for name, setting in settings.items()]
    if not found:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.concat(found, ignore_index=True)
    ranges = table.groupby("effect_id")[["yi", "vi"]].agg(["min", "max"])
    moved = [
        ranges[name, "max"] - ranges[name, "min"] > _SAME * ranges[name].abs().max(axis=1)
        for name in ("yi", "vi")
    ]
    either = moved[0] | moved[1]
    return table[table["effect_id"].isin(either.index[either])].reset_index(drop=True)


def _setting(
    name: object, rows: pd.DataFrame, trials: pd.DataFrame, rules: ConversionRules
) -> pd.DataFrame:
    return convert(rows, trials, rules).assign(setting=name)[_COLUMNS]


def largest_changes(table: pd.DataFrame, base: object) -> pd.DataFrame:
    """Sum up a sensitivity analysis row by row.

    Parameters
    ----------
    table : DataFrame
        Result of one of the analyses.
    base : object
        The setting from which changes count; where the table has none, changes are NaN.

    Returns
    -------
    DataFrame
        One row an effect: `effect_id`, `measure`, `conversion` and effect `yi` at `base`,
        `lowest` and `highest` effect, `change` (largest absolute distance from `yi`), `se` at
        `base`, `se_lowest`, `se_highest`; the largest change first.
    """
    sizes = table.assign(se=np.sqrt(table["vi"].astype(float)))
    by_row = sizes.groupby("effect_id")
    summary = by_row.agg(
        lowest=("yi", "min"),
        highest=("yi", "max"),
        se_lowest=("se", "min"),
        se_highest=("se", "max"),
    )
    at_base = sizes[sizes["setting"] == base].set_index("effect_id")
    summary = at_base[["measure", "conversion", "yi", "se"]].join(summary, how="right")
    distances = [summary["highest"] - summary["yi"], summary["yi"] - summary["lowest"]]
    summary["change"] = np.maximum(*distances)
    columns = ["measure", "conversion", "yi", "lowest", "highest", "change"]
    summary = summary[[*columns, "se", "se_lowest", "se_highest"]]
    order = ["change", "se_highest"]
    return summary.sort_values(order, ascending=False, kind="stable").reset_index()
