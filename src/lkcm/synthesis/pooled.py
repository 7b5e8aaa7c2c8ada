"""The result of pooling: a pooled effect with its heterogeneity, in words where it must be."""

from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd

#: Fields of `Pooled` that are intervals: two columns each in a table.
INTERVALS = ("ci", "tau2_ci", "prediction_interval")
#: Columns of a table with one pooled data set a row.
COLUMNS = (
    *("k", "estimate", "se", "ci_low", "ci_high", "p", "statistic", "df"),
    *("tau2", "tau2_ci_low", "tau2_ci_high", "q", "q_p", "i2", "i2_q", "h2"),
    *("prediction_interval_low", "prediction_interval_high"),
)

#: Below this many trials the plain Knapp-Hartung interval can be far too narrow.
ADHOC_BELOW = 10
#: Below this many trials a pooled estimate is called very uncertain.
UNCERTAIN_BELOW = 5
#: Below this many trials there is no pooled headline and no prediction interval.
HEADLINE_FROM = 3

Interval = tuple[float, float] | None


class PoolError(ValueError):
    """Effects that cannot be pooled, with the reason in words."""


@dataclass(frozen=True)
class Pooled:
    """A pooled effect; what the trials at hand do not define is None.

    Attributes
    ----------
    k : int
        Number of trials.
    method, test : str
        Estimator of tau2 and test, as asked for.
    estimate, se : float
        Pooled effect and its standard error.
    ci : tuple of two floats, or None
        Confidence interval; None where the Knapp-Hartung standard error is zero.
    p, statistic : float or None
        Two-sided p value of "the mean effect is zero", and estimate / se.
    df : int or None
        Degrees of freedom of the t; None where the reference is normal.
    tau2 : float or None
        Variance of the true effects between trials; None for one trial.
    tau2_ci : tuple of two floats, or None
        Its Q-profile interval; None for one trial and under FE.
    q, q_p : float, float or None
        Cochran's Q and its p value with k - 1 df.
    i2, h2 : float or None
        I2 in per cent and H2, from tau2 as metafor (under FE, which has no tau2, from Q).
    i2_q : float or None
        I2 in per cent from Q, whatever the estimator: max(0, (Q - df) / Q).
    prediction_interval : tuple of two floats, or None
        Where the true effect of a further trial lies; None below three trials and under FE.
    weights : tuple of float
        Each trial's weight in per cent, in the order of the effects.
    headline : bool
        Whether there are trials enough (three) to show the pooled effect as a headline.
    notes : tuple of str
        What a reader must know beside the numbers, in words.
    """

    k: int
    method: str
    test: str
    estimate: float
    se: float
    ci: Interval
    p: float | None
    statistic: float | None
    df: int | None
    tau2: float | None
    tau2_ci: Interval
    q: float
    q_p: float | None
    i2: float | None
    i2_q: float | None
    h2: float | None
    prediction_interval: Interval
    weights: tuple[float, ...]
    headline: bool
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, with nothing in them that JSON cannot hold."""
        return asdict(self)

    def to_frame(self) -> pd.DataFrame:
        """Return one row with the columns of `pool_many`, and ``method`` and ``test``."""
        row: dict[str, object] = {"method": self.method, "test": self.test}
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in INTERVALS:
                low, high = (np.nan, np.nan) if value is None else value
                row |= {f"{field.name}_low": low, f"{field.name}_high": high}
            elif field.name in COLUMNS:
                row[field.name] = np.nan if value is None else value
        return pd.DataFrame([row])


def headline_test(k: int) -> str:
    """Name the test of the headline: ad hoc Knapp-Hartung below ten trials, plain from there.

    The plain interval can be narrower than Wald's where few trials happen to agree (Jackson et
    al. 2017, Stat Med 36:3923).

    Parameters
    ----------
    k : int
        Number of trials.

    Returns
    -------
    str
        A ``test`` of `pool`.
    """
    return "knapp-hartung-adhoc" if k < ADHOC_BELOW else "knapp-hartung"


def reading_notes(k: int, se: float, tau2_ci: Interval) -> tuple[str, ...]:
    """Say what a reader must know beside the numbers.

    Parameters
    ----------
    k : int
        Number of trials.
    se : float
        Standard error of the pooled effect.
    tau2_ci : tuple of two floats, or None
        Q-profile interval of tau2.

    Returns
    -------
    tuple of str
        Notes, the gravest first; none for five trials and more that differ a little.
    """
    notes = []
    if k == 1:
        notes.append("one trial: its own effect and Wald interval, nothing is pooled")
    if k == 2:
        notes.append("two trials: no pooled headline")
    if k < HEADLINE_FROM:
        notes.append("k < 3: no prediction interval")
    if 1 < k < UNCERTAIN_BELOW:
        notes.append("k < 5: very uncertain")
    if se == 0:
        notes.append("all effects are equal: Knapp-Hartung gives no interval, Wald does")
    if tau2_ci == (0, 0):
        notes.append("the effects agree so well that the interval of tau2 is empty")
    return tuple(notes)
