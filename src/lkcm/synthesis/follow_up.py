"""Follow-up: the same results of the same trials after training and later.

An effect at follow-up minus the effect after training is a contrast within a trial. Both rest on
the same people, so their sampling errors correlate; the correlation is not printed and is
assumed, as the pre-post correlation is.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.effects.rows import ALPHA
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pooled import HEADLINE_FROM, PoolError
from lkcm.synthesis.pooled_dependent import Dependent

#: Assumed correlation of the sampling errors of one effect at two times.
RHO = 0.6
#: What a result says, best first, in the words of a table.
SAID = (
    *("favours LKCM, statistically significant", "favours LKCM, significance not told"),
    *("no difference", "statistically significant, direction not told"),
    *("favours control", "nothing told"),
)
#: Upper ends of the spans of time since the end of training, in weeks.
SPANS = {
    4.0: "up to 4 weeks",
    13.0: "5 to 13 weeks",
    26.0: "14 to 26 weeks",
    np.inf: "above 26 weeks",
}
#: Columns that say that two rows are of one comparison and measure.
SAME = ("sample_id", "study", "arm_t", "comparator_type", "outcome", "reporter")


def said(rows: pd.DataFrame) -> pd.Series:
    """Say what each result tells of its direction and statistical significance.

    Parameters
    ----------
    rows : DataFrame
        Converted effects (`lkcm.effects.convert`).

    Returns
    -------
    Series of str
        Of `SAID`. The significance of a figure without a p value is that of its own z.
    """
    p = 2 * stats.norm.sf(np.abs(rows["yi"]) / np.sqrt(rows["vi"].astype(float)))
    silent = rows["p_from"].eq("")
    significant = rows["p_high"].le(ALPHA) | (silent & (p <= ALPHA))
    not_significant = rows["p_low"].ge(ALPHA) | (silent & (p > ALPHA))
    sign = rows["sign_used"]
    words = np.select(
        [not_significant, (sign > 0) & significant, sign > 0, sign < 0, significant],
        [SAID[2], SAID[0], SAID[1], SAID[4], SAID[3]],
        SAID[5],
    )
    return pd.Series(words, index=rows.index, dtype="str")


def span_of(weeks: pd.Series) -> pd.Series:
    """Name the span of `SPANS` in which weeks since the end of training lie."""
    ends = np.array(list(SPANS))
    place = np.searchsorted(ends, weeks.fillna(0.0), side="left")
    return pd.Series(np.array(list(SPANS.values()))[place], weeks.index).where(
        weeks.notna(), "time not stated"
    )


def pair_times(converted: pd.DataFrame) -> pd.DataFrame:
    """Pair each result at follow-up with the same result directly after training.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`; excluded rows take no part.

    Returns
    -------
    DataFrame
        One row a pair: the columns `SAME`, ``trial_id``, ``instrument``, ``weeks`` (since the end
        of training, NaN where not stated), ``span``, and for both times, ending in ``_post`` and
        ``_later``, ``effect_id``, ``said`` (of `SAID`), ``status``, ``measure``, ``yi`` and
        ``vi``. Rows are the same result if they agree in `SAME` and in the instrument, or if one
        of them names none; of several such rows the first.
    """
    rows = converted[converted["status"].ne("excluded")]
    rows = rows.assign(
        said=said(rows),
        named=rows["instrument"].fillna("").astype(str).str.strip().str.casefold(),
    )
    about = ["effect_id", "named", "said", "status", "measure", "yi", "vi"]
    post = rows.loc[rows["timepoint"] == "post", [*SAME, *about]]
    later = rows[rows["timepoint"] == "followup"].assign(
        weeks=lambda t: t["followup_weeks"].astype(float)
    )
    later = later[[*SAME, "trial_id", "instrument", "weeks", *about]]
    both = later.merge(post, on=list(SAME), suffixes=("_later", "_post"))
    both["alike"] = both["named_later"] == both["named_post"]
    both = both[both["alike"] | both["named_later"].eq("") | both["named_post"].eq("")]
    both = both.sort_values(["effect_id_later", "alike"], ascending=[True, False], kind="stable")
    both = both.drop_duplicates("effect_id_later").drop_duplicates(["effect_id_post", "weeks"])
    both = both.assign(span=span_of(both["weeks"]))
    return both.drop(columns=["named_later", "named_post", "alike"]).reset_index(drop=True)


def within_trial_change(pairs: pd.DataFrame, rho: float = RHO) -> pd.DataFrame:
    """Give the change of the effect from after training to follow-up, where both are figures.

    ``later - post`` has the variance ``v_post + v_later - 2 rho sqrt(v_post v_later)``.

    Parameters
    ----------
    pairs : DataFrame
        Of `pair_times`.
    rho : float
        Correlation of the two sampling errors, from 0 to below 1.

    Returns
    -------
    DataFrame
        The pairs with standardised mean differences at both times, with ``change``,
        ``variance``, and the ends ``low`` and ``high`` of the 95 % interval. Negative: the
        advantage of LKCM got smaller.

    Raises
    ------
    PoolError
        A correlation out of range.
    """
    if not 0 <= rho < 1:
        raise PoolError(f"rho is {rho}; allowed: from 0 to below 1")
    usable = ["poolable", "sensitivity"]
    has = pairs[["status_post", "status_later"]].isin(usable).all(axis=1)
    has &= pairs[["measure_post", "measure_later"]].eq("SMD").all(axis=1)
    found = pairs[has]
    v_post, v_later = (found[f"vi_{time}"].astype(float) for time in ("post", "later"))
    variance = v_post + v_later - 2 * rho * np.sqrt(v_post * v_later)
    change = (found["yi_later"] - found["yi_post"]).astype(float)
    half = stats.norm.isf(0.025) * np.sqrt(variance)
    return found.assign(change=change, variance=variance, low=change - half, high=change + half)


def pool_change(changes: pd.DataFrame, rho: float = RHO) -> Dependent | None:
    """Pool the changes of three trials or more, several results of a trial together.

    Parameters
    ----------
    changes : DataFrame
        Of `within_trial_change`.
    rho : float
        Correlation of the sampling errors of two results of a trial.

    Returns
    -------
    Dependent or None
        None below three samples.
    """
    if changes["sample_id"].nunique() < HEADLINE_FROM:
        return None
    return pool_dependent(changes["change"], changes["variance"], changes["sample_id"], rho=rho)


def change_by_rho(pairs: pd.DataFrame, rhos: Iterable[float]) -> pd.DataFrame:
    """Give the changes under several assumed correlations.

    Parameters
    ----------
    pairs : DataFrame
        Of `pair_times`.
    rhos : iterable of float
        Correlations, each from 0 to below 1.

    Returns
    -------
    DataFrame
        The rows of `within_trial_change` for each, with ``rho``.
    """
    found = [within_trial_change(pairs, rho).assign(rho=rho) for rho in rhos]
    return pd.concat(found, ignore_index=True)


def people_needed(
    change: float, rho: float = RHO, power: float = 0.8, alpha: float = ALPHA
) -> float:
    """Give the people a trial of two equal arms needs to find a change of its effect.

    With the variance of an effect near zero, 4 / N, at both times, the change has the variance
    ``8 (1 - rho) / N``, hence ``N = 8 (1 - rho) ((z_alpha/2 + z_power) / change)^2``.

    Parameters
    ----------
    change : float
        Change of the standardised mean difference, not zero.
    rho : float
        As `within_trial_change`.
    power, alpha : float
        Power, and two-sided level of the test.
    """
    z = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    return float(8 * (1 - rho) * (z / change) ** 2)


def transitions(pairs: pd.DataFrame) -> pd.DataFrame:
    """Count pairs by what is said after training and at follow-up.

    Returns
    -------
    DataFrame
        ``post``, ``later`` (of `SAID`), ``results`` and ``samples``; those that occur, in order.
    """
    place = {words: number for number, words in enumerate(SAID)}
    counts = pairs.groupby(["said_post", "said_later"])["sample_id"].agg(
        results="size", samples="nunique"
    )
    counts = counts.rename_axis(["post", "later"]).reset_index()
    return counts.sort_values(
        ["post", "later"], key=lambda column: column.map(place), ignore_index=True
    )
