"""Exact bounds on rare risks: what a count of events, often none, can exclude."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.harms.events import Array, EventsError

#: Level of a one-sided bound.
LEVEL = 0.95


@dataclass(frozen=True)
class Bound:
    """A one-sided upper bound on the risk in the LKCM arm.

    The excess over the control arm cannot be larger than the risk itself, so the bound holds for
    the excess too, whatever happened in the control arm.

    Attributes
    ----------
    trials, events, n : int
        Trials, events and people that it rests on.
    upper : float
        The risk that is excluded: larger ones would have shown more events with at least the
        level's probability.
    level : float
        Level of the bound.
    """

    trials: int
    events: int
    n: int
    upper: float
    level: float


def upper_bound(events: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Array:
    """Return the exact one-sided upper bound of a risk (Clopper & Pearson 1934).

    With no event it is ``1 - (1 - level)^(1/n)``: 4.7 % for 0 of 62.

    Parameters
    ----------
    events, n : array-like
        Events and people; what is not stated is missing and gives a missing bound.
    level : float
        Level of the bound.

    Raises
    ------
    EventsError
        More events than people, negative counts, nobody, or a level outside 0 to 1.
    """
    events, n = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    if (events < 0).any() or (n <= 0).any() or (events > n).any() or not 0 < level < 1:
        raise EventsError("a bound needs 0 <= events <= people, people and a level below 1")
    some = stats.beta.ppf(level, np.minimum(events + 1, n), np.maximum(n - events, 1))
    return np.where(events == n, 1.0, some)


def common_bound(events: ArrayLike, n: ArrayLike, level: float = LEVEL) -> Bound | None:
    """Return the bound of several trials as if their risk were one; None without a trial.

    Parameters
    ----------
    events, n : array-like, shape (k,)
        Events and people of the LKCM arms; trials with a missing count are left out.
    level : float
        Level of the bound.
    """
    events, n = np.atleast_1d(np.asarray(events, float)), np.atleast_1d(np.asarray(n, float))
    known = np.isfinite(events) & np.isfinite(n)
    if not known.any():
        return None
    total_events, total_n = events[known].sum(), n[known].sum()
    upper = float(upper_bound(total_events, total_n, level))
    return Bound(int(known.sum()), int(total_events), int(total_n), upper, level)


def people_without_event(risk: float, level: float = LEVEL) -> int:
    """Return how many people without an event exclude a risk: the size of a trial that tells.

    Parameters
    ----------
    risk : float
        The risk to exclude, above 0 and below 1.
    level : float
        Level of the bound.

    Raises
    ------
    EventsError
        A risk or level that is not between 0 and 1.
    """
    if not (0 < risk < 1 and 0 < level < 1):
        raise EventsError("risk and level must lie between 0 and 1")
    return int(np.ceil(np.log(1 - level) / np.log(1 - risk)))
