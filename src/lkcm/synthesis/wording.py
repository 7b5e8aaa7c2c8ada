"""Pooled results in sentences and in the lines of a table."""

from collections.abc import Sequence

import pandas as pd

from lkcm.effects.rows import ALPHA
from lkcm.synthesis.outcome import GroupPool, pool_group
from lkcm.synthesis.pooled import UNCERTAIN_BELOW
from lkcm.words import interval, number, short_interval, span, two

#: Verdicts on a pooled effect with the rule of each; the methods page shows this table.
VERDICTS = {
    "cannot be told": "fewer than three trials with a usable figure",
    "very uncertain": "three or four trials, whatever they show",
    "favours LKCM": "the confidence and the prediction interval lie above zero",
    "favours LKCM on average": "the confidence interval lies above zero, the prediction interval "
    "does not",
    "unclear": "the confidence interval includes zero",
    "favours control": "the confidence interval lies below zero",
}


def verdict(found: GroupPool | None) -> str:
    """Return the verdict of `VERDICTS` on a group of trials."""
    if found is None or found.pooled is None or not found.pooled.headline:
        return "cannot be told"
    fit = found.pooled
    if fit.k < UNCERTAIN_BELOW:
        return "very uncertain"
    if fit.ci is None or fit.ci[0] <= 0 <= fit.ci[1]:
        return "unclear"
    if fit.ci[1] < 0:
        return "favours control"
    above = fit.prediction_interval is not None and fit.prediction_interval[0] > 0
    return "favours LKCM" if above else "favours LKCM on average"


def sentence(found: GroupPool | None, against: str) -> str:
    """Say in one sentence what the core trials against one group of comparators add up to.

    Parameters
    ----------
    found : GroupPool or None
        None, or without a trial: said as such.
    against : str
        The comparators in words.
    """
    if found is None or found.pooled is None:
        return f"Against {against}, no core trial prints a figure that can be used."
    fit = found.pooled
    effects = " and ".join(two(value) for value in found.kept["yi"])
    if fit.k == 1:
        told = f"one core trial ({people(found)} people): g {interval(fit.estimate, fit.ci)}"
        return f"Against {against}, {told}; there is nothing to pool."
    if fit.k == 2:
        told = f"two core trials ({people(found)} people) with g {effects}"
        return f"Against {against}, {told}: shown, not pooled."
    words = (
        f"Against {against}, g {interval(fit.estimate, fit.ci)} in {fit.k} core trials "
        f"({people(found)} people)"
    )
    if fit.prediction_interval:
        words += f"; the true effect of a further trial: {span(fit.prediction_interval)}"
        if two(fit.tau2) == "0.00" and fit.k < UNCERTAIN_BELOW:
            words += ", if trials do not differ, which so few cannot tell"
    return words + (". Very uncertain: few trials." if fit.k < UNCERTAIN_BELOW else ".")


def without_figure(rows: pd.DataFrame, pools: Sequence[GroupPool]) -> dict[str, int]:
    """Count the trials without a poolable figure by what they say of one outcome.

    Parameters
    ----------
    rows : DataFrame
        Converted effects of the outcome, all comparators.
    pools : sequence of GroupPool
        Pools of `rows`; the trials in one of them are not counted.

    Returns
    -------
    dict
        Trials (samples) by ``favours LKCM``, ``favours control`` and ``no difference``: a result
        that is not statistically significant and names no arm, in a trial none of whose results
        names one. Rows that are held back say nothing.
    """
    pooled = {sample for found in pools for sample in found.kept["sample_id"]}
    others = rows[~rows["sample_id"].isin(pooled) & rows["status"].ne("excluded")]
    sides = {"favours LKCM": others["sign_used"] > 0, "favours control": others["sign_used"] < 0}
    samples = {side: set(others.loc[told, "sample_id"]) for side, told in sides.items()}
    neither = others["sign_used"].eq(0) & others["p_low"].ge(ALPHA)
    named = set().union(*samples.values())
    samples["no difference"] = set(others.loc[neither, "sample_id"]) - named
    return {said: len(found) for said, found in samples.items()}


def without_figure_sentence(counts: dict[str, int], noun: str) -> str:
    """Say what the trials of `without_figure` tell, all three directions in one sentence."""
    lkcm, control = counts["favours LKCM"], counts["favours control"]
    none = counts["no difference"]
    return (
        f"Of the trials that report {noun} without a usable figure, {number(lkcm)} "
        f"{_plural(lkcm, 'favours', 'favour')} LKCM, {number(control)} "
        f"{_plural(control, 'favours', 'favour')} the control and {number(none)} "
        f"{_plural(none, 'finds', 'find')} no difference; the sources, mostly abstracts, print "
        "what was statistically significant."
    )


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def people(found: GroupPool) -> str:
    """Return the number of people analysed in both arms of the trials."""
    return number(found.kept[["n_t_used", "n_c_used"]].sum().sum())


def summary(found: GroupPool) -> dict[str, object]:
    """Return one line of a table of pooled effects; what is not defined is left out.

    Returns
    -------
    dict
        ``k``, ``n``, ``effect`` (with its headline interval), ``plain`` (the plain
        Knapp-Hartung interval), ``prediction``, ``tau2`` (with its Q-profile interval), ``i2``
        (per cent, from tau2) and ``q`` (with its p value).
    """
    fit = found.pooled
    if fit is None:
        return {"k": 0}
    line = {"k": fit.k, "n": people(found)}
    if not fit.headline:
        effects = "; ".join(two(value) for value in found.kept["yi"])
        return line | {"effect": f"{effects} (not pooled)" if fit.k > 1 else effects}
    plain = pool_group(found.kept, found.name, test="knapp-hartung").pooled
    return line | {
        "effect": short_interval(fit.estimate, fit.ci),
        "plain": span(plain.ci) if plain.ci else None,
        "prediction": span(fit.prediction_interval) if fit.prediction_interval else None,
        "tau2": f"{two(fit.tau2)} ({span(fit.tau2_ci)})",
        "i2": fit.i2,
        "q": f"{fit.q:.1f} (p = {fit.q_p:.2g})",
    }
