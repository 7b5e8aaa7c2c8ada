"""Adaptive Gauss-Hermite quadrature of a logistic model with one random effect a trial."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from lkcm.synthesis.heterogeneity import Array

#: A Newton step that raises the log-likelihood by less than this ends the climb.
STILL = 1e-11
MOST_STEPS = 100


@dataclass(frozen=True)
class Rows:
    """Participants who are alike, trials after one another.

    Attributes
    ----------
    x : array, shape (R, p)
        Design of the fixed effects.
    z : array, shape (R,)
        What the random effect multiplies.
    events, n : array, shape (R,)
        Events and participants.
    starts : array of int, shape (k,)
        First row of each trial.
    """

    x: Array
    z: Array
    events: Array
    n: Array
    starts: Array

    @property
    def trial(self) -> Array:
        """Trial of each row, from 0."""
        return np.repeat(np.arange(len(self.starts)), np.diff([*self.starts, len(self.n)]))

    def total(self, values: Array) -> Array:
        """Sum rows within trials."""
        return np.add.reduceat(values, self.starts, axis=0)


@dataclass(frozen=True)
class Maximum:
    """The top of the likelihood: coefficients, their covariance and the random effect's SD."""

    beta: Array
    tau: float
    covariance: Array
    loglik: float


@dataclass(frozen=True)
class _State:
    loglik: float
    score: Array
    information: Array
    complete: Array


def maximise(data: Rows, nodes: int) -> Maximum:
    """Maximise the likelihood by Newton's steps on the adaptive quadrature.

    Slope and curvature are those of Louis (1982, J R Stat Soc B 44:226): expectations of the
    complete-data score over the random effect, taken by the same quadrature.

    Parameters
    ----------
    data : Rows
        The participants.
    nodes : int
        Nodes in each trial.
    """
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    theta = np.append(np.zeros(data.x.shape[1]), 0.5)
    state = _evaluate(data, theta, points, weights)
    for _ in range(MOST_STEPS):
        direction = _direction(state)
        size = 1.0
        while size > 1e-6:
            moved = theta + size * direction
            new = _evaluate(data, moved, points, weights)
            if new.loglik >= state.loglik - 1e-13 * abs(state.loglik):
                break
            size /= 2
        gain, theta, state = new.loglik - state.loglik, moved, new
        if abs(gain) < STILL * max(1.0, abs(state.loglik)) and np.abs(direction).max() < 1e-7:
            break
    information = state.information
    # At tau = 0 the likelihood says nothing of tau's own error: the rest stands without it.
    flat = information[-1, -1] <= 1e-8 or abs(theta[-1]) < 1e-5
    covariance = np.linalg.inv(information[:-1, :-1] if flat else information)
    return Maximum(theta[:-1], float(abs(theta[-1])), covariance[: len(theta) - 1], state.loglik)


def _direction(state: _State) -> Array:
    for matrix in (state.information, state.complete):
        if np.linalg.eigvalsh(matrix)[0] > 1e-10:
            return np.linalg.solve(matrix, state.score)
    ridge = 1e-6 * np.trace(state.complete) * np.eye(len(state.score))
    return np.linalg.solve(state.complete + ridge, state.score)


def _evaluate(data: Rows, theta: Array, points: Array, weights: Array) -> _State:
    beta, tau = theta[:-1], theta[-1]
    fixed, slope, trial = data.x @ beta, tau * data.z, data.trial
    mode, scale = _modes(data, fixed, slope, trial)
    u = mode[:, None] + np.sqrt(2) * scale[:, None] * points
    eta = fixed[:, None] + slope[:, None] * u[trial]
    log_density = data.total(data.events[:, None] * eta - data.n[:, None] * np.logaddexp(0, eta))
    log_density += -0.5 * u**2 - 0.5 * np.log(2 * np.pi)
    terms = log_density + np.log(weights) + points**2 + np.log(np.sqrt(2) * scale)[:, None]
    loglik = special.logsumexp(terms, axis=1)
    belief = np.exp(terms - loglik[:, None])
    p = special.expit(eta)
    residual = data.events[:, None] - data.n[:, None] * p
    mass = belief[trial] * data.n[:, None] * p * (1 - p)
    by_tau = data.z[:, None] * u[trial]
    scores = np.stack([data.total(residual * column[:, None]) for column in data.x.T], axis=2)
    scores = np.concatenate([scores, data.total(residual * by_tau)[:, :, None]], axis=2)
    mean = np.einsum("kq,kqp->kp", belief, scores)
    spread = np.einsum("kq,kqp,kqr->pr", belief, scores, scores, optimize=True) - mean.T @ mean
    complete = np.empty((len(theta), len(theta)))
    complete[:-1, :-1] = data.x.T @ (mass.sum(axis=1)[:, None] * data.x)
    complete[-1, :-1] = complete[:-1, -1] = data.x.T @ (mass * by_tau).sum(axis=1)
    complete[-1, -1] = (mass * by_tau**2).sum()
    return _State(float(loglik.sum()), mean.sum(axis=0), complete - spread, complete)


def _modes(data: Rows, fixed: Array, slope: Array, trial: Array) -> tuple[Array, Array]:
    """Return where each trial's random effect is most likely, and the width of the peak."""
    u = np.zeros(len(data.starts))
    for _ in range(100):
        p = special.expit(fixed + slope * u[trial])
        gradient = data.total(slope * (data.events - data.n * p)) - u
        curvature = data.total(slope**2 * data.n * p * (1 - p)) + 1
        step = gradient / curvature
        u = u + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-12:
            break
    return u, 1 / np.sqrt(curvature)
