"""Risk of symptom worsening from what trials print: the mean and SD of change in each arm.

A trial that prints arm-level change says how many people got worse if the shape of the changes is
known. The normal shape is the headline; a heavy-tailed and a right-skewed shape of the same mean
and SD show how much hangs on it. Change is turned so that positive is worse.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.harms.events import Array, EventsError, checked_counts

#: Shapes of the distribution of change; each has mean 0 and SD 1.
SHAPES = {
    "normal": stats.norm(),
    "heavy tails": stats.t(8, scale=np.sqrt(6 / 8)),
    "skewed": stats.pearson3(1.0),
}
#: Columns that describe the change in the two arms; positive is worse.
CHANGE = ("worse_t", "sd_t", "n_t", "worse_c", "sd_c", "n_c")


def risk(
    worse: ArrayLike, sd: ArrayLike, n: ArrayLike, threshold: ArrayLike, shape: str = "normal"
) -> tuple[Array, Array]:
    """Return the share of people who worsen beyond a threshold, with its sampling variance.

    With z = (threshold - worse) / sd, the share is the shape's upper tail beyond z; by the delta
    method its variance is ``f(z)^2 [1/n + z skewness / n + z^2 (kurtosis - 1) / (4 (n - 1))]``,
    from the variances of a mean and an SD and their covariance.

    Parameters
    ----------
    worse, sd, n : array-like
        Mean change (positive is worse), its SD in units of the instrument, and people.
    threshold : array-like
        Change beyond which someone counts as worse, in units of the instrument.
    shape : str
        A key of `SHAPES`.

    Raises
    ------
    EventsError
        An unknown shape, an SD that is not above zero, or fewer than two people.
    """
    if shape not in SHAPES:
        raise EventsError(f"shape {shape!r} is unknown; allowed: {', '.join(SHAPES)}")
    worse, sd, n, threshold = (np.asarray(x, dtype=float) for x in (worse, sd, n, threshold))
    if (sd <= 0).any() or (n < 2).any():
        raise EventsError("a change needs an SD above zero and at least two people")
    distribution = SHAPES[shape]
    skewness, excess = (float(moment) for moment in distribution.stats("sk"))
    z = (threshold - worse) / sd
    spread = 1 / n + z * skewness / n + z**2 * (excess + 2) / (4 * (n - 1))
    return distribution.sf(z), distribution.pdf(z) ** 2 * spread


def contrast(
    changes: pd.DataFrame, threshold: ArrayLike, shape: str = "normal", level: float = 0.95
) -> pd.DataFrame:
    """Compare the risk of worsening between arms, by the delta method.

    Parameters
    ----------
    changes : DataFrame
        One row a contrast, with the columns `CHANGE`.
    threshold : array-like
        One for all or one a row, in units of the instrument; taken as known.
    shape : str
        A key of `SHAPES`.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        Index of `changes`; ``risk_t``, ``risk_c``; ``log_rr`` and ``v_log_rr``; ``rr``,
        ``rr_low``, ``rr_high``; ``rd`` and ``v_rd``; ``rd_low``, ``rd_high``; and ``excess``,
        the one-sided upper bound of the difference at the same level.
    """
    worse_t, sd_t, n_t, worse_c, sd_c, n_c = (changes[name].to_numpy(float) for name in CHANGE)
    arms = risk(worse_t, sd_t, n_t, threshold, shape), risk(worse_c, sd_c, n_c, threshold, shape)
    return _compare(*arms, level).set_index(changes.index)


def counted_contrast(counts: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Compare the risk of worsening between arms where people are counted; as `contrast`.

    Nothing is added to an empty cell: a ratio with a zero in it is infinite or undefined, and
    `lkcm.harms.excess.pool_worsening` leaves it out.

    Parameters
    ----------
    counts : DataFrame
        One row a contrast, with ``a``, ``n_t``, ``c`` and ``n_c``.
    level : float
        Level of the intervals.

    Raises
    ------
    EventsError
        As `lkcm.harms.events.mantel_haenszel`, for the counts.
    """
    a, n_t, c, n_c = checked_counts(*(counts[name] for name in ("a", "n_t", "c", "n_c")))
    shares = a / n_t, c / n_c
    arms = [(p, p * (1 - p) / n) for p, n in zip(shares, (n_t, n_c), strict=True)]
    return _compare(*arms, level).set_index(counts.index)


def _compare(
    treated: tuple[Array, Array], control: tuple[Array, Array], level: float
) -> pd.DataFrame:
    """Compare two risks, each with its variance."""
    (risk_t, v_t), (risk_c, v_c) = treated, control
    z = stats.norm.isf((1 - level) / 2)
    # a risk of zero has no ratio: infinite or undefined, and no warning
    with np.errstate(divide="ignore", invalid="ignore"):
        log_rr, v_log_rr = np.log(risk_t / risk_c), v_t / risk_t**2 + v_c / risk_c**2
    rd, v_rd = risk_t - risk_c, v_t + v_c
    return pd.DataFrame(
        {
            "risk_t": risk_t,
            "risk_c": risk_c,
            "log_rr": log_rr,
            "v_log_rr": v_log_rr,
            "rr": np.exp(log_rr),
            "rr_low": np.exp(log_rr - z * np.sqrt(v_log_rr)),
            "rr_high": np.exp(log_rr + z * np.sqrt(v_log_rr)),
            "rd": rd,
            "v_rd": v_rd,
            "rd_low": rd - z * np.sqrt(v_rd),
            "rd_high": rd + z * np.sqrt(v_rd),
            "excess": rd + stats.norm.isf(1 - level) * np.sqrt(v_rd),
        }
    )


def bootstrap(
    changes: pd.DataFrame,
    threshold: ArrayLike,
    *,
    draws: int = 4000,
    seed: int = 1,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return parametric-bootstrap intervals under the normal shape, all rows at once.

    Means are drawn from their normal, variances from their chi-square distribution.

    Parameters
    ----------
    changes, threshold, level
        As `contrast`.
    draws, seed : int
        Bootstrap samples and the seed of their generator.

    Returns
    -------
    DataFrame
        Index of `changes`; ``rr_low``, ``rr_high``, ``rd_low``, ``rd_high``, ``excess``.
    """
    generator = np.random.default_rng(seed)
    threshold = np.broadcast_to(np.asarray(threshold, dtype=float), len(changes))
    risks = {}
    for arm in "tc":
        worse, sd, n = (changes[f"{name}_{arm}"].to_numpy(float) for name in ("worse", "sd", "n"))
        means = worse + sd / np.sqrt(n) * generator.standard_normal((draws, len(n)))
        sds = sd * np.sqrt(generator.chisquare(n - 1, (draws, len(n))) / (n - 1))
        risks[arm] = stats.norm.sf((threshold - means) / sds)
    tails = [100 * (1 - level) / 2, 100 * (1 + level) / 2]
    rr_low, rr_high = np.percentile(risks["t"] / risks["c"], tails, axis=0)
    difference = risks["t"] - risks["c"]
    rd_low, rd_high = np.percentile(difference, tails, axis=0)
    return pd.DataFrame(
        {
            "rr_low": rr_low,
            "rr_high": rr_high,
            "rd_low": rd_low,
            "rd_high": rd_high,
            "excess": np.percentile(difference, 100 * level, axis=0),
        },
        index=changes.index,
    )


def counted(change: ArrayLike, arm: ArrayLike, threshold: float) -> dict[str, int]:
    """Count who worsened, exactly, from participants.

    Parameters
    ----------
    change : array-like, shape (n,)
        Change of each participant, positive is worse; missing values are left out.
    arm : array-like, shape (n,)
        True for the LKCM arm.
    threshold : float
        Change beyond which someone counts as worse.

    Returns
    -------
    dict
        ``a``, ``n_t``, ``c``, ``n_c``, for `lkcm.harms.events`.
    """
    change, arm = np.asarray(change, dtype=float), np.asarray(arm, dtype=bool)
    known, worse = np.isfinite(change), change > threshold
    return {
        "a": int((worse & arm & known).sum()),
        "n_t": int((arm & known).sum()),
        "c": int((worse & ~arm & known).sum()),
        "n_c": int((~arm & known).sum()),
    }


def number_needed(rd: float, low: float, high: float) -> str:
    """Say a risk difference as a number needed to treat for one more person to be harmed.

    Where the interval includes zero it runs through infinity (Altman 1998, BMJ 317:1309), and
    that is said.

    Parameters
    ----------
    rd, low, high : float
        Difference of the risk of harm, LKCM minus control, and its interval.

    Returns
    -------
    str
        Such as "one more worse for every 12 people (7 to 40)".
    """
    if low > 0:
        return f"one more worse for every {_people(rd)} people ({_people(high)} to {_people(low)})"
    if high < 0:
        ends = f"{_people(low)} to {_people(high)}"
        return f"one fewer worse for every {_people(rd)} people ({ends})"
    return (
        f"anything from one fewer for every {_people(low)} to one more for every {_people(high)}"
    )


def _people(difference: float) -> str:
    return "∞" if difference == 0 else f"{np.ceil(1 / abs(difference)):,.0f}"
