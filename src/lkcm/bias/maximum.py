"""Maxima of many functions of a few parameters at once: Newton's steps, damped and bounded."""

from collections.abc import Callable
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


def maximise(function: Function, start: Array, lower: Array, upper: Array) -> Maximum:
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

    Returns
    -------
    Maximum
        The tops.
    """
    at, sets = start.copy(), np.arange(start.shape[1])
    value, gradient, hessian = function(at, sets)
    reached, active = np.zeros(len(sets), bool), sets
    for _ in range(MAX_STEPS):
        here, slope = at[:, active], gradient[:, active]
        low, high = lower[:, active], upper[:, active]
        held = ((here <= low) & (slope < 0)) | ((here >= high) & (slope > 0))
        step = _step(slope, hessian[active], held)
        done = (slope * step).sum(0) < PROMISE
        # The last step needs no test: Newton's precision doubles where the promise is this small.
        at[:, active] = np.clip(here + np.where(done, step, 0.0), low, high)
        reached[active[done]] = True
        active = active[~done]
        if not len(active):
            break
        climbed = _climb(function, at, step[:, ~done], value, (lower, upper), active)
        value[active], gradient[:, active], hessian[active] = climbed
    value, _, hessian = function(at, sets)
    return Maximum(at, value, hessian, reached & np.isfinite(value))


def _step(slope: Array, hessian: Array, held: NDArray[np.bool_]) -> Array:
    slope = np.where(held, 0.0, slope)
    held = held.T
    matrix = np.where(held[:, :, None] | held[:, None, :], 0.0, -hessian)
    places = np.arange(matrix.shape[1])
    matrix[:, places, places] = np.where(held, 1.0, matrix[:, places, places])
    values, vectors = np.linalg.eigh(matrix)
    values = np.maximum(np.abs(values), 1e-10 * np.abs(values).max(1, keepdims=True) + 1e-300)
    turned = np.einsum("nij,in->nj", vectors, slope) / values
    return np.einsum("nij,nj->in", vectors, turned)


def _climb(
    function: Function,
    at: Array,
    step: Array,
    value: Array,
    bounds: tuple[Array, Array],
    active: NDArray[np.intp],
) -> tuple[Array, Array, Array]:
    """Go along the steps, halved until they climb; moves ``at`` and returns what is found."""
    here, low, high = at[:, active], bounds[0][:, active], bounds[1][:, active]
    share, left = np.ones(len(active)), np.arange(len(active))
    found = None
    for _ in range(MAX_HALVINGS):
        moved = np.clip(here[:, left] + share[left] * step[:, left], low[:, left], high[:, left])
        tried = function(moved, active[left])
        if found is None:
            found = tried
            at[:, active] = moved
        else:
            at[:, active[left]] = moved
            found[0][left], found[1][:, left], found[2][left] = tried
        left = left[~(found[0][left] >= value[active[left]])]
        if not len(left):
            break
        share[left] *= 0.5
    return found
