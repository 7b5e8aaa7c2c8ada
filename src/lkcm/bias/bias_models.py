"""Models of publication bias that the Bayesian average runs over, with their priors.

The set and its priors are RoBMA-PSMA's (Bartoš, Maier, Wagenmakers, Doucouliagos & Stanley 2023,
Res Synth Methods 14:99): six selection models and two regressions on the standard error. Here each
is a grid of parameter values with prior weights, so that integrals become sums.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

#: Nodes for one or two unknown weights, and for three.
WEIGHT_NODES = (16, 8)
#: Nodes for the slope of a regression on the standard error.
SLOPE_NODES = 200


@cache
def _legendre(nodes: int) -> tuple[Array, Array]:
    """Nodes and masses between -1 and 1; two hundred of them take a while to find."""
    return leggauss(nodes)


@dataclass(frozen=True)
class SelectionModel:
    """SelectionModel by p value: a result in a worse interval of p is less often published.

    The weights fall from interval to interval; before seeing data every falling sequence is
    equally likely (cumulative Dirichlet with ones).

    Attributes
    ----------
    name : str
        In words.
    prior : float
        Prior probability among the models with bias.
    steps : tuple of float
        p values at which the weight falls.
    two_sided : bool
        Whether p is two-sided, so that results in either direction are published alike.
    """

    name: str
    prior: float
    steps: tuple[float, ...]
    two_sided: bool = False

    def weights(self, nodes: int | None = None) -> tuple[Array, Array]:
        """Return nodes of the weights, shape (J, W), and their prior masses, shape (W,).

        Row 0 belongs to the smallest p values and is one. ``nodes`` is their number a weight, by
        default `WEIGHT_NODES`.
        """
        free = len(self.steps)
        nodes, masses = _legendre(nodes or WEIGHT_NODES[free > 2])
        nodes, masses = (nodes + 1) / 2, masses / 2
        axes = np.meshgrid(*[nodes] * free, indexing="ij")
        mass = np.ones(axes[0].size)
        rows = [np.ones(axes[0].size)]
        for place, axis in enumerate(axes):
            ratio, left = axis.ravel(), free - place
            grid = np.meshgrid(*[masses] * free, indexing="ij")[place].ravel()
            rows.append(rows[-1] * ratio)
            mass = mass * grid * left * ratio ** (left - 1)
        return np.array(rows), mass

    def cuts(self) -> Array:
        """Return the values of z at which the weight changes, the largest first."""
        share = np.array(self.steps) / (2 if self.two_sided else 1)
        return -special.ndtri(share)

    def interval(self, z: Array) -> NDArray[np.int_]:
        """Return the number of the interval in which each z lies, 0 for the smallest p values."""
        size = np.abs(z) if self.two_sided else z
        return (size[..., None] < self.cuts()).sum(-1)

    def probabilities(self, mean: Array, spread: Array) -> Array:
        """Return the probability of each interval for a normal z, shape (..., J)."""
        cuts = self.cuts()
        below = special.ndtr((cuts - mean[..., None]) / spread[..., None])
        if self.two_sided:
            below = below - special.ndtr((-cuts - mean[..., None]) / spread[..., None])
        ends = np.concatenate(
            [np.ones_like(below[..., :1]), below, np.zeros_like(below[..., :1])], axis=-1
        )
        return -np.diff(ends, axis=-1)


@dataclass(frozen=True)
class RegressionModel:
    """Small trials show more: the mean of a trial rises with a power of its standard error.

    Attributes
    ----------
    name : str
        In words.
    prior : float
        Prior probability among the models with bias.
    power : int
        1 (PET) or 2 (PEESE).
    scale : float
        Scale of the half-Cauchy prior of the slope.
    """

    name: str
    prior: float
    power: int
    scale: float

    def slopes(self) -> tuple[Array, Array]:
        """Return nodes of the slope and their prior masses, shape (B,) each."""
        nodes, masses = _legendre(SLOPE_NODES)
        return self.scale * np.tan(np.pi * (nodes + 1) / 4), masses / 2


#: RoBMA-PSMA: half of the prior to selection, half to regressions.
BIAS_MODELS: Sequence[SelectionModel | RegressionModel] = (
    SelectionModel("selection, two-sided p .05", 1 / 12, (0.05,), two_sided=True),
    SelectionModel("selection, two-sided p .05, .10", 1 / 12, (0.05, 0.10), two_sided=True),
    SelectionModel("selection, one-sided p .05", 1 / 12, (0.05,)),
    SelectionModel("selection, one-sided p .025, .05", 1 / 12, (0.025, 0.05)),
    SelectionModel("selection, one-sided p .05, .5", 1 / 12, (0.05, 0.5)),
    SelectionModel("selection, one-sided p .025, .05, .5", 1 / 12, (0.025, 0.05, 0.5)),
    RegressionModel("PET, on the standard error", 1 / 4, 1, 1.0),
    RegressionModel("PEESE, on the variance", 1 / 4, 2, 5.0),
)
