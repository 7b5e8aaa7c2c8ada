"""Claims on methods: what a check, a trial or a meta-analysis of a given size could have seen."""

import numpy as np

from lkcm.bias.implied import implied
from lkcm.bias.power import power_at
from lkcm.bias.simulation import mean_published
from lkcm.bias.trim_and_fill import trim_and_fill
from lkcm.claims.judgement import (
    CANNOT_TELL,
    NOT_SHOWN,
    SUPPORTED,
    Judgement,
    nothing,
)
from lkcm.claims.material import Material
from lkcm.planning.review.meta_power import moderator_power
from lkcm.planning.trials.audit import trial_arms
from lkcm.planning.trials.interaction import interaction_power
from lkcm.planning.trials.mediation import Paths, joint_power
from lkcm.planning.trials.two_arm import TwoArm
from lkcm.synthesis.outcome import pool_group
from lkcm.words import number, percent, share_of, two

#: Lv et al. (2024), RCTs on self-compassion, as published: effect, trials, people, I2.
LV = {"estimate": 0.56, "k": 31, "n": 2823, "i2": 98.6}
#: Simulated reviews of each kind.
SETS = 500
SEED = 20240101
#: Trials that a check of publication bias needs before its answer counts.
CHECKED_FROM = 10
#: Mean and spread of true effects behind the trials that are compared by size, and their arms.
TRUTH, ARMS = 0.2, (20, 100)
#: Power that a test should have, and under which it says nothing.
ADEQUATE, TOO_LITTLE = 0.80, 0.50
#: A difference of effects between two halves of the people that would matter: half of 0.5.
DIFFERENCE = 0.25
#: Paths of a mediator of typical size (Fritz & MacKinnon 2007, Psychol Sci 18:233: .26, .39).
MEDIATED = Paths(a=2 * 0.26, b=0.39)
PAGE = "bias"


def trim_and_fill_sees_nothing(material: Material) -> Judgement:
    """Judge: trim-and-fill detects no publication bias."""
    rule = f"run test (R0) above .10, from {CHECKED_FROM} core trials or more"
    kept = pool_group(material.rows("self-compassion", "passive"), "passive").kept
    if len(kept) < CHECKED_FROM:
        because = f"{len(kept)} core trials have a usable figure; a check of them says nothing."
        return nothing(because, rule, PAGE)
    found = trim_and_fill(kept["yi"], kept["vi"], estimator="R0")
    status = SUPPORTED if found.k0_p > 0.10 else NOT_SHOWN
    told = f"k0 = {found.k0}, p = {found.k0_p:.2g}"
    because = f"{told} in {len(kept)} core trials, passive comparators."
    return Judgement(status, told, because, rule, PAGE, float(found.k0_p))


def trim_and_fill_lacks_power(material: Material) -> Judgement:
    """Judge: trim-and-fill can be underpowered when heterogeneity is high."""
    rule = "simulated power below .50 at the heterogeneity that Lv et al.'s I2 implies"
    there = implied(LV["estimate"], LV["k"], LV["n"], LV["i2"])
    arms = np.full(LV["k"], there.mean_n / 2)
    found = power_at(
        *(arms, arms, LV["estimate"], there.tau),
        worlds=("none", "strong"),
        names=("run_test",),
        sets=SETS,
        seed=SEED,
    )
    rates = found[found["check"] == "run_test"].set_index("selection")
    power, error = (float(rates.loc["strong", column]) for column in ("rate", "rate_se"))
    ends = (max(power - 1.96 * error, 0.0), min(power + 1.96 * error, 1.0))
    status = CANNOT_TELL
    if ends[1] < TOO_LITTLE:
        status = SUPPORTED
    elif ends[0] > ADEQUATE:
        status = NOT_SHOWN
    told = f"power {percent(power)} ({percent(ends[0])} to {percent(ends[1])}, Monte Carlo)"
    because = (
        f"At {LV['k']} trials of {there.mean_n:.0f} people and τ {two(there.tau)}, strong "
        f"selection is seen in {percent(power)} of simulated reviews; false alarms in "
        f"{percent(float(rates.loc['none', 'rate']))}."
    )
    return Judgement(status, told, because, rule, PAGE, power, ends)


def small_trials_mislead(material: Material) -> Judgement:
    """Judge: small samples are unreliable and, with publication bias, give biased pools."""
    rule = "under strong selection, small trials are published with more bias than large ones"
    small, large = (
        mean_published(TRUTH, TRUTH, np.full(1, 2 / n_arm), "strong") - TRUTH for n_arm in ARMS
    )
    status = SUPPORTED if small > large else NOT_SHOWN
    told = f"bias {two(small)} against {two(large)}"
    because = (
        f"With a true mean of {two(TRUTH)} and τ {two(TRUTH)}, strong selection publishes trials "
        f"of {ARMS[0]} and of {ARMS[1]} an arm with {told} (normal theory); the smaller have "
        f"{np.sqrt(ARMS[1] / ARMS[0]):.1f} times the standard error."
    )
    return Judgement(status, told, because, rule, PAGE, small - large)


def trials_cannot_test_mechanisms(material: Material) -> Judgement:
    """Judge: small trials cannot properly test mediation or moderation."""
    rule = "more than half of the trials have less than .80 power for both"
    arms = trial_arms(material.trials, material.effects).dropna(subset=["arm_t", "arm_c"])
    arms = arms[(arms["arm_t"] >= 2) & (arms["arm_c"] >= 2)]
    if arms.empty:
        return nothing("No trial gives the size of its arms.", rule, "larger-trials")
    n_t, n_c = arms["arm_t"].to_numpy(float), arms["arm_c"].to_numpy(float)
    equal = 2 * n_t * n_c / (n_t + n_c)
    moderated = interaction_power(DIFFERENCE, equal, TwoArm(r=0.6)) >= ADEQUATE
    mediated = joint_power(2 * equal, MEDIATED) >= ADEQUATE
    few, n = int((~moderated & ~mediated).sum()), len(arms)
    status = SUPPORTED if few > n / 2 else NOT_SHOWN
    told = f"{share_of(int(moderated.sum()), n, 'trials')} for moderation"
    because = (
        f"Power of .80 for a difference of {two(DIFFERENCE)} between two halves of the people: "
        f"{told}; for a mediator of medium paths: {share_of(int(mediated.sum()), n, 'trials')}."
    )
    return Judgement(status, told, because, rule, "larger-trials", int(moderated.sum()))


def study_level_moderators_weak(material: Material) -> Judgement:
    """Judge: moderator tests on study level are underpowered and lose granularity."""
    rule = "power on study level below .50 where that within trials is above .80"
    arms = trial_arms(material.trials, material.effects).dropna(subset=["arm_t", "arm_c"])
    kept = pool_group(material.rows("self-compassion", "passive", core_only=False), "all").kept
    k = len(kept)
    if k < 4 or arms.empty:
        because = f"{k} trials have a usable figure on self-compassion; a moderator asks for four."
        return nothing(because, rule, "trials-tell")
    n_arm = float((kept["n_t_used"] + kept["n_c_used"]).mean() / 2)
    tau2 = 0.1
    between = float(moderator_power(DIFFERENCE, k / 2, k / 2, n_arm, tau2))
    within = float(interaction_power(DIFFERENCE, k * n_arm, TwoArm(r=0.6)))
    status = CANNOT_TELL
    if between < TOO_LITTLE and within > ADEQUATE:
        status = SUPPORTED
    elif between > ADEQUATE:
        status = NOT_SHOWN
    told = f"{percent(between)} between, {percent(within)} within"
    because = (
        f"For a difference of {two(DIFFERENCE)} with {k} trials of {number(2 * n_arm)} people and "
        f"τ² {two(tau2)}: power {percent(between)} between trials, {percent(within)} within them."
    )
    return Judgement(status, told, because, rule, "trials-tell", between)
