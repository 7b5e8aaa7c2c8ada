"""Does LKCM work less in clinical samples? One contrast with its interval, not two p values."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.evidence.describe import CLINICAL
from lkcm.synthesis.censored import AcrossLevels, synthesise_each
from lkcm.synthesis.coefficients import Coefficient
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.level_contrasts import mover
from lkcm.synthesis.outcome import GroupPool, pool_group
from lkcm.synthesis.pooled import Interval
from lkcm.words import interval, number

#: Below this many trials on either side no contrast is fitted.
FITTED_FROM = 4
#: Below this many trials on either side no conclusion is drawn from one.
CONCLUDED_FROM = 10


@dataclass(frozen=True)
class Population:
    """The trials of one kind of sample.

    Attributes
    ----------
    name : str
        "clinical" or "non-clinical".
    figures : GroupPool
        Trials with a usable figure, pooled.
    levels : AcrossLevels
        All levels of evidence together.
    """

    name: str
    figures: GroupPool
    levels: AcrossLevels


@dataclass(frozen=True)
class ClinicalContrast:
    """Clinical minus non-clinical, for one outcome and group of comparators.

    Attributes
    ----------
    clinical, other : Population
        The two kinds of samples.
    figures : Coefficient or None
        Difference of the pooled figures by meta-regression with CR2 errors; None with fewer than
        `FITTED_FROM` trials on a side.
    across : dict
        By variant of the synthesis across levels: estimate and interval of the difference, or
        None.
    """

    clinical: Population
    other: Population
    figures: Coefficient | None
    across: dict[str, tuple[float, Interval] | None]

    @property
    def fewest(self) -> int:
        """Trials on the smaller side, all levels of evidence."""
        return min(len(side.levels.chosen.kept) for side in (self.clinical, self.other))


def clinical_contrast(
    rows: pd.DataFrame, levels: tuple[str, ...] = CLINICAL, others: tuple[str, ...] = ("none",)
) -> ClinicalContrast:
    """Contrast clinical with non-clinical samples.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, narrowed to one group of comparators, with
        ``clinical_level``.
    levels, others : tuple of str
        Values of ``clinical_level`` on the two sides; other values are left out.
    """
    parts = {
        name: rows[rows["clinical_level"].isin(list(values))]
        for name, values in (("clinical", levels), ("non-clinical", others))
    }
    sides = {
        name: Population(name, pool_group(parts[name], name), across)
        for name, across in synthesise_each(parts).items()
    }
    clinical, other = sides["clinical"], sides["non-clinical"]
    across = {}
    for variant in clinical.levels.fits:
        one, two = (side.levels.fits[variant] for side in (clinical, other))
        told = one.headline and two.headline and one.ci and two.ci
        across[variant] = difference(one.estimate, one.ci, two.estimate, two.ci) if told else None
    return ClinicalContrast(clinical, other, _meta_regression(clinical, other), across)


def _meta_regression(clinical: Population, other: Population) -> Coefficient | None:
    kept = [side.figures.kept for side in (clinical, other)]
    if min(len(table) for table in kept) < FITTED_FROM:
        return None
    both = pd.concat(kept)
    is_clinical = np.repeat([1.0, 0.0], [len(table) for table in kept])
    fit = pool_dependent(
        both["yi"], both["vi"], both["sample_id"], moderators={"clinical": is_clinical}
    )
    return next(one for one in fit.coefficients if one.name == "clinical")


def difference(
    one: float, one_ci: Interval, two: float, two_ci: Interval
) -> tuple[float, Interval]:
    """Return the difference of two independent estimates with its interval.

    The interval is `lkcm.synthesis.level_contrasts.mover`'s.
    """
    return float(one - two), mover(one, one_ci, two, two_ci)


def contrast_sentence(found: ClinicalContrast, noun: str, against: str) -> str:
    """Say what the contrast tells, and how little where it is little.

    Parameters
    ----------
    found : ClinicalContrast
        The contrast.
    noun, against : str
        The outcome and the comparators in words.
    """
    sides = (found.clinical, found.other)
    k = [len(side.levels.chosen.kept) for side in sides]
    trials = f"{number(k[0])} clinical and {number(k[1])} non-clinical trials"
    if found.figures is not None:
        told = interval(found.figures.estimate, found.figures.ci)
        return (
            f"On {noun} beside {against}, clinical minus non-clinical samples: g {told}, from "
            f"printed figures. {_which(dict(figures=(found.figures.estimate, found.figures.ci)))}"
        )
    few = [len(side.figures.kept) for side in sides]
    figures = f"{number(few[0])} and {number(few[1])} print a usable figure"
    known = [(name, value) for name, value in found.across.items() if value is not None]
    if not known or found.fewest < FITTED_FROM:
        bounded = [max(fit.bounded for fit in side.levels.fits.values()) for side in sides]
        return (
            f"Whether LKCM does less for {noun} in clinical samples cannot be told: beside "
            f"{against}, {trials} say "
            f"anything usable, {number(bounded[0])} and {number(bounded[1])} of them bound the "
            f"effect on both sides, and {figures}."
        )
    told = " or ".join(interval(*value) for _, value in known)
    caution = (
        f"Fewer than {CONCLUDED_FROM} trials on one side: no conclusion."
        if found.fewest < CONCLUDED_FROM
        else _which(dict(known))
    )
    reads = ", by the two readings of bare directions" if len(known) > 1 else ""
    return (
        f"On {noun} beside {against}, clinical minus non-clinical samples across all levels of "
        f"evidence: g {told}{reads} ({trials}; {figures}). {caution}"
    )


def _which(known: dict[str, tuple[float, Interval]]) -> str:
    """Say in which kind of sample the effect is larger, if that can be told."""
    if all(ends[0] > 0 for _, ends in known.values()):
        return "The effect is larger in clinical samples."
    if all(ends[1] < 0 for _, ends in known.values()):
        return "The effect is smaller in clinical samples."
    return "In which of the two the effect is larger cannot be told."
