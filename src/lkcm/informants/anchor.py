"""The self-reported effect from which a second-person trial is planned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lkcm.informants.agreement_range import Agreement
from lkcm.informants.classes import CONSTRUCT_WORDS
from lkcm.informants.methods import joint_effect, speaking
from lkcm.synthesis.censored import synthesise
from lkcm.synthesis.outcome import core
from lkcm.synthesis.pooled import Interval


@dataclass(frozen=True)
class Anchor:
    """A self-reported effect and where it comes from.

    Attributes
    ----------
    estimate : float
        Hedges g.
    ci : tuple of two floats, or None
        Its interval; None for an assumed effect.
    k : int
        Trials behind it; 0 for an assumed effect.
    words : str
        Construct, comparators and kind of synthesis.
    """

    estimate: float
    ci: Interval
    k: int
    words: str


def self_reported(
    rows: pd.DataFrame,
    constructs: Mapping[str, Sequence[str]],
    assumed: float,
    *,
    level: float = 0.95,
) -> Anchor:
    """Find a self-reported effect in core trials, the nearest to the first construct.

    For each construct in turn: pooled figures against passive comparators (three trials or
    more); the synthesis across levels against passive comparators; that against all
    comparators together, which is good enough to plan by and not a finding. Its lower variant
    is taken.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.informants.classes.informant_rows`.
    constructs : mapping of str to sequence of str
        Outcomes by construct, the first choice first.
    assumed : float
        Effect to plan by where the evidence has none.
    level : float
        Level of the interval.

    Returns
    -------
    Anchor
    """
    own = core(rows[rows["method"].eq("self")])
    passive = own[own["group"].eq("passive")]
    for name, outcomes in constructs.items():
        about = CONSTRUCT_WORDS.get(name, name)
        mine = passive[passive["outcome"].isin(list(outcomes))]
        k, drawn = joint_effect(mine, "self", Agreement(draws=1), level)
        if drawn is not None and drawn.ci is not None:
            words = f"self-reported {about}, passive comparators, figures"
            return Anchor(drawn.estimate, drawn.ci, k, words)
        for part, against in ((passive, "passive comparators"), (own, "all comparators")):
            found = synthesise(speaking(part[part["outcome"].isin(list(outcomes))], outcomes))
            fits = [fit for fit in found.fits.values() if fit.headline and fit.ci is not None]
            if fits:
                fit = min(fits, key=lambda one: one.estimate)
                words = f"self-reported {about}, {against}, all levels of evidence"
                return Anchor(fit.estimate, fit.ci, fit.k, words)
    return Anchor(assumed, None, 0, "assumed: the evidence has no self-reported effect")
