"""Synthetic participants with a known truth, in the common data elements.

Nobody was measured. The truth is stated so that every estimate can be shown beside it.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import special

from lkcm.ipd.elements import ELEMENTS
from lkcm.synthesis.heterogeneity import Array


@dataclass(frozen=True)
class Truth:
    """What the synthetic participants are made of; effects are in SDs before the programme.

    Attributes
    ----------
    effect, tau : float
        Mean effect on the outcome after the programme, and its SD between trials.
    slope_within, slope_across : float
        Change of the effect per SD (within trials) of baseline severity: between participants of a
        trial, and between means of trials, where it rests on what else differs between trials.
    severity_spread : float
        Spread of the trials' mean severities in SDs within trials.
    a, b : float
        Effect of the programme on the mediator, and of the mediator on the outcome: of the effect
        a times b goes through the mediator.
    kept : float
        Share of the effect left at follow-up.
    worsening : float
        Log odds ratio of worsening, LKCM against control, in a trial.
    tau_worsening : float
        Its SD between trials.
    adherence_primary : float
        Difference of adherence, primary against higher education.
    dropout : float
        Share of participants without a score after the programme; more often those who were low
        before.
    """

    effect: float = 0.40
    tau: float = 0.10
    slope_within: float = 0.15
    slope_across: float = -0.25
    severity_spread: float = 0.8
    a: float = 0.50
    b: float = 0.35
    kept: float = 0.7
    worsening: float = -0.5
    tau_worsening: float = 0.3
    adherence_primary: float = -0.12
    dropout: float = 0.15

    @property
    def indirect(self) -> float:
        """Effect through the mediator."""
        return self.a * self.b

    def places(self, k: int) -> Array:
        """Return the mean severities of k trials, lowest first."""
        return np.linspace(-1.6, 1.6, k) * self.severity_spread

    def spread(self, k: int) -> float:
        """Return the SD of the true effects of k trials, by chance and by mean severity."""
        return float(np.hypot(self.tau, self.slope_across * self.places(k).std()))


#: The truth behind the book's synthetic participants.
TRUTH = Truth()
#: A truth in which the merged slope has the wrong sign: each trial recruits a narrow band.
ECOLOGICAL = replace(TRUTH, slope_within=0.2, slope_across=-0.15, severity_spread=2.5, tau=0.05)


def synthesise(plan: pd.DataFrame, seed: int, truth: Truth = TRUTH) -> pd.DataFrame:
    """Make participants of the planned trials.

    Parameters
    ----------
    plan : DataFrame
        From `lkcm.ipd.plan.plan`.
    seed : int
        Seed of the generator.
    truth : Truth
        What they are made of.

    Returns
    -------
    DataFrame
        One row a participant, the common data elements.
    """
    random = np.random.default_rng(seed)
    trial = np.repeat(np.arange(len(plan)), plan["n"].to_numpy())

    def each(name: str) -> Array:
        return plan[name].to_numpy()[trial]

    arm = _balanced(random, trial)
    latent = _before(random, trial, truth)
    people = _people(random, each)
    latent |= _after(random, trial, arm, latent, truth)
    did = 0.72 + truth.adherence_primary * (people["education"] == "primary")
    did = np.clip(did + random.normal(0, 0.18, len(trial)), 0, 1)
    frame = pd.DataFrame(
        {
            "trial": each("trial"),
            "participant": [f"p{i + 1:04d}" for i in range(len(trial))],
            "arm": np.where(arm == 1, "lkcm", "control"),
            "comparator": each("comparator"),
            **people,
            **_scores(each, latent, truth),
            "adherence": np.where(arm == 1, did, np.nan).round(3),
        }
    )
    return _as_trials_report(frame).reindex(columns=[element.name for element in ELEMENTS])


def _before(random: np.random.Generator, trial: Array, truth: Truth) -> dict[str, Array]:
    """Draw severity, score and mediator before the programme, in SDs."""
    total = len(trial)
    place = random.permutation(truth.places(trial.max() + 1))
    inside = random.normal(size=total)
    # Scores before the programme have an SD of 1, so that effects are in these units.
    score = np.sqrt(1 - 0.3**2) * random.normal(size=total) - 0.3 * inside
    mediator = 0.4 * score + np.sqrt(1 - 0.4**2) * random.normal(size=total)
    return {"place": place, "inside": inside, "score": score, "mediator": mediator}


def _after(
    random: np.random.Generator, trial: Array, arm: Array, before: dict[str, Array], truth: Truth
) -> dict[str, Array]:
    """Draw mediator, outcome, follow-up, drop-out and worsening."""
    total, k = len(trial), trial.max() + 1
    effect = truth.effect + random.normal(0, truth.tau, k) + truth.slope_across * before["place"]
    effect = effect[trial] + truth.slope_within * before["inside"]
    start = before["mediator"]
    mediator = 0.6 * start + truth.a * arm + random.normal(0, 0.7, total)
    noise = np.exp(random.normal(np.log(0.7), 0.15, k))[trial]
    outcome = 0.5 * before["score"] + (effect - truth.indirect) * arm
    outcome = outcome + truth.b * (mediator - 0.4 * start) + noise * random.normal(size=total)
    followup = outcome - (1 - truth.kept) * effect * arm + random.normal(0, 0.4, total)
    leaving = special.expit(special.logit(truth.dropout) - 0.4 * before["score"])
    drops = leaving > random.random(total)
    odds = -1.7 + random.normal(0, 0.3, k)[trial]
    odds = odds + arm * (truth.worsening + random.normal(0, truth.tau_worsening, k)[trial])
    worse = random.random(total) < special.expit(odds)
    after = {"moved": mediator, "outcome": outcome, "followup": followup}
    return after | {
        "drops": drops,
        "worse": worse,
        "severity": before["place"][trial] + before["inside"],
    }


def _scores(each: object, latent: dict[str, Array], truth: Truth) -> dict[str, object]:
    """Bring what was drawn to the scales of the common data elements."""
    points = 14 / max(truth.severity_spread, 1)
    drops = latent["drops"]

    def score(values: Array) -> Array:
        return np.clip(each("mean") + each("sd") * values, 0, 100).round(2)

    return {
        "severity": np.clip(45 + points * latent["severity"], 0, 100).round(1),
        "instrument": "synthetic scale",
        "outcome_baseline": score(latent["score"]),
        "outcome_post": np.where(drops, np.nan, score(latent["outcome"])),
        "outcome_followup": np.where(drops, np.nan, score(latent["followup"])),
        "week_mid": (each("weeks") / 2).round(1),
        "week_post": each("weeks"),
        "week_followup": each("weeks") + 26,
        "mediator": "synthetic mediator",
        "mediator_baseline": np.clip(50 + 15 * latent["mediator"], 0, 100).round(2),
        "mediator_mid": np.clip(50 + 15 * latent["moved"], 0, 100).round(2),
        "worsening": np.where(drops, None, np.where(latent["worse"], "yes", "no")),
    }


def _balanced(random: np.random.Generator, trial: Array) -> Array:
    """Draw arms of equal size within each trial."""
    order = np.lexsort((random.random(len(trial)), trial))
    starts = np.flatnonzero(np.diff(trial, prepend=-1))
    rank = np.empty(len(trial), dtype=int)
    rank[order] = np.arange(len(trial)) - starts[trial]
    return (rank % 2).astype(float)


def _people(random: np.random.Generator, each: object) -> dict[str, Array]:
    age = each("age")
    total = len(age)
    draw = random.random(total)
    levels = random.choice(["primary", "secondary", "tertiary"], total, p=[0.2, 0.4, 0.4])
    return {
        "age": np.clip(age + random.normal(0, 10, total), 12, 90).round(0),
        "gender": np.select(
            [draw < 0.015, draw < 0.015 + each("female") / 101.5], ["other", "woman"], "man"
        ),
        "education": levels,
        "minority": np.where(random.random(total) < 0.18, "yes", "no"),
        "prior_meditation": random.choice(["none", "some", "regular"], total, p=[0.6, 0.3, 0.1]),
    }


def _as_trials_report(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out what trials leave out: some never asked for education, many not for ethnicity."""
    number = frame["trial"].str[1:].astype(int)
    silent = {"education": number % 4 == 3, "minority": number % 3 != 1}
    silent |= {"prior_meditation": number % 5 == 2}
    return frame.assign(**{name: frame[name].mask(where) for name, where in silent.items()})
