"""The file of a micro-randomised trial, and its occasions as arrays.

One row is an occasion at which a prompt could be given to a participant. The columns are
`COLUMNS`; every further column of numbers can be a moderator or a control variable, as known
before the prompt is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lkcm.planning import PlanError, refuse
from lkcm.planning.trials.two_arm import Array

#: Columns of the file, with what each holds.
COLUMNS = {
    "participant": "who; any text",
    "occasion": "which occasion of the participant, in order; a number",
    "available": "1 if a prompt could be given (awake, not driving, not just prompted), else 0",
    "probability": "probability with which a prompt was drawn, between 0 and 1; known by design",
    "action": "1 if a prompt was given, else 0; 0 where not available",
    "outcome": "what happened next (a rating, or 1 and 0), before the following occasion",
}


@dataclass(frozen=True)
class Occasions:
    """Occasions of participants, in one trial or in many that are simulated side by side.

    Attributes
    ----------
    outcome, action, probability, available : array, shape (..., n, T)
        By participant and occasion; what is not there is not available.
    covariates : mapping of str to array of that shape
        Moderators and control variables.
    """

    outcome: Array
    action: Array
    probability: Array
    available: Array
    covariates: Mapping[str, Array] = field(default_factory=dict)

    @property
    def participants(self) -> int:
        """Number of participants of a trial."""
        return self.outcome.shape[-2]

    def columns(self, names: Sequence[str]) -> Array:
        """Return an intercept and the named covariates, shape (..., n, T, 1 + names).

        Raises
        ------
        PlanError
            An unknown name.
        """
        unknown = [name for name in names if name not in self.covariates]
        known = ", ".join(self.covariates) or "none"
        refuse({f"unknown covariates {unknown}; there are: {known}": bool(unknown)})
        parts = [np.ones_like(self.outcome), *(self.covariates[name] for name in names)]
        return np.stack(parts, axis=-1)


def arrange(table: pd.DataFrame, covariates: Sequence[str] = ()) -> Occasions:
    """Check the file of a micro-randomised trial and lay it out by participant and occasion.

    Parameters
    ----------
    table : DataFrame
        With `COLUMNS`, in any order of rows.
    covariates : sequence of str
        Further columns to take along.

    Raises
    ------
    PlanError
        With every problem of the file.
    """
    absent = [name for name in (*COLUMNS, *covariates) if name not in table.columns]
    refuse({f"columns missing: {', '.join(absent)}": bool(absent), "no rows": table.empty})
    numbers = [name for name in (*COLUMNS, *covariates) if name != "participant"]
    values = table[numbers].apply(pd.to_numeric, errors="coerce")
    _check_rows(table["participant"], values, covariates)
    rows = values.assign(participant=table["participant"].astype(str).to_numpy())
    rows = rows.sort_values(["participant", "occasion"], kind="stable")
    who = rows["participant"].factorize()[0]
    turn = rows.groupby("participant", sort=False).cumcount().to_numpy()
    shape = (who.max() + 1, turn.max() + 1)

    def lay(name: str, empty: float = 0.0) -> Array:
        array = np.full(shape, empty)
        array[who, turn] = rows[name].fillna(empty)
        return array

    return Occasions(
        outcome=lay("outcome"),
        action=lay("action"),
        probability=lay("probability", 0.5),
        available=lay("available"),
        covariates={name: lay(name) for name in covariates},
    )


def _check_rows(who: pd.Series, values: pd.DataFrame, covariates: Sequence[str]) -> None:
    used = values["available"] == 1
    seen = values[used]
    twice = pd.DataFrame({"who": who, "when": values["occasion"]}).duplicated()
    inside = (seen["probability"] > 0) & (seen["probability"] < 1)
    problems = {
        "a participant or an occasion is missing": who.isna() | values["occasion"].isna(),
        "a participant has an occasion twice": twice,
        "available is neither 1 nor 0": ~values["available"].isin([0, 1]),
        "action is neither 1 nor 0": ~values["action"].isin([0, 1]),
        "a prompt was given where none could be": (values["action"] == 1) & ~used,
        "a probability is not between 0 and 1": ~inside,
        "an outcome is missing; leave out the occasion or impute it": ~np.isfinite(
            seen["outcome"]
        ),
    }
    for name in covariates:
        problems[f"{name} is missing or no number"] = ~np.isfinite(seen[name])
    found = [
        f"{words} ({int(wrong.sum())} rows)" for words, wrong in problems.items() if wrong.any()
    ]
    if found:
        raise PlanError("; ".join(found))
    refuse({"fewer than two participants": who.nunique() < 2, "nobody was available": seen.empty})
