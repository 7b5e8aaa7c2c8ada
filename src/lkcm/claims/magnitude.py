"""Claims on the size, the spread and the contrasts of effects."""

from dataclasses import replace

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
from lkcm.claims.reporting import DIGITAL
from lkcm.evidence.describe import CLINICAL
from lkcm.informants.classes import informant_rows
from lkcm.informants.contrast import within_trials
from lkcm.synthesis.censored import synthesise
from lkcm.synthesis.contrast_wording import level_sentence
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.heterogeneity import typical_variance
from lkcm.synthesis.level_contrasts import level_contrast
from lkcm.synthesis.outcome import core, outcome_rows, pool_group
from lkcm.synthesis.pooled import UNCERTAIN_BELOW, PoolError
from lkcm.synthesis.published import published_estimates
from lkcm.synthesis.trial_properties import with_moderators
from lkcm.words import count_of, interval, percent, two

PAGE = "pooling-self-compassion"
#: A contrast of two classes of trials needs this many of each.
CELL = 4
#: I2, in per cent, from which heterogeneity counts as very high: "considerable" in the Handbook.
CONSIDERABLE = 75.0


def effect_against_passive(material: Material) -> Judgement:
    """Judge: self-compassion against passive comparators is raised, by 0.81."""
    return _effect(material, "passive", 0.81)


def effect_against_active(material: Material) -> Judgement:
    """Judge: self-compassion against active comparators is raised, by 0.23."""
    return _effect(material, "active", 0.23)


def _effect(material: Material, group: str, figure: float) -> Judgement:
    """Judge an effect by the pooled figures, and add what all levels of evidence say."""
    rule = f"interval above 0 that holds {two(figure)}, from five core trials or more"
    fit = material.pooled("self-compassion", group)
    found = of_effect(fit, figure, material.framed(group), rule, PAGE)
    levels = synthesise(material.rows("self-compassion", group))
    if levels.ci_span is None:
        return found
    k = len(levels.chosen.kept)
    told = (
        f"All levels of evidence, {k} trials: {two(levels.span[0])} to {two(levels.span[1])} by "
        f"the reading of bare directions, intervals from {two(levels.ci_span[0])} to "
        f"{two(levels.ci_span[1])}; results that reports never mention are in neither."
    )
    return replace(found, because=f"{found.because} {told}")


def passive_above_active(material: Material) -> Judgement:
    """Judge: the effect is larger against passive than against active comparators."""
    rule = "interval of passive minus active above 0, from four trials or more of each"
    rows = outcome_rows(material.converted, "self-compassion")
    rows = rows[rows["group"].isin(["passive", "active"]) & rows["status"].eq("poolable")]
    in_class = rows["group"].eq("passive")
    found = _contrast(rows, in_class, ("passive", "active"), rule, "comparators")
    levels = core(outcome_rows(material.converted, "self-compassion"))
    names = ("passive comparators", "active comparators")
    contrasted = level_contrast(levels, "group", ("passive", "active"))
    told = level_sentence(contrasted, "All levels of evidence, core trials", names)
    return replace(found, because=f"{found.because} {told}")


def clinical_below_others(material: Material) -> Judgement:
    """Judge: effects on self-compassion are smaller in clinical samples."""
    rule = "interval of non-clinical minus clinical above 0, from four trials or more of each"
    rows = outcome_rows(material.converted, "self-compassion")
    rows = rows[rows["status"].eq("poolable")]
    level = rows["trial_id"].map(material.trials.set_index("trial_id")["clinical_level"])
    rows, level = rows[level.ne("not-stated")], level[level.ne("not-stated")]
    in_class = ~level.isin(CLINICAL)
    names = ("non-clinical", "clinical")
    found = _contrast(rows, in_class, names, rule, "clinical-depression")
    passive = with_moderators(outcome_rows(material.converted, "self-compassion"), material.trials)
    contrasted = level_contrast(passive[passive["group"].eq("passive")], "clinical_sample", names)
    samples = ("non-clinical samples", "clinical samples")
    about = "All levels of evidence, against passive comparators"
    told = level_sentence(contrasted, about, samples, "in")
    return replace(found, because=f"{found.because} {told}")


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


def digital_differs(material: Material) -> Judgement:
    """Judge: digital delivery keeps, loses or adds to the effect of training in person."""
    rule = "interval of digital minus in person excludes 0, from four trials or more of each"
    rows = outcome_rows(material.converted, "self-compassion")
    rows = rows[rows["status"].eq("poolable")]
    delivery = rows["trial_id"].map(material.trials.set_index("trial_id")["delivery"])
    known = delivery.isin([*DIGITAL, "in-person"])
    in_class = delivery[known].isin(DIGITAL)
    found = _contrast(rows[known], in_class, ("digital", "in person"), rule, "moderators")
    # either sign decides the question
    return replace(found, status=SUPPORTED) if found.status == NOT_SHOWN else found


def measures_disagree(material: Material) -> Judgement:
    """Judge: self-report and other measures of one construct can disagree."""
    rule = "interval of self minus second person within trials excludes 0, three trials or more"
    rows = informant_rows(material.converted)
    found = within_trials(rows)
    if found.ci is None:
        asked = count_of(found.k, "trial")
        because = f"{asked} asked both on one outcome with figures; three are needed."
        return nothing(because, rule, "second-person")
    number = f"{interval(found.estimate, found.ci)}, k = {found.k}"
    because = f"Self minus second person within trials: {number}."
    judged = of_sign(found.estimate, found.ci, number, because, rule, "second-person")
    return replace(judged, status=SUPPORTED) if judged.status == NOT_SHOWN else judged


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
    return _measured(material, "prosocial-behaviour", reporters, "behaviour-physiology")


def implicit_bias(material: Material) -> Judgement:
    """Judge: compassion training moves behavioural measures of implicit bias."""
    reporters = ("implicit-task", "behaviour-task")
    return _measured(material, "implicit-bias", reporters, "behaviour-physiology")
