"""Combining p values and counting directions, as bounds only.

P values are printed because they are small, so a combined p says little about the trials. Both
functions therefore give what follows from the two extreme readings of what is not printed, and
no verdict. They choose one row a sample by the rule of `lkcm.synthesis.contributions`, in which
what a row says plays no part.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.effects.rows import ALPHA
from lkcm.synthesis.contributions import choose
from lkcm.synthesis.heterogeneity import pymare
from lkcm.synthesis.pooled import PoolError

#: Readings of the trials that report "no difference" without a figure: the z that they get.
STOUFFER_READINGS = {
    "as printed": np.nan,
    'every "no difference" as z = 0': 0.0,
    'every "no difference" as z = \N{MINUS SIGN}1.96': float(-stats.norm.isf(ALPHA / 2)),
}
#: Readings of the rows whose direction is not known: the sign that they get, 0 for none.
SIGN_READINGS = {"unknown left out": 0, "unknown all against LKCM": -1}
#: Outcomes of which neither more nor less is better, whatever a row says.
NO_BETTER_DIRECTION = ("brain",)


def z_scores(rows: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Give one independent z a sample, from the first outcome in a stated order that it reports.

    Parameters
    ----------
    rows : DataFrame
        Converted effects of one group of comparators.
    outcomes : sequence of str
        Outcomes, first choice first; fixed before looking.

    Returns
    -------
    DataFrame
        One row a sample: ``effect_id``, ``sample_id``, ``outcome``, ``kind`` (of
        `lkcm.synthesis.contributions.KINDS`), and ``z``, positive in favour of LKCM: effect over
        standard error for a figure, the normal quantile of a printed p (a bound at its bound, a
        significance in words at .05). NaN where no p is known: "no difference", bare
        directions, and significance without a direction.

    Raises
    ------
    PoolError
        No outcome, or as `lkcm.synthesis.contributions.choose`.
    """
    if not outcomes:
        raise PoolError("name the outcomes, first choice first")
    found, taken = [], set()
    for outcome in outcomes:
        left = rows[rows["outcome"].eq(outcome) & ~rows["sample_id"].isin(taken)]
        kept = _one_a_sample(left)
        taken |= set(kept["sample_id"])
        found.append(kept)
    kept = pd.concat(found)
    # an exact p is known to its rounding; of a bound nothing more is known than the bound
    p = kept["p_high"].where(kept["p_from"] != "printed", (kept["p_low"] + kept["p_high"]) / 2)
    z = stats.norm.isf(p / 2) * kept["sign_used"].replace(0, np.nan)
    z = z.where(kept["kind"].isin(["p-value", "significance"]))
    z = z.mask(kept["kind"].isin(["figure", "exact-p"]), kept["yi"] / np.sqrt(kept["vi"]))
    columns = ["effect_id", "sample_id", "outcome", "kind"]
    return kept[columns].assign(z=z.astype(float)).reset_index(drop=True)


def stouffer_bounds(rows: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Combine one z a sample by Stouffer's method (PyMARE) under `STOUFFER_READINGS`.

    Parameters
    ----------
    rows, outcomes
        As `z_scores`.

    Returns
    -------
    DataFrame
        ``reading``, ``k`` (samples combined), ``left_out`` (samples with no z in that reading)
        and the combined ``z``; NaN without a sample. It tests that no trial has an effect, says
        nothing of its size, and is a bound, never a finding.
    """
    scores = z_scores(rows, outcomes)
    combine = pymare().estimators.StoufferCombinationTest
    lines = []
    for reading, given in STOUFFER_READINGS.items():
        z = scores["z"].mask(scores["kind"].eq("no-difference"), given).dropna().to_numpy()
        combined = combine().fit(z[:, None]).params_["z"].item() if len(z) else np.nan
        line = {"reading": reading, "k": len(z), "left_out": len(scores) - len(z), "z": combined}
        lines.append(line)
    return pd.DataFrame(lines)


def sign_test_bounds(
    rows: pd.DataFrame, families: Mapping[str, str] | None = None, level: float = 0.95
) -> pd.DataFrame:
    """Count directions, one a sample and family of outcomes, under `SIGN_READINGS`.

    Parameters
    ----------
    rows : DataFrame
        Converted effects of one group of comparators.
    families : mapping of str to str, optional
        Family of each outcome; outcomes that it lacks are out. By default each outcome is its
        own family. `NO_BETTER_DIRECTION` and rows without a better direction are always out.
    level : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    DataFrame
        ``family``, ``reading``, ``favours``, ``against``, ``unknown`` (all of them, counted
        against LKCM in the second reading), ``share`` that favours LKCM and its exact
        (Clopper-Pearson) interval ``low`` to ``high``; NaN without a row. No p value: a
        direction is often reported because it is the hoped-for one.
    """
    family = rows["outcome"] if families is None else rows["outcome"].map(families)
    has_direction = rows["higher_is_better"].isin(["yes", "no"])
    countable = family.notna() & has_direction & ~rows["outcome"].isin(NO_BETTER_DIRECTION)
    lines = []
    for name in family[countable].unique():
        signs = _one_a_sample(rows[countable & family.eq(name)])["sign_used"]
        favours, unknown = int((signs > 0).sum()), int((signs == 0).sum())
        for reading, given in SIGN_READINGS.items():
            n = len(signs) - (unknown if given == 0 else 0)
            line = {"family": name, "reading": reading, "favours": favours}
            line |= {"against": int((signs < 0).sum()), "unknown": unknown}
            low, high = _clopper_pearson(favours, n, level)
            share = favours / n if n else np.nan
            lines.append(line | {"share": share, "low": low, "high": high})
    columns = ["family", "reading", "favours", "against", "unknown", "share", "low", "high"]
    return pd.DataFrame(lines, columns=columns)


def _one_a_sample(rows: pd.DataFrame) -> pd.DataFrame:
    """Choose as the synthesis does; neither a p value nor a direction needs a standard error."""
    return choose(rows.assign(null_variance=rows["null_variance"].fillna(1.0))).kept


def _clopper_pearson(successes: int, n: int, level: float) -> tuple[float, float]:
    if n == 0:
        return np.nan, np.nan
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, successes, n - successes + 1) if successes else 0.0
    high = stats.beta.isf(tail, successes + 1, n - successes) if successes < n else 1.0
    return float(low), float(high)
