"""Moderation: for whom it works. Power and size of a treatment-by-moderator interaction."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.trials.two_arm import Array, TwoArm, beyond, precision, smallest


def interaction_power(
    difference: ArrayLike, n_t: ArrayLike, design: TwoArm, *, share: float | None = 0.5
) -> Array:
    """Return the power to see that the effect differs between people.

    Parameters
    ----------
    difference : array-like
        Between two kinds of people: difference of their effects. For a moderator on a scale: by
        how much the effect changes for each of its standard deviations.
    n_t : array-like
        People randomised to LKCM.
    design : TwoArm
        A trial without groups.
    share : float or None
        Share of people of the first kind, the same in both arms; None for a scale.

    Returns
    -------
    array
        The variance is that of the main effect, divided by share (1 - share) for two kinds: with
        two halves, four times that of the main effect.

    Raises
    ------
    PlanError
        Groups, or a share out of range.
    """
    refuse(
        {
            "interactions are planned for trials without groups": design.group_size > 1,
            f"share is {share}; allowed: above 0 and below 1": share is not None
            and not 0 < share < 1,
        }
    )
    se, df = precision(n_t, design)
    widening = 1.0 if share is None else 1 / np.sqrt(share * (1 - share))
    ncp, df = np.broadcast_arrays(np.asarray(difference, dtype=float) / (se * widening), df - 2)
    untested = ~(df >= 1)
    df = np.where(untested, 1.0, df)
    critical = stats.t.isf(design.alpha / 2, df)
    found = beyond(critical, df, ncp) + beyond(critical, df, -ncp)
    return np.where(untested, 0.0, found)


def interaction_size(
    difference: float,
    design: TwoArm,
    *,
    share: float | None = 0.5,
    power_wanted: float = 0.8,
) -> int:
    """Return the smallest number to randomise to LKCM that shows a moderator.

    Parameters
    ----------
    difference, design, share
        As `interaction_power`; the difference is not zero.
    power_wanted : float
        Power of the two-sided test.

    Raises
    ------
    PlanError
        As `interaction_power`, or a difference of zero.
    """
    refuse({"the difference to find is zero: no size is enough": difference == 0})

    def enough(n: int) -> bool:
        found = interaction_power(abs(difference), n, design, share=share)
        return bool(found >= power_wanted)

    return smallest(enough, f"a difference of {difference:g}")
