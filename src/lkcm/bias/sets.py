"""Data sets by the thousand: sorted into blocks without gaps, and one of them in words."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pool import checked_set, checked_sets
from lkcm.synthesis.pooled import PoolError

#: Numbers in a block at most: more would leave the processor's cache.
BLOCK = 60_000
#: Standard errors or sizes that differ by less than this part carry no slope.
EQUAL = 1e-10

#: What is missing where a likelihood was not climbed to its end.
NO_TOP = "the likelihood has no single top"

#: Columns of an estimate with its Wald interval and test.
WALD = ("estimate", "se", "ci_low", "ci_high", "p")

#: Takes tables of shape (k, b) without gaps, returns columns of shape (b,).
Check = Callable[..., dict[str, Array]]


def needs(k: int) -> str:
    """Say how many trials a check needs."""
    return f"needs k >= {k}"


def in_blocks(
    check: Check,
    columns: tuple[str, ...],
    minimum: int,
    yi: ArrayLike,
    vi: ArrayLike,
    h: ArrayLike | None = None,
) -> pd.DataFrame:
    """Apply a check to many data sets, those of one length at a time.

    Parameters
    ----------
    check : callable
        Takes ``yi``, ``vi`` and, where given, ``h``, each of shape (k, b) without gaps.
    columns : tuple of str
        What it returns.
    minimum : int
        Fewest trials of a data set that the check is defined for; NaN below it.
    yi, vi, h : array-like, shape (k, B)
        One data set a column, NaN where it has fewer trials.

    Returns
    -------
    DataFrame
        ``k`` and the columns, a data set a row.

    Raises
    ------
    PoolError
        Effects or variances that cannot be pooled, or ``h`` that does not fit to them.
    """
    tables = [*checked_sets(yi, vi)]
    if h is not None:
        tables.append(_checked_h(h, tables[0]))
    missing = np.isnan(tables[0])
    k = (~missing).sum(axis=0)
    if missing.any():
        order = np.argsort(missing, axis=0, kind="stable")
        tables = [np.take_along_axis(table, order, axis=0) for table in tables]
    result = {name: np.full(len(k), np.nan) for name in columns}
    for size in np.unique(k[k >= minimum]):
        members = np.flatnonzero(k == size)
        for sets in np.array_split(members, int(np.ceil(size * len(members) / BLOCK))):
            block = check(*(np.ascontiguousarray(table[:size, sets]) for table in tables))
            for name, values in block.items():
                result[name][sets] = values
    return pd.DataFrame({"k": k, **result})


def one_set(
    many: Callable[..., pd.DataFrame],
    yi: ArrayLike,
    vi: ArrayLike,
    h: ArrayLike | None = None,
    **options: object,
) -> dict[str, float | None]:
    """Apply the form for many data sets to one.

    Parameters
    ----------
    many : callable
        A ``*_many`` function.
    yi, vi, h : array-like, shape (k,)
        The data set.
    **options
        Options of the function.

    Returns
    -------
    dict of str to float or None
        The row by column, None where a number is not defined, ``k`` as int.

    Raises
    ------
    PoolError
        As the function.
    """
    tables = [values[:, None] for values in checked_set(yi, vi)]
    if h is not None:
        options["h"] = np.asarray(h, dtype=float)[..., None]
    row = many(*tables, **options).iloc[0]
    plain = {name: float(value) if np.isfinite(value) else None for name, value in row.items()}
    return plain | {"k": int(row["k"])}


def undefined(
    row: dict[str, float | None], minimum: int, column: str, otherwise: str
) -> str | None:
    """Say why a check is not defined for one data set, if it is not.

    Parameters
    ----------
    row : dict
        From `one_set`.
    minimum : int
        Fewest trials that the check is defined for.
    column : str
        What it gives where it is defined.
    otherwise : str
        What is missing where there are trials enough and the column is not there.

    Returns
    -------
    str or None
        What is missing, in words.
    """
    if row["k"] < minimum:
        return needs(minimum)
    return otherwise if row[column] is None else None


def checked_trials(yi: ArrayLike, vi: ArrayLike) -> tuple[Array, Array]:
    """Check one data set, lengths and values.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.

    Returns
    -------
    effects, variances : array, shape (k,)
        The same as numbers.

    Raises
    ------
    PoolError
        With every problem.
    """
    effects, variances = checked_set(yi, vi)
    checked_sets(effects[:, None], variances[:, None])
    return effects, variances


def wald(estimate: Array, se: Array) -> dict[str, Array]:
    """Set estimate, standard error, 95 % interval and two-sided p value beside each other.

    Parameters
    ----------
    estimate, se : array, shape (B,)
        Estimates and their standard errors.

    Returns
    -------
    dict of str to array, shape (B,)
        `WALD` columns, by the normal distribution.
    """
    half = special.ndtri(0.975) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        p = 2 * special.ndtr(-np.abs(estimate / se))
    ends = {"ci_low": estimate - half, "ci_high": estimate + half}
    return {"estimate": estimate, "se": se} | ends | {"p": p}


def _checked_h(h: ArrayLike, yi: Array) -> Array:
    sizes = np.asarray(h, dtype=float)
    if sizes.shape != yi.shape:
        raise PoolError("sizes (h) must be as many as effects")
    there = sizes[~np.isnan(yi)]
    if not (np.isfinite(there) & (there > 0)).all():
        raise PoolError("a size (h) is missing, infinite, zero or negative; allowed: above zero")
    return sizes
