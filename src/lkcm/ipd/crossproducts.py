"""Sums of squares and products within trials: all that a linear model needs of participants.

Least squares, mixed models and mediation read the participants once. After that their cost depends
on the number of trials and of columns only, and simulated data sets are further trials.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.synthesis.heterogeneity import Array

#: Name of the column of ones.
ONE = "intercept"
#: Name of the column that is 1 in the LKCM arm and 0 in the control arm.
TREATMENT = "treatment"
#: A direction of which less than this part is left, is constant or collinear in a trial.
COLLINEAR = 1e-9


class ParticipantError(ValueError):
    """Participants' data that a model cannot use, with the reason in words."""


@dataclass(frozen=True)
class Crossproducts:
    """Sums of products of columns within each trial.

    Attributes
    ----------
    names : tuple of str, length m
        The columns.
    trials : tuple of str, length k
        Labels of the trials.
    sums : array, shape (k, m, m)
        Sums of products over the complete participants of each trial.
    n : array, shape (k,)
        Complete participants, less the columns that were taken out by `without`.
    participants : array, shape (k,)
        Complete participants.
    """

    names: tuple[str, ...]
    trials: tuple[str, ...]
    sums: Array
    n: Array
    participants: Array

    def of(self, rows: Iterable[str], columns: Iterable[str]) -> Array:
        """Return the block of some rows and columns, shape (k, rows, columns)."""
        places = [[self.names.index(name) for name in part] for part in (rows, columns)]
        return self.sums[np.ix_(np.arange(len(self.sums)), *places)]

    def without(self, names: Iterable[str]) -> "Crossproducts":
        """Take columns out within each trial: the sums of what they leave unexplained.

        Each trial then has coefficients of its own for these columns (Frisch & Waugh 1933), and a
        restricted likelihood of what is left is that of the whole (Harville 1974).

        Parameters
        ----------
        names : iterable of str
            Columns; those that are constant or collinear in a trial count once there.
        """
        out = tuple(names)
        kept = tuple(name for name in self.names if name not in out)
        if not out:
            return self
        inverse, rank = pseudo_inverse(self.of(out, out))
        across = self.of(out, kept)
        before = self.of(kept, kept)
        sums = before - np.swapaxes(across, 1, 2) @ inverse @ across
        # What the columns explain whole leaves rounding only; it must not count as variation.
        left, whole = (np.diagonal(part, axis1=1, axis2=2) for part in (sums, before))
        there = left > COLLINEAR * whole
        sums = sums * there[:, :, None] * there[:, None, :]
        return Crossproducts(kept, self.trials, sums, self.n - rank, self.participants)

    def take(self, places: ArrayLike) -> "Crossproducts":
        """Return some of the trials, by place."""
        places = np.atleast_1d(places)
        return Crossproducts(
            self.names,
            tuple(self.trials[place] for place in places),
            self.sums[places],
            self.n[places],
            self.participants[places],
        )

    def together(self) -> "Crossproducts":
        """Return the sums of all trials as if of one."""
        sums, n, people = (
            part.sum(axis=0)[None] for part in (self.sums, self.n, self.participants)
        )
        return Crossproducts(self.names, ("all",), sums, n, people)


@dataclass(frozen=True)
class Complete:
    """Participants who have all columns, trials after one another.

    Attributes
    ----------
    names : tuple of str, length m
        The columns, `ONE` in front.
    trials : tuple of str, length k
        Labels of the trials, in order.
    table : array, shape (N, m)
        Values.
    starts : array of int, shape (k,)
        First row of each trial.
    rows : array of int, shape (N,)
        Where each participant stood in what was given.
    """

    names: tuple[str, ...]
    trials: tuple[str, ...]
    table: Array
    starts: Array
    rows: Array

    @property
    def n(self) -> Array:
        """Participants of each trial, shape (k,)."""
        return np.diff(np.append(self.starts, len(self.table))).astype(float)

    def sums(self) -> Crossproducts:
        """Sum products of columns within trials."""
        sums = sums_of_products(self.table, self.starts)
        return Crossproducts(self.names, self.trials, sums, self.n, self.n)


def sums_of_products(table: Array, starts: Array) -> Array:
    """Sum products of the columns over runs of rows, shape (runs, m, m)."""
    columns = range(table.shape[1])
    sums = np.stack([np.add.reduceat(table * table[:, [j]], starts) for j in columns])
    return np.ascontiguousarray(np.moveaxis(sums, 0, 2))


def complete(
    columns: Mapping[str, ArrayLike], trial: ArrayLike, *, centre: bool = False
) -> Complete:
    """Sort the participants who have all columns by trial; arguments as `crossproducts`."""
    table = np.column_stack([np.asarray(columns[name], dtype=float) for name in columns])
    labels, codes = np.unique(np.asarray(trial), return_inverse=True)
    whole = np.isfinite(table).all(axis=1)
    if not whole.any():
        raise ParticipantError(f"no participant has all of {', '.join(map(str, columns))}")
    rows = np.flatnonzero(whole)
    rows = rows[np.argsort(codes[rows], kind="stable")]
    codes, table = codes[rows], table[rows]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    if centre:
        n = np.diff(np.append(starts, len(codes)))
        table = table - np.repeat(np.add.reduceat(table, starts) / n[:, None], n, axis=0)
    table = np.column_stack([np.ones(len(table)), table])
    kept = tuple(str(label) for label in labels[codes[starts]])
    return Complete((ONE, *map(str, columns)), kept, table, starts, rows)


def crossproducts(
    columns: Mapping[str, ArrayLike], trial: ArrayLike, *, centre: bool = False
) -> Crossproducts:
    """Sum products of columns within trials.

    Parameters
    ----------
    columns : mapping of str to array-like of shape (N,)
        Numbers of each participant, NaN where missing; a DataFrame is such a mapping. A column of
        ones, `ONE`, is added in front.
    trial : array-like, shape (N,)
        Label of each participant's trial.
    centre : bool
        Whether columns are taken around their means in each trial, which keeps all digits. Only
        for models in which each trial has an intercept of its own.

    Returns
    -------
    Crossproducts
        Of the participants who have all columns, trials in order of their labels; a trial without
        a complete participant is not in it.

    Raises
    ------
    ParticipantError
        No participant has all columns.
    """
    return complete(columns, trial, centre=centre).sums()


def pseudo_inverse(matrices: Array) -> tuple[Array, Array]:
    """Invert symmetric matrices that need not have full rank.

    Parameters
    ----------
    matrices : array, shape (k, m, m)
        Not negative definite.

    Returns
    -------
    inverse : array, shape (k, m, m)
        Moore and Penrose's, of the matrices scaled to a unit diagonal.
    rank : array, shape (k,)
        Directions that are more than `COLLINEAR` of the largest.
    """
    size = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    unit = 1 / np.where(size > 0, size, 1.0)
    values, vectors = np.linalg.eigh(matrices * unit[:, :, None] * unit[:, None, :])
    there = values > COLLINEAR * values[:, -1:]
    turned = vectors * np.where(there, 1 / np.where(there, values, 1.0), 0.0)[:, None, :]
    inverse = turned @ np.swapaxes(vectors, 1, 2)
    return inverse * unit[:, :, None] * unit[:, None, :], there.sum(axis=1).astype(float)


@dataclass(frozen=True)
class Regressions:
    """Least squares in each trial.

    Attributes
    ----------
    names : tuple of str, length p
        Coefficients (without those that were taken out).
    trials : tuple of str, length k
        Labels.
    estimate : array, shape (k, p)
        NaN where a trial cannot tell the coefficients apart.
    covariance : array, shape (k, p, p)
        Their sampling covariance, from the trial's own residual variance.
    residual_variance, df, participants : array, shape (k,)
        Residual variance, its degrees of freedom, complete participants.
    """

    names: tuple[str, ...]
    trials: tuple[str, ...]
    estimate: Array
    covariance: Array
    residual_variance: Array
    df: Array
    participants: Array

    def column(self, name: str) -> tuple[Array, Array]:
        """Return estimates and sampling variances of one coefficient, shape (k,) each."""
        place = self.names.index(name)
        return self.estimate[:, place], self.covariance[:, place, place]

    def frame(self, name: str) -> pd.DataFrame:
        """Return ``trial``, ``yi``, ``vi``, ``n``, one row a trial that has the coefficient."""
        yi, vi = self.column(name)
        rows = {"trial": self.trials, "yi": yi, "vi": vi, "n": self.participants}
        return pd.DataFrame(rows).dropna(ignore_index=True)


def regress(products: Crossproducts, outcome: str, on: Iterable[str]) -> Regressions:
    """Regress an outcome on columns in each trial.

    Parameters
    ----------
    products : Crossproducts
        With all the columns; columns that all models share are best taken out before.
    outcome : str
        Column of the outcome.
    on : iterable of str
        Columns that explain it, the intercept among them if it is not yet taken out.
    """
    names = tuple(on)
    square, aside = products.of(names, names), products.of(names, (outcome,))
    inverse, rank = pseudo_inverse(square)
    beta = inverse @ aside
    rss = products.of((outcome,), (outcome,)) - np.swapaxes(aside, 1, 2) @ beta
    df = products.n - rank
    usable = (rank == len(names)) & (df > 0)
    variance = np.where(usable, rss[:, 0, 0] / np.where(df > 0, df, 1.0), np.nan)
    estimate = np.where(usable[:, None], beta[:, :, 0], np.nan)
    covariance = variance[:, None, None] * inverse
    return Regressions(
        names, products.trials, estimate, covariance, variance, df, products.participants
    )
