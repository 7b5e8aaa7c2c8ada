"""Variance components of dependent effects: between studies, and between the effects of a study.

The likelihood is that of y ~ N(X b, V + between * Z Z' + within * I), Z telling the study of each
effect. Everything is summed study by study through Woodbury's identity for a diagonal plus two
vectors, so that the cost is linear in the number of effects.
"""

from dataclasses import dataclass

import numpy as np

from lkcm.synthesis.covariance import SamplingCovariance
from lkcm.synthesis.heterogeneity import Array

#: Starts of the search, as parts of the mean squared residual: the likelihood can have two tops.
STARTS = (0.0, 0.02, 0.1, 0.4, 1.0)
#: Newton's steps end when they move a variance by less than this part of the residual variance.
STEP_TOLERANCE = 1e-13
#: The likelihood is rounded at about this part of its size; a smaller loss is no loss.
LIKELIHOOD_ROUNDING = 1e-12
MAX_STEPS = 100
#: A step that does not climb is halved at most this often.
MAX_HALVINGS = 40


@dataclass(frozen=True)
class Fit:
    """Weighted least squares at given variance components, in the rotated rows.

    Attributes
    ----------
    tau2 : array, shape (2,)
        Variances between and within studies.
    beta, bread : array, shapes (p,) and (p, p)
        Coefficients and their model-based covariance.
    residual, weighted : array, shapes (k,) and (k,)
        y - X b, and the inverse covariance times it.
    weighted_x : array, shape (k, p)
        The inverse covariance times X.
    loglik : float
        Log-likelihood, restricted or not, with all constants (metafor's ``REMLf = TRUE``).
    """

    tau2: Array
    beta: Array
    bread: Array
    residual: Array
    weighted: Array
    weighted_x: Array
    loglik: float


class Likelihood:
    """The (restricted) likelihood of dependent effects.

    Parameters
    ----------
    y, x : array, shapes (k,) and (k, p)
        Effects and design in the rows of ``covariance.rotate``.
    covariance : SamplingCovariance
        Their sampling covariance.
    restricted : bool
        Whether the likelihood is the restricted one.
    """

    def __init__(
        self, y: Array, x: Array, covariance: SamplingCovariance, *, restricted: bool
    ) -> None:
        self.y, self.x, self.covariance, self.restricted = y, x, covariance, restricted
        self.constant = -(len(y) - restricted * x.shape[1]) * np.log(2 * np.pi) / 2
        if restricted:
            self.constant += np.linalg.slogdet(x.T @ x)[1] / 2

    def fit(self, tau2: Array) -> Fit:
        """Fit the coefficients and compute the log-likelihood at ``tau2`` (between, within)."""
        inverse = _Inverse(self.covariance, *tau2)
        weighted_x = inverse.times(self.x)
        information = self.x.T @ weighted_x
        bread = np.linalg.inv(information)
        bread = (bread + bread.T) / 2
        beta = bread @ (weighted_x.T @ self.y)
        residual = self.y - self.x @ beta
        weighted = inverse.times(residual[:, None])[:, 0]
        loglik = self.constant - (inverse.log_determinant + residual @ weighted) / 2
        if self.restricted:
            loglik -= np.linalg.slogdet(information)[1] / 2
        return Fit(np.asarray(tau2), beta, bread, residual, weighted, weighted_x, float(loglik))

    def trace(self, fit: Fit) -> float:
        """Return the trace of the inverse covariance from which X is projected out."""
        inverse = _Inverse(self.covariance, *fit.tau2)
        weighted_ones = inverse.times(self.covariance.ones[:, None])[:, 0]
        removed = np.sum(fit.bread * (fit.weighted_x.T @ fit.weighted_x))
        return float(inverse.traces(weighted_ones)[0][1] - removed)

    def slopes(self, fit: Fit) -> tuple[Array, Array, Array]:
        """Differentiate the log-likelihood by the two variances.

        Formulas: Searle, Casella & McCulloch (1992, Variance Components, ch. 6), with P the
        inverse covariance from which X is projected out and Z_i its derivative by a variance:
        slope -(tr P Z_i - y'P Z_i P y) / 2, curvature tr(P Z_i P Z_j) / 2 - y'P Z_i P Z_j P y.

        Returns
        -------
        slope : array, shape (2,)
            First derivatives.
        observed, expected : array, shape (2, 2)
            Minus the second derivatives, and their expectation.
        """
        starts, codes = self.covariance.starts, self.covariance.codes
        inverse = _Inverse(self.covariance, *fit.tau2)
        ones, weighted_x = self.covariance.ones, fit.weighted_x
        weighted_ones = inverse.times(ones[:, None])[:, 0]
        traces, crossed = inverse.traces(weighted_ones)
        if self.restricted:
            x_ones = np.add.reduceat(weighted_x * ones[:, None], starts)
            x_ones2 = np.add.reduceat(weighted_x * weighted_ones[:, None], starts)
            ones_ones = np.add.reduceat(ones * weighted_ones, starts)
            first = [x_ones.T @ x_ones, weighted_x.T @ weighted_x]
            second = {
                (0, 0): (x_ones * ones_ones[:, None]).T @ x_ones,
                (0, 1): x_ones.T @ x_ones2,
                (1, 1): weighted_x.T @ inverse.times(weighted_x),
            }
            projected = [fit.bread @ moment for moment in first]
            traces = traces - [np.trace(moment) for moment in projected]
            for (i, j), moment in second.items():
                both = np.sum(projected[i] * projected[j].T)
                crossed[i, j] += both - 2 * np.sum(fit.bread * moment)
        crossed[1, 0] = crossed[0, 1]
        sums = np.add.reduceat(ones * fit.weighted, starts)
        pushed = np.column_stack([ones * sums[codes], fit.weighted])
        x_pushed = weighted_x.T @ pushed
        curved = pushed.T @ inverse.times(pushed) - x_pushed.T @ fit.bread @ x_pushed
        squares = np.array([sums @ sums, fit.weighted @ fit.weighted])
        return (squares - traces) / 2, curved - crossed / 2, crossed / 2


class _Inverse:
    """Inverse of sampling covariance + between * ones ones' + within * I, study by study."""

    def __init__(self, covariance: SamplingCovariance, between: float, within: float) -> None:
        self.starts, self.codes = covariance.starts, covariance.codes
        self.ones = covariance.ones
        self.w = 1 / (covariance.diagonal + within)
        self.a, self.b = covariance.common, np.sqrt(between) * covariance.ones
        aa, ab, bb = self._moments(self.w)
        determinant = (1 + aa) * (1 + bb) - ab**2
        # Inverse of the two by two matrix I + B'WB of each study, B holding a and b.
        self.small = ((1 + bb) / determinant, -ab / determinant, (1 + aa) / determinant)
        self.log_determinant = np.log(determinant).sum() - np.log(self.w).sum()

    def times(self, columns: Array) -> Array:
        """Multiply the inverse by columns, shape (k, c)."""
        scaled = self.w[:, None] * columns
        in_a = np.add.reduceat(self.a[:, None] * scaled, self.starts)
        in_b = np.add.reduceat(self.b[:, None] * scaled, self.starts)
        aa, ab, bb = (value[:, None] for value in self.small)
        along_a, along_b = aa * in_a + ab * in_b, ab * in_a + bb * in_b
        pulled = self.a[:, None] * along_a[self.codes] + self.b[:, None] * along_b[self.codes]
        return scaled - self.w[:, None] * pulled

    def traces(self, weighted_ones: Array) -> tuple[Array, Array]:
        """Return tr(S Z_i), shape (2,), and tr(S Z_i S Z_j), shape (2, 2), upper half, S = self.

        ``weighted_ones`` is the inverse times the vector of ones.
        """
        ones_ones = np.add.reduceat(self.ones * weighted_ones, self.starts)
        squared, cubed = self._moments(self.w**2), self._moments(self.w**3)
        aa, ab, bb = self.small
        # Entries of the product of the small inverse and B'W^2 B.
        product = (
            aa * squared[0] + ab * squared[1],
            aa * squared[1] + ab * squared[2],
            ab * squared[0] + bb * squared[1],
            ab * squared[1] + bb * squared[2],
        )
        trace = self.w.sum() - (product[0] + product[3]).sum()
        twice = (self.w**2).sum() + (
            product[0] ** 2
            + 2 * product[1] * product[2]
            + product[3] ** 2
            - 2 * (aa * cubed[0] + 2 * ab * cubed[1] + bb * cubed[2])
        ).sum()
        crossed = np.array([[ones_ones @ ones_ones, weighted_ones @ weighted_ones], [0.0, twice]])
        return np.array([ones_ones.sum(), trace]), crossed

    def _moments(self, w: Array) -> tuple[Array, Array, Array]:
        products = (self.a**2, self.a * self.b, self.b**2)
        return tuple(np.add.reduceat(w * product, self.starts) for product in products)


def maximise(likelihood: Likelihood, free: tuple[bool, bool] = (True, True)) -> Fit:
    """Find the variances at which the likelihood is highest; zero is allowed and exact.

    Parameters
    ----------
    likelihood : Likelihood
        The likelihood.
    free : tuple of two bools
        Whether the variance between and the variance within studies are estimated; one that is
        not is zero.

    Returns
    -------
    Fit
        The fit at the maximum.
    """
    y, x = likelihood.y, likelihood.x
    scale = np.mean((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2)
    grid = [[part * scale for part in STARTS] if is_free else [0.0] for is_free in free]
    candidates = [np.array([between, within]) for between in grid[0] for within in grid[1]]
    best = max((likelihood.fit(tau2) for tau2 in candidates), key=lambda fit: fit.loglik)
    for _ in range(MAX_STEPS):
        climbed = _climb(likelihood, best, np.array(free))
        moved = np.abs(climbed.tau2 - best.tau2).max()
        best = climbed
        if moved <= STEP_TOLERANCE * scale:
            break
    return best


def _climb(likelihood: Likelihood, fit: Fit, free: np.ndarray) -> Fit:
    """Take one of Newton's steps, held at zero or above; Fisher's where the top is not near."""
    slope, observed, expected = likelihood.slopes(fit)
    moving = free & ((fit.tau2 > 0) | (slope > 0))
    if not moving.any():
        return fit
    information = observed[np.ix_(moving, moving)]
    if np.linalg.eigvalsh(information)[0] <= 0:
        information = expected[np.ix_(moving, moving)]
    step = np.zeros(2)
    step[moving] = np.linalg.lstsq(information, slope[moving], rcond=None)[0]
    lowest = fit.loglik - LIKELIHOOD_ROUNDING * (1 + abs(fit.loglik))
    for _ in range(MAX_HALVINGS):
        climbed = likelihood.fit(np.maximum(fit.tau2 + step, 0.0))
        if climbed.loglik >= lowest:
            return climbed
        step /= 2
    return fit
