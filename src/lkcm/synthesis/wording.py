"""Pooled results in sentences and in the lines of a table."""

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
    return words + (". Very uncertain: few trials." if fit.k < UNCERTAIN_BELOW else ".")


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
