"""Simulated micro-randomised trials, many side by side; whatever they show is synthetic."""

from dataclasses import dataclass

import numpy as np

from lkcm.planning.micro.occasions import Occasions
from lkcm.planning.micro.proximal_size import Micro
from lkcm.planning.trials.two_arm import Array


def omitted_moderator(
    participants: int,
    occasions: int,
    trials: int,
    *,
    seed: int,
    effect: float = -0.2,
    moderation: float = 0.5,
) -> Occasions:
    """Simulate trials in which context moves outcome, action and effect.

    The generative model of Boruvka et al. (2018, section 5, omitted moderator): context S is
    1 or -1; the prompt is drawn with probability expit(-0.8 A_before + 0.8 S); the outcome is
    0.8 S + (A - p) (effect + moderation S) plus errors with correlation .5^(lag / 2). The mean
    proximal effect is `effect`, since S is zero on average.

    Parameters
    ----------
    participants, occasions, trials : int
        Size of a trial, and how many.
    seed : int
        Of the generator.
    effect, moderation : float
        Mean proximal effect, and its change with S.

    Returns
    -------
    Occasions
        Arrays of shape (trials, participants, occasions) with the covariate ``state``.
    """
    random = np.random.default_rng(seed)
    shape = (trials, participants, occasions)
    state = np.where(random.random(shape) < 0.5, -1.0, 1.0)
    draw, noise = random.random(shape), _correlated(random, shape, np.sqrt(0.5))
    action, probability = np.zeros(shape), np.zeros(shape)
    before = np.zeros(shape[:2])
    for t in range(occasions):
        probability[..., t] = 1 / (1 + np.exp(0.8 * before - 0.8 * state[..., t]))
        before = action[..., t] = (draw[..., t] < probability[..., t]).astype(float)
    outcome = 0.8 * state + (action - probability) * (effect + moderation * state) + noise
    return Occasions(outcome, action, probability, np.ones(shape), {"state": state})


#: Mean log risk ratio in `binary_moderator`: the effect of a prompt, averaged over its states.
BINARY_TRUTH = float(
    np.log((0.2 * np.exp(0.1) + 0.5 * np.exp(0.4) + 0.4 * np.exp(0.7)) / (0.2 + 0.5 + 0.4))
)


def binary_moderator(participants: int, occasions: int, trials: int, *, seed: int) -> Occasions:
    """Simulate trials with an outcome of 1 and 0 and an effect that changes with context.

    The generative model of Qian et al. (2021): context S is 0, 1 or 2 alike; without a prompt
    the probability of a 1 is .2, .5 or .4; a prompt, drawn with probability .2, multiplies it by
    exp(.1 + .3 S). The mean log risk ratio is `BINARY_TRUTH`.

    Parameters
    ----------
    participants, occasions, trials, seed
        As `omitted_moderator`.

    Returns
    -------
    Occasions
        With the covariates ``state`` and ``state_2`` (whether S is 2).
    """
    random = np.random.default_rng(seed)
    shape = (trials, participants, occasions)
    state = random.integers(0, 3, shape)
    action = (random.random(shape) < 0.2).astype(float)
    risk = np.array([0.2, 0.5, 0.4])[state] * np.exp(action * (0.1 + 0.3 * state))
    outcome = (random.random(shape) < risk).astype(float)
    covariates = {"state": state.astype(float), "state_2": (state == 2).astype(float)}
    return Occasions(outcome, action, np.full(shape, 0.2), np.ones(shape), covariates)


@dataclass(frozen=True)
class Practice:
    """A synthetic trial of prompts to practise, with what surrounds it.

    Attributes
    ----------
    occasions : Occasions
        Outcome: warmth towards others, in standard deviations, half an hour later. Covariates
        ``stress`` (1 in a stressed moment), ``evening`` (1 at the last occasion of a day) and
        ``day`` (from 0 to 1 over the trial).
    practised : Occasions
        The same with the outcome 1 if the participant practised within the hour.
    minutes, mood : array, shape (participants, days)
        Minutes of practice a day, and mood the next morning. Minutes follow mood and never cause
        it: an association without an effect.
    truth : dict
        Effect of a prompt in a calm moment, its change under stress, and the log risk ratio of
        practice.
    """

    occasions: Occasions
    practised: Occasions
    minutes: Array
    mood: Array
    truth: dict[str, float]


def practice_trial(
    participants: int = 60, days: int = 28, a_day: int = 3, *, seed: int
) -> Practice:
    """Simulate a trial of prompts for a moment of loving-kindness, on phone and watch.

    Prompts are drawn with probability .5 in calm and .3 in stressed moments; participants can be
    prompted at 7 in 10 occasions. A prompt raises warmth by 0.10 in calm and 0.35 in stressed
    moments. Days without practice depend on the person and on mood, not on the day before.

    Parameters
    ----------
    participants, days, a_day : int
        Size of the trial.
    seed : int
        Of the generator.
    """
    random = np.random.default_rng(seed)
    shape = (participants, days * a_day)
    stress = (random.random(shape) < random.beta(2, 4, (participants, 1))).astype(float)
    evening = np.broadcast_to(np.tile(np.arange(a_day) == a_day - 1, days), shape).astype(float)
    day = np.broadcast_to(np.repeat(np.linspace(0, 1, days), a_day), shape)
    available = (random.random(shape) < 0.7).astype(float)
    probability = np.where(stress == 1, 0.3, 0.5)
    action = available * (random.random(shape) < probability)
    person = random.normal(0, 0.6, (participants, 1))
    noise = 0.8 * _correlated(random, shape, 0.4)
    warmth = person - 0.5 * stress + 0.2 * evening + action * (0.1 + 0.25 * stress) + noise
    risk = np.clip(0.18 * np.exp(0.4 * person - 0.3 * stress + 0.5 * action), 0, 0.95)
    took = (random.random(shape) < risk).astype(float)
    covariates = {"stress": stress, "evening": evening, "day": np.array(day)}
    mood = person + _correlated(random, (participants, days + 1), 0.5)
    habit = random.normal(0, 1.2, (participants, 1))
    usual = 1 / (1 + np.exp(-(habit + 0.8 * mood[:, :-1])))
    minutes = np.where(random.random((participants, days)) < usual, 0.0, np.nan)
    length = random.gamma(3, 4, (participants, days)) * np.exp(0.3 * mood[:, :-1])
    minutes = np.where(np.isnan(minutes), 0.0, length)
    return Practice(
        Occasions(warmth, action, probability, available, covariates),
        Occasions(took, action, probability, available, covariates),
        minutes,
        mood[:, 1:],
        {"calm": 0.1, "stress": 0.25, "practised": 0.5},
    )


def planned_trials(trial: Micro, participants: int, trials: int, *, seed: int) -> Occasions:
    """Simulate trials as `lkcm.planning.micro.proximal_size` plans them.

    Parameters
    ----------
    trial : Micro
        The plan; its effect is what a prompt does on each day, in residual standard deviations.
    participants, trials : int
        Size of a trial, and how many.
    seed : int
        Of the generator.

    Returns
    -------
    Occasions
        With the covariates ``day`` (from -1 to 1 over the trial) and ``day_2`` (its square).
    """
    random = np.random.default_rng(seed)
    effect = np.asarray(trial.effect, float)
    shape = (trials, participants, len(effect) * trial.a_day)
    open_ = np.repeat(np.broadcast_to(trial.availability, effect.shape), trial.a_day)
    available = (random.random(shape) < open_).astype(float)
    action = available * (random.random(shape) < trial.probability)
    outcome = action * np.repeat(effect, trial.a_day) + random.standard_normal(shape)
    day = np.repeat(np.linspace(-1, 1, len(effect)), trial.a_day)
    covariates = {"day": np.broadcast_to(day, shape), "day_2": np.broadcast_to(day**2, shape)}
    return Occasions(outcome, action, np.full(shape, trial.probability), available, covariates)


def _correlated(random: np.random.Generator, shape: tuple[int, ...], phi: float) -> Array:
    """Return standard normal errors whose correlation is phi^lag along the last axis."""
    errors = random.standard_normal(shape)
    for t in range(1, shape[-1]):
        errors[..., t] = phi * errors[..., t - 1] + np.sqrt(1 - phi**2) * errors[..., t]
    return errors
