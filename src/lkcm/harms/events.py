"""Pool rare events by methods that need no added half: Mantel-Haenszel and Peto.

A trial without an event adds nothing to a ratio and is left out of it, never mended by a
constant; a risk difference keeps it. The binomial-normal models are in `lkcm.harms.glmm`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]

#: Measures of events: natural logarithms of ratios, LKCM over control, or a difference of risks.
MEASURES = {"RR": "log risk ratio", "OR": "log odds ratio", "RD": "risk difference"}
#: A ratio needs this many trials that count both arms and have an event in one of them.
ESTIMABLE_FROM = 3


class EventsError(ValueError):
    """Counts that cannot be pooled, with the reason in words."""


@dataclass(frozen=True)
class PooledEvents:
    """Events of several trials together.

    Attributes
    ----------
    k : int
        Trials given.
    k_informative : int
        Trials that the estimate rests on.
    measure, method : str
        A key of `MEASURES`; "MH", "Peto", "UM.FS" or "CM.AL", as metafor calls them.
    estimate, se : float or None
        In the measure's metric; None where the counts do not define it, and `notes` say why.
    ci : tuple of two floats, or None
        Normal interval at the level asked for.
    p : float or None
        Two-sided, of "no difference".
    tau2 : float or None
        Variance of true effects between trials; None for methods with one common effect.
    notes : tuple of str
        What a reader must know beside the numbers.
    """

    k: int
    k_informative: int
    measure: str
    method: str
    estimate: float | None
    se: float | None
    ci: tuple[float, float] | None
    p: float | None
    tau2: float | None
    notes: tuple[str, ...]

    @property
    def ratio(self) -> tuple[float, float, float] | None:
        """The ratio with its interval; None for a risk difference or without an estimate."""
        if self.estimate is None or self.measure == "RD":
            return None
        return tuple(float(np.exp(value)) for value in (self.estimate, *self.ci))

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, with nothing in them that JSON cannot hold."""
        return asdict(self)


def estimable(a: ArrayLike, n_t: ArrayLike, c: ArrayLike, n_c: ArrayLike) -> bool:
    """Say whether events define a ratio: `ESTIMABLE_FROM` trials with both arms and an event.

    Parameters
    ----------
    a, n_t, c, n_c : array-like, shape (k,)
        Events and people of the LKCM arms, events and people of the control arms; what is not
        stated is missing.
    """
    given = np.isfinite(np.array([a, n_t, c, n_c], dtype=float)).all(axis=0)
    events = np.nan_to_num(np.asarray(a, dtype=float)) + np.nan_to_num(np.asarray(c, dtype=float))
    return int((given & (events > 0)).sum()) >= ESTIMABLE_FROM


def mantel_haenszel(
    a: ArrayLike,
    n_t: ArrayLike,
    c: ArrayLike,
    n_c: ArrayLike,
    *,
    measure: str = "RR",
    level: float = 0.95,
) -> PooledEvents:
    """Pool events by Mantel and Haenszel, without a correction for empty cells.

    Agrees with metafor's ``rma.mh(measure)``. Standard errors: Robins, Breslow & Greenland
    (1986, Biometrics 42:311) for the odds ratio, Greenland & Robins (1985, Biometrics 41:55)
    for the risk ratio, Sato, Greenland & Robins (1989, Biometrics 45:1323) for the difference.

    Parameters
    ----------
    a, n_t, c, n_c : array-like, shape (k,)
        Events and people of the LKCM arms, events and people of the control arms.
    measure : {"RR", "OR", "RD"}
        What is pooled.
    level : float
        Level of the interval.

    Raises
    ------
    EventsError
        Counts that are missing, negative, not whole or above the arm's size, no trials, or an
        unknown measure.
    """
    if measure not in MEASURES:
        raise EventsError(f"measure {measure!r} is unknown; allowed: {', '.join(MEASURES)}")
    a, n_t, c, n_c = checked_counts(a, n_t, c, n_c)
    total = n_t + n_c
    events = a + c
    used = np.ones(len(a), bool) if measure == "RD" else events > 0
    used = used & (events < total) if measure == "OR" else used
    estimate, variance = _MANTEL_HAENSZEL[measure](a, n_t, c, n_c, total)
    return pooled_events(measure, "MH", used, estimate, variance, level)


def peto(
    a: ArrayLike, n_t: ArrayLike, c: ArrayLike, n_c: ArrayLike, *, level: float = 0.95
) -> PooledEvents:
    """Pool odds ratios by Peto's one-step method (Yusuf et al. 1985), metafor's ``rma.peto``.

    ``sum(a - E) / sum(V)`` with E and V of the hypergeometric distribution; good for rare events
    and arms of like size.

    Parameters
    ----------
    a, n_t, c, n_c, level
        As `mantel_haenszel`.

    Raises
    ------
    EventsError
        As `mantel_haenszel`.
    """
    a, n_t, c, n_c = checked_counts(a, n_t, c, n_c)
    total, events = n_t + n_c, a + c
    expected = n_t * events / total
    spread = n_t * n_c * events * (total - events) / (total**2 * np.maximum(total - 1, 1))
    information = spread.sum()
    if information == 0:
        return pooled_events("OR", "Peto", spread > 0, np.nan, np.nan, level)
    estimate = (a - expected).sum() / information
    return pooled_events("OR", "Peto", spread > 0, estimate, 1 / information, level)


def checked_counts(
    a: ArrayLike, n_t: ArrayLike, c: ArrayLike, n_c: ArrayLike
) -> tuple[Array, ...]:
    """Return the counts as arrays, or say everything that is wrong with them.

    Raises
    ------
    EventsError
        As `mantel_haenszel`.
    """
    try:
        a, n_t, c, n_c = columns = [np.atleast_1d(np.asarray(x, float)) for x in (a, n_t, c, n_c)]
    except (TypeError, ValueError):
        raise EventsError("counts must be numbers, lists of one length") from None
    if len({column.shape for column in columns}) > 1 or a.ndim != 1 or not len(a):
        raise EventsError("counts must be four lists of one length, at least one trial")
    cells = np.array(columns)
    problems = {
        "a count is missing or infinite": ~np.isfinite(cells),
        "a count is negative": cells < 0,
        "a count is not a whole number": cells != np.round(cells),
        "an arm has nobody in it": np.array([n_t, n_c]) <= 0,
        "more events than people in an arm": np.array([a > n_t, c > n_c]),
    }
    found = [words for words, wrong in problems.items() if wrong.any()]
    if found:
        raise EventsError("; ".join(found))
    return a, n_t, c, n_c


def pooled_events(
    measure: str,
    method: str,
    used: NDArray[np.bool_],
    estimate: float,
    variance: float,
    level: float,
    tau2: float | None = None,
    notes: tuple[str, ...] = (),
) -> PooledEvents:
    """Complete a result: interval, p value and what must be said beside it."""
    k, informative = len(used), int(used.sum())
    said = list(notes)
    if informative < k:
        rest = k - informative
        said.append(f"{rest} of {k} trials without an event (or only events) tell nothing here")
    defined = bool(np.isfinite(estimate) and np.isfinite(variance) and variance > 0)
    if not defined:
        said.append("the counts define no estimate: an arm has no event in any trial")
        return PooledEvents(
            k, informative, measure, method, None, None, None, None, None, tuple(said)
        )
    se = float(np.sqrt(variance))
    half = stats.norm.isf((1 - level) / 2) * se
    return PooledEvents(
        k=k,
        k_informative=informative,
        measure=measure,
        method=method,
        estimate=float(estimate),
        se=se,
        ci=(float(estimate - half), float(estimate + half)),
        p=float(2 * stats.norm.sf(abs(estimate) / se)),
        tau2=tau2,
        notes=tuple(said),
    )


def _risk_ratio(a: Array, n_t: Array, c: Array, n_c: Array, total: Array) -> tuple[float, float]:
    r, s = (a * n_c / total).sum(), (c * n_t / total).sum()
    if r == 0 or s == 0:
        return np.nan, np.nan
    spread = (n_t * n_c * (a + c) / total**2 - a * c / total).sum()
    return np.log(r / s), spread / (r * s)


def _odds_ratio(a: Array, n_t: Array, c: Array, n_c: Array, total: Array) -> tuple[float, float]:
    b, d = n_t - a, n_c - c
    p, q, r, s = (a + d) / total, (b + c) / total, a * d / total, b * c / total
    sum_r, sum_s = r.sum(), s.sum()
    if sum_r == 0 or sum_s == 0:
        return np.nan, np.nan
    variance = (p * r).sum() / (2 * sum_r**2) + (q * s).sum() / (2 * sum_s**2)
    variance += (p * s + q * r).sum() / (2 * sum_r * sum_s)
    return np.log(sum_r / sum_s), variance


def _risk_difference(
    a: Array, n_t: Array, c: Array, n_c: Array, total: Array
) -> tuple[float, float]:
    weight = (n_t * n_c / total).sum()
    estimate = (a * n_c / total - c * n_t / total).sum() / weight
    u, w = n_t / total, n_c / total
    first = (c * u**2 - a * w**2 + u * w * (n_c - n_t) / 2).sum()
    second = (a * (n_c - c) / total + c * (n_t - a) / total).sum() / 2
    return estimate, (estimate * first + second) / weight**2


_MANTEL_HAENSZEL = {"RR": _risk_ratio, "OR": _odds_ratio, "RD": _risk_difference}


def per_trial(counts: Mapping[str, ArrayLike], level: float = 0.95) -> pd.DataFrame:
    """Return each trial's risks and their difference, without any added half.

    The interval of the difference is Newcombe's hybrid of two Wilson intervals (1998, Stat Med
    17:873, method 10), which is defined with no event in either arm.

    Parameters
    ----------
    counts : mapping of str to array-like of shape (k,)
        ``a``, ``n_t``, ``c``, ``n_c``; a DataFrame is such a mapping.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        ``risk_t``, ``risk_c``, ``difference``, ``low``, ``high``.

    Raises
    ------
    EventsError
        As `mantel_haenszel`.
    """
    a, n_t, c, n_c = checked_counts(*(counts[name] for name in ("a", "n_t", "c", "n_c")))
    (low_t, high_t), (low_c, high_c) = _wilson(a, n_t, level), _wilson(c, n_c, level)
    risk_t, risk_c = a / n_t, c / n_c
    difference = risk_t - risk_c
    return pd.DataFrame(
        {
            "risk_t": risk_t,
            "risk_c": risk_c,
            "difference": difference,
            "low": difference - np.hypot(risk_t - low_t, high_c - risk_c),
            "high": difference + np.hypot(high_t - risk_t, risk_c - low_c),
        }
    )


def _wilson(events: Array, n: Array, level: float) -> tuple[Array, Array]:
    z = stats.norm.isf((1 - level) / 2)
    share = events / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # rounding leaves a hair beside 0 and 1, where the interval ends by algebra
    low = np.where(events == 0, 0.0, middle - half)
    return low, np.where(events == n, 1.0, middle + half)
