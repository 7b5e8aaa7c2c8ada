"""Sequential monitoring of one outcome across the editions of a living review.

A review that tests at 5 % in each edition will sooner or later find something. A plan, declared
before the second edition, names outcome, comparator, the effect worth finding and tau2, and spends
the error over the information needed (trial sequential analysis: Wetterslev et al. 2008, J Clin
Epidemiol 61:64; here for a standardised mean difference). Information is the sum of the weights
1 / (v + tau2) with the declared tau2, so that it only grows and its increments are independent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from lkcm.planning import refuse
from lkcm.planning.review.spending import NEVER, SPENDING, crossing, spent_boundaries
from lkcm.planning.trials.two_arm import Array

#: Columns of `Monitored.looks`.
COLUMNS = ("look", "k", "information", "fraction", "z", "boundary", "crossed")


@dataclass(frozen=True)
class Plan:
    """What is declared before the second edition.

    Attributes
    ----------
    outcome, comparator : str
        The one question that is monitored.
    effect : float
        Smallest effect worth finding, above zero.
    tau2 : float
        Variance of true effects, declared and not estimated again at each look.
    alpha, power_wanted : float
        Two-sided type I error over all looks, and power.
    spending : str
        A key of `lkcm.planning.review.spending.SPENDING`.
    """

    outcome: str
    comparator: str
    effect: float
    tau2: float
    alpha: float = 0.05
    power_wanted: float = 0.9
    spending: str = "O'Brien-Fleming"

    def __post_init__(self) -> None:
        refuse(
            {
                f"effect is {self.effect}; allowed: above 0": not self.effect > 0,
                f"tau2 is {self.tau2}; allowed: 0 or more": not self.tau2 >= 0,
                f"alpha is {self.alpha}; allowed: above 0 and below 1": not 0 < self.alpha < 1,
                f"power is {self.power_wanted}; allowed: above alpha and below 1": not self.alpha
                < self.power_wanted
                < 1,
                f"spending {self.spending!r}; allowed: {', '.join(SPENDING)}": self.spending
                not in SPENDING,
            }
        )

    @property
    def information(self) -> float:
        """Information at which the review has its power: ((z_alpha/2 + z_beta) / effect)^2."""
        z = stats.norm.isf(self.alpha / 2) + stats.norm.ppf(self.power_wanted)
        return float((z / self.effect) ** 2)

    def trials(self, n_arm: ArrayLike) -> Array:
        """Return how many trials of a size the information takes.

        Parameters
        ----------
        n_arm : array-like
            People in each arm of a trial.
        """
        weight = 1 / (2 / np.asarray(n_arm, float) + self.tau2)
        return np.ceil(self.information / weight)


@dataclass(frozen=True)
class Monitored:
    """What the looks so far show.

    Attributes
    ----------
    plan : Plan
        As declared.
    looks : DataFrame
        One row a look, `COLUMNS`: trials and information so far, its share of the information
        needed, the statistic, its boundary, and whether it is crossed now or was before.
    repeated_p : float or None
        Least overall error whose boundary the last look would cross (Jennison & Turnbull 2000,
        ch. 9); None without a look.
    words : str
        The state in a sentence.
    """

    plan: Plan
    looks: pd.DataFrame
    repeated_p: float | None
    words: str


def monitor(yi: ArrayLike, vi: ArrayLike, look: Sequence, plan: Plan) -> Monitored:
    """Test the growing evidence at each look against its boundary.

    Parameters
    ----------
    yi, vi : array-like, shape (k,)
        Effects and their sampling variances.
    look : sequence, length k
        Look at which each trial first counts; any labels that sort.
    plan : Plan
        Declared beforehand.

    Returns
    -------
    Monitored
        Looks in order. Without a trial: no look, and the words say so.

    Raises
    ------
    PlanError
        Lists of different length, or what is not a finite number.
    """
    y, v, when = np.asarray(yi, float), np.asarray(vi, float), np.asarray(look)
    refuse({"effects, variances and looks differ in number": not len(y) == len(v) == len(when)})
    usable = np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()
    refuse({"effects must be numbers and variances above zero": not usable})
    if not len(y):
        return Monitored(plan, pd.DataFrame(columns=list(COLUMNS)), None, "no trial yet: no look")
    weight = 1 / (v + plan.tau2)
    table = pd.DataFrame({"look": when, "k": 1, "w": weight, "wy": weight * y})
    table = table.groupby("look", sort=True).sum().cumsum().reset_index()
    fraction = (table["w"] / plan.information).to_numpy()
    z = (table["wy"] / np.sqrt(table["w"])).to_numpy()
    boundary = _boundaries(fraction, plan)
    looks = pd.DataFrame(
        {
            "look": table["look"],
            "k": table["k"],
            "information": table["w"],
            "fraction": fraction,
            "z": z,
            "boundary": boundary,
            "crossed": np.logical_or.accumulate(np.abs(z) >= boundary),
        }
    )
    return Monitored(plan, looks, _repeated_p(fraction, z[-1], plan), _words(looks))


def boundaries_to_come(seen: Monitored, fractions: ArrayLike) -> pd.DataFrame:
    """Return the boundaries of looks to come, with what the looks so far have spent.

    Parameters
    ----------
    seen : Monitored
        The looks so far.
    fractions : array-like
        Information at further looks as shares of the information needed; those already passed
        are left out.

    Returns
    -------
    DataFrame
        ``fraction`` and ``boundary``, from the last look on.
    """
    so_far = seen.looks["fraction"].to_numpy(float)
    wanted = np.asarray(fractions, float)
    further = wanted[wanted > (so_far[-1] if len(so_far) else 0.0)]
    every = np.concatenate([so_far, further])
    table = pd.DataFrame({"fraction": every, "boundary": _boundaries(every, seen.plan)})
    return table.iloc[max(len(so_far) - 1, 0) :].reset_index(drop=True)


def naive_error(looks: int, alpha: float = 0.05) -> Array:
    """Return the overall type I error after each of equally informative looks at full alpha.

    Parameters
    ----------
    looks : int
        Number of looks.
    alpha : float
        Two-sided error of each.
    """
    fractions = np.arange(1, looks + 1) / looks
    return np.cumsum(crossing(fractions, np.full(looks, stats.norm.isf(alpha / 2))))


def _boundaries(fraction: Array, plan: Plan, alpha: float | None = None) -> Array:
    """Return the boundaries; looks past the information needed repeat the last one's."""
    until = max(int((fraction < 1).sum()) + 1, 1)
    used = np.minimum(fraction[:until], 1.0)
    bounds = spent_boundaries(used, alpha=alpha or plan.alpha, spending=plan.spending)
    return np.concatenate([bounds, np.full(len(fraction) - len(bounds), bounds[-1])])


def _repeated_p(fraction: Array, z: float, plan: Plan) -> float:
    """Return, by halving log alpha, the least overall alpha that the last look crosses."""
    low, high = -14.0, 0.0
    for _ in range(16):
        middle = (low + high) / 2
        crossed = abs(z) >= _boundaries(fraction, plan, float(np.exp(middle)))[-1]
        low, high = (low, middle) if crossed else (middle, high)
    return float(np.exp(high))


def _words(looks: pd.DataFrame) -> str:
    last = looks.iloc[-1]
    share = f"{100 * last['fraction']:.0f} % of the information needed"
    if last["crossed"]:
        first = looks[looks["crossed"]].iloc[0]
        side = "favour of LKCM" if first["z"] > 0 else "favour of the control"
        return f"the boundary is crossed in {side} with {share}"
    if last["fraction"] >= 1:
        return f"the information needed is there and no boundary is crossed ({share})"
    reach = "no statistic can cross yet" if last["boundary"] >= NEVER else "no boundary is crossed"
    return f"{reach} with {share}"
