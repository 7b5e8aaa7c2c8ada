"""The result of pooling dependent effects: coefficients with CR2 errors, variances, words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.synthesis.coefficients import Coefficient, Inference, coefficient_frame
from lkcm.synthesis.pooled import HEADLINE_FROM, UNCERTAIN_BELOW, Interval, PoolError
from lkcm.synthesis.sandwich import Wald

#: Below these degrees of freedom Satterthwaite's t test errs too often (Tipton 2015, Psychol
#: Methods 20:375).
UNRELIABLE_BELOW = 4


@dataclass(frozen=True)
class Dependent:
    """A pool of dependent effects; what the studies at hand do not define is None.

    Attributes
    ----------
    k, n_studies : int
        Numbers of effects and of studies.
    rho : float
        Assumed correlation of the sampling errors of two outcomes of a study.
    method : str
        REML or ML.
    coefficients : tuple of Coefficient
        The mean effect, or the coefficients of the meta-regression.
    tau2_between : float or None
        Variance of true effects between studies; None for one study.
    tau2_within : float or None
        Variance of true effects within studies; None for one effect, and 0 by definition where
        every study has one effect.
    loglik : float
        Log-likelihood with all constants, as metafor.
    q, q_df, q_p : float, int, float; None for as many coefficients as effects
        Generalised Q of residual heterogeneity, its degrees of freedom and p value.
    typical_variance : float or None
        Sampling variance against which I2 is reckoned.
    prediction_interval : tuple of two floats, or None
        Where the true effect of a further effect of a further study lies: t with Satterthwaite's
        df, variance tau2_between + tau2_within + se2. None with moderators and below 3 studies.
    weights : tuple of float, or None
        Each effect's weight in the mean in per cent, in the order of the input (a weight may be
        negative where rho is high and variances differ); None with moderators.
    headline : bool
        Whether there are studies enough (three) for a pooled headline.
    notes : tuple of str
        What a reader must know beside the numbers, in words.
    inference : Inference
        For `contrast` and `wald`.
    """

    k: int
    n_studies: int
    rho: float
    method: str
    coefficients: tuple[Coefficient, ...]
    tau2_between: float | None
    tau2_within: float | None
    loglik: float
    q: float | None
    q_df: int | None
    q_p: float | None
    typical_variance: float | None
    prediction_interval: Interval
    weights: tuple[float, ...] | None
    headline: bool
    notes: tuple[str, ...]
    inference: Inference = field(repr=False, compare=False)

    @property
    def mean(self) -> Coefficient:
        """The first coefficient: the mean effect where there are no moderators."""
        return self.coefficients[0]

    @property
    def tau2(self) -> float | None:
        """Variance of true effects, between and within studies together."""
        if self.tau2_within is None:
            return None
        return self.tau2_within + (self.tau2_between or 0.0)

    @property
    def i2_between(self) -> float | None:
        """Per cent of the total variance that is between studies."""
        return self._share(self.tau2_between)

    @property
    def i2_within(self) -> float | None:
        """Per cent of the total variance that is between the effects of a study."""
        return self._share(self.tau2_within)

    @property
    def i2(self) -> float | None:
        """Per cent of the total variance that is not sampling variance."""
        return self._share(self.tau2)

    @property
    def h2(self) -> float | None:
        """Total variance in units of the typical sampling variance."""
        return None if self.tau2 is None else self.tau2 / self.typical_variance + 1

    def contrast(self, weights: Mapping[str, float], name: str = "contrast") -> Coefficient:
        """Estimate a combination of coefficients, such as passive minus active.

        Parameters
        ----------
        weights : mapping of str to float
            Weights by name of coefficient; one that is not named has weight zero.
        name : str
            Name of the result.

        Returns
        -------
        Coefficient
            The combination, with its own degrees of freedom.

        Raises
        ------
        PoolError
            A name that is no coefficient.
        """
        vector = np.zeros(len(self.coefficients))
        for position, weight in zip(self._positions(weights), weights.values(), strict=True):
            vector[position] = weight
        return self.inference.combine(name, vector)

    def wald(self, contrasts: list[str] | ArrayLike) -> Wald:
        """Test that several coefficients, or combinations of them, are zero.

        Parameters
        ----------
        contrasts : list of str, or array-like of shape (q, p)
            Names of coefficients, or weights of the coefficients in their order.

        Returns
        -------
        Wald
            Approximate Hotelling T2 test: clubSandwich's ``Wald_test(test = "HTZ")``.

        Raises
        ------
        PoolError
            A name that is no coefficient, rows that are not independent, or too few studies.
        """
        rows = list(contrasts)
        if rows and isinstance(rows[0], str):
            rows = np.eye(len(self.coefficients))[self._positions(rows)]
        matrix = np.asarray(rows, dtype=float)
        if matrix.ndim != 2 or np.linalg.matrix_rank(matrix) < len(matrix):
            raise PoolError("a Wald test needs combinations of coefficients that are independent")
        sandwich = self.inference.sandwich
        if sandwich is None:
            raise PoolError("one study: there is no robust test")
        return sandwich.wald(self.inference.beta, matrix @ self.inference.basis)

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, with nothing in them that JSON cannot hold."""
        kept = [item.name for item in fields(self) if item.name != "inference"]
        row = {name: getattr(self, name) for name in kept}
        return row | {"coefficients": [asdict(one) for one in self.coefficients]}

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, what holds for all of them repeated."""
        low, high = (
            (np.nan, np.nan) if self.prediction_interval is None else self.prediction_interval
        )
        shared = {name: getattr(self, name) for name in ("k", "n_studies", "rho", "method")}
        shared |= {name: getattr(self, name) for name in ("tau2_between", "tau2_within", "loglik")}
        shared |= {"prediction_interval_low": low, "prediction_interval_high": high}
        frame = coefficient_frame(self.coefficients).assign(**shared)
        return frame.astype({"tau2_between": float, "tau2_within": float})

    def _positions(self, names: object) -> list[int]:
        known = [coefficient.name for coefficient in self.coefficients]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise PoolError(f"no coefficient {', '.join(unknown)}; allowed: {', '.join(known)}")
        return [known.index(name) for name in names]

    def _share(self, tau2: float | None) -> float | None:
        if tau2 is None or self.tau2 is None:
            return None
        return 100 * tau2 / (self.tau2 + self.typical_variance)


def dependence_notes(
    coefficients: tuple[Coefficient, ...], sizes: np.ndarray, alone: tuple[str, ...]
) -> tuple[str, ...]:
    """Say what a reader must know beside the numbers.

    Parameters
    ----------
    coefficients : tuple of Coefficient
        The fitted coefficients.
    sizes : array of int, shape (J,)
        Numbers of effects of the studies.
    alone : tuple of str
        Studies that alone determine a combination of coefficients.

    Returns
    -------
    tuple of str
        Notes, the gravest first.
    """
    notes, studies = [], len(sizes)
    if studies == 1:
        notes.append("one study: no robust standard error, nothing is pooled between studies")
    if studies == 2:
        notes.append("two studies: no pooled headline")
    if studies < HEADLINE_FROM:
        notes.append("fewer than 3 studies: no prediction interval")
    if 1 < studies < UNCERTAIN_BELOW:
        notes.append("fewer than 5 studies: very uncertain")
    if alone:
        notes.append(
            f"study {', '.join(alone)} alone determines a coefficient, or a combination of them: "
            "its robust standard error is too small"
        )
    lost = [one.name for one in coefficients if one.se is None]
    if lost and studies > 1:
        notes.append(f"no robust standard error for {', '.join(lost)}: too few studies bear on it")
    if any(one.se == 0 for one in coefficients):
        notes.append("the effects leave no residual: the robust standard error gives no interval")
    few = [one for one in coefficients if one.df is not None and one.df < UNRELIABLE_BELOW]
    if few:
        named = ", ".join(f"{one.name} {one.df:.1f}" for one in few)
        notes.append(f"fewer than 4 degrees of freedom ({named}): p and interval are unreliable")
    if studies > 1 and sizes.max() == 1:
        notes.append(
            "one effect a study: all variance of true effects is counted as between studies"
        )
    return tuple(notes)
