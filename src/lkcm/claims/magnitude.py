"""Claims on the size, the spread and the contrasts of effects."""

import pandas as pd

from lkcm.claims.judgement import (
    CANNOT_TELL,
    NOT_SHOWN,
    SUPPORTED,
    Judgement,
    nothing,
    of_effect,
    of_sign,
)
from lkcm.claims.material import Material
from lkcm.evidence.describe import CLINICAL
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.heterogeneity import typical_variance
from lkcm.synthesis.outcome import core, outcome_rows, pool_group
from lkcm.synthesis.pooled import UNCERTAIN_BELOW, PoolError
from lkcm.synthesis.published import published_estimates
from lkcm.words import interval, percent, two

PAGE = "pooling-self-compassion"
#: A contrast of two classes of trials needs this many of each.
CELL = 4
#: I2, in per cent, from which heterogeneity counts as very high: "considerable" in the Handbook.
CONSIDERABLE = 75.0


def effect_against_passive(material: Material) -> Judgement:
    """Judge: self-compassion against passive comparators is raised, by 0.81."""
    rule = "interval above 0 that holds 0.81, from five core trials or more"
    found = material.pooled("self-compassion", "passive")
    return of_effect(found, 0.81, material.framed("passive"), rule, PAGE)


def effect_against_active(material: Material) -> Judgement:
    """Judge: self-compassion against active comparators is raised, by 0.23."""
    rule = "interval above 0 that holds 0.23, from five core trials or more"
    found = material.pooled("self-compassion", "active")
    return of_effect(found, 0.23, material.framed("active"), rule, PAGE)


def passive_above_active(material: Material) -> Judgement:
    """Judge: the effect is larger against passive than against active comparators."""
    rule = "interval of passive minus active above 0, from four trials or more of each"
    rows = outcome_rows(material.converted, "self-compassion")
    rows = rows[rows["group"].isin(["passive", "active"]) & rows["status"].eq("poolable")]
    in_class = rows["group"].eq("passive")
    return _contrast(rows, in_class, ("passive", "active"), rule, "comparators")


def clinical_below_others(material: Material) -> Judgement:
    """Judge: effects on self-compassion are smaller in clinical samples."""
    rule = "interval of non-clinical minus clinical above 0, from four trials or more of each"
    rows = outcome_rows(material.converted, "self-compassion")
    rows = rows[rows["status"].eq("poolable")]
    level = rows["trial_id"].map(material.trials.set_index("trial_id")["clinical_level"])
    rows, level = rows[level.ne("not-stated")], level[level.ne("not-stated")]
    in_class = ~level.isin(CLINICAL)
    return _contrast(rows, in_class, ("non-clinical", "clinical"), rule, "clinical-depression")


def _contrast(
    rows: pd.DataFrame, in_class: pd.Series, names: tuple[str, str], rule: str, page: str
) -> Judgement:
    """Judge the mean of the first class minus that of the second, all effects of each trial."""
    trials = [rows.loc[part, "sample_id"].nunique() for part in (in_class, ~in_class)]
    counted = f"{trials[0]} trials {names[0]}, {trials[1]} {names[1]}"
    if min(trials) < CELL:
        return nothing(f"With a usable figure: {counted}; nothing is fitted.", rule, page)
    try:
        moderators = {names[0]: in_class.astype(float)}
        fit = pool_dependent(rows["yi"], rows["vi"], rows["sample_id"], moderators=moderators)
    except PoolError as error:
        return nothing(f"The contrast cannot be fitted: {error}.", rule, page)
    slope = fit.coefficients[1]
    number = f"{interval(slope.estimate, slope.ci)}, {counted}"
    because = f"{names[0].capitalize()} minus {names[1]} is {number}."
    if slope.df is None or slope.df < CELL:
        return Judgement(CANNOT_TELL, number, because + " Too few trials for its df.", rule, page)
    return of_sign(slope.estimate, slope.ci, number, because, rule, page)


def beside_mindfulness(material: Material) -> Judgement:
    """Judge: effects on self-compassion are no smaller than those of mindfulness on distress."""
    rule = "interval not below the published estimates of mindfulness on distress, five trials"
    fit = material.pooled("self-compassion", "passive")
    theirs = published_estimates(material.reference, "symptoms|distress|depress|anxiety", False)
    theirs = theirs[theirs["family"] == "mindfulness and meditation"]["estimate"]
    if theirs.empty:
        return nothing("No published estimate of mindfulness is at hand.", rule, PAGE)
    span = f"{two(theirs.min())} to {two(theirs.max())}"
    if fit is None or fit.k < UNCERTAIN_BELOW or fit.ci is None:
        k = 0 if fit is None else fit.k
        because = f"Published for mindfulness: {span}; here only {k} core trials have a figure."
        return Judgement(CANNOT_TELL, "none", because, rule, PAGE)
    status = SUPPORTED if fit.ci[0] >= theirs.median() else CANNOT_TELL
    if fit.ci[1] < theirs.min():
        status = NOT_SHOWN
    number = f"g {interval(fit.estimate, fit.ci)}"
    because = f"Published for mindfulness: {span}, median {two(theirs.median())}."
    return Judgement(status, number, because, rule, PAGE, fit.estimate, fit.ci)


def very_heterogeneous(material: Material) -> Judgement:
    """Judge: heterogeneity is very high."""
    rule = "interval of I2 (from tau2) above 75 per cent, from five core trials or more"
    found = pool_group(material.rows("self-compassion", "passive"), "passive")
    fit = found.pooled
    if fit is None or fit.k < UNCERTAIN_BELOW or fit.tau2_ci is None:
        k = 0 if fit is None else fit.k
        return nothing(f"Only {k} core trials have a usable figure.", rule, PAGE)
    typical = float(typical_variance(found.kept["vi"].to_numpy()[:, None])[0])
    low, high = (100 * tau2 / (tau2 + typical) for tau2 in fit.tau2_ci)
    status = SUPPORTED if low > CONSIDERABLE else CANNOT_TELL
    if high < CONSIDERABLE:
        status = NOT_SHOWN
    number = f"I² {percent(fit.i2 / 100)} ({percent(low / 100)} to {percent(high / 100)})"
    because = f"τ² is {two(fit.tau2)} ({two(fit.tau2_ci[0])} to {two(fit.tau2_ci[1])})."
    return Judgement(status, number, because, rule, PAGE, fit.i2, (low, high))


def _measured(
    material: Material, outcome: str, reporters: tuple[str, ...], page: str
) -> Judgement:
    """Judge whether an outcome by other measures than self-report moves in favour of LKCM."""
    rule = "interval above 0, from five trials or more with a usable figure"
    rows = core(outcome_rows(material.converted, outcome, reporters))
    rows = rows[rows["group"].isin(["passive", "active"])]
    signs = rows.groupby("sample_id")["sign_used"].max()
    said = f"{int((signs > 0).sum())} of {len(signs)} core trials report a result in favour"
    fit = pool_group(rows, "all").pooled
    if fit is None or fit.k < UNCERTAIN_BELOW or fit.ci is None:
        k = 0 if fit is None else fit.k
        return nothing(f"{said}; {k} give a usable figure.", rule, page)
    number = f"g {interval(fit.estimate, fit.ci)}, k = {fit.k}"
    return of_sign(fit.estimate, fit.ci, number, f"{said}.", rule, page)


def prosocial_tasks(material: Material) -> Judgement:
    """Judge: LKCM moves altruism and prosocial behaviour in behavioural tasks."""
    reporters = ("behaviour-task", "observer")
    return _measured(material, "prosocial-behaviour", reporters, "behaviour-and-physiology")


def implicit_bias(material: Material) -> Judgement:
    """Judge: compassion training moves behavioural measures of implicit bias."""
    reporters = ("implicit-task", "behaviour-task")
    return _measured(material, "implicit-bias", reporters, "behaviour-and-physiology")
