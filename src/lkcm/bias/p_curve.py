"""p-curve: what the significant p values look like among themselves.

Simonsohn, Nelson & Simmons (2014, J Exp Psychol Gen 143:534; 2015, 144:1146). It is for
complete sets: in abstracts p values stand because they are small.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from lkcm.bias.sets import checked_trials
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.pooled import Interval

#: Fewest significant trials of a p-curve.
MINIMUM = 3
#: Two-sided level of "significant", and of the half curve.
LEVEL, HALF = 0.05, 0.025
#: Power that a curve is tested to be flatter than, and the span of the power estimate.
FLAT, SPAN = 1 / 3, (0.05, 0.99)

_CRITICAL = float(special.ndtri(1 - LEVEL / 2))
#: z values beyond this make pp values that doubles cannot hold.
_FARTHEST = 8.0


@dataclass(frozen=True)
class PCurve:
    """A p-curve; what the trials do not define is None.

    Attributes
    ----------
    k, significant : int
        Trials, and those with p below .05 in favour of the treatment: the curve.
    p_values : tuple of float
        Their two-sided p values.
    skew_z, skew_p : float or None
        Stouffer's test that the curve is skewed to the right: some true effect.
    half_z, half_p : float or None
        The same for p below .025.
    binomial_p : float or None
        Chance of so many p values below .025 were the curve flat.
    flat_z, flat_p : float or None
        Test that the curve is flatter than that of trials with a power of one third.
    power, power_ci : float, tuple of two floats; or None
        Power of the trials in the curve, and 90 % interval, held within `SPAN`.
    needs : str or None
        What is missing, in words.
    """

    k: int
    significant: int
    p_values: tuple[float, ...]
    skew_z: float | None
    skew_p: float | None
    half_z: float | None
    half_p: float | None
    binomial_p: float | None
    flat_z: float | None
    flat_p: float | None
    power: float | None
    power_ci: Interval
    needs: str | None

    @property
    def evidential(self) -> bool | None:
        """Whether there is evidential value: half curve at .05, or both curves at .10."""
        if self.skew_p is None:
            return None
        half = 1.0 if self.half_p is None else self.half_p
        return half < 0.05 or (half < 0.10 and self.skew_p < 0.10)


def p_curve(yi: ArrayLike, vi: ArrayLike) -> PCurve:
    """Analyse the curve of significant p values.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects, positive where they favour the treatment, and their sampling variances; one
        independent effect a trial.

    Returns
    -------
    PCurve
        Tests and power.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    effects, variances = checked_trials(yi, vi)
    z = effects / np.sqrt(variances)
    z = np.minimum(z[z > _CRITICAL], _FARTHEST)
    p = 2 * special.ndtr(-z)
    counts = (len(effects), len(z), tuple(p.tolist()))
    if len(z) < MINIMUM:
        return PCurve(*counts, *[None] * 9, needs=f"needs significant trials >= {MINIMUM}")
    skew = _stouffer(p / LEVEL)
    half = _stouffer(p[p < HALF] / HALF) if (p < HALF).any() else None
    flat = _stouffer(_beyond(z, _ncp(FLAT)))
    low = int((p < HALF).sum())
    return PCurve(
        *counts,
        skew_z=skew,
        skew_p=float(special.ndtr(skew)),
        half_z=half,
        half_p=None if half is None else float(special.ndtr(half)),
        binomial_p=1.0 if low == 0 else float(special.betainc(low, len(p) - low + 1, 0.5)),
        flat_z=flat,
        flat_p=float(special.ndtr(flat)),
        power=_power(z, 0.0),
        # The larger the power that is assumed, the lower the curve's z under it.
        power_ci=(_power(z, special.ndtri(0.95)), _power(z, special.ndtri(0.05))),
        needs=None,
    )


def _stouffer(chances: Array) -> float:
    return float(special.ndtri(chances).sum() / np.sqrt(len(chances)))


def _ncp(power: float) -> float:
    return float(_CRITICAL + special.ndtri(power))


def _beyond(z: Array, ncp: float) -> Array:
    """Chance of a smaller z among significant ones, at this true mean of z."""
    inside = special.ndtr(_CRITICAL - ncp)
    chance = (special.ndtr(z - ncp) - inside) / (1 - inside)
    return np.clip(chance, 1e-15, 1 - 1e-15)


def _power(z: Array, target: float) -> float:
    """Find the power at which the curve has a given z, within `SPAN`."""

    def excess(power: float) -> float:
        return _stouffer(_beyond(z, _ncp(power))) - target

    low, high = SPAN
    if excess(low) <= 0:
        return low
    return high if excess(high) >= 0 else float(optimize.brentq(excess, low, high))
