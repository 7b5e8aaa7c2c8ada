"""Who reported on whom: classes of measurement, and what each trial asked of whom."""

import numpy as np
import pandas as pd

from lkcm.synthesis.comparators import comparator_group

#: Classes of measurement in the order of pages, with the words for a reader.
CLASSES = {
    "self": "self-report",
    "second-person": "second-person report",
    "deliverer": "rater who delivers the programme",
    "coder": "coder of recordings or texts",
    "behaviour": "behavioural task",
    "implicit": "implicit task",
    "physiology": "physiology or brain",
    "record": "administrative record",
    "others": "outcome of other people",
    "not-stated": "rater not stated",
}
#: Raters who make a report second-person: none of them is the trained person or trains them.
#: First those who meet the person in daily life, then those who see them in a consulting room.
SECOND_PERSON = {
    "significant-other": "partner, friend or family",
    "parent": "parent",
    "teacher-other": "teacher who does not deliver",
    "recipient": "someone they treat or care for",
    "clinician": "clinician",
    "blind-assessor": "blinded assessor",
}
#: The second persons who know the trained person in daily life.
DAILY = ("significant-other", "parent", "teacher-other", "recipient")
#: Class of the other roles of raters.
BY_ROLE = {
    "self": "self",
    "teacher-delivers": "deliverer",
    "coder": "coder",
    "device": "physiology",
    "record": "record",
}
#: Role that a reporter has by definition, where the table does not state it. A teacher may
#: deliver the programme, a clinician may be the therapist, an observer may be anyone.
IMPLIED = {
    "self": "self",
    "partner": "significant-other",
    "peer": "significant-other",
    "parent": "parent",
    "patient-of-participant": "recipient",
    "behaviour-task": "task",
    "implicit-task": "task",
    "physiology": "device",
}
#: Families of outcomes in the order of pages; within a family the outcomes stand in the order in
#: which one is chosen for a trial that has several.
CONSTRUCTS = {
    "kindness": (
        *("other-compassion", "empathy", "prosocial-behaviour", "social-connectedness"),
        "implicit-bias",
    ),
    "self-compassion": ("self-compassion", "self-criticism", "shame"),
    "symptoms": (
        *("depression", "anxiety", "stress", "ptsd", "negative-affect", "burnout", "eating"),
        *("body-image", "pain"),
    ),
    "wellbeing": ("wellbeing", "life-satisfaction", "positive-affect", "mindfulness"),
    "body": ("physiology", "brain"),
}
#: The families in the words of a chart.
CONSTRUCT_WORDS = {
    "kindness": "kindness to others",
    "self-compassion": "self-compassion",
    "symptoms": "symptoms and distress",
    "wellbeing": "wellbeing",
    "body": "body and brain",
    "other": "other",
}
#: Rows of the chart of who was asked: second persons one by one, the other classes whole.
ASKED = {
    "self": "the trained person",
    **SECOND_PERSON,
    **{name: CLASSES[name] for name in CLASSES if name not in ("self", "second-person")},
}


def rater(rows: pd.DataFrame) -> pd.Series:
    """Return the role of each row's rater: as stated, else as the reporter implies.

    Parameters
    ----------
    rows : DataFrame
        Columns ``reporter`` and ``rater_role``.

    Returns
    -------
    Series of str
        "not-stated" where neither tells.
    """
    stated = rows["rater_role"].mask(rows["rater_role"].isin(["not-stated", ""]))
    return stated.fillna(rows["reporter"].map(IMPLIED)).fillna("not-stated").astype("str")


def measurement_class(rows: pd.DataFrame) -> pd.Series:
    """Return the class of measurement of each row, of `CLASSES`.

    Second-person means someone who is not the trained person and rates the trained person. What
    describes another person (a trained parent's child, a trained clinician's patient) is a class
    of its own, whoever rates it.

    Parameters
    ----------
    rows : DataFrame
        Columns ``reporter``, ``rater_role`` and ``about``.

    Returns
    -------
    Series of str
    """
    role = rater(rows)
    # an empty cell is the trained person, as the data dictionary says
    about = rows["about"].replace("", np.nan).fillna("participant")
    names = np.select(
        [
            about.ne("participant"),
            role.isin(SECOND_PERSON),
            role.eq("task") & rows["reporter"].eq("implicit-task"),
            role.eq("task"),
        ],
        ["others", "second-person", "implicit", "behaviour"],
        role.map(BY_ROLE).fillna("not-stated"),
    )
    return pd.Series(names, index=rows.index, dtype="str")


def construct(outcome: pd.Series) -> pd.Series:
    """Return the family of each outcome, of `CONSTRUCTS`, else "other"."""
    family = {name: key for key, names in CONSTRUCTS.items() for name in names}
    return outcome.map(family).fillna("other").astype("str")


def informant_rows(converted: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of benefit that say something of LKCM against another programme.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.

    Returns
    -------
    DataFrame
        With ``method`` (of `CLASSES`), ``rater`` (a role), ``asked`` (a key of `ASKED`),
        ``construct`` and ``group`` of comparator. Rows on harm, drop-out and one arm alone, and
        those against another LKCM programme, are left out; rows that cannot be used stay, with
        their reason.
    """
    rows = converted[
        converted["harm"].fillna("none").eq("none")
        & converted["effect_scope"].ne("within-group")
        & ~converted["outcome"].isin(["dropout", "adverse-event", "symptom-worsening"])
    ]
    method, role = measurement_class(rows), rater(rows)
    rows = rows.assign(
        method=method,
        rater=role,
        asked=role.where(method.eq("second-person"), method),
        construct=construct(rows["outcome"]),
        group=comparator_group(rows["comparator_type"]),
    )
    return rows[rows["group"].notna()]


def asked_matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Count the trials by who was asked and about what, empty cells too.

    Parameters
    ----------
    rows : DataFrame
        Of `informant_rows`.

    Returns
    -------
    DataFrame
        One row a cell: ``asked``, ``rater`` (words), ``construct``, ``about`` (words),
        ``trials``, ``figures`` (trials with a usable figure), ``who`` (their samples), ``whom``
        (whom the measures describe) and ``instruments``, both as the table has them.
    """
    counted = rows.assign(figure=rows["yi"].notna().astype(int))
    cells = counted.groupby(["asked", "construct"]).agg(
        trials=("sample_id", "nunique"),
        who=("sample_id", _listed),
        whom=("about", lambda names: _listed(names.replace("", np.nan).fillna("participant"))),
        instruments=("instrument", _listed),
    )
    figures = counted[counted["figure"].eq(1)].groupby(["asked", "construct"])["sample_id"]
    cells["figures"] = figures.nunique().reindex(cells.index)
    index = pd.MultiIndex.from_product([ASKED, CONSTRUCT_WORDS], names=["asked", "construct"])
    table = cells.reindex(index).reset_index()
    counts = table[["trials", "figures"]].fillna(0).astype(int)
    return table.assign(
        trials=counts["trials"],
        figures=counts["figures"],
        **{name: table[name].fillna("") for name in ("who", "whom", "instruments")},
        rater=table["asked"].map(ASKED),
        about=table["construct"].map(CONSTRUCT_WORDS),
    )


def _listed(names: pd.Series) -> str:
    return ", ".join(sorted({name for name in names.dropna() if name}))
