"""LKCM against one other programme, head to head: what each trial says, and what would tell.

Hardly any of these trials prints a figure, so nothing can be pooled; but a "no difference" of a
known size, a significance and a direction each bound the effect.
"""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.synthesis.contributions import bounds, kinds

#: What a row says of its direction, in the words of a table.
SAYS = {
    "favours LKCM": "LKCM did better",
    "no difference": "no difference, in words or by a p value",
    "favours control": "the other programme did better",
    "unknown": "a difference whose direction is not told, or nothing that can be read",
}
#: Columns of `statements`.
STATEMENTS = (
    *("effect_id", "sample_id", "trial_id", "outcome", "instrument", "reporter", "timepoint"),
    *("says", "kind", "low", "high", "n", "used", "unused_because", "lkcm_core", "source_url"),
)


def statements(converted: pd.DataFrame, comparator: str = "mindfulness") -> pd.DataFrame:
    """Say row by row what trials against one comparator report.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.
    comparator : str
        A value of ``comparator_type``.

    Returns
    -------
    DataFrame
        Columns `STATEMENTS`: ``says`` is a key of `SAYS`, ``kind`` that of the contribution (""
        where the row cannot be used), ``low`` and ``high`` bound the effect on people like those
        measured (a figure has its 95 % interval; open ends are infinite; NaN without sizes),
        ``n`` counts people in both arms. Rows that repeat another, and contrasts within one arm,
        are left out; rows that are held back stay, unused.
    """
    about = converted["comparator_type"].eq(comparator)
    out = converted["reason_code"].isin(["within-group", "same-result"])
    rows = converted[about & ~out]
    rows = rows.assign(kind=kinds(rows))
    used = rows["kind"].ne("") & rows["measure"].eq("SMD")
    says = np.select(
        [
            rows["kind"].eq("no-difference") | rows["significant"].eq("no"),
            rows["sign_used"] > 0,
            rows["sign_used"] < 0,
        ],
        ["no difference", "favours LKCM", "favours control"],
        "unknown",
    )
    ends = _ends(rows, used)
    reason = rows["reason"].fillna("").astype(str).where(~used, "")
    ratio = rows["kind"].ne("") & ~used
    found = rows.assign(
        says=says,
        low=ends["low"],
        high=ends["high"],
        n=rows["n_t_used"] + rows["n_c_used"],
        used=used,
        unused_because=reason.mask(ratio, "counts or a ratio: no standardised mean difference"),
    )
    return found[list(STATEMENTS)].reset_index(drop=True)


def tally(said: pd.DataFrame) -> pd.DataFrame:
    """Count, by outcome, the trials that say that LKCM, neither or the other did better.

    Parameters
    ----------
    said : DataFrame
        Of `statements`.

    Returns
    -------
    DataFrame
        ``outcome``, ``trials``, and a column for each of `SAYS`: trials with at least one row
        that says so, each trial once a column. Most trials first.
    """
    lines = []
    for outcome, rows in said.groupby("outcome", sort=True):
        line: dict[str, object] = {"outcome": outcome, "trials": rows["sample_id"].nunique()}
        for word in SAYS:
            line[word] = rows.loc[rows["says"].eq(word), "sample_id"].nunique()
        lines.append(line)
    table = pd.DataFrame(lines, columns=["outcome", "trials", *SAYS])
    return table.sort_values(["trials", "outcome"], ascending=[False, True], ignore_index=True)


def people_to_tell(effect: float, level: float = 0.95, power: float = 0.8) -> int:
    """Compute how many people a trial of two equal arms needs to tell an effect from none.

    Parameters
    ----------
    effect : float
        Standardised mean difference, above zero.
    level, power : float
        Confidence level, and the chance to find the effect if it is there.

    Returns
    -------
    int
        People in both arms together, by the normal approximation
        ``4 (z_level + z_power)^2 / effect^2``, rounded up to an even number.

    Raises
    ------
    ValueError
        An effect that is not above zero, a level or power that is not between 0 and 1.
    """
    if not effect > 0 or not 0 < level < 1 or not 0 < power < 1:
        raise ValueError(
            f"effect {effect}, level {level}, power {power}; allowed: above 0, and from 0 to 1"
        )
    z = stats.norm.isf((1 - level) / 2) + stats.norm.ppf(power)
    return 2 * int(np.ceil(2 * (z / effect) ** 2))


def _ends(rows: pd.DataFrame, used: pd.Series) -> pd.DataFrame:
    """Bound each usable row's effect; a figure by its 95 % interval."""
    ends = bounds(rows)
    figure = rows["kind"].isin(["figure", "exact-p"])
    half = stats.norm.isf(0.025) * np.sqrt(rows["vi"].astype(float))
    low = ends["low"].where(~figure, rows["yi"] - half)
    high = ends["high"].where(~figure, rows["yi"] + half)
    # a significance without a direction bounds nothing on one side
    shown = used & ~ends["either"] & (low.notna() & high.notna())
    return pd.DataFrame({"low": low.where(shown), "high": high.where(shown)}, index=rows.index)
