"""Trials that must show what is not there: non-inferiority, and harm beyond a bound."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.prior import Prior
from lkcm.planning.trials.two_arm import Array, TwoArm, beyond, precision, smallest


def non_inferiority_power(
    effect: ArrayLike, n_t: ArrayLike, margin: float, design: TwoArm
) -> Array:
    """Return the power to show that LKCM is not worse than an active treatment by a margin.

    Parameters
    ----------
    effect : array-like
        True difference, above zero where LKCM is better; often zero.
    n_t : array-like
        People randomised to LKCM.
    margin : float
        Largest deficit that would be accepted, above zero.
    design : TwoArm
        The trial; the test is one-sided at half its alpha.

    Raises
    ------
    PlanError
        A margin that is not above zero.
    """
    refuse({f"margin is {margin}; allowed: above 0": not margin > 0})
    se, df = precision(n_t, design)
    ncp, df = np.broadcast_arrays((np.asarray(effect, dtype=float) + margin) / se, df)
    usable = np.where(np.isnan(df), 1.0, df)
    found = beyond(stats.t.isf(design.alpha / 2, usable), usable, ncp)
    return np.where(np.isnan(df), 0.0, found)


def non_inferiority_size(
    effect: float, margin: float, design: TwoArm, *, power_wanted: float = 0.8
) -> int:
    """Return the smallest number to randomise to LKCM that shows non-inferiority.

    Parameters
    ----------
    effect, margin, design
        As `non_inferiority_power`; the effect lies above minus the margin.
    power_wanted : float
        Power of the one-sided test.

    Raises
    ------
    PlanError
        As `non_inferiority_power`, or an effect at or below minus the margin.
    """
    refuse(
        {
            f"margin is {margin}; allowed: above 0": not margin > 0,
            "the true difference is beyond the margin: no size is enough": effect <= -margin,
        }
    )
    return smallest(
        lambda n: bool(non_inferiority_power(effect, n, margin, design) >= power_wanted),
        f"a margin of {margin:g}",
    )


def non_inferiority_assurance(
    n_t: ArrayLike, margin: float, design: TwoArm, prior: Prior
) -> Array:
    """Return the chance to show non-inferiority over a distribution of the true difference.

    Parameters
    ----------
    n_t, margin, design
        As `non_inferiority_power`.
    prior : Prior
        Distribution of the true difference.
    """
    sizes = np.asarray(n_t, dtype=float)[..., None]
    return non_inferiority_power(prior.quantiles(), sizes, margin, design).mean(axis=-1)


def excludable_excess(
    n_t: ArrayLike,
    control_risk: ArrayLike,
    *,
    ratio: float = 1.0,
    power_wanted: float = 0.8,
    level: float = 0.95,
) -> Array:
    """Return the smallest excess risk of harm that a trial can exclude when there is none.

    The one-sided upper bound of the risk difference lies below this excess with the wanted
    power: (z_level + z_power) sqrt(p (1 - p) (1 / n_t + 1 / n_c)).

    Parameters
    ----------
    n_t : array-like
        People analysed in the LKCM arm.
    control_risk : array-like
        Risk of worsening without LKCM, between 0 and 1; also with it, in truth.
    ratio : float
        People in the control arm for each one in the LKCM arm.
    power_wanted, level : float
        Power, and level of the bound.

    Raises
    ------
    PlanError
        A risk out of range.
    """
    risk, n_t = np.asarray(control_risk, dtype=float), np.asarray(n_t, dtype=float)
    refuse({"a risk is not above 0 and below 1": bool(((risk <= 0) | (risk >= 1)).any())})
    z = stats.norm.ppf(level) + stats.norm.ppf(power_wanted)
    return z * np.sqrt(risk * (1 - risk) * (1 / n_t + 1 / (n_t * ratio)))


def excess_size(
    excess: float, control_risk: float, *, power_wanted: float = 0.8, level: float = 0.95
) -> int:
    """Return the people analysed in each of two equal arms that exclude an excess risk.

    Parameters
    ----------
    excess : float
        Excess risk to exclude, above zero.
    control_risk, power_wanted, level
        As `excludable_excess`.

    Raises
    ------
    PlanError
        A risk out of range or an excess that is not above zero.
    """
    refuse({f"excess is {excess}; allowed: above 0": not excess > 0})
    one = float(excludable_excess(1, control_risk, power_wanted=power_wanted, level=level))
    return int(np.ceil(round((one / excess) ** 2, 9)))
