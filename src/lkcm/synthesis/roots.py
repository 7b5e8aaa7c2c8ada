"""Roots of many functions at once: Newton's steps, held between known signs."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A root is found when a step moves it by less than this part of its size plus the scale.
TOLERANCE = 1e-12
MAX_STEPS = 100
#: After so many steps Newton crawls, and every third step halves what is known instead.
PATIENCE = 20
#: Steps that would leave the lower bound go three quarters of the way this often before they go
#: to the bound itself: a root above it is then not passed over, and one at it costs little more.
SHY = 3

#: Value and slope at x, for the functions of the given numbers.
Falling = Callable[[Array, NDArray[np.intp]], tuple[Array, Array]]


def find_root(
    function: Falling,
    start: Array,
    scale: Array,
    lower: Array | float = -np.inf,
    upper: Array | float = np.inf,
) -> Array:
    """Find where falling functions cross zero, each by itself.

    Parameters
    ----------
    function : callable
        Takes x and the numbers of the functions that are still looked at, both of shape (n,);
        returns value and slope. Values above zero mean that the root lies further up.
    start : array, shape (B,)
        Where to begin.
    scale : array, shape (B,)
        Yardstick of x, above zero.
    lower, upper : array, shape (B,), or float
        Where the search is held.

    Returns
    -------
    array, shape (B,)
        Roots; ``lower`` where the function is not above zero there, NaN where `MAX_STEPS` steps
        find none.
    """
    x, floor, high = (np.broadcast_to(v, start.shape).astype(float) for v in (start, lower, upper))
    low, shy = floor.copy(), np.zeros(len(x), dtype=int)
    active = np.arange(len(x))
    for step in range(MAX_STEPS):
        at = x[active]
        value, slope = function(at, active)
        low[active] = np.where(value > 0, at, low[active])
        high[active] = np.where(value > 0, high[active], at)
        # nothing is left to be passed over
        shy[active] = np.where((at <= floor[active]) | (value > 0), SHY + 1, shy[active])
        ends = low[active], high[active]
        reach = scale[active] + np.abs(at)
        if step > PATIENCE and step % 3 == 0:
            slope = np.zeros_like(slope)
        moved, towards_floor = _next(at, value, slope, *ends, reach, shy[active])
        shy[active] += towards_floor
        x[active] = np.where((value <= 0) & (at <= floor[active]), at, moved)
        active = active[np.abs(x[active] - at) > TOLERANCE * reach]
        if not len(active):
            return x
    x[active] = np.nan
    return x


def _next(
    at: Array,
    value: Array,
    slope: Array,
    low: Array,
    high: Array,
    reach: Array,
    shy: NDArray[np.int_],
) -> tuple[Array, NDArray[np.bool_]]:
    """Take Newton's step; where it leaves what is known, go to the lower bound or halve.

    Also says where the step goes to the lower bound, or part of the way.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        newton = np.clip(at - value / slope, at - 10 * reach, at + 10 * reach)
        middle = 0.5 * (low + high)
        shorter = np.where(shy < SHY, low + 0.25 * (at - low), low)
    onward = np.where(value > 0, at + reach, np.maximum(at - reach, low))
    fallback = np.where(np.isfinite(middle), middle, onward)
    towards_floor = (newton < low) & (shy <= SHY)
    fallback = np.where(towards_floor, shorter, fallback)
    inside = (slope < 0) & (newton >= low) & (newton <= high)
    return np.where(inside, newton, fallback), towards_floor & ~inside
