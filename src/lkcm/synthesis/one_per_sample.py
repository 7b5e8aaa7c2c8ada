"""Choose one effect a sample: the rule of the pooling pages, stated and reproducible."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.synthesis.pooled import PoolError

#: The rule in sentences, in the order in which it is applied.
RULE = (
    "Only rows that can be pooled take part; what the others lack is listed.",
    "Measurements directly after the programme come before follow-ups, earlier follow-ups before "
    "later ones.",
    "Figures by arm (level 1) come before statistics with stated sizes (2a), then those for which "
    "equal arms are assumed (2b), then exact p values (2c).",
    "Instruments that the page prefers come first, in its order; then total scores, then "
    "instruments not known to be part of another, then subscales.",
    "The effect on more people comes first.",
    "What is still equal is decided by the number in the effect's identifier, lowest first.",
)
#: Evidence levels, best first.
LEVELS = ("1", "2a", "2b", "2c")
#: Words in an instrument's name that say it is a whole score, and that it is part of one (also
#: the facets of the Self-Compassion Scale, "SCS", of which two bear the names of other outcomes).
WHOLE = re.compile(r"\b(?:total|overall|global|composite)\b", re.IGNORECASE)
PART = re.compile(
    r"subscale|\b(?:facet|factor|parcel|item)\b|self-kindness|self-judge?ment|common humanity"
    r"|scs isolation|scs mindfulness|over-?identification",
    re.IGNORECASE,
)
#: Why a row loses to the kept one, by the first key in which they differ.
BECAUSE = {
    "time": "a later measurement of the sample; the earlier one is used",
    "level": "weaker evidence (a lower level) on the sample; the stronger is used",
    "preference": "another instrument of the sample is preferred on this page",
    "part": "part of a scale, or not known to be a total; a fuller score of the sample is used",
    "size": "fewer people of the sample; the effect on more of them is used",
    "turn": "equal to the used row in every rule; the lower identifier is used",
}
#: Columns that the rule reads.
NEEDED = (
    *("effect_id", "sample_id", "measure", "yi", "vi", "level", "status", "reason"),
    *("instrument", "timepoint", "followup_weeks", "n_t_used", "n_c_used"),
)


@dataclass(frozen=True)
class OnePerSample:
    """One effect a sample, and what became of the other rows.

    Attributes
    ----------
    kept : DataFrame
        The rows to pool, one a sample, in their order, with all their columns.
    unused : DataFrame
        All other rows, with ``unused_because`` (words) and ``used_instead`` (the effect_id of
        the sample's kept row, missing where the sample has none).
    """

    kept: pd.DataFrame
    unused: pd.DataFrame


def one_per_sample(
    converted: pd.DataFrame,
    *,
    statuses: Sequence[str] = ("poolable",),
    preferred_instruments: Sequence[str] = (),
) -> OnePerSample:
    """Choose one effect a sample by `RULE`.

    The caller first narrows the table to one outcome, one class of reporter and the comparators
    of the page: the rule chooses among measurements, not among questions.

    Parameters
    ----------
    converted : DataFrame
        Converted effects with the columns `NEEDED`, any row order.
    statuses : sequence of str
        Values of ``status`` that take part; add "sensitivity" for a sensitivity analysis.
    preferred_instruments : sequence of str
        Names as in ``instrument``, first choice first; case and outer spaces do not count.

    Returns
    -------
    OnePerSample
        Rows kept and rows not used; together they are the table.

    Raises
    ------
    PoolError
        A column is missing, an effect_id stands twice, a row that takes part has no sample,
        effect or variance, or the rows that take part are in different metrics.
    """
    takes_part = _check(converted, statuses)
    candidates = converted[takes_part]
    keys = _keys(candidates, preferred_instruments)
    order = keys.assign(sample=candidates["sample_id"]).sort_values(["sample", *keys.columns])
    best = order.groupby("sample").head(1)
    is_kept = converted.index.isin(best.index)
    chosen = pd.Series(best.index, index=best["sample"])

    unused = converted[~is_kept].copy()
    instead = unused["sample_id"].map(chosen)
    unused["used_instead"] = instead.map(converted["effect_id"])
    lost = unused.index[takes_part[unused.index]]
    because = unused["reason"].fillna("").astype(str)
    because = because.where(because != "", "not in this pool: " + unused["status"].astype(str))
    because[lost] = _reasons(keys.loc[lost], keys.loc[instead[lost]])
    unused["unused_because"] = because
    return OnePerSample(kept=converted[is_kept].copy(), unused=unused)


def _check(converted: pd.DataFrame, statuses: Sequence[str]) -> pd.Series:
    absent = [column for column in NEEDED if column not in converted.columns]
    if absent:
        raise PoolError(f"the effects lack the columns {', '.join(absent)}")
    twice = converted.loc[converted["effect_id"].duplicated(), "effect_id"]
    if len(twice) or not converted.index.is_unique:
        raise PoolError(f"rows stand twice in the effects: {', '.join(map(str, twice.unique()))}")
    takes_part = converted["status"].isin(list(statuses))
    rows = converted[takes_part]
    bad = rows.loc[rows[["sample_id", "yi", "vi"]].isna().any(axis=1), "effect_id"]
    if len(bad):
        raise PoolError(f"no sample, effect or variance in the rows {', '.join(bad.astype(str))}")
    measures = sorted(rows["measure"].astype(str).unique())
    if len(measures) > 1:
        raise PoolError(f"effects in different metrics cannot be pooled: {', '.join(measures)}")
    return takes_part


def _keys(rows: pd.DataFrame, preferred: Sequence[str]) -> pd.DataFrame:
    instrument = rows["instrument"].fillna("").astype(str).str.strip()
    rank = {name.strip().casefold(): place for place, name in enumerate(preferred)}
    weeks = pd.to_numeric(rows["followup_weeks"]).fillna(np.inf)
    part = np.select([instrument.str.contains(PART), instrument.str.contains(WHOLE)], [2, 0], 1)
    places = sorted(rows["effect_id"].astype(str), key=_natural)
    levels = {level: place for place, level in enumerate(LEVELS)}
    return pd.DataFrame(
        {
            "time": weeks.where(rows["timepoint"] != "post", -1.0),
            "level": rows["level"].astype(str).map(levels).fillna(len(LEVELS)),
            "preference": instrument.str.casefold().map(rank).fillna(len(rank)),
            "part": part,
            "size": -rows[["n_t_used", "n_c_used"]].sum(axis=1).astype(float),
            "turn": rows["effect_id"].astype(str).map({name: i for i, name in enumerate(places)}),
        },
        index=rows.index,
    )


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _reasons(lost: pd.DataFrame, kept: pd.DataFrame) -> np.ndarray:
    differs = lost.to_numpy() != kept.to_numpy()
    return np.array(list(BECAUSE.values()), dtype=object)[differs.argmax(axis=1)]
