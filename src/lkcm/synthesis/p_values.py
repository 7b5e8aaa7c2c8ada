"""What reports print of their p values: by form, and against the number of people."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.effects.reported import parse_p

#: Forms of a p value in reports, from the most to the least that they tell.
FORMS = (
    *("exact p", "p < .0001", "p < .001", "p < .01", "p < .05", "another bound below"),
    *("printed as a threshold (p = .05, say)", "a bound above (p > .05, say)"),
    *("figure, no p printed", "significant, in words", "no difference, in words"),
    *("direction only", "nothing"),
)
#: Directions in the words of a table's columns.
DIRECTIONS = {1: "favours LKCM", -1: "favours control", 0: "direction not stated"}
#: Upper ends of the bins of a histogram of printed p values, with their names.
BINS = {
    0.001: "up to .001",
    0.01: ".001 to .01",
    0.05: ".01 to .05",
    0.1: ".05 to .10",
    1.0: "above .10",
}
#: Effects whose contours an albatross plot shows.
CONTOURS = (0.1, 0.25, 0.5, 1.0)


def printed_p_values(converted: pd.DataFrame) -> pd.DataFrame:
    """Read the p value of every row that is not excluded, in the form in which it is printed.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.

    Returns
    -------
    DataFrame
        On the same index: ``effect_id``, ``sample_id``, ``outcome``, ``form`` (of `FORMS`),
        ``direction`` (of `DIRECTIONS`), ``printed`` (text, missing where no p is printed), ``p``
        (the printed number, two-sided), ``p_low`` and ``p_high`` (what it allows), and ``n``
        (people analysed in both arms, NaN where not known).
    """
    rows = converted[converted["status"] != "excluded"]
    text = rows["p_value"].where(rows["p_value"] != "")
    printed = text.fillna(rows["stat_value"].astype("str").where(rows["stat_kind"] == "p"))
    p = parse_p(printed)
    return pd.DataFrame(
        {
            "effect_id": rows["effect_id"],
            "sample_id": rows["sample_id"],
            "outcome": rows["outcome"],
            "form": _form(rows, p),
            "direction": np.sign(rows["sign_used"]).astype(int).map(DIRECTIONS),
            "printed": printed,
            "p": p["value"],
            "p_low": p["low"],
            "p_high": p["high"],
            "n": rows[["n_t_used", "n_c_used"]].sum(axis=1, skipna=False).astype(float),
        },
        index=rows.index,
    )


def censoring_table(converted: pd.DataFrame) -> pd.DataFrame:
    """Count rows by the printed form of their p value and by direction.

    Returns
    -------
    DataFrame
        ``form`` (of `FORMS`, those that occur), one column for each of `DIRECTIONS`, ``rows``
        and ``samples``; rows add up to those that are not excluded.
    """
    found = printed_p_values(converted)
    counts = pd.crosstab(found["form"], found["direction"]).reindex(
        index=[form for form in FORMS if found["form"].eq(form).any()],
        columns=list(DIRECTIONS.values()),
        fill_value=0,
    )
    samples = found.groupby("form")["sample_id"].nunique()
    table = counts.assign(rows=counts.sum(axis=1), samples=samples.reindex(counts.index))
    return table.rename_axis(columns=None).reset_index()


def p_bins(converted: pd.DataFrame) -> pd.DataFrame:
    """Count printed p values in `BINS`, exact ones apart from bounds.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.

    Returns
    -------
    DataFrame
        ``bin``, ``kind`` ("exact" or "bound", a p printed as a threshold among the bounds) and
        ``rows``; every bin of both kinds. A bound below a value stands in the bin that ends
        there, a bound above it in the next one.
    """
    found = printed_p_values(converted)
    found = found[found["p"].notna()]
    above = found["form"].eq("a bound above (p > .05, say)")
    edges = np.array(list(BINS))
    place = np.where(
        above,
        np.searchsorted(edges, found["p"], side="right"),
        np.searchsorted(edges, found["p"], side="left"),
    )
    bins = pd.Series(list(BINS.values())).reindex(np.minimum(place, len(BINS) - 1))
    kind = np.where(found["form"].eq("exact p"), "exact", "bound")
    counts = pd.crosstab(bins.to_numpy(), kind)
    counts = counts.reindex(index=list(BINS.values()), columns=["exact", "bound"], fill_value=0)
    stacked = counts.rename_axis(index="bin", columns="kind").stack().rename("rows")
    return stacked.reset_index()


def albatross(converted: pd.DataFrame) -> pd.DataFrame:
    """Give the points of an albatross plot: p value against number of people, by direction.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`, narrowed to one outcome.

    Returns
    -------
    DataFrame
        Of `printed_p_values` the rows with a printed p, a direction and sizes, with
        ``signed_z``, the normal quantile of the two-sided p in its direction, and ``bound``
        (bool): whether p is only a bound, so that the point may lie further out.
    """
    found = printed_p_values(converted)
    known = found["p"].notna() & found["n"].notna() & (found["direction"] != DIRECTIONS[0])
    found = found[known & (found["p_low"] < found["p"])]
    sign = np.where(found["direction"] == DIRECTIONS[1], 1.0, -1.0)
    return found.assign(
        signed_z=sign * stats.norm.isf(found["p"] / 2), bound=found["form"] != "exact p"
    )


def albatross_contours(
    p: Sequence[float], effects: Sequence[float] = CONTOURS, ratio: float = 1.0
) -> pd.DataFrame:
    """Give the number of people at which an effect has a p value.

    For a standardised mean difference ``n = (1 + ratio)^2 / ratio (z / effect)^2`` (Harrison et
    al. 2017, Res Synth Methods 8:281, with the variance that an effect of zero has).

    Parameters
    ----------
    p : sequence of float
        Two-sided p values, above 0 and at most 1.
    effects : sequence of float
        Standardised mean differences above zero.
    ratio : float
        Size of one arm over that of the other.

    Returns
    -------
    DataFrame
        ``effect``, ``p``, ``signed_z`` (positive) and ``n``, one row for each pair.
    """
    effect, values = (table.ravel() for table in np.meshgrid(effects, p, indexing="ij"))
    z = stats.norm.isf(values / 2)
    n = (1 + ratio) ** 2 / ratio * (z / effect) ** 2
    return pd.DataFrame({"effect": effect, "p": values, "signed_z": z, "n": n})


def _form(rows: pd.DataFrame, p: pd.DataFrame) -> np.ndarray:
    below = (p["kind"] == "bound") & (p["low"] == 0)
    bounds = {0.0001: "p < .0001", 0.001: "p < .001", 0.01: "p < .01", 0.05: "p < .05"}
    figure = rows["status"].isin(["poolable", "sensitivity"])
    cases = [
        (p["kind"] == "exact", "exact p"),
        *((below & (p["value"] == value), words) for value, words in bounds.items()),
        (below, "another bound below"),
        (p["kind"] == "threshold", "printed as a threshold (p = .05, say)"),
        (p["kind"] == "bound", "a bound above (p > .05, say)"),
        (figure, "figure, no p printed"),
        (rows["significant"] == "yes", "significant, in words"),
        (rows["significant"] == "no", "no difference, in words"),
        (rows["sign_used"] != 0, "direction only"),
    ]
    return np.select([where for where, _ in cases], [words for _, words in cases], "nothing")
