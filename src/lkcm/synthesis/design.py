"""The design of a meta-regression: an intercept and moderators that can be told apart."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

#: Name of the coefficient that stands for the mean effect where all moderators are zero.
INTERCEPT = "intercept"
#: A column of which less than this part is left beside the columns before it, adds nothing.
COLLINEAR = 1e-8


def design(
    moderators: Mapping[str, ArrayLike] | None, k: int, *, intercept: bool = True
) -> tuple[tuple[str, ...], Array]:
    """Build the design of a meta-regression.

    Parameters
    ----------
    moderators : mapping of str to array-like of shape (k,), or None
        Numbers of each moderator, one an effect; a DataFrame is such a mapping. Classes are given
        as columns of 0 and 1.
    k : int
        Number of effects.
    intercept : bool
        Whether a column of ones comes first. Without it, columns of 0 and 1 for all classes give
        each class its own mean.

    Returns
    -------
    names : tuple of str, length p
        Names of the coefficients.
    x : array, shape (k, p)
        The design.

    Raises
    ------
    PoolError
        With every problem: values that are missing or no numbers, lengths that differ, constant
        or collinear moderators, each by its name, or no column at all.
    """
    columns = {INTERCEPT: np.ones(k)} if intercept else {}
    problems = []
    for name, values in ({} if moderators is None else moderators).items():
        column, problem = _column(str(name), values, k)
        if str(name) in columns:
            problem = f"moderator {name} comes twice"
        if problem:
            problems.append(problem)
        else:
            columns[str(name)] = column
    if not columns and not problems:
        problems.append("no intercept and no moderators; allowed: at least one of them")
    problems += _collinear(columns)
    if problems:
        raise PoolError("; ".join(problems))
    return tuple(columns), np.column_stack(list(columns.values()))


def _column(name: str, values: ArrayLike, k: int) -> tuple[Array, str | None]:
    try:
        column = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return np.empty(0), f"moderator {name} is not of numbers"
    if column.shape != (k,):
        return column, f"moderator {name} has {column.size} values; allowed: {k}, one an effect"
    if not np.isfinite(column).all():
        return column, f"moderator {name} has a value that is missing or infinite"
    return column, None


def _collinear(columns: dict[str, Array]) -> list[str]:
    problems = []
    names: list[str] = []
    for name, column in columns.items():
        before = np.column_stack([columns[other] for other in names] or [0 * column])
        weights = np.linalg.lstsq(before, column, rcond=None)[0]
        size = np.linalg.norm(column)
        if np.linalg.norm(column - before @ weights) > COLLINEAR * size:
            names.append(name)
            continue
        sizes = np.abs(weights) * np.linalg.norm(before, axis=0)
        part = [other for other, s in zip(names, sizes, strict=False) if s > COLLINEAR * size]
        if not part or part == [INTERCEPT]:
            problems.append(f"moderator {name} is constant")
        else:
            problems.append(f"moderator {name} is collinear with {', '.join(part)}")
    return problems
