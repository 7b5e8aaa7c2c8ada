"""Two views of the same trial, and what is published on how far two views agree."""

import pandas as pd

from lkcm.informants.classes import SECOND_PERSON, rater
from lkcm.informants.methods import direction

#: How near the person's own report is to what the other rated.
MATCHES = {
    "same outcome": "the person was asked about the same outcome",
    "same construct": "the person was asked about another outcome of the same kind",
    "none": "no self-report of this kind is printed",
}
#: Reporters of `agreement.csv` in groups, by words in their name, in this order.
OTHERS = {
    "close other": r"close other|friend|partner|informant|observer",
    "parent or teacher": r"parent|teacher",
    "clinician or patient": r"clinician|patient",
    "task or body": r"task|physiology",
}


def paired_views(rows: pd.DataFrame) -> pd.DataFrame:
    """Set beside each second-person row what the trained person said in the same trial.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.informants.classes.informant_rows`.

    Returns
    -------
    DataFrame
        One row a second-person result that says something: ``trial_id``, ``sample_id``,
        ``outcome``, ``instrument``, ``rater`` (words), ``other`` (of
        `lkcm.informants.methods.DIRECTIONS`), ``g_other``, ``self`` (direction, "not printed"
        where there is none, "differ" where self-reports differ), ``g_self``,
        ``self_outcomes``, ``match`` (of `MATCHES`), ``comparator_type`` and ``source_url``.
    """
    said = rows[rows["status"].ne("excluded")]
    said = said.assign(direction=direction(said))
    own = said[said["method"].eq("self")]
    lines = []
    for row in said[said["method"].eq("second-person")].itertuples():
        same = own[
            own["sample_id"].eq(row.sample_id) & own["comparator_type"].eq(row.comparator_type)
        ]
        found, match = same[same["outcome"].eq(row.outcome)], "same outcome"
        if found.empty or row.outcome == "other":
            alike = same["construct"].eq(row.construct) & (row.construct != "other")
            found, match = same[alike], "same construct"
        if found.empty:
            match = "none"
        lines.append(
            {
                **{name: getattr(row, name) for name in KEPT},
                "rater": SECOND_PERSON[row.rater],
                "other": row.direction,
                "g_other": row.yi,
                "self": _one(found["direction"]),
                "g_self": found["yi"].dropna().mean(),
                "self_outcomes": ", ".join(sorted(set(found["outcome"]))),
                "match": match,
            }
        )
    columns = [*KEPT, "rater", "other", "g_other", "self", "g_self", "self_outcomes", "match"]
    return pd.DataFrame(lines, columns=columns)


#: Columns that a pair takes from the second-person row.
KEPT = (
    *("trial_id", "sample_id", "outcome", "instrument", "construct", "comparator_type"),
    *("group", "source_url"),
)


def _one(values: pd.Series) -> str:
    if values.empty:
        return "not printed"
    return values.iloc[0] if values.nunique() == 1 else "differ"


def published_agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Return the published agreements of self-report with another source, in groups.

    They differ in construct, raters and correction, so they are shown and never pooled.

    Parameters
    ----------
    table : DataFrame
        The table ``agreement``.

    Returns
    -------
    DataFrame
        Its columns with ``other`` (of `OTHERS`, else "other"), ``change`` (bool: agreement of
        change rather than of a state) and ``corrected`` (bool: disattenuated, hence higher than
        what two questionnaires show); rows with a coefficient first, lowest first.
    """
    second = table["reporter_b"].fillna("")
    other = pd.Series("other", index=table.index, dtype="str")
    for name, pattern in reversed(OTHERS.items()):
        other = other.mask(second.str.contains(pattern, case=False), name)
    notes = table["notes"].fillna("")
    found = table.assign(
        other=other,
        change=table["construct"].str.startswith("change") | notes.str.contains("CHANGE"),
        corrected=notes.str.contains("corrected for unreliability"),
        own=table["reporter_a"].str.startswith("self"),
    )
    return found.sort_values("correlation", na_position="last", kind="stable").reset_index(
        drop=True
    )


def second_person_trials(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a trial that asked a second person: whom, and whether of kindness."""
    mine = rows[rows["method"].eq("second-person")]
    return (
        mine.assign(role=rater(mine), kind=mine["construct"].eq("kindness"))
        .groupby("sample_id", as_index=False)
        .agg(
            trial_id=("trial_id", "first"),
            raters=("role", lambda roles: ", ".join(sorted(set(roles)))),
            kindness=("kind", "any"),
            usable=("status", lambda values: values.ne("excluded").any()),
        )
    )
