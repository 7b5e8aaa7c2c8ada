"""Claims on what trials do, measure and report; counts are floors: most can only be refuted."""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.claims.judgement import (
    CANNOT_TELL,
    Judgement,
    nothing,
    of_floor,
    of_share,
    of_sign,
)
from lkcm.claims.material import Material
from lkcm.planning.micro.delivery import FEATURES, MOMENT
from lkcm.words import count_of, percent, share_of

#: What half the trials do is no longer a gap.
HALF = 0.5
#: "Rarely" ends here.
RARE = 0.25
#: Delivery that needs no meeting in person.
DIGITAL = ("online", "app", "audio")
#: Reporters and raters that are neither the participant nor a machine.
SECOND_PERSON = (
    "significant-other",
    "parent",
    "teacher-other",
    "clinician",
    "blind-assessor",
    "recipient",
)
#: Follow-up of a year, and of half a year, in weeks.
YEAR, HALF_YEAR = 52, 26
#: The chapter on what trials tell of for whom and how.
IPD = "trials-tell"


def _stated(material: Material, states: pd.Series) -> tuple[int, int, tuple[str, ...]]:
    """Count trials of which any report states it; ``states`` has one value a report."""
    by_trial = states.fillna(False).astype(bool).groupby(material.trials["sample_id"]).any()
    rows = material.trials.loc[states.fillna(False).astype(bool), "trial_id"]
    return int(by_trial.sum()), len(by_trial), tuple(rows)


def _measured(material: Material, rows: pd.DataFrame) -> tuple[int, int, tuple[str, ...]]:
    """Count trials that have one of the result rows."""
    has = material.trials["trial_id"].isin(rows["trial_id"])
    return _stated(material, has)


def mediators_open(material: Material) -> Judgement:
    """Judge: how LKCM works is not established."""
    rule = "cannot be shown by a floor; refuted when half of the trials test a mediator"
    yes, n, rows = _stated(material, material.trials["mediation_tested"].eq("yes"))
    return of_floor(yes, n, "whose source states a test of mediation", HALF, rule, IPD, rows)


def moderators_open(material: Material) -> Judgement:
    """Judge: for whom LKCM works is not established."""
    rule = "cannot be shown by a floor; refuted when half of the trials test a moderator"
    yes, n, rows = _stated(material, material.trials["moderator_tested"].eq("yes"))
    return of_floor(yes, n, "whose source states a test of moderation", HALF, rule, IPD, rows)


def long_follow_up(material: Material) -> Judgement:
    """Judge: a year of follow-up, which made the case for mindfulness-based therapy, is rare."""
    rule = "cannot be shown by a floor; refuted when half of the trials follow up for a year"
    weeks = material.trials["followup_weeks_max"]
    half_year, _, _ = _stated(material, weeks >= HALF_YEAR)
    yes, n, rows = _stated(material, weeks >= YEAR)
    noun = f"follow up for a year or longer ({half_year} for half a year)"
    return of_floor(yes, n, noun, HALF, rule, "follow-up", rows)


def harms_rare(material: Material) -> Judgement:
    """Judge: harms and adverse effects are rarely measured and reported."""
    rule = f"cannot be shown by a floor; refuted when {percent(RARE)} of the trials report harms"
    mentioned = material.trials["harms_mentioned"].isin(
        ["yes-none-occurred", "yes-other", "yes-per-arm"]
    )
    yes, n, rows = _stated(material, mentioned)
    return of_floor(yes, n, "whose source mentions harms", RARE, rule, "harms", rows)


def harm_measures_missing(material: Material) -> Judgement:
    """Judge: validated measures of negative effects of contemplative practice are missing."""
    rule = "cannot be shown by a floor; a reader judges the instruments that are named"
    harm = material.effects[material.effects["harm"].isin(["worsening", "adverse-event"])]
    named = harm[harm["instrument"].notna()]
    instruments = sorted(set(named["instrument"]))
    yes = named["trial_id"].nunique()
    told = ", ".join(instruments) or "none"
    because = f"{yes} trials name what they recorded harms with: {told}."
    rows = tuple(named["effect_id"])
    return Judgement(CANNOT_TELL, count_of(yes, "trial"), because, rule, "harms", yes, rows=rows)


def digital_grows(material: Material) -> Judgement:
    """Judge: digital delivery is expanding."""
    rule = "interval of the yearly change of the odds of digital delivery above 0"
    known = material.reports.dropna(subset=["year", "delivery"])
    digital = known["delivery"].isin(DIGITAL)
    if digital.nunique() < 2 or known["year"].nunique() < 5:
        return nothing("Too few years, or one way of delivery only.", rule, "responsive-practice")
    slope, se = _logistic_slope(known["year"].to_numpy(float), digital.to_numpy(float))
    z = stats.norm.isf(0.025)
    change, ends = np.expm1(slope), (np.expm1(slope - z * se), np.expm1(slope + z * se))
    told = f"odds {percent(change)} a year ({percent(ends[0])} to {percent(ends[1])})"
    share = share_of(
        int(digital.sum()), len(known), "trials of known delivery and year are digital"
    )
    ends = (float(ends[0]), float(ends[1]))
    page = "responsive-practice"
    return of_sign(float(change), ends, told, f"{share}; {told}.", rule, page)


def _logistic_slope(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Fit a logistic regression on x by Newton's steps; the slope and its standard error."""
    design = np.column_stack([np.ones_like(x), x - x.mean()])
    beta = np.zeros(2)
    for _ in range(50):
        share = 1 / (1 + np.exp(-design @ beta))
        information = design.T @ (design * (share * (1 - share))[:, None])
        step = np.linalg.solve(information, design.T @ (y - share))
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    return float(beta[1]), float(np.sqrt(np.linalg.inv(information)[1, 1]))


def usage_features_open(material: Material) -> Judgement:
    """Judge: streaks and reminders may support a habit."""
    rule = "open until trials randomise such a feature and print its effect"
    features = material.trials["digital_features"].fillna("").str.lower()
    yes, n, rows = _stated(material, features.str.contains("remind|streak|notif|prompt"))
    because = f"{share_of(yes, n, 'trials')} name reminders, prompts or streaks."
    page = "responsive-practice"
    return Judgement(CANNOT_TELL, count_of(yes, "trial"), because, rule, page, yes, rows=rows)


def sensing_open(material: Material) -> Judgement:
    """Judge: what can be sensed passively, and what works in the moment, is open."""
    rule = "open until three trials state passive sensing or momentary delivery"
    described = material.trials["digital_features"].fillna("").astype(str)
    momentary = described.str.contains(FEATURES[MOMENT], case=False, regex=True)
    yes, n, rows = _stated(material, material.trials["sensing"].eq("yes") | momentary)
    because = f"{share_of(yes, n, 'trials')} state passive sensing or help in the moment."
    page = "responsive-practice"
    return Judgement(CANNOT_TELL, count_of(yes, "trial"), because, rule, page, yes, rows=rows)


def mostly_self_report(material: Material) -> Judgement:
    """Judge: effects have mostly been shown by retrospective self-report."""
    rule = "more than half of the printed results are self-reports"
    rows = material.effects[material.effects["reporter"].notna()]
    yes = int(rows["reporter"].eq("self").sum())
    return of_share(
        yes, len(rows), "printed results are self-reports", HALF, rule, "second-person"
    )


def second_person_missing(material: Material) -> Judgement:
    """Judge: few trials have the second-person measures that could be ecologically valid."""
    rule = "cannot be shown by a floor; refuted when a quarter of the trials have such a rater"
    effects = material.effects
    rated = effects["about"].eq("participant") & effects["rater_role"].isin(SECOND_PERSON)
    yes, n, rows = _measured(material, effects[rated])
    noun = "have a rating of the participant by somebody who knows or sees them"
    return of_floor(yes, n, noun, RARE, rule, "second-person", rows)


def physiology_missing(material: Material) -> Judgement:
    """Judge: few trials have the physiological measures that should be obtained."""
    rule = "cannot be shown by a floor; refuted when half of the trials have one"
    measured = material.effects["outcome"].isin(["physiology", "brain"])
    yes, n, rows = _measured(material, material.effects[measured])
    page = "behaviour-physiology"
    return of_floor(yes, n, "print a physiological or brain measure", HALF, rule, page, rows)


def open_data_rare(material: Material) -> Judgement:
    """Judge: meta-analysis of individual participant data is still the minority."""
    rule = "cannot be shown by a floor; refuted when half of the trials share participants' data"
    yes, n, rows = _stated(material, material.trials["data_open"].eq("yes"))
    return of_floor(yes, n, "whose source states that data are open", HALF, rule, IPD, rows)


def common_elements_missing(material: Material) -> Judgement:
    """Judge: common data elements would let meta-analyses treat trials alike."""
    rule = "cannot be shown by a floor; refuted when half of the trials state all three"
    trials = material.trials
    described = (
        trials["mean_age"].notna()
        & trials["pct_female"].notna()
        & trials["ethnicity_reported"].eq("yes")
    )
    yes, n, rows = _stated(material, described)
    return of_floor(yes, n, "state age, gender and ethnicity", HALF, rule, IPD, rows)


def equity_open(material: Material) -> Judgement:
    """Judge: effects may differ across demographic groups."""
    rule = "open until participant data, or three trials or more, give effects by group"
    yes, n, rows = _stated(material, material.trials["ethnicity_reported"].eq("yes"))
    because = f"{share_of(yes, n, 'trials')} state the ethnicity of those who took part."
    return Judgement(CANNOT_TELL, count_of(yes, "trial"), because, rule, IPD, yes, rows=rows)
