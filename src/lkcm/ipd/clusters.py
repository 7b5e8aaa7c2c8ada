"""Participants who were taught or randomised together: their likeness in linear models.

Errors of two participants of one cluster correlate by the intraclass correlation, one for all
trials; a participant without a cluster is one alone. The errors of a trial then have covariance
s (I + r C), with C 1 for pairs of one cluster and r = icc / (1 - icc): R's ``nlme::corCompSymm``.
Its inverse, I less the sum over clusters of r / (1 + r m) 1 1', needs totals of clusters only, and
those of clusters of m participants in one trial have one weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize

from lkcm.ipd.crossproducts import (
    TREATMENT,
    Complete,
    Crossproducts,
    complete,
    pseudo_inverse,
    sums_of_products,
)
from lkcm.synthesis.heterogeneity import Array

#: The search for the intraclass correlation ends here; a correlation of 1 has no inverse.
HIGHEST_ICC = 0.99


@dataclass(frozen=True)
class Between:
    """What the likelihood needs of clusters at one ratio of variances.

    Attributes
    ----------
    products : Crossproducts
        Sums over clusters of products of totals of the whitened columns: minus the derivative of
        the sums of products by the ratio.
    trace, logdet : array, shape (k,)
        Derivative by the ratio of the log-determinant that clusters add to that of the errors, and
        that log-determinant.
    """

    products: Crossproducts
    trace: Array
    logdet: Array

    def of(self, names: tuple[str, ...]) -> "Between":
        """Return the same with columns in an order; one may come twice."""
        sums = self.products.of(names, names)
        return replace(self, products=replace(self.products, names=names, sums=sums))


@dataclass(frozen=True)
class Clusters:
    """Sums of products within trials, and of totals of clusters.

    Attributes
    ----------
    alone : Crossproducts
        As if nobody were like another.
    place, size, count : array, shape (L,)
        Trial, participants of each cluster, and number of clusters of that size; trials in order.
    totals : array, shape (L, m, m)
        Sums of products of the clusters' totals.
    """

    alone: Crossproducts
    place: Array
    size: Array
    count: Array
    totals: Array

    def take(self, places: Array) -> "Clusters":
        """Return some of the trials, by place in rising order."""
        kept = np.isin(self.place, places)
        return Clusters(
            self.alone.take(places),
            np.searchsorted(places, self.place[kept]),
            self.size[kept],
            self.count[kept],
            self.totals[kept],
        )

    def at(self, ratio: float, out: tuple[str, ...]) -> tuple[Crossproducts, Between]:
        """Whiten by the clusters and take columns out within trials.

        Parameters
        ----------
        ratio : float
            icc / (1 - icc).
        out : tuple of str
            Columns with coefficients of each trial's own.

        Returns
        -------
        left : Crossproducts
            Sums of products of what those columns leave, weighted by the inverse of I + r C.
        between : Between
            Derivatives and determinants.
        """
        weight = 1 / (1 + ratio * self.size)
        sums = self.alone.sums - self._in_trials(ratio * weight, self.totals)
        whole = replace(self.alone, sums=sums)
        left = whole.without(out)
        between = replace(self.alone, sums=self._in_trials(weight**2, self.totals))
        trace = self._in_trials(weight, self.count * self.size)
        logdet = self._in_trials(np.log1p(ratio * self.size), self.count)
        if not out:
            return left, Between(between, trace, logdet)
        inverse, _ = pseudo_inverse(whole.of(out, out))
        slopes = inverse @ whole.of(out, left.names)
        inside = between.of(out, out)
        across = np.swapaxes(slopes, 1, 2) @ between.of(out, left.names)
        turned = np.swapaxes(slopes, 1, 2) @ inside @ slopes
        moved = between.of(left.names, left.names) - across - np.swapaxes(across, 1, 2) + turned
        return left, Between(
            replace(left, sums=moved),
            trace - np.einsum("kpq,kqp->k", inverse, inside),
            logdet + self._logdet(whole.of(out, out), self.alone.of(out, out)),
        )

    def _in_trials(self, weight: Array, values: Array) -> Array:
        weight = weight.reshape((-1,) + (1,) * (values.ndim - 1))
        return np.add.reduceat(weight * values, np.flatnonzero(np.diff(self.place, prepend=-1)))

    @staticmethod
    def _logdet(square: Array, at_zero: Array) -> Array:
        """Return log-determinants in the directions that the columns span, up to a constant."""
        size = np.sqrt(np.diagonal(at_zero, axis1=1, axis2=2))
        unit = 1 / np.where(size > 0, size, 1.0)
        values, vectors = np.linalg.eigh(at_zero * unit[:, :, None] * unit[:, None, :])
        there = values > 1e-9 * values[:, -1:]
        turn = unit[:, :, None] * vectors * there[:, None, :]
        spanned = np.swapaxes(turn, 1, 2) @ square @ turn
        return np.linalg.slogdet(spanned + np.eye(len(size[0])) * ~there[:, None, :])[1]


def clusters(
    columns: Mapping[str, ArrayLike],
    trial: ArrayLike,
    cluster: ArrayLike,
    *,
    centre: bool = False,
) -> Clusters | None:
    """Sum products within trials and of totals of clusters.

    Parameters
    ----------
    columns, trial, centre
        As `lkcm.ipd.crossproducts.crossproducts`.
    cluster : array-like, shape (N,)
        Label of each participant's cluster within the trial, missing for those who are alone.

    Returns
    -------
    Clusters or None
        None where no two participants share a cluster.
    """
    people = complete(columns, trial, centre=centre)
    label = _codes(people, cluster)
    order = np.lexsort((label, np.repeat(np.arange(len(people.n)), people.n.astype(int))))
    table = people.table[order]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1))
    size = np.diff(np.append(starts, len(table)))
    if size.max() < 2:
        return None
    totals = np.add.reduceat(table, starts)
    place = np.searchsorted(people.starts, starts, side="right") - 1
    order = np.lexsort((size, place))
    place, size = place[order], size[order]
    new = np.flatnonzero(np.diff(place, prepend=-1) | np.diff(size, prepend=-1))
    return Clusters(
        people.sums(),
        place[new],
        size[new].astype(float),
        np.diff(np.append(new, len(size))).astype(float),
        sums_of_products(totals[order], new),
    )


def _codes(people: Complete, cluster: ArrayLike) -> Array:
    """Return the number of each participant's cluster; who has none is one alone."""
    named = pd.Series(np.asarray(cluster, dtype=object)[people.rows])
    trial = np.repeat(np.arange(len(people.n)), people.n.astype(int))
    alone = named.isna().to_numpy()
    codes = pd.DataFrame({"trial": trial, "cluster": named}).groupby(["trial", "cluster"]).ngroup()
    return np.where(alone, len(named) + np.arange(len(named)), codes)


def without_confounded(frame: pd.DataFrame, cluster: str, columns: Sequence[str]) -> pd.DataFrame:
    """Leave out trials of which an arm is one cluster: it is not told from what the arm was given.

    Parameters
    ----------
    frame : DataFrame
        ``trial`` and the named columns, one row a participant.
    cluster : str
        Column of the cluster, missing for those without.
    columns : sequence of str
        What a participant must have to count; with `TREATMENT` among them, else nothing is lost.
    """
    if TREATMENT not in columns:
        return frame
    known = frame.dropna(subset=list(columns))[["trial", TREATMENT, cluster]]
    known = known.assign(
        alone=known[cluster].isna(),
        both=known.groupby(["trial", cluster])[TREATMENT].transform("nunique").gt(1),
    )
    arms = known.groupby(["trial", TREATMENT]).agg(
        clusters=(cluster, "nunique"), alone=("alone", "any"), both=("both", "any")
    )
    one = arms["clusters"].eq(1) & ~arms["alone"] & ~arms["both"]
    return frame[~frame["trial"].isin(arms.index.get_level_values("trial")[one])]


def within_trials_icc(people: Clusters, outcome: str, terms: tuple[str, ...]) -> float:
    """Estimate the intraclass correlation where every trial has all coefficients of its own.

    Parameters
    ----------
    people : Clusters
        With ``terms`` and the outcome.
    outcome : str
        Column of the outcome.
    terms : tuple of str
        Columns that explain it.

    Returns
    -------
    float
        Where the restricted likelihood of all trials together is highest; 0 or more.
    """
    df = people.alone.without(terms).n
    usable = df > 0

    def misfit(icc: float) -> float:
        left, between = people.at(icc / (1 - icc), terms)
        rss = left.of((outcome,), (outcome,))[usable, 0, 0]
        return float((df[usable] * np.log(rss) + between.logdet[usable]).sum())

    found = optimize.minimize_scalar(
        misfit, bounds=(0, HIGHEST_ICC), method="bounded", options={"xatol": 1e-9}
    )
    return float(found.x) if found.fun < misfit(0.0) else 0.0
