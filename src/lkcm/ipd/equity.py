"""Effect, adherence and worsening by demographic group: who gains, who stays, who gets worse."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.ipd.binary import logistic_mixed
from lkcm.ipd.crossproducts import ParticipantError, crossproducts
from lkcm.ipd.moderators import holm, moderation
from lkcm.ipd.participants import SMALLEST_GROUP
from lkcm.ipd.two_stage import TREATMENT, fit_trials, pooled_term, two_stage

#: Demographic divisions: column, and the words for 1 and 0.
DIVISIONS: Mapping[str, tuple[str, str]] = {
    "woman": ("women", "men"),
    "minority": ("ethnic minority", "ethnic majority"),
    "tertiary": ("higher education", "less education"),
    "older": ("older half", "younger half"),
}


@dataclass(frozen=True)
class Panel:
    """What demographic groups gain.

    Attributes
    ----------
    groups : DataFrame
        One row a group: ``division``, ``group``, ``n``, ``k`` (trials), ``estimate``, ``low``,
        ``high`` (effect in SDs), ``adherence`` (mean share in the LKCM arm), ``worse_t`` and
        ``worse_c`` (shares who got worse). NaN where fewer than `SMALLEST_GROUP` participants
        are behind a figure.
    tests : DataFrame
        One row a division and outcome: ``division``, ``outcome`` (effect | adherence | worsening),
        ``difference`` (the first group less the second), ``low``, ``high``, ``p``, ``holm``
        (adjusted for all tests of the panel), ``k``.
    """

    groups: pd.DataFrame
    tests: pd.DataFrame


def equity_panel(frame: pd.DataFrame, *, cluster: str | None = None) -> Panel:
    """Compare demographic groups within trials.

    Parameters
    ----------
    frame : DataFrame
        One row a participant, from `lkcm.ipd.participants.prepare`.
    cluster : str, optional
        Column of clusters, which effects count, as `lkcm.ipd.two_stage.two_stage`.
    """
    middle = frame.groupby("trial")["age"].transform("median")
    frame = frame.assign(older=(frame["age"] > middle).where(frame["age"].notna()).astype(float))
    groups, tests = [], []
    for column, words in DIVISIONS.items():
        division = " and ".join(words)
        for value, group in zip((1.0, 0.0), words, strict=True):
            row = _group(frame[frame[column] == value], cluster)
            groups.append({"division": division, "group": group, **row})
        for outcome, test in (
            ("effect", _effect_test(frame, column, cluster)),
            ("adherence", _adherence_test(frame, column)),
            ("worsening", _worsening_test(frame, column)),
        ):
            if test is not None:
                names = ("difference", "low", "high", "p", "k")
                row = dict(zip(names, test, strict=True))
                tests.append({"division": division, "outcome": outcome, **row})
    columns = ["division", "outcome", "difference", "low", "high", "p", "k"]
    table = pd.DataFrame(tests, columns=columns)
    return Panel(pd.DataFrame(groups), table.assign(holm=holm(table["p"])))


def _group(people: pd.DataFrame, cluster: str | None) -> dict[str, float]:
    row = {"n": len(people), "k": people["trial"].nunique()}
    row |= dict.fromkeys(("estimate", "low", "high", "adherence", "worse_t", "worse_c"), np.nan)
    if people["post"].notna().sum() >= SMALLEST_GROUP:
        try:
            pooled = two_stage(people, "post", ["baseline"], cluster=cluster).pooled
        except ParticipantError:
            pooled = None
        if pooled is not None and pooled.ci is not None:
            row |= {"estimate": pooled.estimate, "low": pooled.ci[0], "high": pooled.ci[1]}
    treated = people[TREATMENT] == 1
    for name, values in (
        ("adherence", people.loc[treated, "adherence"]),
        ("worse_t", people.loc[treated, "worse"]),
        ("worse_c", people.loc[~treated, "worse"]),
    ):
        if values.notna().sum() >= SMALLEST_GROUP:
            row[name] = float(values.mean())
    return row


Test = tuple[float, float, float, float, int]


def _effect_test(frame: pd.DataFrame, column: str, cluster: str | None) -> Test | None:
    slope = moderation(frame, "post", column, cluster=cluster).within
    return None if slope is None else (slope.estimate, *slope.ci, slope.p, slope.k)


def _adherence_test(frame: pd.DataFrame, column: str) -> Test | None:
    """Compare adherence of the groups in the LKCM arm of each trial, and pool."""
    treated = frame.loc[frame[TREATMENT] == 1, ["trial", column, "adherence"]]
    if treated.dropna().empty:
        return None
    products = crossproducts(treated[[column, "adherence"]], treated["trial"], centre=True)
    found = pooled_term(fit_trials(products, "adherence", [column]), column, set())
    trials = found.trials[found.trials["vi"] > 0]
    if found.pooled is None or found.pooled.ci is None or len(trials) < len(found.trials):
        return None
    fit = found.pooled
    return fit.estimate, *fit.ci, fit.p, fit.k


def _worsening_test(frame: pd.DataFrame, column: str) -> Test | None:
    """Test whether the log odds ratio of worsening differs, the group centred in its trial."""
    known = frame[["trial", TREATMENT, column, "worse"]].dropna()
    if known.empty:
        return None
    inside = known[column] - known.groupby("trial")[column].transform("mean")
    known = known.assign(group=known[column], t_inside=known[TREATMENT] * inside.round(6))
    try:
        fit = logistic_mixed(known, "worse", (TREATMENT, "group", "t_inside"))
    except ParticipantError:
        return None
    estimate, se, ends = fit.effect("t_inside")
    p = float(2 * stats.norm.sf(abs(estimate / se)))
    return estimate, *ends, p, known["trial"].nunique() - len(fit.left_out)
