"""Choose one effect a sample: the rule of the pooling pages, stated and reproducible."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    places = np.flatnonzero(takes_part)
    keys = np.full((len(converted), len(BECAUSE)), np.nan)
    keys[places] = _keys(converted.iloc[places][list(NEEDED)], preferred_instruments)
    sample = pd.factorize(converted["sample_id"])[0]
    order = places[np.lexsort((*keys[places].T[::-1], sample[places]))]
    _, first = np.unique(sample[order], return_index=True)
    chosen = np.full(sample.max(initial=-1) + 2, -1)  # the last for rows without a sample
    chosen[sample[order[first]]] = order[first]
    is_kept = np.zeros(len(converted), bool)
    is_kept[order[first]] = True

    unused = converted[~is_kept].copy()
    instead = chosen[sample[~is_kept]]
    ids = converted["effect_id"].to_numpy()
    unused["used_instead"] = np.where(instead < 0, None, ids[instead])
    because = unused["reason"].fillna("").astype(str)
    because = because.where(because != "", "not in this pool: " + unused["status"].astype(str))
    because = because.to_numpy(dtype=object)
    lost = takes_part[~is_kept]
    because[lost] = _reasons(keys[~is_kept][lost], keys[instead[lost]])
    unused["unused_because"] = because
    return OnePerSample(kept=converted[is_kept].copy(), unused=unused)


def _check(converted: pd.DataFrame, statuses: Sequence[str]) -> NDArray[np.bool_]:
    absent = [column for column in NEEDED if column not in converted.columns]
    if absent:
        raise PoolError(f"the effects lack the columns {', '.join(absent)}")
    twice = converted.loc[converted["effect_id"].duplicated(), "effect_id"]
    if len(twice) or not converted.index.is_unique:
        raise PoolError(f"rows stand twice in the effects: {', '.join(map(str, twice.unique()))}")
    takes_part = converted["status"].isin(list(statuses)).to_numpy()
    lacks = np.logical_or.reduce([converted[name].isna() for name in ("sample_id", "yi", "vi")])
    bad = converted.loc[takes_part & lacks, "effect_id"]
    if len(bad):
        raise PoolError(f"no sample, effect or variance in the rows {', '.join(bad.astype(str))}")
    measures = sorted(converted.loc[takes_part, "measure"].astype(str).unique())
    if len(measures) > 1:
        raise PoolError(f"effects in different metrics cannot be pooled: {', '.join(measures)}")
    return takes_part


def _keys(rows: pd.DataFrame, preferred: Sequence[str]) -> NDArray[np.float64]:
    """Give what the rule compares, a column for each of `BECAUSE`; lower is better."""
    names = [str(name).strip() for name in rows["instrument"].fillna("")]
    rank = {name.strip().casefold(): place for place, name in enumerate(preferred)}
    weeks = pd.to_numeric(rows["followup_weeks"]).fillna(np.inf)
    levels = {level: place for place, level in enumerate(LEVELS)}
    sizes = np.nan_to_num(rows[["n_t_used", "n_c_used"]].to_numpy(float))
    ids = rows["effect_id"].astype(str).tolist()
    turn = {name: place for place, name in enumerate(sorted(ids, key=_natural))}
    return np.column_stack(
        [
            np.where(rows["timepoint"] == "post", -1.0, weeks),
            [levels.get(level, len(LEVELS)) for level in rows["level"].astype(str)],
            [rank.get(name.casefold(), len(rank)) for name in names],
            [_part(name) for name in names],
            -sizes.sum(axis=1),
            [turn[name] for name in ids],
        ]
    ).astype(float)


@cache
def _part(instrument: str) -> int:
    """Say whether an instrument is a whole score (0), part of one (2) or neither (1)."""
    return 2 if PART.search(instrument) else 0 if WHOLE.search(instrument) else 1


@cache
def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _reasons(lost: NDArray[np.float64], kept: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.array(list(BECAUSE.values()), dtype=object)[(lost != kept).argmax(axis=1)]
