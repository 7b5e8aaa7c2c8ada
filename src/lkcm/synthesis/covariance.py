"""Sampling covariance of effects from one study: outcomes, reporters, shared controls.

Effects of one study correlate because the same people were measured by every questionnaire (rho),
less where another person reported (agreement), and because several arms are set against one
control. The covariance of a study is kept as a diagonal plus one vector times itself: as it
stands where only rho plays a part, and in the basis of its eigenvectors where reporters differ or
a control is shared. So no table larger than a study is ever formed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import PoolError

#: An eigenvalue below this part of the largest one is rounding: two effects are one.
SINGULAR = 1e-10
#: Nearer to 1, the effects of a study are one effect and their covariance is rounding.
HIGHEST_RHO = 0.999
#: Numbers in a stack of square blocks that are handled at once: 160 MB of doubles.
STACK = 20_000_000
#: Effects of one study, above which its square table is out of proportion to memory and time.
LARGEST_STUDY = 5000


@dataclass(frozen=True)
class Arms:
    """Which arms of a study an effect compares, as metafor's ``vcalc`` takes them.

    Each is array-like of shape (k,), one entry an effect; labels matter only within a study.

    Attributes
    ----------
    treatment, control : array-like of labels
        ``grp1`` and ``grp2``.
    n_treatment, n_control : array-like of numbers above zero
        Sizes of these arms, ``w1`` and ``w2``.
    outcome : array-like of labels
        ``obs``: what was measured, with what and when. Effects on one outcome correlate by the
        arms that they share alone, effects on two by rho times that.
    """

    treatment: ArrayLike
    control: ArrayLike
    n_treatment: ArrayLike
    n_control: ArrayLike
    outcome: ArrayLike


@dataclass(frozen=True)
class Reporters:
    """Who reported each effect: metafor's ``vcalc`` with ``type`` and two values of ``rho``.

    Attributes
    ----------
    label : array-like of labels, shape (k,)
        ``type``: the reporter, or the kind of reporter.
    agreement : float
        Correlation of the sampling errors of two effects that different reporters give of the
        same people, from 0 to 0.999; those of one reporter correlate by rho.
    """

    label: ArrayLike
    agreement: float


@dataclass(frozen=True)
class SamplingCovariance:
    """Sampling covariance of k effects in J studies, study by study.

    Rows are sorted by study. The covariance of a study, in the basis that `rotate` goes to, is
    ``diag(diagonal) + outer(common, common)``.

    Attributes
    ----------
    order : array of int, shape (k,)
        Where each sorted row stands in the input.
    starts : array of int, shape (J,)
        First sorted row of each study.
    codes : array of int, shape (k,)
        Study of each sorted row, 0 to J - 1.
    diagonal, common, ones : array, shape (k,)
        The diagonal, the common vector, and the rotated vector of ones.
    rotations : tuple of (rows, eigenvectors)
        Of studies with several reporters or a shared control: sorted rows, shape (B, m), and
        orthogonal matrices, shape (B, m, m), for the B studies with m effects.
    """

    order: np.ndarray
    starts: np.ndarray
    codes: np.ndarray
    diagonal: Array
    common: Array
    ones: Array
    rotations: tuple[tuple[np.ndarray, Array], ...]

    @property
    def sizes(self) -> np.ndarray:
        """Number of effects of each study, shape (J,)."""
        return np.diff(self.starts, append=len(self.order))

    def rotate(self, columns: Array) -> Array:
        """Bring columns, shape (k, c), from the order of the input to the sorted, rotated rows."""
        rotated = columns[self.order]
        for rows, vectors in self.rotations:
            rotated[rows] = np.swapaxes(vectors, 1, 2) @ rotated[rows]
        return rotated

    def rotate_back(self, columns: Array) -> Array:
        """Undo `rotate`."""
        columns = columns.copy()
        for rows, vectors in self.rotations:
            columns[rows] = vectors @ columns[rows]
        returned = np.empty_like(columns)
        returned[self.order] = columns
        return returned

    def stacks(self, between: float = 0.0, within: float = 0.0) -> Iterator[tuple]:
        """Yield the rotated covariances of the studies, studies of one size together.

        Parameters
        ----------
        between, within : float
            Variances between studies and between the effects of a study, added to the sampling
            covariance.

        Yields
        ------
        studies : array of int, shape (B,)
            Their numbers.
        rows : array of int, shape (B, m)
            Their sorted rows.
        blocks : array, shape (B, m, m)
            Their covariances.
        """
        for studies, rows in _by_size(self.starts, self.sizes, np.arange(len(self.starts))):
            common, ones = self.common[rows], self.ones[rows]
            blocks = common[:, :, None] * common[:, None, :]
            blocks += between * ones[:, :, None] * ones[:, None, :]
            diagonal = np.arange(rows.shape[1])
            blocks[:, diagonal, diagonal] += self.diagonal[rows] + within
            yield studies, rows, blocks


def sampling_covariance(
    vi: ArrayLike,
    study: ArrayLike,
    rho: float = 0.6,
    arms: Arms | None = None,
    reporters: Reporters | None = None,
) -> SamplingCovariance:
    """Work out the sampling covariance of effects within studies.

    Without arms, effects of one study have covariance rho sqrt(v_i v_j): metafor's
    ``vcalc(vi, cluster = study, obs = effect, rho = rho)``. With arms, that correlation is
    multiplied by the overlap of the arms (Gleser & Olkin 2009, Handbook of Research Synthesis
    ch. 19; metafor's ``vcalc`` with ``grp1``, ``grp2``, ``w1`` and ``w2``), and rho is 1 for two
    effects on one outcome. With reporters, the agreement stands in the place of rho, or of 1, for
    two effects by different ones (``vcalc`` with ``type`` and ``rho = c(rho, agreement)``).

    Parameters
    ----------
    vi : array-like, shape (k,)
        Sampling variances, above zero.
    study : array-like, shape (k,)
        Label of the study that each effect is from.
    rho : float
        Correlation of the sampling errors of two outcomes of one study, from 0 to 0.999.
    arms : Arms, optional
        The arms that each effect compares.
    reporters : Reporters, optional
        Who reported each effect.

    Returns
    -------
    SamplingCovariance
        The covariance, study by study.

    Raises
    ------
    PoolError
        Rho or agreement out of range, a missing study or reporter, lists of different length,
        sizes of arms that are not above zero, or a study whose covariance is not positive
        definite.
    """
    variances, labels = np.asarray(vi, dtype=float), np.asarray(study)
    _check(variances, labels, rho, arms, reporters)
    codes, _ = pd.factorize(labels)
    order = np.argsort(codes, kind="stable")
    codes = codes[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    v = variances[order]
    diagonal, common, ones = (1 - rho) * v, np.sqrt(rho * v), np.ones(len(v))
    # A study with one effect has no covariance, and nothing of it is left to the common vector.
    alone = np.diff(starts, append=len(v))[codes] == 1
    diagonal[alone], common[alone] = v[alone], 0.0
    rotations = []
    if arms is not None or reporters is not None:
        sizes = np.diff(starts, append=len(v))
        measured = _code_measures(arms, reporters, order)
        compared = None if arms is None else _code_arms(arms, order)
        several = _several_reporters(measured, starts, codes)
        if compared is not None:
            several |= _overlapping(compared, measured, starts, codes)
        for studies, rows in _by_size(starts, sizes, np.flatnonzero(several & (sizes > 1))):
            spread = np.sqrt(v[rows])
            blocks = _correlations(*(column[rows] for column in measured), rho, reporters)
            if compared is not None:
                blocks *= _overlaps(*(column[rows] for column in compared))
            blocks *= spread[:, :, None] * spread[:, None, :]
            values, vectors = np.linalg.eigh(blocks)
            _check_definite(values, labels[order[starts[studies]]])
            diagonal[rows], common[rows] = values, 0.0
            ones[rows] = vectors.sum(axis=1)
            rotations.append((rows, vectors))
    return SamplingCovariance(order, starts, codes, diagonal, common, ones, tuple(rotations))


def _by_size(starts: np.ndarray, sizes: np.ndarray, studies: np.ndarray) -> Iterator[tuple]:
    """Yield studies of one size with their rows, few enough at a time to fit into memory."""
    largest = sizes[studies].max(initial=0)
    if largest > LARGEST_STUDY:
        raise PoolError(f"a study has {largest} effects; allowed: {LARGEST_STUDY}")
    for size in np.unique(sizes[studies]):
        same = studies[sizes[studies] == size]
        for part in np.array_split(same, -(-len(same) * int(size) ** 2 // STACK)):
            yield part, starts[part][:, None] + np.arange(size)


def _code_measures(
    arms: Arms | None, reporters: Reporters | None, order: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give outcomes (each effect its own without arms) and reporters by number."""
    outcome, reporter = np.arange(len(order)), np.zeros(len(order), dtype=int)
    if arms is not None:
        outcome = pd.factorize(np.asarray(arms.outcome, dtype=str)[order])[0]
    if reporters is not None:
        reporter = pd.factorize(np.asarray(reporters.label, dtype=str)[order])[0]
    return outcome, reporter


def _code_arms(arms: Arms, order: np.ndarray) -> tuple[np.ndarray, ...]:
    ends = [np.asarray(labels, dtype=str)[order] for labels in (arms.treatment, arms.control)]
    treatment, control = np.split(pd.factorize(np.concatenate(ends))[0], 2)
    shares = [1 / np.asarray(n, dtype=float)[order] for n in (arms.n_treatment, arms.n_control)]
    return treatment, control, *shares


def _several_reporters(
    measured: tuple[np.ndarray, np.ndarray], starts: np.ndarray, codes: np.ndarray
) -> np.ndarray:
    """Tell the studies with more than one reporter."""
    reporter = measured[1]
    return np.logical_or.reduceat(reporter != reporter[starts][codes], starts)


def _overlapping(
    compared: tuple[np.ndarray, ...],
    measured: tuple[np.ndarray, np.ndarray],
    starts: np.ndarray,
    codes: np.ndarray,
) -> np.ndarray:
    """Tell the studies with more than one pair of arms, or an outcome that comes twice."""
    differ = np.zeros(len(codes), dtype=bool)
    for column in compared:
        differ |= column != column[starts][codes]
    outcomes = np.unique(np.column_stack([codes, *measured]), axis=0)[:, 0]
    repeated = np.bincount(outcomes, minlength=len(starts)) < np.bincount(codes)
    return np.logical_or.reduceat(differ, starts) | repeated


def _correlations(
    outcome: np.ndarray, reporter: np.ndarray, rho: float, reporters: Reporters | None
) -> Array:
    """Correlate the sampling errors of measures of the same people; labels of shape (B, m)."""
    same_outcome = outcome[:, :, None] == outcome[:, None, :]
    correlation = np.where(same_outcome, 1.0, rho)
    if reporters is not None:
        other = reporter[:, :, None] != reporter[:, None, :]
        correlation[other] = reporters.agreement
    return correlation


def _overlaps(treatment: np.ndarray, control: np.ndarray, share_t: Array, share_c: Array) -> Array:
    """Give the part of the comparison that two effects share; every argument is (B, m)."""

    def overlap(one: np.ndarray, other: np.ndarray, share: Array, other_share: Array) -> Array:
        same = one[:, :, None] == other[:, None, :]
        return same * np.sqrt(share[:, :, None] * other_share[:, None, :])

    total = np.sqrt(share_t + share_c)
    shared = overlap(treatment, treatment, share_t, share_t)
    shared -= overlap(treatment, control, share_t, share_c)
    shared -= overlap(control, treatment, share_c, share_t)
    shared += overlap(control, control, share_c, share_c)
    return shared / (total[:, :, None] * total[:, None, :])


def _check(
    variances: Array,
    labels: np.ndarray,
    rho: float,
    arms: Arms | None,
    reporters: Reporters | None,
) -> None:
    if not 0 <= rho <= HIGHEST_RHO:
        raise PoolError(f"rho is {rho}; allowed: from 0 to {HIGHEST_RHO}")
    if labels.shape != variances.shape or variances.ndim != 1:
        raise PoolError("variances and studies must be two lists of one length")
    if pd.isna(labels).any():
        raise PoolError("a study is missing")
    if arms is not None:
        _check_arms(variances, arms)
    if reporters is None:
        return
    if not 0 <= reporters.agreement <= HIGHEST_RHO:
        raise PoolError(f"agreement is {reporters.agreement}; allowed: from 0 to {HIGHEST_RHO}")
    if np.asarray(reporters.label).shape != variances.shape:
        raise PoolError("reporters must have one label an effect")
    if pd.isna(np.asarray(reporters.label)).any():
        raise PoolError("a reporter is missing")


def _check_arms(variances: Array, arms: Arms) -> None:
    columns = {name: np.asarray(values) for name, values in vars(arms).items()}
    uneven = [name for name, values in columns.items() if values.shape != variances.shape]
    if uneven:
        raise PoolError(f"arms: {', '.join(uneven)} must have one entry an effect")
    for name in ("treatment", "control", "outcome"):
        if pd.isna(columns[name]).any():
            raise PoolError(f"arms: a label in {name} is missing")
    for name in ("n_treatment", "n_control"):
        numbers = pd.to_numeric(pd.Series(columns[name]), errors="coerce")
        if not numbers.between(0, np.inf, inclusive="neither").all():
            raise PoolError(f"arms: {name} has what is not a number above zero")
    if (columns["treatment"].astype(str) == columns["control"].astype(str)).any():
        raise PoolError("arms: an arm is compared with itself")


def _check_definite(values: Array, labels: np.ndarray) -> None:
    wrong = values[:, 0] <= SINGULAR * values[:, -1]
    if wrong.any():
        raise PoolError(
            f"the sampling covariance of study {', '.join(map(str, labels[wrong]))} is not "
            "positive definite: an effect follows from others (the same arms on the same outcome, "
            "or a circle of arms), the sizes of an arm differ too much between effects, or "
            "reporters agree more with one another than with themselves (agreement above rho)"
        )
