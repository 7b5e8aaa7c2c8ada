"""Two-arm trials: standard error, power and size, with baseline, drop-out and groups.

An effect is a standardised mean difference in standard deviations of the raw outcome. A baseline
that correlates r with the outcome leaves a share 1 - r^2 of the variance (Borm et al. 2007, J Clin
Epidemiol 60:1234); people taught or randomised in groups inflate it by 1 + (m - 1) ICC.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from lkcm.planning import PlanError, refuse

Array = NDArray[np.float64]

#: Which arms are made of groups: cluster trials, or people taught together in the LKCM arm only.
GROUPED = ("both", "lkcm")
#: Nobody runs a trial beyond this many people an arm; a search ends here.
LARGEST_ARM = 10_000_000


@dataclass(frozen=True)
class TwoArm:
    """What is known of a two-arm trial before its size.

    Attributes
    ----------
    r : float
        Correlation of outcome and baseline, 0 to below 1; 0 is a comparison of final scores.
    dropout : float
        Share that is randomised but not analysed, the same in both arms.
    ratio : float
        People randomised to control for each one randomised to LKCM.
    group_size : float
        People analysed in each group, 1 where everybody learns alone.
    icc : float
        Correlation of two people of one group.
    grouped : {"both", "lkcm"}
        Arms that are made of groups.
    alpha : float
        Two-sided type I error.
    """

    r: float = 0.0
    dropout: float = 0.0
    ratio: float = 1.0
    group_size: float = 1.0
    icc: float = 0.0
    grouped: str = "both"
    alpha: float = 0.05

    def __post_init__(self) -> None:
        refuse(
            {
                f"r is {self.r}; allowed: 0 to below 1": not 0 <= self.r < 1,
                f"dropout is {self.dropout}; allowed: 0 to below 1": not 0 <= self.dropout < 1,
                f"ratio is {self.ratio}; allowed: above 0": not self.ratio > 0,
                f"group_size is {self.group_size}; allowed: 1 or more": not self.group_size >= 1,
                f"icc is {self.icc}; allowed: 0 to 1": not 0 <= self.icc <= 1,
                f"grouped {self.grouped!r}; allowed: {', '.join(GROUPED)}": self.grouped
                not in GROUPED,
                f"alpha is {self.alpha}; allowed: above 0 and below 1": not 0 < self.alpha < 1,
            }
        )


def precision(n_t: ArrayLike, design: TwoArm) -> tuple[Array, Array]:
    """Return the standard error of the effect and its degrees of freedom.

    Parameters
    ----------
    n_t : array-like
        People randomised to LKCM; to control, ``design.ratio`` times as many.
    design : TwoArm
        The trial.

    Returns
    -------
    se, df : array
        In the shape of `n_t`. Groups in both arms are the units of a cluster trial; groups in
        one arm have Satterthwaite's degrees of freedom (Roberts & Roberts 2005, Clin Trials
        2:152). Degrees of freedom below one are NaN: there is no test.
    """
    treated = np.asarray(n_t, dtype=float) * (1 - design.dropout)
    control = treated * design.ratio
    size, inflation = design.group_size, 1 + (design.group_size - 1) * design.icc
    in_both = design.grouped == "both"
    from_treated = inflation / treated
    from_control = (inflation if in_both else 1.0) / control
    variance = (1 - design.r**2) * (from_treated + from_control)
    if size == 1:
        df = treated + control - 2 - (design.r > 0)
    elif in_both:
        df = (treated + control) / size - 2
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            parts = from_treated**2 / (treated / size - 1) + from_control**2 / (control - 1)
            df = (from_treated + from_control) ** 2 / parts
        df = np.where(treated / size > 1, df, np.nan)
    return np.sqrt(variance), np.where(df >= 1, df, np.nan)


def power(
    effect: ArrayLike, n_t: ArrayLike, design: TwoArm, *, favours_only: bool = False
) -> Array:
    """Return the power of the two-sided t test.

    Parameters
    ----------
    effect, n_t : array-like
        Standardised mean differences and people randomised to LKCM; they broadcast.
    design : TwoArm
        The trial.
    favours_only : bool
        Count only results that are statistically significant in favour of LKCM.

    Returns
    -------
    array
        Probabilities from the noncentral t; 0 where too few people leave no test.
    """
    se, df = precision(n_t, design)
    ncp, df = np.broadcast_arrays(np.asarray(effect, dtype=float) / se, df)
    untested = np.isnan(df)
    df = np.where(untested, 1.0, df)
    critical = stats.t.isf(design.alpha / 2, df)
    found = beyond(critical, df, ncp)
    if not favours_only:
        found = found + beyond(critical, df, -ncp)
    return np.where(untested, 0.0, found)


def beyond(critical: ArrayLike, df: ArrayLike, ncp: ArrayLike) -> Array:
    """Return the probability that a noncentral t exceeds a critical value above zero.

    Parameters
    ----------
    critical, df, ncp : array-like
        Critical values, degrees of freedom and noncentralities; they broadcast.

    Returns
    -------
    array
        Tails below 1e-12 are given as zero: no plan hangs on them.
    """
    critical, df, ncp = np.broadcast_arrays(critical, df, ncp)
    # Far from its critical value a noncentral t is certain, and SciPy's series slow.
    shift = ncp - critical
    found = np.where(shift > 0, 1.0, 0.0)
    near = np.abs(shift) < 8 + 0.5 * np.abs(critical)
    found[near] = stats.nct.sf(critical[near], df[near], ncp[near])
    return np.clip(found, 0.0, 1.0)


def sample_size(effect: float, design: TwoArm, *, power_wanted: float = 0.8) -> tuple[int, int]:
    """Return the smallest number of people to randomise to each arm.

    Parameters
    ----------
    effect : float
        Standardised mean difference to find, not zero.
    design : TwoArm
        The trial.
    power_wanted : float
        Power of the two-sided test, above alpha and below 1.

    Returns
    -------
    n_t, n_c : int
        People randomised to LKCM and to control.

    Raises
    ------
    PlanError
        An effect of zero, a power out of range, or more people than `LARGEST_ARM`.
    """
    _check_wanted(effect, design, power_wanted)

    def enough(n: int) -> bool:
        return bool(power(abs(effect), n, design) >= power_wanted)

    n_t = smallest(enough, f"an effect of {effect:g}")
    return n_t, int(np.ceil(round(n_t * design.ratio, 9)))


def smallest(enough, about: str) -> int:
    """Return the smallest number of people from 2 on that is enough.

    Parameters
    ----------
    enough : callable
        From a number of people to whether it is enough; once true, true from there on.
    about : str
        What is looked for, for the message.

    Raises
    ------
    PlanError
        If `LARGEST_ARM` is not enough.
    """
    low, high = 1, 2
    while not enough(high):
        low, high = high, high * 2
        if high > LARGEST_ARM:
            raise PlanError(f"{about} needs more than {LARGEST_ARM:,} people an arm")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def closed_size(effect: ArrayLike, design: TwoArm, *, power_wanted: float = 0.8) -> Array:
    """Return the number to randomise to each of two equal arms, in closed form.

    Guenther's correction of the normal formula (1981, Am Stat 35:243): people analysed in an arm
    are 2 (1 - r^2) (z_alpha/2 + z_beta)^2 / d^2 + z_alpha/2^2 / 4. The planner in the page uses
    it; it is within one person of `sample_size`.

    Parameters
    ----------
    effect : array-like
        Standardised mean differences, not zero.
    design : TwoArm
        Without groups and with equal arms.
    power_wanted : float
        Power of the two-sided test.

    Returns
    -------
    array
        Whole numbers.

    Raises
    ------
    PlanError
        Groups or unequal arms.
    """
    refuse(
        {
            "the closed form has no groups": design.group_size > 1,
            "the closed form has equal arms": design.ratio != 1,
        }
    )
    z = stats.norm.isf(design.alpha / 2)
    wanted = (z + stats.norm.ppf(power_wanted)) ** 2 / np.asarray(effect, dtype=float) ** 2
    analysed = 2 * (1 - design.r**2) * wanted + z**2 / 4
    return np.ceil(analysed / (1 - design.dropout))


def _check_wanted(effect: float, design: TwoArm, power_wanted: float) -> None:
    refuse(
        {
            "the effect to find is zero: no size is enough": effect == 0,
            f"power is {power_wanted}; allowed: above alpha and below 1": not design.alpha
            < power_wanted
            < 1,
        }
    )
