"""What each trial contributes to the synthesis across levels of evidence: a figure or bounds."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.effects.rows import ALPHA
from lkcm.synthesis.one_per_sample import NEEDED, one_per_sample
from lkcm.synthesis.pooled import PoolError

#: The kinds of contribution, strongest first, in the words of a table.
KINDS = {
    "figure": "a figure (levels 1, 2a and 2b)",
    "exact-p": "a figure from an exact p value (level 2c)",
    "p-value": "a printed p value, most often a bound",
    "significance": "significance in words",
    "no-difference": "no difference, in words or by a p value",
    "direction": "a direction only",
}
#: Those that are densities, the others probabilities.
FIGURES = ("figure", "exact-p")
#: How a bare direction is read.
VARIANTS = {
    "A": "a bare direction says which arm did better, no more",
    "B": "a bare direction is a significant result whose p value is not printed",
}
#: What is done with rows whose arm sizes, hence standard errors, are not known.
WITHOUT_SIZES = {
    "leave-out": "left out and listed",
    "median": "given the median standard error of the outcome's other rows",
}
#: How one row a sample is chosen, in the order in which it is applied.
RULE = (
    "Only rows with a standard error (from the arm sizes) and with a figure, a p value, a "
    "direction or a stated lack of difference take part; what the others lack is listed.",
    "A figure that can be pooled comes first, so that the pooled trials are always among these; "
    "then a figure from an exact p value (2c); then all rows without a figure.",
    "Among rows without a figure, what the row says plays no part, not even whether it prints a p "
    "value (level 3 or 4), for p values are printed because they are small.",
    "What is left is decided as on the pooling pages: time, instrument, size, identifier.",
)


@dataclass(frozen=True)
class Chosen:
    """One row a sample, with what it contributes, and what became of the other rows.

    Attributes
    ----------
    kept : DataFrame
        Rows with ``kind`` (of `KINDS`), ``low``, ``high`` and ``variance`` (see `bounds`; bare
        directions as in variant A), ``either`` and ``size_assumed`` (bool); ``null_variance``
        with what was assumed for it.
    unused : DataFrame
        The other rows, with ``unused_because`` (words).
    """

    kept: pd.DataFrame
    unused: pd.DataFrame

    def counts(self) -> dict[str, int]:
        """Count the kept rows by kind, all of `KINDS` in their order."""
        return {kind: int(self.kept["kind"].eq(kind).sum()) for kind in KINDS}


def choose(rows: pd.DataFrame, *, without_sizes: str = "leave-out") -> Chosen:
    """Choose one row a sample by `RULE`.

    Parameters
    ----------
    rows : DataFrame
        Converted effects (`lkcm.effects.convert`) of one outcome and one group of comparators.
    without_sizes : {"leave-out", "median"}
        Of `WITHOUT_SIZES`.

    Returns
    -------
    Chosen
        Kept and unused rows; together they are the table.

    Raises
    ------
    PoolError
        An unknown option, or as `lkcm.synthesis.one_per_sample.one_per_sample`.
    """
    if without_sizes not in WITHOUT_SIZES:
        allowed = ", ".join(WITHOUT_SIZES)
        raise PoolError(f"without_sizes {without_sizes!r} is unknown; allowed: {allowed}")
    null_variance = rows["null_variance"]
    if without_sizes == "median":
        typical = null_variance.median() if null_variance.notna().any() else np.nan
        null_variance = null_variance.fillna(typical).where(rows["measure"].eq("SMD"))
    kind = kinds(rows)
    is_figure = kind.isin(FIGURES)
    usable = kind.ne("") & (is_figure | null_variance.notna())
    because = _unusable(rows, kind, usable)
    # without a figure the pooling pages' rule applies, but all levels are one
    read = rows[[column for column in NEEDED if column in rows]]
    stand_in = read.assign(yi=0.0, vi=null_variance, level="", measure="SMD")
    tiers = [(read, kind.eq(name)) for name in FIGURES] + [(stand_in, usable & ~is_figure)]
    taken, is_kept = (pd.Series(False, index=rows.index) for _ in range(2))
    for table, tier in tiers:
        if not tier.any():
            continue
        because[tier & taken] = "stronger evidence on the sample is used"
        found = one_per_sample(table[tier & ~taken].assign(status="poolable"))
        because.update(found.unused["unused_because"])
        is_kept |= rows.index.isin(found.kept.index)
        taken |= rows["sample_id"].isin(found.kept["sample_id"])
    assumed = rows["null_variance"].isna() & ~is_figure
    table = rows[is_kept].assign(kind=kind[is_kept], null_variance=null_variance[is_kept])
    table = pd.concat([table, bounds(table)], axis=1)
    return Chosen(
        kept=table.assign(size_assumed=assumed[is_kept]),
        unused=rows[~is_kept].assign(unused_because=because[~is_kept]),
    )


def kinds(rows: pd.DataFrame) -> pd.Series:
    """Name the kind of contribution of each row, "" where it makes none.

    Parameters
    ----------
    rows : DataFrame
        Converted effects.

    Returns
    -------
    Series of str
        Of `KINDS`. Standard errors are not asked for here.
    """
    figure = rows["status"].isin(["poolable", "sensitivity"]) & rows["measure"].eq("SMD")
    censored = rows["status"].eq("censored")
    signed = rows["sign_used"].ne(0)
    no_difference = rows["p_low"] >= ALPHA
    has_p = rows["p_high"] < 1
    printed = rows["p_from"].isin(["printed", "printed bound"])
    names = np.select(
        [
            figure & rows["level"].eq("2c"),
            figure,
            censored & no_difference,
            censored & has_p & printed,
            censored & has_p,
            censored & signed,
        ],
        ["exact-p", "figure", "no-difference", "p-value", "significance", "direction"],
        "",
    )
    return pd.Series(names, index=rows.index, dtype="str")


def bounds(rows: pd.DataFrame, variant: str = "A") -> pd.DataFrame:
    """Give the bounds between which each row's effect lies.

    A p value between ``p_low`` and ``p_high`` puts the effect, in its direction, between
    ``z(p_high) s`` and ``z(p_low) s``, z the two-sided normal quantile and s the standard error
    that an effect of zero would have: what is bounded is the test statistic.

    Parameters
    ----------
    rows : DataFrame
        Converted effects with ``kind``; ``null_variance`` is s squared.
    variant : {"A", "B"}
        Of `VARIANTS`: a bare direction is y > 0, or y > 1.96 s, in its direction.

    Returns
    -------
    DataFrame
        ``low``, ``high`` (equal for a figure), ``variance`` and ``either`` (whether the effect
        may as well lie between ``-high`` and ``-low``: significant, direction not stated).

    Raises
    ------
    PoolError
        An unknown variant.
    """
    if variant not in VARIANTS:
        raise PoolError(f"variant {variant!r} is unknown; allowed: {', '.join(VARIANTS)}")
    figure = rows["kind"].isin(FIGURES)
    bare = rows["kind"].eq("direction")
    p_high = rows["p_high"].mask(bare & (variant == "B"), ALPHA).astype(float)
    s = np.sqrt(rows["null_variance"].astype(float))
    near, far = stats.norm.isf(p_high / 2) * s, stats.norm.isf(rows["p_low"] / 2) * s
    sign = rows["sign_used"]
    around_zero = sign.eq(0) & near.eq(0)
    low = np.select([figure, around_zero | (sign < 0)], [rows["yi"], -far], near)
    high = np.select([figure, sign < 0], [rows["yi"], -near], far)
    return pd.DataFrame(
        {
            "low": low,
            "high": high,
            "variance": rows["vi"].where(figure, rows["null_variance"]).astype(float),
            "either": sign.eq(0) & ~around_zero & ~figure,
        },
        index=rows.index,
    )


def _unusable(rows: pd.DataFrame, kind: pd.Series, usable: pd.Series) -> pd.Series:
    """Say why rows cannot take part; "" where they can."""
    ratio = rows["measure"].ne("SMD")
    words = np.select(
        [
            usable,
            rows["status"].eq("excluded"),
            kind.eq(""),
            ratio,
        ],
        [
            "",
            rows["reason"].fillna("").astype(str),
            "neither figure, p value, direction nor lack of difference stated",
            "counts or a ratio: no standardised mean difference",
        ],
        "arm sizes not known, hence no standard error",
    )
    return pd.Series(words, index=rows.index, dtype="str")
