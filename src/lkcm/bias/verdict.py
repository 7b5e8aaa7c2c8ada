"""What the checks add up to for one review: a verdict on each, and a sentence on all."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lkcm.bias.checks import ANY, CHECKS, POOLED, Answer, ask_all
from lkcm.bias.power import DECISIVE, power_at
from lkcm.bias.regression import likelihood_tau2, pooled_mean
from lkcm.words import number, percent, two

#: A positive check counts only with false alarms at most this frequent.
FALSE_ALARMS = 0.10
#: Power from which a negative check says something, and below which it says nothing.
ENOUGH, TOO_LITTLE = 0.80, 0.50
#: Verdicts with the rule of each, in the order in which the rules are asked.
VERDICTS = {
    "cannot be computed": "the trials at hand do not define the check",
    "seen": f"positive, and false alarms in at most {percent(FALSE_ALARMS)} of reviews without "
    "selection",
    "alarm of no meaning": "positive, but false alarms are more frequent than that",
    "would have been seen": f"negative, and power of at least {percent(ENOUGH)}",
    "could not be seen": f"negative, and power below {percent(TOO_LITTLE)}",
    "might have been missed": "negative, with power in between",
}


@dataclass(frozen=True)
class Trials:
    """The trials of one review, as the checks take them.

    Attributes
    ----------
    yi, vi, hi : array, shape (k,)
        Effects, sampling variances, and what the sizes alone say of the variances.
    n_t, n_c : array, shape (k,)
        People in the arms.
    """

    yi: ArrayLike
    vi: ArrayLike
    hi: ArrayLike
    n_t: ArrayLike
    n_c: ArrayLike

    @property
    def k(self) -> int:
        """Number of trials."""
        return len(np.asarray(self.yi))

    def pooled(self) -> tuple[float, float]:
        """Return the pooled effect (REML) and tau."""
        yi, vi = (np.asarray(values, dtype=float)[:, None] for values in (self.yi, self.vi))
        tau2 = likelihood_tau2(yi, vi)
        return float(pooled_mean(yi, vi, tau2)[0][0]), float(np.sqrt(tau2[0]))


def verdict_table(
    review: Trials,
    *,
    power: pd.DataFrame | None = None,
    names: tuple[str, ...] = tuple(CHECKS),
    sets: int = 1000,
    seed: int = 20240101,
) -> pd.DataFrame:
    """Ask every check about a review and set its answer beside what it could have seen.

    Parameters
    ----------
    review : Trials
        At least three trials.
    power : DataFrame, optional
        From `lkcm.bias.power.power_at`; by default simulated here at the review's own sizes.
    names : tuple of str
        Of `lkcm.bias.checks.CHECKS`.
    sets, seed : int
        As `power_at`.

    Returns
    -------
    DataFrame
        A check a row: ``check`` (short name), ``name``, ``rule``, ``positive`` (NaN for one
        that only corrects or cannot be computed), ``p``, ``corrected``, ``false_alarm``,
        ``power`` (under moderate selection), ``power_strong``, each with ``_se``,
        ``bias_left`` (under moderate selection), and ``verdict`` (of `VERDICTS`, "" for what
        takes no part in it). ``attrs["any"]`` is the share of reviews without selection in which
        at least one check is positive. Without three trials the table has no rows.
    """
    columns = ["check", "name", "rule", "positive", "p", "corrected", "verdict"]
    if review.k < min(check.minimum for check in CHECKS.values()):
        return pd.DataFrame(columns=[*columns, *_MEASURED])
    estimate, tau = review.pooled()
    if power is None:
        power = power_at(review.n_t, review.n_c, estimate, tau, sets=sets, seed=seed)
    by = power.set_index(["selection", "check"])
    tables = [np.asarray(t, dtype=float)[:, None] for t in (review.yi, review.vi, review.hi)]
    able = tuple(name for name in names if review.k >= CHECKS[name].minimum)
    answers = ask_all(*tables, np.array([estimate]), able)
    rows = []
    for name in names:
        check, answer = CHECKS[name], answers.get(name)
        row = {"check": name, "name": check.name, "rule": check.rule}
        row |= dict.fromkeys(("positive", "p", "corrected"), np.nan)
        if answer is not None:
            row |= _answered(answer)
        row |= {column: by.loc[key][value] for column, (key, value) in _measured(name).items()}
        rows.append(row | {"verdict": _verdict(row) if check.verdict else ""})
    table = pd.DataFrame(rows)[[*columns, *_MEASURED]]
    table.attrs["any"] = float(by.loc[("none", ANY)]["rate"])
    return table


def _measured(name: str) -> dict[str, tuple[tuple[str, str], str]]:
    return {
        "false_alarm": (("none", name), "rate"),
        "false_alarm_se": (("none", name), "rate_se"),
        "power": ((DECISIVE, name), "rate"),
        "power_se": ((DECISIVE, name), "rate_se"),
        "power_strong": (("strong", name), "rate"),
        "power_strong_se": (("strong", name), "rate_se"),
        "bias_left": ((DECISIVE, name), "bias"),
        "bias_left_se": ((DECISIVE, name), "bias_se"),
    }


_MEASURED = tuple(_measured(POOLED))


def _answered(answer: Answer) -> dict[str, float]:
    row = {}
    if answer.corrected is not None:
        row["corrected"] = float(answer.corrected[0])
    if answer.p is not None:
        row["p"] = float(answer.p[0])
    told = answer.p is None or np.isfinite(answer.p[0])
    if answer.positive is not None and told:
        row["positive"] = float(answer.positive[0])
    return row


def _verdict(row: dict[str, object]) -> str:
    if np.isnan(row["positive"]):
        return "cannot be computed"
    if row["positive"]:
        return "seen" if row["false_alarm"] <= FALSE_ALARMS else "alarm of no meaning"
    if row["power"] >= ENOUGH:
        return "would have been seen"
    return "could not be seen" if row["power"] < TOO_LITTLE else "might have been missed"


def sentence(table: pd.DataFrame, k: int, tau: float | None) -> str:
    """Say in one or two sentences what the checks add up to.

    Parameters
    ----------
    table : DataFrame
        From `verdict_table`.
    k : int
        Number of trials.
    tau : float or None
        Standard deviation of the true effects, where three trials define it.
    """
    judged = table[table["verdict"].ne("")]
    asked = judged[judged["verdict"].ne("cannot be computed")]
    if asked.empty:
        trials = {0: "no trial has", 1: "one trial has"}.get(k, f"{number(k)} trials have")
        return f"No check can be asked: {trials} a usable figure, and a check needs three."
    counts = asked["verdict"].value_counts()
    best = best_check(asked)
    found = f"{percent(float(best['power']))} of reviews of {number(k)} trials like these"
    found += f" (τ = {two(tau)})" if tau is not None else ""
    if counts.get("could not be seen", 0) == len(asked):
        told = (
            f"None of the {len(asked)} checks could have seen moderate selection: the best of "
            f"them ({best['name']}) finds it in {found}."
        )
    else:
        parts = [
            f"{number(counts[name])} {one if counts[name] == 1 else many}"
            for name, one, many in _SAYING
            if name in counts
        ]
        told = (
            f"Of {len(asked)} checks that decide, {_listed(parts)}; the best of them "
            f"({best['name']}) finds moderate selection in {found}."
        )
    return f"{told} {_meaning(counts, table.attrs['any'])}"


_SAYING = (
    ("seen", "sees selection", "see selection"),
    ("alarm of no meaning", "raises an alarm of no meaning", "raise an alarm of no meaning"),
    ("would have been seen", "would have seen it", "would have seen it"),
    ("might have been missed", "might have missed it", "might have missed it"),
    ("could not be seen", "could not have seen it", "could not have seen it"),
)


def best_check(table: pd.DataFrame) -> pd.Series:
    """Return the row with most power among checks with few false alarms, else among all.

    Parameters
    ----------
    table : DataFrame
        With ``false_alarm`` and ``power``, at least one row.
    """
    table = table.astype({"false_alarm": float, "power": float})
    sound = table[table["false_alarm"] <= FALSE_ALARMS]
    return (sound if len(sound) else table).sort_values("power").iloc[-1]


def _meaning(counts: pd.Series, alarms: float) -> str:
    if counts.get("seen", 0):
        return (
            f"If that is no false alarm (one check at least is positive in {percent(alarms)} of "
            "reviews without selection), trials or results are missing and the pool is too high."
        )
    if counts.get("would have been seen", 0):
        return "Moderate selection is therefore unlikely."
    if counts.get("might have been missed", 0):
        return "That none of them sees it is weak reassurance."
    return "That none of them sees it says nothing."


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
