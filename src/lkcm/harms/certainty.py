"""Certainty of a pooled effect by GRADE, every judgement computed by a stated rule.

Guyatt et al. (2011, J Clin Epidemiol 64:383) give the domains. Randomised trials start at high;
a domain that is serious costs one level, very serious two. Without an assessment of risk of bias
the certainty is capped at low, and while the sources are abstracts reporting is always serious.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.synthesis.outcome import GroupPool
from lkcm.synthesis.pooled import UNCERTAIN_BELOW, Pooled
from lkcm.words import number, share_of, span, two

#: Levels of certainty, with the symbol that readers of Cochrane reviews know.
LEVELS = {
    "high": "⊕⊕⊕⊕",
    "moderate": "⊕⊕⊕◯",
    "low": "⊕⊕◯◯",
    "very low": "⊕◯◯◯",
}
#: What a judgement costs.
COST = {"not serious": 0, "serious": 1, "very serious": 2, "not assessed": 0, "not judged": 0}
#: Without an assessment of risk of bias no certainty is above this.
CAP = "low"
NOT_GRADED = "not graded"
#: The smallest g that counts as important; judgements of precision and consistency hang on it.
IMPORTANT = 0.2
#: The domains with their rules, for the methods page and the chapters.
RULES = {
    "risk of bias": "not assessed from abstracts: certainty is capped at low",
    "inconsistency": "serious if the prediction interval includes zero and true effects vary; "
    "very serious if it also reaches an important effect on both sides and is at least twice as "
    "wide as the confidence interval",
    "indirectness": "not serious: comparators are never mixed and only core trials count",
    "imprecision": "serious if the confidence interval includes zero or fewer people are "
    "analysed than one trial would need to see an important effect; very serious if the interval "
    "reaches an important effect on both sides, or with fewer than five trials",
    "publication bias": "serious while the sources are abstracts, which print what was "
    "statistically significant",
}


@dataclass(frozen=True)
class Domain:
    """One judgement.

    Attributes
    ----------
    name : str
        A key of `RULES`.
    judgement : str
        A key of `COST`.
    because : str
        The reason, with its figures.
    """

    name: str
    judgement: str
    because: str


#: Domains that no figure of the pool decides.
RISK_OF_BIAS = Domain(
    "risk of bias",
    "not assessed",
    "Risk of bias was not assessed, since most sources are abstracts: certainty is capped at low.",
)
INDIRECTNESS = Domain(
    "indirectness",
    "not serious",
    "Only trials whose programme is LKCM at its core, comparators kept apart.",
)
REPORTING = Domain(
    "publication bias",
    "serious",
    "Reporting: abstracts print what was statistically significant, and trials without a figure "
    "are not in the pool.",
)


def of_reporting(shares: pd.DataFrame, noun: str) -> Domain:
    """Judge publication bias of one outcome by what its reports print.

    Parameters
    ----------
    shares : DataFrame
        Of `lkcm.bias.reporting.reporting_shares`, the rows of the outcome.
    noun : str
        The outcome in words.

    Returns
    -------
    Domain
        Serious while the sources are abstracts, with the share of trials that give a figure;
        `REPORTING` where no trial mentions the outcome.
    """
    found = shares[shares["state"].eq("figure")]
    if found.empty or not found["of"].iloc[0]:
        return REPORTING
    line = found.iloc[0]
    because = (
        f"Reporting: {share_of(int(line['trials']), int(line['of']), 'trials')} that mention "
        f"{noun} give a figure; abstracts print what was statistically significant."
    )
    return Domain(REPORTING.name, REPORTING.judgement, because)


@dataclass(frozen=True)
class Certainty:
    """The certainty of one pooled effect.

    Attributes
    ----------
    level : str
        A key of `LEVELS`, or `NOT_GRADED` below three trials.
    domains : tuple of Domain
        The judgements, in the order of `RULES`; empty where not graded.
    """

    level: str
    domains: tuple[Domain, ...]

    @property
    def symbol(self) -> str:
        """The level as GRADE draws it."""
        return LEVELS.get(self.level, "–")

    @property
    def footnotes(self) -> tuple[str, ...]:
        """Reasons of the judgements that lower or cap the certainty."""
        lowers = ("serious", "very serious", "not assessed")
        return tuple(one.because for one in self.domains if one.judgement in lowers)


def certainty(
    found: GroupPool | None,
    *,
    important: float = IMPORTANT,
    risk_of_bias: Domain = RISK_OF_BIAS,
    indirectness: Domain = INDIRECTNESS,
    reporting: Domain = REPORTING,
) -> Certainty:
    """Grade a pooled effect.

    Parameters
    ----------
    found : GroupPool or None
        Trials of one comparator group and their pooled effect.
    important : float
        The smallest g that counts as important.
    risk_of_bias, indirectness, reporting : Domain
        Judgements that are made elsewhere; a chapter on bias may hand in its own.
    """
    if found is None or found.pooled is None or not found.pooled.headline:
        return Certainty(NOT_GRADED, ())
    fit = found.pooled
    people = float(found.kept[["n_t_used", "n_c_used"]].sum().sum())
    domains = (
        risk_of_bias,
        _inconsistency(fit, important),
        indirectness,
        _imprecision(fit, people, important),
        reporting,
    )
    names = list(LEVELS)
    place = sum(COST[one.judgement] for one in domains)
    if risk_of_bias.judgement == "not assessed":
        place = max(place, names.index(CAP))
    return Certainty(names[min(place, len(names) - 1)], domains)


def people_needed(important: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return the optimal information size: people in two equal arms of one trial that sees g.

    ``4 (z_alpha/2 + z_power)^2 / g^2`` (Guyatt et al. 2011, J Clin Epidemiol 64:1283), 785 for
    g = 0.2 and 80 % power.

    Parameters
    ----------
    important : float
        The g to be seen, not zero.
    power, alpha : float
        Power and two-sided significance level.
    """
    z = stats.norm.isf(alpha / 2) + stats.norm.ppf(power)
    return int(np.ceil(4 * z**2 / important**2))


def _inconsistency(fit: Pooled, important: float) -> Domain:
    name = "inconsistency"
    if fit.prediction_interval is None or fit.ci is None:
        return Domain(name, "not judged", "There is no prediction interval to judge by.")
    low, high = fit.prediction_interval
    ends = f"Inconsistency: the prediction interval runs from {span((low, high))}"
    varies = f"τ² {two(fit.tau2)}"
    if low > 0 or high < 0:
        return Domain(name, "not serious", f"{ends} and excludes zero ({varies}).")
    if fit.tau2 == 0:
        return Domain(name, "not serious", f"{ends}, but the trials agree (τ² 0).")
    twice = high - low >= 2 * (fit.ci[1] - fit.ci[0])
    if low <= -important and high >= important and twice:
        judged = f"{ends}, from important harm to important benefit ({varies})."
        return Domain(name, "very serious", judged)
    return Domain(name, "serious", f"{ends} and includes zero ({varies}).")


def _imprecision(fit: Pooled, people: float, important: float) -> Domain:
    name, needed = "imprecision", people_needed(important)
    if fit.ci is None:
        return Domain(name, "very serious", "Imprecision: there is no confidence interval.")
    low, high = fit.ci
    ends = f"Imprecision: the confidence interval runs from {span((low, high))}"
    size = (
        f"{number(people)} people were analysed; one trial that sees g = {two(important)} needs "
        f"{number(needed)}"
    )
    if fit.k < UNCERTAIN_BELOW:
        return Domain(name, "very serious", f"{ends} in only {fit.k} trials; {size}.")
    if low <= -important and high >= important:
        return Domain(name, "very serious", f"{ends}, important effects on both sides; {size}.")
    if low <= 0 <= high or people < needed:
        return Domain(name, "serious", f"{ends}; {size}.")
    return Domain(name, "not serious", f"{ends}; {size}.")
