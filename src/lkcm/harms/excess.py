"""Protective or harmful: risks of worsening pooled over trials, and the excess they exclude."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.harms.events import ESTIMABLE_FROM
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import UNCERTAIN_BELOW, Pooled, headline_test
from lkcm.words import interval, percent, tenth

#: Verdicts on worsening with the rule of each.
VERDICTS = {
    "cannot be told": "fewer than three trials with both arms and an expected event",
    "very uncertain": "three or four such trials, whatever they show",
    "protective": "the interval of the risk ratio lies below one",
    "harmful": "the interval of the risk ratio lies above one",
    "unclear": "the interval of the risk ratio includes one",
}


#: A smaller risk is none: its logarithm is an accident of the tail of the assumed shape.
LEAST_RISK = 1e-6


@dataclass(frozen=True)
class Excess:
    """Worsening in LKCM arms beside their controls, over trials.

    Attributes
    ----------
    k, n : int
        Trials and people.
    k_events : int
        Trials in which at least one case is expected.
    ratio : Pooled or None
        Log risk ratio, random effects; None below `ESTIMABLE_FROM` trials.
    difference : Pooled or None
        Risk difference, random effects; None below `ESTIMABLE_FROM` trials.
    bound : float or None
        One-sided upper bound of the excess risk that the data exclude, from the difference.
    level : float
        Level of the bound and of the intervals.
    verdict : str
        A key of `VERDICTS`.
    """

    k: int
    n: int
    k_events: int
    ratio: Pooled | None
    difference: Pooled | None
    bound: float | None
    level: float
    verdict: str


def pool_worsening(contrasts: pd.DataFrame, *, level: float = 0.95) -> Excess:
    """Pool risks of worsening, one contrast a trial.

    Parameters
    ----------
    contrasts : DataFrame
        Of `lkcm.harms.worsening.contrast`, with ``n_t`` and ``n_c``. A risk of zero, or below
        `LEAST_RISK`, has no ratio: such a contrast is left out.
    level : float
        Level of intervals and bound.

    Returns
    -------
    Excess
        Without a pooled ratio when fewer than three trials expect an event (at least one in both
        arms together).
    """
    contrasts = contrasts[(contrasts[["risk_t", "risk_c"]] > LEAST_RISK).all(axis=1)]
    events = contrasts["risk_t"] * contrasts["n_t"] + contrasts["risk_c"] * contrasts["n_c"]
    k, n = len(contrasts), int((contrasts["n_t"] + contrasts["n_c"]).sum())
    k_events = int((events >= 1).sum())
    if k_events < ESTIMABLE_FROM:
        return Excess(k, n, k_events, None, None, None, level, "cannot be told")
    options = {"test": headline_test(k), "level": level}
    ratio = pool(contrasts["log_rr"], contrasts["v_log_rr"], **options)
    difference = pool(contrasts["rd"], contrasts["v_rd"], **options)
    bound = difference.estimate + stats.t.ppf(level, k - 1) * difference.se
    return Excess(k, n, k_events, ratio, difference, float(bound), level, _verdict(ratio))


def _verdict(ratio: Pooled) -> str:
    if ratio.k < UNCERTAIN_BELOW:
        return "very uncertain"
    low, high = ratio.ci if ratio.ci else (0.0, 0.0)
    if high < 0:
        return "protective"
    return "harmful" if low > 0 else "unclear"


def sentence(found: Excess, threshold: str) -> str:
    """Say in one sentence what trials show of worsening, with its uncertainty.

    Parameters
    ----------
    found : Excess
        The pooled risks.
    threshold : str
        What counts as worse, in words, such as "any worsening".
    """
    if found.ratio is None:
        return _untold(found, threshold)
    ratio = _ratio(found)
    word = {
        "very uncertain": "leaves more or fewer people worse is very uncertain",
        "unclear": "is protective or harmful is unclear",
    }.get(found.verdict)
    opening = (
        f"Whether random assignment to LKCM {word}"
        if word
        else f"Random assignment to LKCM is {found.verdict}"
    )
    return (
        f"{opening}: risk ratio {ratio} for {threshold} in {found.k} trials ({found.n} people); "
        f"under the same model {_excluded(found)}."
    )


def _excluded(found: Excess) -> str:
    """Say what excess is excluded, and what the two-sided interval still allows."""
    sided = f"(one-sided, {percent(found.level)})"
    if found.bound <= 0:
        return f"any excess is excluded {sided}"
    told = f"an excess above {tenth(found.bound)} of people is excluded {sided}"
    reach = found.difference.ci[1] if found.difference.ci else found.bound
    return f"{told}, though the two-sided interval reaches {tenth(min(reach, 1.0))}"


def headline(found: Excess, threshold: str) -> str:
    """Say the same as the title of a chart."""
    if found.ratio is None:
        return f"{threshold.capitalize()}: a risk ratio cannot be told"
    return f"{threshold.capitalize()}: risk ratio {_ratio(found)}, k = {found.k}; {found.verdict}"


def _ratio(found: Excess) -> str:
    ends = None if found.ratio.ci is None else tuple(np.exp(found.ratio.ci))
    return interval(np.exp(found.ratio.estimate), ends)


def _untold(found: Excess, threshold: str) -> str:
    few = {0: "no trial prints", 1: "one trial prints"}.get(found.k, f"{found.k} trials print")
    told = f"{few} what it takes in both arms, and a ratio needs {ESTIMABLE_FROM}"
    if found.k >= ESTIMABLE_FROM:
        some = {0: "none", 1: "one"}.get(found.k_events, str(found.k_events))
        told = f"of {found.k} trials, {some} expects a single case"
    question = f"Whether random assignment to LKCM changes the risk of {threshold}"
    return f"{question} cannot be told: {told}."
