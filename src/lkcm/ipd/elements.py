"""The common data elements: what a file of participants has, one row a participant.

``data/ipd/dictionary.csv`` is written from here (``python -m lkcm.ipd.elements``).
"""

import sys
from dataclasses import dataclass

import pandas as pd

#: Ways to be coded. Codes are few and coarse on purpose: finer ones may single a person out.
ARMS = ("lkcm", "control")
COMPARATORS = ("passive", "active", "mindfulness", "unknown")
GENDERS = ("woman", "man", "other")
EDUCATION = ("primary", "secondary", "tertiary")
PRIOR = ("none", "some", "regular")
YES_NO = ("yes", "no")
#: What the scores of every instrument are brought to: per cent of the possible range.
METRIC = "per cent of the possible range, higher is better"


@dataclass(frozen=True)
class Element:
    """One column of a file of participants.

    Attributes
    ----------
    name, title, meaning : str
        Column name, its heading, and what it holds.
    kind : {"text", "coded", "number"}
        How it is written.
    required : bool
        Whether a file must have it, with no empty cell.
    unit : str
        Unit of a number.
    low, high : float or None
        Smallest and largest possible number.
    values : tuple of str
        Codes.
    one_per_trial : bool
        Whether all participants of a trial have the same value.
    """

    name: str
    title: str
    meaning: str
    kind: str = "text"
    required: bool = False
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()
    one_per_trial: bool = False

    @property
    def allowed(self) -> str:
        """What may stand in a cell, in words."""
        if self.kind == "coded":
            return " | ".join(self.values)
        if self.kind == "number":
            return f"a number from {self.low:g} to {self.high:g}"
        return "text on one line"


def _score(name: str, title: str, when: str) -> Element:
    return Element(name, title, f"Score {when}.", "number", unit=METRIC, low=0, high=100)


def _week(name: str, title: str) -> Element:
    meaning = "Planned time of the measurement, from randomisation."
    return Element(
        name, title, meaning, "number", unit="weeks", low=0, high=520, one_per_trial=True
    )


def _coded(name: str, title: str, meaning: str, values: tuple[str, ...]) -> Element:
    return Element(name, title, meaning, "coded", values=values)


#: All elements in the order in which they stand in a file.
ELEMENTS: tuple[Element, ...] = (
    Element("trial", "Trial", "Identifier of the trial, as in trials.csv.", required=True),
    Element(
        "participant",
        "Participant",
        "A pseudonym, unique in the trial. Never a name, an address or a number that is used "
        "anywhere else.",
        required=True,
    ),
    Element("arm", "Arm", "Arm as randomised.", "coded", required=True, values=ARMS),
    Element(
        "comparator",
        "Comparator",
        "What the control arm was given.",
        "coded",
        values=COMPARATORS,
        one_per_trial=True,
    ),
    Element(
        "cluster",
        "Cluster",
        "Group, class or clinic that was randomised or taught together; empty for people who had "
        "none.",
    ),
    Element("age", "Age", "Age at randomisation.", "number", unit="years", low=4, high=110),
    _coded("gender", "Gender", "Gender by own report.", GENDERS),
    _coded("education", "Education", "Highest level completed.", EDUCATION),
    Element("ethnicity", "Ethnicity", "Group by own report, in the trial's own categories."),
    _coded(
        "minority",
        "Minority",
        "Whether that group is a minority in the country of the trial.",
        YES_NO,
    ),
    Element("country", "Country", "Where the participant lives, two letters (ISO 3166)."),
    _coded("prior_meditation", "Prior meditation", "Practice before randomisation.", PRIOR),
    Element(
        "severity",
        "Baseline severity",
        "Symptoms before randomisation, higher is worse.",
        "number",
        unit="per cent of the possible range",
        low=0,
        high=100,
    ),
    Element("instrument", "Instrument", "Questionnaire of the outcome.", one_per_trial=True),
    _score("outcome_baseline", "Outcome, before", "before randomisation"),
    _score("outcome_mid", "Outcome, during", "during the programme"),
    _score("outcome_post", "Outcome, after", "directly after the programme"),
    _score("outcome_followup", "Outcome, later", "at the longest follow-up"),
    _week("week_mid", "Week of the measurement during"),
    _week("week_post", "Week of the measurement after"),
    _week("week_followup", "Week of the follow-up"),
    Element("mediator", "Mediator", "Questionnaire of the mediator.", one_per_trial=True),
    _score("mediator_baseline", "Mediator, before", "of the mediator before randomisation"),
    _score("mediator_mid", "Mediator, during", "of the mediator during the programme"),
    Element(
        "adherence",
        "Adherence",
        "Share of the sessions attended or exercises done; empty in an arm without a programme.",
        "number",
        unit="share",
        low=0,
        high=1,
    ),
    _coded(
        "worsening",
        "Worsening",
        "Whether symptoms rose reliably from before to after, or an adverse event was recorded.",
        YES_NO,
    ),
)

BY_NAME: dict[str, Element] = {element.name: element for element in ELEMENTS}


def dictionary() -> pd.DataFrame:
    """Return the dictionary of common data elements.

    Returns
    -------
    DataFrame
        One row an element: ``element``, ``title``, ``meaning``, ``kind``, ``required``, ``unit``,
        ``allowed``, ``one_per_trial``.
    """
    return pd.DataFrame(
        [
            {
                "element": element.name,
                "title": element.title,
                "meaning": element.meaning,
                "kind": element.kind,
                "required": "yes" if element.required else "no",
                "unit": element.unit or None,
                "allowed": element.allowed,
                "one_per_trial": "yes" if element.one_per_trial else "no",
            }
            for element in ELEMENTS
        ]
    )


if __name__ == "__main__":
    dictionary().to_csv(sys.stdout, index=False, lineterminator="\n")
