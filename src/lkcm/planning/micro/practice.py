"""Practice from day to day: dose and streaks, neither of which anybody randomised.

Who practises more, and when, follows from who people are and how they feel. What is computed here
describes; only what was drawn by chance (`lkcm.planning.micro.wcls`) has an effect to speak of.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array

#: Minutes of practice for which a dose is told.
MINUTES = 10
#: Longest streak that is told by itself.
LONGEST = 5
#: What must stand beside every result of this module.
CAUTION = (
    "Dose was not randomised: people practise more on better days and better-off people practise "
    "more, so that an association is not an effect."
)


def dose_associations(minutes: ArrayLike, outcome: ArrayLike, level: float = 0.95) -> pd.DataFrame:
    """Return how the next outcome goes with minutes of practice, apart between and within people.

    Parameters
    ----------
    minutes, outcome : array-like, shape (n, days)
        Minutes of practice on a day and the outcome after it; NaN where a day is missing.
    level : float
        Of the intervals.

    Returns
    -------
    DataFrame
        ``kind`` ("between people": means on means; "within people": days against the person's own
        mean, with errors robust to dependence), ``estimate`` for `MINUTES` more, ``se``,
        ``ci_low``, ``ci_high``, ``df``.

    Raises
    ------
    PlanError
        Tables of different shape, or fewer than three people with two days.
    """
    x, y = np.array(minutes, dtype=float), np.array(outcome, dtype=float)
    refuse({"minutes and outcome differ in shape": x.ndim != 2 or x.shape != y.shape})
    there = np.isfinite(x) & np.isfinite(y)
    kept = there.sum(axis=1) >= 2
    refuse({"fewer than three people with two days": int(kept.sum()) < 3})
    x, y, there = x[kept] / MINUTES, y[kept], there[kept]
    days = there.sum(axis=1)
    means = [np.where(there, values, 0).sum(axis=1) / days for values in (x, y)]
    inner = [
        np.where(there, values - mean[:, None], 0.0)
        for values, mean in zip((x, y), means, strict=True)
    ]
    lines = [_between(*means), _within(*inner)]
    table = pd.DataFrame(lines, columns=["kind", "estimate", "se", "df"])
    half = stats.t.isf((1 - level) / 2, table["df"]) * table["se"]
    return table.assign(ci_low=table["estimate"] - half, ci_high=table["estimate"] + half)


def _between(x: Array, y: Array) -> tuple[str, float, float, int]:
    x, y = x - x.mean(), y - y.mean()
    square, df = float(x @ x), len(x) - 2
    refuse({"everybody practises the same": square == 0})
    slope = float(x @ y) / square
    residual = y - slope * x
    return "between people", slope, float(np.sqrt(residual @ residual / df / square)), df


def _within(x: Array, y: Array) -> tuple[str, float, float, int]:
    square, people = float((x * x).sum()), len(x)
    refuse({"nobody's practice differs from day to day": square == 0})
    slope = float((x * y).sum()) / square
    scores = (x * (y - slope * x)).sum(axis=1)
    se = float(np.sqrt((scores**2).sum() * people / (people - 1))) / square
    return "within people", slope, se, people - 1


def streaks(practised: ArrayLike) -> NDArray[np.int_]:
    """Return, for each day, how many days in a row up to it were practised.

    Parameters
    ----------
    practised : array-like, shape (..., days)
        1 or True where the day was practised.
    """
    days = np.asarray(practised, dtype=bool)
    length = np.zeros(days.shape, dtype=int)
    for day in range(days.shape[-1]):
        before = length[..., day - 1] if day else 0
        length[..., day] = np.where(days[..., day], before + 1, 0)
    return length


def streak_table(practised: ArrayLike, *, seed: int, shuffles: int = 400) -> pd.DataFrame:
    """Return how often practice follows a streak, beside what each person's own rate would give.

    People with long streaks are people who practise often. Shuffling the days of each person keeps
    how often they practise and breaks the order; it also has the selection bias that counting
    after streaks brings (Miller & Sanjurjo 2018, Econometrica 86:2019).

    Parameters
    ----------
    practised : array-like, shape (n, days)
        1 or True where the day was practised; at least 3 days.
    seed : int
        Of the generator.
    shuffles : int
        How often the days are shuffled.

    Returns
    -------
    DataFrame
        ``streak`` (days, the last for `LONGEST` or more), ``days`` that followed, ``rate`` of
        practice on them, and mean, 2.5 and 97.5 per cent of shuffled rates: ``expected``,
        ``low``, ``high``.

    Raises
    ------
    PlanError
        Fewer than three days.
    """
    days = np.asarray(practised, dtype=bool)
    refuse(
        {
            "practised is not a table of people by at least 3 days": days.ndim != 2
            or days.shape[1] < 3
        }
    )
    random = np.random.default_rng(seed)
    order = random.random((shuffles, *days.shape)).argsort(axis=-1)
    shuffled = np.take_along_axis(np.broadcast_to(days, order.shape), order, axis=-1)
    counts, rates = _after_streaks(days[None])
    _, chance = _after_streaks(shuffled)
    lines = []
    for length in range(LONGEST + 1):
        by_chance = chance[:, length][np.isfinite(chance[:, length])]
        if counts[0, length] and len(by_chance):
            low, high = np.quantile(by_chance, (0.025, 0.975))
            line = (length, int(counts[0, length]), rates[0, length], by_chance.mean(), low, high)
            lines.append(line)
    return pd.DataFrame(lines, columns=["streak", "days", "rate", "expected", "low", "high"])


def _after_streaks(days: NDArray[np.bool_]) -> tuple[NDArray[np.int_], Array]:
    """Count days after each length of streak, and the share practised, by shuffle."""
    before = np.minimum(streaks(days)[..., :-1], LONGEST)
    following = days[..., 1:]
    counts = np.stack([(before == length).sum((1, 2)) for length in range(LONGEST + 1)], axis=1)
    hits = np.stack(
        [((before == length) & following).sum((1, 2)) for length in range(LONGEST + 1)], axis=1
    )
    return counts, np.divide(hits, counts, out=np.full(counts.shape, np.nan), where=counts > 0)
