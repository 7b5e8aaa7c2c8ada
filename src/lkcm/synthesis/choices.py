"""The choices of a multiverse: what an analyst may do otherwise, and which may be mixed.

Del Giudice & Gangestad (2021, Adv Methods Pract Psychol Sci 4:1): options of a choice are
*equivalent* (they answer one question equally well), *uncertain* (nobody knows which is better),
or *non-equivalent* (they answer different questions, or one is known to be worse). Only the first
two may stand in one curve; options of a non-equivalent choice have a curve each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lkcm.synthesis.outcome import PSYCHOTHERAPY

#: Kinds of choices, with what they mean.
KINDS = {
    "equivalent": "options that answer the same question equally well",
    "uncertain": "options of which nobody knows the better one",
    "non-equivalent": "options that answer different questions, or of which one is known to be "
    "worse: a curve for each, never mixed",
}

Keep = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Choice:
    """One choice of an analysis.

    Attributes
    ----------
    name : str
        In words.
    kind : str
        Of `KINDS`.
    options : mapping
        What each option does, by its name in words; what that is hangs on where the choice acts.
    headline : str
        The option of the headline analysis.
    why : str
        Why the choice is of its kind.
    """

    name: str
    kind: str
    options: Mapping[str, object]
    headline: str
    why: str


#: Choices of how a printed figure becomes an effect: changes to the rules of conversion.
CONVERSIONS = (
    Choice(
        "pre-post correlation",
        "uncertain",
        {f"r = {r}": {"r": r} for r in (0.2, 0.4, 0.6, 0.8)},
        "r = 0.6",
        "hardly any source prints it",
    ),
    Choice(
        "model where not stated",
        "uncertain",
        {name: {"assume_model": name} for name in ("post", "change", "ancova")},
        "post",
        "what a statistic comes from is not told",
    ),
    Choice(
        "printed d and g",
        "uncertain",
        {"as printed": {"rescale_printed": False}, "rescaled": {"rescale_printed": True}},
        "as printed",
        "the standardiser is not told",
    ),
)


def _all(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=rows.index)


#: Choices of which rows take part: from the rows to whether each stays.
ROWS = (
    Choice(
        "programmes",
        "uncertain",
        {
            "core": lambda rows: rows["lkcm_core"].eq("yes"),
            "core and part": lambda rows: rows["lkcm_core"].isin(["yes", "part"]),
            "all": _all,
        },
        "core",
        "how much of a programme must be LKCM is a matter of definition",
    ),
    Choice(
        "quasi-experimental label",
        "uncertain",
        {
            "kept": _all,
            "left out": lambda rows: rows["randomisation"].ne("quasi-experimental-label"),
        },
        "kept",
        "reports state random assignment under that name",
    ),
    Choice(
        "compassion-focused therapy",
        "uncertain",
        {
            "kept": _all,
            "left out": lambda rows: ~rows["intervention_class"].isin(PSYCHOTHERAPY),
        },
        "kept",
        "it is a psychotherapy that teaches LKCM",
    ),
    Choice(
        "levels of evidence",
        "uncertain",
        {
            "sizes stated (1, 2a)": lambda rows: rows["level"].isin(["1", "2a"]),
            "equal arms too (2b)": lambda rows: rows["level"].isin(["1", "2a", "2b"]),
            "exact p values too (2c)": _all,
        },
        "equal arms too (2b)",
        "assumed sizes and p values are weaker evidence, leaving them out selects",
    ),
)

#: How several effects of a trial become one: None by the rule, or the mean at that rho.
UNITS = Choice(
    "effects of a trial",
    "uncertain",
    {
        "one by the rule": None,
        "mean, rho = 0.2": 0.2,
        "mean, rho = 0.6": 0.6,
        "mean, rho = 0.9": 0.9,
    },
    "one by the rule",
    "one total score or all scores describe the same outcome",
)

#: Estimators of tau2.
ESTIMATORS = Choice(
    "estimator of tau2",
    "equivalent",
    {name: name for name in ("REML", "PM", "DL", "ML", "HE")},
    "REML",
    "all estimate the same variance consistently",
)

#: Tests within the Knapp-Hartung family.
TESTS = Choice(
    "Knapp-Hartung factor",
    "uncertain",
    {"at least 1": "knapp-hartung-adhoc", "as it comes": "knapp-hartung"},
    "at least 1",
    "with few trials the plain factor can be far too small, and at least 1 too large",
)

#: Choices that open a curve of their own.
CURVES = (
    Choice(
        "comparator",
        "non-equivalent",
        {name: name for name in ("passive", "active")},
        "passive",
        "another comparator is another question",
    ),
    Choice(
        "time",
        "non-equivalent",
        {"directly after": "post", "follow-up": "followup"},
        "directly after",
        "a lasting effect is another question",
    ),
    Choice(
        "interval",
        "non-equivalent",
        {"Knapp-Hartung": TESTS.options, "Wald": {"Wald": "wald"}},
        "Knapp-Hartung",
        "the Wald interval is known to be too narrow with few trials",
    ),
)

#: All choices that are mixed within a curve, in the order of the columns of a multiverse.
MIXED = (*CONVERSIONS, *ROWS, UNITS, ESTIMATORS, TESTS)
