"""Properties of trials by which their effects may differ: moderators, ready to be used."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.evidence.describe import CLINICAL

#: What a moderator's class is called where the source does not say.
NOT_STATED = "not stated"
#: Columns of the trials table that moderators need.
FROM_TRIALS = ("clinical_level", "delivery", "age_group", "weeks", "sessions", "year")


@dataclass(frozen=True)
class Moderator:
    """A property of trials by which their effects may differ.

    Attributes
    ----------
    name : str
        In words.
    column : str
        Of `with_moderators`.
    unit : str
        What one step of a number is, in words; "" for classes.
    """

    name: str
    column: str
    unit: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the moderator is a number rather than a set of classes."""
        return bool(self.unit)


#: In the order in which they enter a model together.
MODERATORS = (
    Moderator("comparator", "comparator_group"),
    Moderator("clinical or not", "clinical_sample"),
    Moderator("people in the trial", "doublings", "doubling of the size"),
    Moderator("delivery", "delivery"),
    Moderator("LKCM share", "lkcm_core"),
    Moderator("weeks of training", "weeks", "week"),
    Moderator("sessions", "sessions", "session"),
    Moderator("year", "decades", "ten years"),
    Moderator("age group", "age_group"),
    Moderator("programme", "intervention_class"),
    Moderator("clinical level", "clinical_level"),
    Moderator("randomisation label", "randomisation"),
)


def with_moderators(rows: pd.DataFrame, trials: pd.DataFrame) -> pd.DataFrame:
    """Add to rows what their trials are.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, of one outcome or several.
    trials : DataFrame
        The table of trials.

    Returns
    -------
    DataFrame
        With `FROM_TRIALS`, ``comparator_group`` (the group), ``clinical_sample`` (clinical,
        non-clinical), ``doublings`` (log2 of the people in both arms) and ``decades`` (years
        since 2020, in tens). Classes that are not stated are `NOT_STATED`, numbers NaN.
    """
    about = trials.set_index("trial_id")[list(FROM_TRIALS)]
    found = rows.drop(columns=[c for c in FROM_TRIALS if c in rows]).join(about, on="trial_id")
    found["comparator_group"] = found["group"]
    classes = [one.column for one in MODERATORS if not one.is_number]
    found["clinical_sample"] = np.where(
        found["clinical_level"].isin(CLINICAL), "clinical", "non-clinical"
    )
    unknown = found["clinical_level"].isna() | found["clinical_level"].eq("not-stated")
    found["clinical_sample"] = found["clinical_sample"].mask(unknown, NOT_STATED)
    for column in classes:
        text = found[column].astype("string").fillna("").replace({"not-stated": "", "unknown": ""})
        found[column] = text.mask(text.eq(""), NOT_STATED).astype("str")
    size = (found["n_t_used"] + found["n_c_used"]).astype(float)
    found["doublings"] = np.log2(size.where(size > 0))
    found["decades"] = (found["year"].astype(float) - 2020) / 10
    return found
