"""Participants as a chapter uses them: real files where there are any, else synthetic ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lkcm.effects.smd import smd
from lkcm.evidence.problems import format_problems, has_errors
from lkcm.ipd.check import check_file
from lkcm.ipd.clusters import without_confounded
from lkcm.ipd.crossproducts import ParticipantError
from lkcm.ipd.files import FORMATS
from lkcm.ipd.plan import plan
from lkcm.ipd.synthetic import TRUTH, Truth, synthesise
from lkcm.ipd.two_stage import TREATMENT
from lkcm.synthesis.pooled import HEADLINE_FROM

#: The dictionary lies beside the participants' files and is none of them.
DICTIONARY = "dictionary.csv"
#: Groups with fewer participants are not shown, so that nobody can be told from a table.
SMALLEST_GROUP = 10


@dataclass(frozen=True)
class Participants:
    """Participants of several trials.

    Attributes
    ----------
    frame : DataFrame
        One row a participant, the common data elements.
    plan : DataFrame or None
        Which trials the synthetic ones imitate; None for real participants.
    truth : Truth or None
        What the synthetic participants are made of; None for real participants.
    """

    frame: pd.DataFrame
    plan: pd.DataFrame | None = None
    truth: Truth | None = None

    @property
    def synthetic(self) -> bool:
        """Whether nobody was measured."""
        return self.truth is not None


def load(
    folder: Path, trials: pd.DataFrame, effects: pd.DataFrame, *, seed: int, k: int = 16
) -> Participants:
    """Load the files in ``folder/ipd``, or make synthetic participants where there are none.

    Parameters
    ----------
    folder : Path
        The evidence folder. Every file of `FORMATS` in ``ipd`` but the dictionary and the logs of
        ``lkcm ipd harmonise`` is read.
    trials, effects : DataFrame
        The evidence, which the synthetic trials imitate.
    seed, k : int
        Of the synthetic participants: seed and number of trials.

    Raises
    ------
    ParticipantError
        With the table of problems, if a real file does not pass its checks.
    """
    files = files_in(folder)
    if not files:
        design = plan(trials, effects, k)
        return Participants(synthesise(design, seed), design, TRUTH)
    frames, problems = zip(*(check_file(path) for path in files), strict=True)
    wrong = [item for found in problems for item in found if has_errors([item])]
    if wrong:
        raise ParticipantError("participants' files do not pass\n" + format_problems(wrong))
    frame = pd.concat(frames, ignore_index=True)
    twice = frame.duplicated(["trial", "participant"])
    if twice.any():
        again = ", ".join(sorted(frame.loc[twice, "trial"].unique()))
        raise ParticipantError(f"participants of {again} stand in more than one file")
    return Participants(frame)


def files_in(folder: Path) -> list[Path]:
    """Return the participants' files of an evidence folder; none where nobody has shared any."""
    place = Path(folder) / "ipd"
    return sorted(p for p in place.glob("*") if p.suffix.lower() in FORMATS and _is_data(p))


def too_few(frame: pd.DataFrame) -> str | None:
    """Say why no effect can be pooled from these participants; None where one can.

    Parameters
    ----------
    frame : DataFrame
        The common data elements.
    """
    scores = frame[["outcome_baseline", "outcome_post"]].notna().all(axis=1)
    known = frame[scores].assign(**{TREATMENT: frame["arm"]})
    arms = without_confounded(known, "cluster", [TREATMENT]).groupby("trial")["arm"].nunique()
    count = int((arms == 2).sum())
    if count >= HEADLINE_FROM:
        return None
    return (
        f"**Too few participants' files.** {count} of {frame['trial'].nunique()} trials have "
        f"scores before and after in both arms, neither of them one group; {HEADLINE_FROM} are "
        "needed. Add files to `ipd` in the evidence folder, or remove them to see the synthetic "
        "example."
    )


def _is_data(path: Path) -> bool:
    return path.name != DICTIONARY and not path.name.endswith(".log.csv")


def prepare(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn elements into the numbers that models use.

    Parameters
    ----------
    frame : DataFrame
        The common data elements.

    Returns
    -------
    DataFrame
        ``trial``, ``cluster``, ``treatment`` (1 LKCM, 0 control); ``post``, ``followup``,
        ``baseline`` and ``mediator``, ``mediator_before`` in SDs before the programme of the
        participant's own trial; ``severity`` in SDs within trials over all trials, around the mean
        of all; ``age`` in tens of years; 0 or 1 for ``woman``, ``tertiary``, ``minority``,
        ``meditated``, ``worse``; ``adherence``.
    """
    trial = frame["trial"]
    unit = _spread(frame["outcome_baseline"], trial)
    unit = unit.fillna(_spread(frame["outcome_post"], trial))
    other = _spread(frame["mediator_baseline"], trial)
    severity = frame["severity"] - frame["severity"].mean()
    within = severity - severity.groupby(trial).transform("mean")
    return pd.DataFrame(
        {
            "trial": trial,
            "cluster": frame["cluster"],
            TREATMENT: frame["arm"].map({"lkcm": 1.0, "control": 0.0}).astype(float),
            "baseline": frame["outcome_baseline"] / unit,
            "post": frame["outcome_post"] / unit,
            "followup": frame["outcome_followup"] / unit,
            "mediator_before": frame["mediator_baseline"] / other,
            "mediator": frame["mediator_mid"] / other,
            "severity": severity / within.std() if within.notna().any() else severity,
            "age": frame["age"] / 10,
            "woman": _flag(frame["gender"], {"woman": 1.0, "man": 0.0}),
            "tertiary": _flag(
                frame["education"], {"tertiary": 1.0, "secondary": 0.0, "primary": 0.0}
            ),
            "minority": _flag(frame["minority"], {"yes": 1.0, "no": 0.0}),
            "meditated": _flag(
                frame["prior_meditation"], {"some": 1.0, "regular": 1.0, "none": 0.0}
            ),
            "worse": _flag(frame["worsening"], {"yes": 1.0, "no": 0.0}),
            "adherence": frame["adherence"].astype(float),
        }
    )


def _spread(values: pd.Series, trial: pd.Series) -> pd.Series:
    spread = values.groupby(trial).transform("std")
    return spread.where(spread > 0).astype(float)


def _flag(values: pd.Series, codes: Mapping[str, float]) -> pd.Series:
    return values.map(codes).astype(float)


def coverage(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how far each element is filled in, by trial.

    Returns
    -------
    DataFrame
        One row an element and trial: ``element``, ``trial``, ``share`` of participants.
    """
    known = frame.drop(columns="trial").notna().groupby(frame["trial"].to_numpy()).mean()
    known.index.name = "trial"
    return known.reset_index().melt("trial", var_name="element", value_name="share")


def trial_summary(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row a trial: participants by arm, and scores before and after.

    Returns
    -------
    DataFrame
        ``trial``, ``n_t``, ``n_c``, ``mean_t``, ``sd_t``, ``mean_c``, ``sd_c`` (after), ``before``
        and ``sd_before`` (both arms), ``missing`` (share without a score after).
    """
    rows = []
    for trial, people in frame.groupby("trial"):
        row = {"trial": trial}
        for arm, suffix in (("lkcm", "t"), ("control", "c")):
            scores = people.loc[people["arm"] == arm, "outcome_post"].dropna()
            row[f"n_{suffix}"] = len(scores)
            row[f"mean_{suffix}"] = scores.mean()
            row[f"sd_{suffix}"] = scores.std()
        before = people["outcome_baseline"]
        row |= {"before": before.mean(), "sd_before": before.std()}
        row["missing"] = people["outcome_post"].isna().mean()
        rows.append(row)
    columns = ["trial", "n_t", "n_c", "mean_t", "sd_t", "mean_c", "sd_c"]
    return pd.DataFrame(rows, columns=[*columns, "before", "sd_before", "missing"])


def aggregate_effects(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what a report without participants gives: Hedges g of the scores after.

    Returns
    -------
    DataFrame
        ``trial``, ``yi``, ``vi``, one row a trial with two scores or more in each arm.
    """
    table = trial_summary(frame)
    table = table[(table["n_t"] > 1) & (table["n_c"] > 1)]
    columns = (table[name] for name in ("mean_t", "sd_t", "n_t", "mean_c", "sd_c", "n_c"))
    yi, vi = smd(*columns)
    rows = pd.DataFrame({"trial": table["trial"].to_numpy(), "yi": yi, "vi": vi})
    return rows[np.isfinite(rows["yi"]) & rows["vi"].gt(0)].reset_index(drop=True)
