"""The standard checks under one roof: what each decides on a review, and what it corrects to."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lkcm.bias.asymmetry import egger_lm_many, egger_many, pet_peese_many
from lkcm.bias.beta_selection import beta_selection_many
from lkcm.bias.copas import copas_many
from lkcm.bias.excess import excess_significance_many
from lkcm.bias.p_uniform import p_uniform_many
from lkcm.bias.rank import rank_test_many
from lkcm.bias.selection import FOUR_PSM, THREE_PSM, step_selection_many
from lkcm.bias.trim_and_fill import RUN_TEST, trim_and_fill_many
from lkcm.synthesis.heterogeneity import Array

#: One-sided level of the tests that have a direction: two-sided .10, as Egger et al. (1997, BMJ
#: 315:629) proposed for a test of little power.
LEVEL = 0.05
#: L0 is described as moving the pool when it moves it by more than this, in g.
MOVES = 0.1

#: Takes yi, vi, hi of shape (k, B) and the pooled effects of shape (B,).
Ask = Callable[[Array, Array, Array, Array], "Answer"]


@dataclass(frozen=True)
class Answer:
    """What a check says of B reviews.

    Attributes
    ----------
    positive : array of bool, or None
        Whether it sees selection, False where the review does not allow it; None for a method
        that only corrects.
    corrected : array or None
        Effect after its correction, NaN where there is none; None for a mere test.
    p : array or None
        p value of the decision, in the direction of selection.
    """

    positive: NDArray[np.bool_] | None
    corrected: Array | None
    p: Array | None


@dataclass(frozen=True)
class Check:
    """A check.

    Attributes
    ----------
    name : str
        As a table shows it.
    rule : str
        When it counts as positive, in words.
    minimum : int
        Fewest trials for which it is defined.
    ask : callable
        Of type `Ask`.
    verdict : bool
        Whether it takes part in the verdict; if not it is shown as a description.
    costly : bool
        Whether simulations ask it about a part of their reviews only.
    """

    name: str
    rule: str
    minimum: int
    ask: Ask
    verdict: bool = True
    costly: bool = False


def _directed(statistic: pd.Series, p: pd.Series) -> Array:
    """Turn a two-sided p into one-sided, small where the statistic is above zero."""
    return np.where(statistic > 0, p / 2, 1 - p / 2)


def _test(table: pd.DataFrame, statistic: str, corrected: Array | None = None) -> Answer:
    return _decided(_directed(table[statistic], table["p"]), table["p"].notna(), corrected)


def _decided(p: Array, defined: pd.Series, corrected: Array | None) -> Answer:
    """Answer by p at `LEVEL`, negative where it is not defined."""
    p = np.where(defined, p, np.nan)
    return Answer(np.nan_to_num(p, nan=1.0) <= LEVEL, corrected, p)


def _egger(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    return _test(egger_many(yi, vi, hi), "z")


def _egger_classic(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    return _test(egger_lm_many(yi, vi), "t")


def _rank(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    return _test(rank_test_many(yi, vi), "tau")


def _run_test(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    table = trim_and_fill_many(yi, vi, estimator="R0")
    p = table["k0_p"].to_numpy()
    return Answer(np.nan_to_num(p, nan=1.0) <= RUN_TEST, table["estimate"].to_numpy(), p)


def _filled(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    corrected = trim_and_fill_many(yi, vi)["estimate"].to_numpy()
    return Answer(np.nan_to_num(pooled - corrected) > MOVES, corrected, None)


def _pet_peese(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    return Answer(None, pet_peese_many(yi, vi, hi)["estimate"].to_numpy(), None)


def _step(steps: tuple[float, ...]) -> Ask:
    def ask(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
        table = step_selection_many(yi, vi, steps)
        last = table[f"weight_{len(steps)}"]
        two_sided = table["lrt_p"].to_numpy()
        # One weight below one is a direction, so that its test may be one-sided.
        p = np.where(last < 1, two_sided / (1 + (len(steps) == 1)), 1 - two_sided / 2)
        defined = table["lrt_p"].notna() & last.notna()
        return _decided(p, defined, table["estimate"].to_numpy())

    return ask


def _beta(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    table = beta_selection_many(yi, vi)
    # log of the chance to be seen at one-sided p = .025 over that at p = .5.
    favours = (table["weight_1"] - 1) * np.log(0.05) + (table["weight_2"] - 1) * np.log(1.95)
    p = np.where(favours > 0, table["lrt_p"], 1 - table["lrt_p"] / 2)
    return _decided(p, table["lrt_p"].notna(), table["estimate"].to_numpy())


def _copas(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    table = copas_many(yi, vi).rename(columns={"asymmetry_p": "p"})
    return _test(table, "asymmetry", table["estimate"].to_numpy())


def _excess(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    table = excess_significance_many(yi, vi)
    return _test(table.assign(excess=table["observed"] - table["expected"]), "excess")


def _p_uniform(yi: Array, vi: Array, hi: Array, pooled: Array) -> Answer:
    return Answer(None, p_uniform_many(yi, vi)["estimate"].to_numpy(), None)


#: Short name -> check, in the order of a table.
CHECKS = {
    "egger": Check(
        "Egger, on size",
        "small trials show more; one-sided p ≤ .05, mixed-effects regression on √(1/n_t + 1/n_c)",
        3,
        _egger,
    ),
    "egger_classic": Check(
        "Egger, classic",
        "small trials show more; one-sided p ≤ .05, weighted regression on the standard error",
        3,
        _egger_classic,
    ),
    "rank": Check("Rank test", "small trials show more; one-sided p ≤ .05", 3, _rank),
    "run_test": Check(
        "Trim and fill, R₀ run test", "run of extreme effects; p ≤ .10", 3, _run_test
    ),
    "fill": Check(
        "Trim and fill, L₀",
        "description: moves the pooled effect down by more than 0.1",
        3,
        _filled,
        verdict=False,
    ),
    "excess": Check(
        "Excess significance",
        "description: more significant trials than the power of all lets expect, one-sided "
        "p ≤ .05; takes all true effects to be one",
        3,
        _excess,
        verdict=False,
    ),
    "pet_peese": Check("PET-PEESE", "corrects only", 3, _pet_peese, verdict=False),
    "p_uniform": Check("p-uniform*", "corrects only", 3, _p_uniform, verdict=False),
    "3psm": Check(
        "Selection model, one step",
        "results with one-sided p > .025 are printed less often; likelihood ratio, one-sided "
        "p ≤ .05",
        4,
        _step(THREE_PSM),
    ),
    "4psm": Check(
        "Selection model, two steps",
        "results that favour the control are printed less often; likelihood ratio (2 df) p ≤ .05",
        5,
        _step(FOUR_PSM),
    ),
    "beta": Check(
        "Selection model, beta weight",
        "results with one-sided p = .025 are printed more often than those with p = .5; "
        "likelihood ratio (2 df) p ≤ .05",
        5,
        _beta,
        costly=True,
    ),
    "copas": Check(
        "Copas model",
        "small trials show more where no selection is allowed for; likelihood ratio of a slope on "
        "the standard error, one-sided p ≤ .05 (corrects by the weakest selection that leaves "
        "two-sided p ≥ .10)",
        5,
        _copas,
        costly=True,
    ),
}
#: Correction by none, as a row of the same tables.
POOLED = "pooled"
#: At least one of the checks that take part in the verdict, as a row of the same tables.
ANY = "any"


def ask_all(
    yi: Array, vi: Array, hi: Array, pooled: Array, names: tuple[str, ...] = tuple(CHECKS)
) -> dict[str, Answer]:
    """Ask checks about many reviews.

    Parameters
    ----------
    yi, vi, hi : array, shape (k, B)
        Effects, sampling variances, and 1 / n_t + 1 / n_c (times the factor of the analysis).
    pooled : array, shape (B,)
        Pooled effects without correction.
    names : tuple of str
        Of `CHECKS`.

    Returns
    -------
    dict of str to Answer
    """
    return {name: CHECKS[name].ask(yi, vi, hi, pooled) for name in names}
