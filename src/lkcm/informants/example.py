"""A synthetic review with several reporters: what a team with such data will get.

The rows have the columns of ``effects.csv`` and ``trials.csv`` and go the way of all evidence:
converted, classed, synthesised. Nothing in them was observed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.informants.simulated_reporters import reporter_correlation, true_effects

#: Reporter and role of each rating, in the order of the loadings.
RATINGS = (
    ("self", "self"),
    ("partner", "significant-other"),
    ("peer", "significant-other"),
    ("clinician", "blind-assessor"),
)
#: Which ratings each trial has: most both, some one alone, two with three reporters and more.
ASKED = (
    *((0, 1), (0, 1), (0, 1), (0, 2), (0, 1), (0, 2), (0, 1, 2), (0, 1, 2, 3)),
    *((0,), (0,), (0,), (0,), (1,), (2,), (1,)),
)
#: Mean and spread of the rating scale, and the factor from the latent metric.
MIDDLE, SPREAD = 4.0, 1.2


@dataclass(frozen=True)
class Truth:
    """What the synthetic data were drawn from.

    Attributes
    ----------
    world : str
        A key of `lkcm.informants.simulated_reporters.WORLDS`.
    g_self : float
        Effect on the self-report.
    loading : float
        Loading of every rating on the trait.
    """

    world: str = "score"
    g_self: float = 0.5
    loading: float = 0.65

    @property
    def g_other(self) -> float:
        """Effect that a second person can see."""
        return float(true_effects(self.world, self.g_self, (self.loading, self.loading))[1])

    @property
    def agreement(self) -> float:
        """Correlation of two ratings of one person."""
        return self.loading**2


def example_tables(
    truth: Truth | None = None, *, per_arm: tuple[int, int] = (30, 75), seed: int = 6
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw a synthetic review.

    Parameters
    ----------
    truth : Truth, optional
        What to draw from.
    per_arm : tuple of int
        Smallest and largest arm.
    seed : int

    Returns
    -------
    trials, effects : DataFrame
        In the columns of ``trials.csv`` and ``effects.csv``; every identifier says "synthetic".
    """
    truth = truth or Truth()
    rng = np.random.default_rng(seed)
    loadings = np.full(len(RATINGS), truth.loading)
    effects = true_effects(truth.world, truth.g_self, loadings)
    root = np.linalg.cholesky(reporter_correlation(loadings))
    trials, rows = [], []
    for place, asked in enumerate(ASKED):
        name = f"synthetic{place + 1:02d}"
        n_t, n_c = rng.integers(*per_arm, size=2)
        means = effects + 0.15 * rng.standard_normal() + 0.1 * rng.standard_normal(len(effects))
        arms = [
            MIDDLE + SPREAD * (shift + rng.standard_normal((n, len(effects))) @ root.T)
            for n, shift in ((n_t, means), (n_c, 0.0))
        ]
        trials.append(_trial(name, place, int(n_t + n_c)))
        rows += [_row(name, rating, arms) for rating in asked]
    return pd.DataFrame(trials), pd.DataFrame(rows)


def _trial(name: str, place: int, people: int) -> dict[str, object]:
    return {
        "trial_id": name,
        "sample_id": name,
        "authors": f"Synthetic trial {place + 1}",
        "title": "Synthetic data, not a trial",
        "design": "parallel",
        "n_randomised": people,
        "n_arms": 2,
        "lkcm_core": "yes",
        "randomisation": "stated",
    }


def _row(name: str, rating: int, arms: list[np.ndarray]) -> dict[str, object]:
    reporter, role = RATINGS[rating]
    treated, control = (arm[:, rating] for arm in arms)
    return {
        "effect_id": f"{name}-{reporter}",
        "trial_id": name,
        "comparator_type": "waitlist",
        "outcome": "other-compassion",
        "instrument": "synthetic kindness scale",
        "reporter": reporter,
        "rater_role": role,
        "about": "participant",
        "timepoint": "post",
        "effect_scope": "between-group",
        "model": "post",
        "harm": "none",
        "higher_is_better": "yes",
        "sign": "+" if treated.mean() > control.mean() else "-",
        "significant": "not-stated",
        "n_t": len(treated),
        "n_c": len(control),
        "mean_t": round(float(treated.mean()), 2),
        "sd_t": round(float(treated.std(ddof=1)), 2),
        "mean_c": round(float(control.mean()), 2),
        "sd_c": round(float(control.std(ddof=1)), 2),
    }
