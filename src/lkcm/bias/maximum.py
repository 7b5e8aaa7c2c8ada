"""Maxima of many functions of a few parameters at once: Newton's steps, damped and bounded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lkcm.synthesis.heterogeneity import Array

#: Steps at most; a likelihood with a top is climbed in about ten.
MAX_STEPS = 200
#: Halvings of a step that does not climb.
MAX_HALVINGS = 40
#: A top is reached when a step promises less than this.
PROMISE = 1e-12

#: Takes parameters (p, n) and the numbers of the functions that are still looked at (n,);
#: returns value (n,), gradient (p, n) and Hessian (n, p, p).
Function = Callable[[Array, NDArray[np.intp]], tuple[Array, Array, Array]]


@dataclass(frozen=True)
class Maximum:
    """Tops of B functions.

    Attributes
    ----------
    at : array, shape (p, B)
        Parameters.
    value : array, shape (B,)
        Values there.
    hessian : array, shape (B, p, p)
        Second derivatives there.
    reached : array of bool, shape (B,)
        Whether the climb came to a top.
    """

    at: Array
    value: Array
    hessian: Array
    reached: NDArray[np.bool_]


def maximise(
    function: Function, start: Array, lower: Array, upper: Array, reach: Array
) -> Maximum:
    """Climb from a start to the top, each function by itself.

    Where the function is not concave the Hessian's eigenvalues are taken without their sign, so
    that every step climbs; a parameter at a bound that pulls outward is held there.

    Parameters
    ----------
    function : callable
        See `Function`.
    start : array, shape (p, B)
        Where to begin, within the bounds.
    lower, upper : array, shape (p, B)
        Bounds, infinite where there is none.
    reach : array, shape (p, B)
        How far a parameter may go in one step.

    Returns
    -------
    Maximum
        The tops.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return _maximise(function, start, lower, upper, reach)


def _maximise(
    function: Function, start: Array, lower: Array, upper: Array, reach: Array
) -> Maximum:
    at, active = start.copy(), np.arange(start.shape[1])
    reached = np.zeros(len(active), bool)
    value, gradient, hessian = _finite(function, at, active)
    active = active[np.isfinite(value)]
    for _ in range(MAX_STEPS):
        here, slope = at[:, active], gradient[:, active]
        low, high = lower[:, active], upper[:, active]
        step = _bounded_step(here, slope, hessian[active], (low, high))
        done = (slope * step).sum(0) < PROMISE * (1 + np.abs(value[active]))
        step /= np.maximum(1.0, np.abs(step / reach[:, active]).max(0))
        # The last step needs no test: Newton's precision doubles where the promise is this small.
        at[:, active] = np.clip(here + np.where(done, step, 0.0), low, high)
        reached[active[done]] = True
        left = ~done
        active, step, low, high = active[left], step[:, left], low[:, left], high[:, left]
        if not len(active):
            break
        moved, *found, climbed = _climb(function, at[:, active], step, value, (low, high), active)
        active = active[climbed]
        at[:, active] = moved[:, climbed]
        value[active], gradient[:, active] = found[0][climbed], found[1][:, climbed]
        hessian[active] = found[2][climbed]
    value, _, hessian = _finite(function, at, np.arange(at.shape[1]))
    return Maximum(at, value, hessian, reached & np.isfinite(value))


def highest(
    function: Function, starts: Sequence[Array], lower: Array, upper: Array, reach: Array
) -> Maximum:
    """Climb from several starts and keep, function by function, the highest top that is reached.

    Parameters
    ----------
    function, lower, upper, reach
        As `maximise`.
    starts : sequence of array, shape (p, B)
        Where to begin; of tops of one height the first is kept.

    Returns
    -------
    Maximum
        The tops.
    """
    if len(starts) == 1:
        return maximise(function, starts[0], lower, upper, reach)
    count, size = len(starts), starts[0].shape[1]

    def again(at: Array, sets: NDArray[np.intp]) -> tuple[Array, Array, Array]:
        return function(at, sets % size)

    edges = (np.tile(edge, (1, count)) for edge in (lower, upper, reach))
    tops = maximise(again, np.hstack(starts), *edges)
    heights = np.where(tops.reached, tops.value, -np.inf).reshape(count, size)
    best = heights.argmax(0) * size + np.arange(size)
    return Maximum(tops.at[:, best], tops.value[best], tops.hessian[best], tops.reached[best])


def _finite(function: Function, at: Array, sets: NDArray[np.intp]) -> tuple[Array, Array, Array]:
    """Evaluate; where a number overflows, the place counts as bottomless."""
    value, gradient, hessian = function(at, sets)
    wrong = ~(np.isfinite(gradient).all(0) & np.isfinite(hessian).all((1, 2)))
    return np.where(wrong | np.isnan(value), -np.inf, value), gradient, hessian


def _bounded_step(here: Array, slope: Array, hessian: Array, bounds: tuple[Array, Array]) -> Array:
    """Newton's step; a parameter that it would push over a bound goes there and is held."""
    low, high = bounds
    held = ((here <= low) & (slope < 0)) | ((here >= high) & (slope > 0))
    step = _step(slope, hessian, held)
    over = ((here + step < low) & (slope < 0)) | ((here + step > high) & (slope > 0))
    if over.any():
        step = _step(slope, hessian, held | over)
        step = np.where(over, np.where(slope < 0, low, high) - here, step)
    return step


def _step(slope: Array, hessian: Array, held: NDArray[np.bool_]) -> Array:
    slope = np.where(held, 0.0, slope)
    held = held.T
    matrix = np.where(held[:, :, None] | held[:, None, :], 0.0, -hessian)
    places = np.arange(matrix.shape[1])
    matrix[:, places, places] = np.where(held, 1.0, matrix[:, places, places])
    matrix, units = in_own_units(matrix)
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(np.abs(values), 1e-10)
    turned = np.einsum("nij,nj->ni", vectors.transpose(0, 2, 1), slope.T / units) / values
    return np.einsum("nij,nj->in", vectors, turned) / units.T


def in_own_units(matrix: Array) -> tuple[Array, Array]:
    """Scale curvatures so that no parameter's unit decides what is flat.

    Parameters
    ----------
    matrix : array, shape (n, p, p)
        Second derivatives.

    Returns
    -------
    scaled : array, shape (n, p, p)
        The same with 1 or -1 (or 0) on the diagonal.
    units : array, shape (n, p)
        Roots of the diagonal's size; ``matrix`` is ``scaled`` times the units of row and column.
    """
    size = np.abs(np.diagonal(matrix, axis1=1, axis2=2))
    units = np.sqrt(np.where(size > 0, size, 1.0))
    return matrix / units[:, :, None] / units[:, None, :], units


def _climb(
    function: Function,
    here: Array,
    step: Array,
    value: Array,
    bounds: tuple[Array, Array],
    active: NDArray[np.intp],
) -> tuple[Array, Array, Array, Array, NDArray[np.bool_]]:
    """Go along the steps, each halved until it climbs; says also which of them did."""
    moved = np.clip(here + step, *bounds)
    found = _finite(function, moved, active)
    left, share = np.flatnonzero(~(found[0] >= value[active])), 1.0
    for _ in range(MAX_HALVINGS):
        if not len(left):
            break
        share *= 0.5
        ends = (bound[:, left] for bound in bounds)
        moved[:, left] = np.clip(here[:, left] + share * step[:, left], *ends)
        found[0][left], found[1][:, left], found[2][left] = _finite(
            function, moved[:, left], active[left]
        )
        left = left[~(found[0][left] >= value[active[left]])]
    climbed = np.ones(len(active), bool)
    climbed[left] = False
    return moved, *found, climbed
