"""Synthetic trials in which every participant's worsening is known, and the truth with it."""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.harms.events import mantel_haenszel
from lkcm.harms.excess import pool_worsening
from lkcm.harms.worsening import SHAPES, contrast, counted

#: Baseline mean and SD of the symptom scale, mean change without LKCM and SD of change.
BASELINE, BASELINE_SD, CHANGE, CHANGE_SD = 24.0, 8.0, -2.0, 7.0


def synthetic_participants(
    trials: int, per_arm: int, benefit: float, seed: int, skewness: float = 0.0
) -> pd.DataFrame:
    """Simulate participants of randomised trials.

    Parameters
    ----------
    trials, per_arm : int
        Number of trials and of people in each arm.
    benefit : float
        How much more the symptom falls with LKCM, in units of the scale.
    seed : int
        Seed of the generator.
    skewness : float
        Skewness of the changes: above zero some people worsen a great deal.

    Returns
    -------
    DataFrame
        ``trial``, ``lkcm`` (bool), ``before`` and ``change`` (positive is worse).
    """
    generator = np.random.default_rng(seed)
    people = 2 * trials * per_arm
    lkcm = np.tile(np.repeat([True, False], per_arm), trials)
    shape = stats.pearson3(skewness)
    drawn = shape.rvs(size=people, random_state=generator)
    change = CHANGE - benefit * lkcm + CHANGE_SD * drawn
    before = BASELINE + BASELINE_SD * generator.standard_normal(people)
    trial = np.repeat([f"Synthetic {number + 1}" for number in range(trials)], 2 * per_arm)
    return pd.DataFrame({"trial": trial, "lkcm": lkcm, "before": before, "change": change})


def true_risks(benefit: float, threshold: float, skewness: float = 0.0) -> tuple[float, float]:
    """Return the risk of worsening beyond a threshold that was simulated, LKCM and control."""
    shape = stats.pearson3(skewness)
    z = [(threshold - CHANGE + extra) / CHANGE_SD for extra in (benefit, 0.0)]
    return tuple(float(shape.sf(value)) for value in z)


def arm_summaries(participants: pd.DataFrame) -> pd.DataFrame:
    """Return what a report would print: mean, SD and number of changes in each arm."""
    arms = participants.groupby(["trial", "lkcm"])["change"].agg(["mean", "std", "count"])
    wide = arms.unstack("lkcm")
    return pd.DataFrame(
        {
            f"{name}_{arm}": wide[column][is_lkcm]
            for arm, is_lkcm in (("t", True), ("c", False))
            for name, column in (("worse", "mean"), ("sd", "std"), ("n", "count"))
        }
    )


def worked_example(
    participants: pd.DataFrame, threshold: float, truth: tuple[float, float]
) -> pd.DataFrame:
    """Estimate the risk ratio of worsening in several ways beside the simulated truth.

    Parameters
    ----------
    participants : DataFrame
        Of `synthetic_participants`.
    threshold : float
        Change beyond which someone counts as worse.
    truth : tuple of two floats
        Of `true_risks`.

    Returns
    -------
    DataFrame
        ``label``, ``estimate``, ``low``, ``high`` (risk ratios); the truth without an interval.
    """
    counts = pd.DataFrame(
        [
            counted(trial["change"], trial["lkcm"], threshold)
            for _, trial in participants.groupby("trial")
        ]
    )
    exact = mantel_haenszel(counts["a"], counts["n_t"], counts["c"], counts["n_c"]).ratio
    lines = [("simulated truth", truth[0] / truth[1], np.nan, np.nan)]
    if exact is not None:
        lines.append(("counted in participants (Mantel-Haenszel)", *exact))
    summaries = arm_summaries(participants)
    for shape in SHAPES:
        risks = contrast(summaries, threshold, shape).join(summaries[["n_t", "n_c"]])
        pooled = pool_worsening(risks).ratio
        if pooled is not None and pooled.ci is not None:
            ends = np.exp([pooled.estimate, *pooled.ci])
            lines.append((f"from means and SDs, {shape}", *ends))
    return pd.DataFrame(lines, columns=["label", "estimate", "low", "high"])
