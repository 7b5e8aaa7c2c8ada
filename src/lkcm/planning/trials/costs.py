"""What each further question costs in people, beside the question whether it works at all."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lkcm.planning.trials.interaction import interaction_size
from lkcm.planning.trials.margins import excess_size, non_inferiority_size
from lkcm.planning.trials.mediation import Paths, joint_size
from lkcm.planning.trials.two_arm import TwoArm, sample_size

#: Columns of `costs`.
COLUMNS = ("question", "found", "n", "times")
#: A question, what is to be found, and people in both arms.
Line = tuple[str, str, int]


@dataclass(frozen=True)
class Asked:
    """What is asked of a trial beside its main effect; each value is an assumption to state.

    Attributes
    ----------
    margin : float
        Deficit against an active treatment that would be accepted.
    on_mediator : float
        Effect of LKCM on the mediator.
    mediated : float
        Share of the main effect that goes through the mediator.
    second_person : tuple of float
        Effects that a second person may see, as shares of the main effect.
    worsening, excess : float
        Risk of worsening without LKCM, and the excess to exclude.
    group_size, icc : float
        People taught together in the LKCM arm, and their correlation.
    """

    margin: float = 0.2
    on_mediator: float = 0.5
    mediated: float = 0.5
    second_person: tuple[float, ...] = (1.0, 0.6, 0.3)
    worsening: float = 0.1
    excess: float = 0.05
    group_size: float = 10
    icc: float = 0.05


def costs(
    effect: float, design: TwoArm, asked: Asked, *, power_wanted: float = 0.8
) -> pd.DataFrame:
    """Return the people to randomise, in both arms, for each question.

    Parameters
    ----------
    effect : float
        Main effect to find, above zero.
    design : TwoArm
        A trial with equal arms, without groups.
    asked : Asked
        The further questions.
    power_wanted : float
        Power of each test.

    Returns
    -------
    DataFrame
        `COLUMNS`: the question and what is to be found, in words, people ``n`` randomised to both
        arms, and how many ``times`` those of the main effect.
    """
    wanted = {"power_wanted": power_wanted}
    lines = [
        *_does_it_work(effect, design, asked, wanted),
        *_for_whom_and_how(effect, design, asked, wanted),
        *_is_it_safe(design, asked, wanted),
    ]
    table = pd.DataFrame(lines, columns=list(COLUMNS[:3]))
    return table.assign(times=table["n"] / table["n"].iloc[0])


def _both(n_arm: float) -> int:
    return 2 * int(np.ceil(n_arm))


def _does_it_work(effect: float, design: TwoArm, asked: Asked, wanted: dict) -> list[Line]:
    groups = replace(design, group_size=asked.group_size, icc=asked.icc, grouped="lkcm")
    taught = f"groups of {asked.group_size:g}, intraclass correlation {asked.icc:g}"
    seen = [
        (
            "Does a person beside the participant see it?",
            f"d = {share * effect:.2f}, {100 * share:g} % of what participants report",
            _both(sample_size(share * effect, design, **wanted)[0]),
        )
        for share in asked.second_person
    ]
    return [
        ("Does it work?", f"d = {effect:g}", _both(sample_size(effect, design, **wanted)[0])),
        (
            "Does it work when it is taught in groups?",
            f"d = {effect:g}; {taught} in the LKCM arm",
            _both(sample_size(effect, groups, **wanted)[0]),
        ),
        *seen,
        (
            "Is it as good as an active treatment?",
            f"no worse by more than {asked.margin:g} where both are equal",
            _both(non_inferiority_size(0.0, asked.margin, design, **wanted)),
        ),
    ]


def _for_whom_and_how(effect: float, design: TwoArm, asked: Asked, wanted: dict) -> list[Line]:
    paths = Paths(asked.on_mediator, asked.mediated * effect / asked.on_mediator)
    through = f"{100 * asked.mediated:g} % of d = {effect:g} through a mediator that it moves by "
    analysed = joint_size(paths, **wanted) / 2
    kinds = [
        (
            "For whom? One half of people against the other",
            f"effects that differ by {difference:.2f}",
            _both(interaction_size(difference, design, **wanted)),
        )
        for difference in (effect, effect / 2)
    ]
    found = f"{through}{asked.on_mediator:g}"
    return [*kinds, ("How? One mediator", found, _both(analysed / (1 - design.dropout)))]


def _is_it_safe(design: TwoArm, asked: Asked, wanted: dict) -> list[Line]:
    found = f"excess of {100 * asked.excess:g} points over {100 * asked.worsening:g} % worsening"
    analysed = excess_size(asked.excess, asked.worsening, **wanted)
    return [("Does it harm?", f"{found} is excluded", _both(analysed / (1 - design.dropout)))]
