"""Contrasts between groups of trials that print figures, such as passive against active.

All effects of a trial take part, by the dependent-effects model; `level_contrasts` has the
contrast of all trials, with and without a figure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.effects.arms import arm_labels
from lkcm.synthesis.coefficients import Coefficient
from lkcm.synthesis.covariance import Arms
from lkcm.synthesis.dependent import RHO, RHOS, pool_dependent
from lkcm.synthesis.outcome import outcome_rows
from lkcm.synthesis.pooled import PoolError
from lkcm.synthesis.pooled_dependent import Dependent

#: Trials in a group below which nothing is fitted, and below which nothing is concluded.
FITTED_FROM, CONCLUDED_FROM = 4, 10
#: Columns of `Contrast.cells`.
CELLS = ("cell", "trials", "effects", "estimate", "ci_low", "ci_high", "df")


@dataclass(frozen=True)
class Contrast:
    """Two groups of trials with figures, and the difference of their mean effects.

    Attributes
    ----------
    cells : DataFrame
        One row a group, columns `CELLS`; NaN where nothing is fitted.
    difference : Coefficient or None
        First group minus second, with CR2 error and Satterthwaite's degrees of freedom.
    fit : Dependent or None
        The model: one mean a group, variances in common.
    concluded : bool
        Whether both groups have trials enough (ten) for a conclusion.
    told : str
        What limits the contrast, or why there is none; "" where nothing does.
    """

    cells: pd.DataFrame
    difference: Coefficient | None
    fit: Dependent | None
    concluded: bool
    told: str


def every_outcome(converted: pd.DataFrame, reporters: tuple[str, ...] = ("self",)) -> pd.DataFrame:
    """Return the rows of all outcomes, as `lkcm.synthesis.outcome.outcome_rows` of one."""
    names = converted["outcome"].unique()
    found = [outcome_rows(converted, name, reporters) for name in names]
    return pd.concat(found) if found else outcome_rows(converted, "", reporters)


def usable(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that give a standardised mean difference for the main analysis."""
    return rows[rows["status"].eq("poolable") & rows["measure"].eq("SMD")]


def arms_of(rows: pd.DataFrame) -> Arms:
    """Say which arms each effect compares, so that shared arms enter the covariance.

    Parameters
    ----------
    rows : DataFrame
        Of `usable`. Sizes that are not known are taken as those that the variance implies.

    Returns
    -------
    Arms
        Arms of different experiments of one report are different arms.
    """
    labels, implied = arm_labels(rows), 2 / rows["vi"]
    return Arms(
        treatment=labels["treatment"].to_numpy(),
        control=labels["control"].to_numpy(),
        n_treatment=rows["n_t_used"].fillna(implied).to_numpy(float),
        n_control=rows["n_c_used"].fillna(implied).to_numpy(float),
        outcome=labels["outcome"].to_numpy(),
    )


def pool_effects(rows: pd.DataFrame, *, rho: float = RHO, **options: object) -> Dependent:
    """Pool all effects of each trial by the dependent-effects model.

    Parameters
    ----------
    rows : DataFrame
        Of `usable`; a trial is a ``sample_id``.
    rho : float
        Correlation of the sampling errors of two outcomes of a trial.
    **options
        The other options of `lkcm.synthesis.dependent.pool_dependent`.

    Raises
    ------
    PoolError
        As `pool_dependent`.
    """
    return pool_dependent(
        rows["yi"].to_numpy(),
        rows["vi"].to_numpy(),
        rows["sample_id"].astype(str).to_numpy(),
        rho=rho,
        arms=arms_of(rows),
        **options,
    )


def group_contrast(
    rows: pd.DataFrame, column: str, cells: Sequence[str], *, rho: float = RHO
) -> Contrast:
    """Contrast two groups of trials that print figures.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, of one outcome or several.
    column : str
        Which column says the group.
    cells : sequence of two str
        Its values; the difference is first minus second.
    rho : float
        As `pool_effects`.

    Returns
    -------
    Contrast
        Without a fit where a group has fewer than `FITTED_FROM` trials.

    Raises
    ------
    PoolError
        Not two groups, or one group twice.
    """
    two_groups(cells)
    found = usable(rows)
    found = found[found[column].isin(list(cells))]
    counts = {cell: found.loc[found[column].eq(cell), "sample_id"].nunique() for cell in cells}
    few = [f"{cell} ({k})" for cell, k in counts.items() if k < FITTED_FROM]
    if few:
        told = f"fewer than {FITTED_FROM} trials with a figure: {', '.join(few)}"
        told += "; nothing is fitted"
        return Contrast(_cells(found, column, cells, None), None, None, False, told)
    indicators = {cell: found[column].eq(cell).to_numpy(float) for cell in cells}
    fit = pool_effects(found, rho=rho, moderators=indicators, intercept=False)
    first, second = cells
    difference = fit.contrast({first: 1.0, second: -1.0}, f"{first} minus {second}")
    concluded, told = conclusion(counts)
    return Contrast(_cells(found, column, cells, fit), difference, fit, concluded, told)


def contrast_by_rho(
    rows: pd.DataFrame, column: str, cells: Sequence[str], rhos: Iterable[float] = RHOS
) -> pd.DataFrame:
    """Contrast two groups again under other correlations within trials.

    Parameters
    ----------
    rows, column, cells
        As `group_contrast`.
    rhos : iterable of float
        The correlations.

    Returns
    -------
    DataFrame
        ``rho``, ``estimate``, ``ci_low``, ``ci_high``, ``se``, ``df``; no rows where nothing is
        fitted.
    """
    lines = []
    for rho in rhos:
        difference = group_contrast(rows, column, cells, rho=rho).difference
        if difference is not None:
            low, high = difference.ci or (np.nan, np.nan)
            lines.append((rho, difference.estimate, low, high, difference.se, difference.df))
    columns = ["rho", "estimate", "ci_low", "ci_high", "se", "df"]
    return pd.DataFrame(lines, columns=columns).astype(float)


def conclusion(counts: dict[str, int]) -> tuple[bool, str]:
    """Say whether groups of these numbers of trials allow a conclusion, and why not.

    Parameters
    ----------
    counts : dict of str to int
        Number of trials by group.

    Returns
    -------
    concluded : bool
        Whether all have `CONCLUDED_FROM` trials or more.
    told : str
        "" or the reason.
    """
    few = [f"{cell} ({k})" for cell, k in counts.items() if k < CONCLUDED_FROM]
    if not few:
        return True, ""
    return False, f"fewer than {CONCLUDED_FROM} trials: {', '.join(few)}; no conclusion is drawn"


def two_groups(cells: Sequence[str]) -> None:
    """Refuse what is not two different groups.

    Raises
    ------
    PoolError
        With what was found.
    """
    if len(cells) != 2 or cells[0] == cells[1]:
        raise PoolError(f"a contrast is of two groups; found {', '.join(map(str, cells))}")


def _cells(
    found: pd.DataFrame, column: str, cells: Sequence[str], fit: Dependent | None
) -> pd.DataFrame:
    means = {} if fit is None else {one.name: one for one in fit.coefficients}
    lines = []
    for cell in cells:
        own = found[found[column].eq(cell)]
        line = {"cell": cell, "trials": own["sample_id"].nunique(), "effects": len(own)}
        if cell in means:
            low, high = means[cell].ci or (np.nan, np.nan)
            line |= {"estimate": means[cell].estimate, "ci_low": low, "ci_high": high}
            line["df"] = np.nan if means[cell].df is None else means[cell].df
        lines.append(line)
    numbers = dict.fromkeys(("estimate", "ci_low", "ci_high", "df"), float)
    return pd.DataFrame(lines, columns=list(CELLS)).astype(numbers)
