"""For whom and how the effect differs: one moderator at a time, and several together.

All effects of a trial take part by the dependent-effects model, with CR2 errors, a Hotelling-type
Wald test (clubSandwich's "HTZ") and, on one composite effect a trial, a permutation test. Cells
of fewer than four trials are counted and not fitted; below ten nothing is concluded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.synthesis.coefficients import Coefficient
from lkcm.synthesis.composites import composites
from lkcm.synthesis.contrasts import (
    CONCLUDED_FROM,
    FITTED_FROM,
    conclusion,
    pool_effects,
    usable,
)
from lkcm.synthesis.dependent import RHO
from lkcm.synthesis.permutation import permutation_p
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.pooled_dependent import UNRELIABLE_BELOW, Dependent
from lkcm.synthesis.sandwich import Wald
from lkcm.synthesis.trial_properties import MODERATORS, NOT_STATED, Moderator

#: Why nothing is concluded where trials are enough, but a few of them decide.
FEW_DF = f"fewer than {UNRELIABLE_BELOW} degrees of freedom: no conclusion is drawn"
#: Columns of `Moderated.cells`.
CELLS = ("moderator", "cell", "trials", "effects", "estimate", "ci_low", "ci_high", "df", "note")


@dataclass(frozen=True)
class Moderated:
    """One moderator and what trials with figures tell about it.

    Attributes
    ----------
    moderator : Moderator
        The moderator.
    cells : DataFrame
        One row a class (for a number one row, of the trials that state it), columns `CELLS`.
    fit : Dependent or None
        Means of the classes without an intercept, or intercept and slope; None where nothing is
        fitted.
    wald : Wald or None
        Test that all fitted classes have one mean.
    slope : Coefficient or None
        Change of the effect for one ``unit`` of a number, or the difference of two classes,
        second minus first.
    permutation : float or None
        Permutation p on composites; the smallest of the classes times their number.
    concluded : bool
        Whether all fitted cells have trials enough (ten).
    told : str
        Why nothing is fitted or concluded; "" where all is.
    range : tuple of two floats, or None
        Smallest and largest value of a number that is fitted.
    """

    moderator: Moderator
    cells: pd.DataFrame
    fit: Dependent | None
    wald: Wald | None
    slope: Coefficient | None
    permutation: float | None
    concluded: bool
    told: str
    range: tuple[float, float] | None = None

    @property
    def p(self) -> float | None:
        """Small-sample p of the Wald test, or of the slope of a number."""
        if self.wald is not None:
            return self.wald.p
        return None if self.slope is None else self.slope.p


@dataclass(frozen=True)
class Together:
    """Several moderators in one model.

    Attributes
    ----------
    fit : Dependent or None
        Intercept and coefficients; None where there are too few trials.
    trials : int
        Trials that state all of them.
    used, left : tuple of str
        Names of the moderators in the model, and of those for which the trials do not suffice.
    told : str
        What limits it.
    """

    fit: Dependent | None
    trials: int
    used: tuple[str, ...]
    left: tuple[str, ...]
    told: str


def moderated(
    rows: pd.DataFrame, moderator: Moderator, *, rho: float = RHO, seed: int = 2024
) -> Moderated:
    """Ask whether effects differ by one moderator.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.trial_properties.with_moderators`.
    moderator : Moderator
        Of `MODERATORS`, or another with its column in `rows`.
    rho : float
        Correlation of the sampling errors within a trial.
    seed : int
        Of the permutations.

    Returns
    -------
    Moderated
        With the reason in words where nothing is fitted.
    """
    found = usable(rows)
    if moderator.is_number:
        return _by_number(found[found[moderator.column].notna()], moderator, rho, seed)
    return _by_class(found, moderator, rho, seed)


def holm(p: Sequence[float | None]) -> list[float | None]:
    """Adjust p values for how many there are (Holm 1979, Scand J Stat 6:65).

    Parameters
    ----------
    p : sequence of float or None
        None where nothing was tested.

    Returns
    -------
    list of float or None
        In the order of the input.
    """
    tested = sorted((value, place) for place, value in enumerate(p) if value is not None)
    adjusted: list[float | None] = [None] * len(p)
    highest = 0.0
    for rank, (value, place) in enumerate(tested):
        highest = max(highest, min(1.0, value * (len(tested) - rank)))
        adjusted[place] = highest
    return adjusted


def fitted_line(found: Moderated, points: int = 21) -> pd.DataFrame:
    """Give the fitted line of a number with its band.

    Parameters
    ----------
    found : Moderated
        Of a moderator that is a number.
    points : int
        Places between the smallest and the largest value at which the line is given.

    Returns
    -------
    DataFrame
        ``x``, ``estimate``, ``low``, ``high`` (CR2, NaN where there is no interval); no rows
        where nothing is fitted.
    """
    columns = ["x", "estimate", "low", "high"]
    if found.fit is None or found.range is None:
        return pd.DataFrame(columns=columns)
    names = [one.name for one in found.fit.coefficients]
    lines = []
    for x in np.linspace(*found.range, points):
        at = found.fit.contrast({names[0]: 1.0, names[1]: float(x)})
        lines.append((float(x), at.estimate, *(at.ci or (np.nan, np.nan))))
    return pd.DataFrame(lines, columns=columns)


def together(
    rows: pd.DataFrame, moderators: Sequence[Moderator] = MODERATORS, *, rho: float = RHO
) -> Together:
    """Put as many moderators into one model as the trials allow, in their order.

    A moderator enters while there are `FITTED_FROM` trials for each coefficient and each class;
    of trials, those that state all the moderators in the model take part.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.trial_properties.with_moderators`.
    moderators : sequence of Moderator
        First choice first.
    rho : float
        As `moderated`.
    """
    found, columns = usable(rows), {}
    used: list[str] = []
    for moderator in moderators:
        stated = found[_stated(found, moderator)]
        new = _columns(stated, moderator)
        size = len(columns) + len(new) + 1
        if not new or stated["sample_id"].nunique() < FITTED_FROM * size:
            continue
        kept = {name: values.reindex(stated.index) for name, values in columns.items()} | new
        if _tells_apart(kept, len(stated)):
            found, columns = stated, kept
            used.append(moderator.name)
    left = tuple(one.name for one in moderators if one.name not in used)
    trials = found["sample_id"].nunique()
    if not used:
        told = f"{trials} trials with figures are too few for a model of several moderators"
        return Together(None, trials, (), left, told)
    numbers = {name: values.to_numpy(float) for name, values in columns.items()}
    fit = pool_effects(found, rho=rho, moderators=numbers)
    enough = trials >= CONCLUDED_FROM * len(fit.coefficients)
    told = "" if enough else f"fewer than {CONCLUDED_FROM} trials for each coefficient: "
    told += "" if enough else "no conclusion is drawn"
    return Together(fit, trials, tuple(used), left, told)


def _by_class(found: pd.DataFrame, moderator: Moderator, rho: float, seed: int) -> Moderated:
    column = moderator.column
    counts = found.groupby(column)["sample_id"].nunique().sort_values(ascending=False)
    fitted = [cell for cell in counts[counts >= FITTED_FROM].index if cell != NOT_STATED]
    few = f"fewer than two classes with {FITTED_FROM} trials; nothing is fitted"
    part = found[found[column].isin(fitted)]
    if len(fitted) < 2 or part["sample_id"].nunique() <= len(fitted):
        return Moderated(moderator, _cells(found, moderator, counts), *(None,) * 4, False, few)
    indicators = {cell: part[column].eq(cell).to_numpy(float) for cell in fitted}
    fit = pool_effects(part, rho=rho, moderators=indicators, intercept=False)
    wald = _one_mean(fit, fitted)
    first, second = fitted[:2]
    two = len(fitted) == 2
    slope = fit.contrast({second: 1.0, first: -1.0}, f"{second} minus {first}") if two else None
    # a trial with two comparators has a composite in each class
    means = composites(
        part.assign(sample_id=part["sample_id"].astype(str) + "|" + part[column]), rho
    )
    dummies = {cell: means[column].eq(cell).to_numpy(float) for cell in fitted[1:]}
    p = permutation_p(means["yi"], means["vi"], dummies, seed=seed)
    concluded, told = conclusion(counts[fitted].to_dict())
    if concluded and wald is not None and wald.df_denom < UNRELIABLE_BELOW:
        concluded, told = False, FEW_DF
    cells = _cells(found, moderator, counts, fit)
    smallest = min(1.0, len(p) * min(p.values())) if p else None
    return Moderated(moderator, cells, fit, wald, slope, smallest, concluded, told)


def _by_number(found: pd.DataFrame, moderator: Moderator, rho: float, seed: int) -> Moderated:
    column, trials = moderator.column, found["sample_id"].nunique()
    counts = pd.Series({"stated": trials})
    cells = _cells(found.assign(**{column: "stated"}), moderator, counts)
    if trials < FITTED_FROM or found[column].nunique() < 3:
        told = f"{trials} trials with a figure state it, with {found[column].nunique()} different "
        told += "values; nothing is fitted"
        return Moderated(moderator, cells, *(None,) * 4, False, told)
    fit = pool_effects(found, rho=rho, moderators={column: found[column].to_numpy(float)})
    means = composites(found, rho)
    p = permutation_p(means["yi"], means["vi"], {column: means[column].to_numpy(float)}, seed=seed)
    concluded, told = conclusion({"stated": trials})
    slope = fit.coefficients[1]
    if concluded and (slope.df is None or slope.df < UNRELIABLE_BELOW):
        concluded, told = False, FEW_DF
    ends = float(found[column].min()), float(found[column].max())
    return Moderated(moderator, cells, fit, None, slope, p.get(column), concluded, told, ends)


def _one_mean(fit: Dependent, cells: Sequence[str]) -> Wald | None:
    """Test that classes have one mean; None where too few trials bear on it."""
    rows = np.zeros((len(cells) - 1, len(cells)))
    rows[:, 0], rows[:, 1:] = -1.0, np.eye(len(cells) - 1)
    try:
        return fit.wald(rows)
    except PoolError:
        return None


def _cells(
    found: pd.DataFrame, moderator: Moderator, counts: pd.Series, fit: Dependent | None = None
) -> pd.DataFrame:
    means = {} if fit is None else {one.name: one for one in fit.coefficients}
    lines = []
    for cell, trials in counts.items():
        effects = int(found[moderator.column].eq(cell).sum())
        line = {"moderator": moderator.name, "cell": cell, "trials": trials, "effects": effects}
        line["note"] = _note(int(trials))
        if cell in means:
            low, high = means[cell].ci or (np.nan, np.nan)
            line |= {"estimate": means[cell].estimate, "ci_low": low, "ci_high": high}
            line["df"] = means[cell].df
        lines.append(line)
    numbers = dict.fromkeys(("estimate", "ci_low", "ci_high", "df"), float)
    return pd.DataFrame(lines, columns=list(CELLS)).astype(numbers)


def _note(trials: int) -> str:
    if trials < FITTED_FROM:
        return f"fewer than {FITTED_FROM} trials: not fitted"
    return "" if trials >= CONCLUDED_FROM else f"fewer than {CONCLUDED_FROM} trials: no conclusion"


def _stated(found: pd.DataFrame, moderator: Moderator) -> pd.Series:
    values = found[moderator.column]
    if moderator.is_number:
        return values.notna()
    counts = found.groupby(moderator.column)["sample_id"].nunique()
    enough = [cell for cell in counts[counts >= FITTED_FROM].index if cell != NOT_STATED]
    return values.isin(enough)


def _columns(found: pd.DataFrame, moderator: Moderator) -> dict[str, pd.Series]:
    """Give the columns of a moderator in a model with an intercept."""
    values = found[moderator.column]
    if moderator.is_number:
        return {moderator.name: values.astype(float)} if values.nunique() > 1 else {}
    counts = found.groupby(moderator.column)["sample_id"].nunique()
    cells = counts.sort_values(ascending=False, kind="stable").index
    return {
        f"{moderator.name}: {cell} (not {cells[0]})": values.eq(cell).astype(float)
        for cell in cells[1:]
    }


def _tells_apart(columns: Mapping[str, pd.Series], k: int) -> bool:
    table = np.column_stack([np.ones(k), *(values.to_numpy() for values in columns.values())])
    return bool(np.linalg.matrix_rank(table) == table.shape[1])
