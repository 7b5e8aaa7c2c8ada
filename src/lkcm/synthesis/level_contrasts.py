"""Contrasts between groups of trials, each taken for what it says, with or without a figure.

Each group has its synthesis across levels (`lkcm.synthesis.censored`); the interval of their
difference is recovered from their profile intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lkcm.synthesis.censored import AcrossLevels, synthesise_each
from lkcm.synthesis.censored_fit import fit_many
from lkcm.synthesis.contrasts import FITTED_FROM, conclusion, two_groups
from lkcm.synthesis.contributions import VARIANTS, bounds
from lkcm.synthesis.pooled import Interval


@dataclass(frozen=True)
class LevelContrast:
    """Two groups of trials across all levels of evidence.

    Attributes
    ----------
    groups : dict
        `AcrossLevels` by group.
    differences : DataFrame
        One row a variant: ``variant``, ``difference`` (first minus second), ``low``, ``high``,
        and the groups' own ``first``, ``first_low``, ``first_high``, ``second``, ``second_low``,
        ``second_high``; NaN where a group has no estimate.
    trials : tuple of int
        Trials of each group that say something that can be used.
    shared : int
        Trials that stand in both groups.
    concluded : bool
        Whether both groups have trials enough (ten) for a conclusion.
    told : str
        What limits the contrast, or why there is none; "" where nothing does.
    """

    groups: dict[str, AcrossLevels]
    differences: pd.DataFrame
    trials: tuple[int, ...]
    shared: int
    concluded: bool
    told: str


def level_contrast(
    rows: pd.DataFrame,
    column: str,
    cells: Sequence[str],
    *,
    variants: Sequence[str] = tuple(VARIANTS),
    level: float = 0.95,
) -> LevelContrast:
    """Contrast two groups of trials across all levels of evidence.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, of one outcome.
    column, cells
        As `group_contrast`.
    variants : sequence of str
        Readings of bare directions.
    level : float
        Level of the intervals.

    Returns
    -------
    LevelContrast
        Each group has its own mean and variance. Trials that stand in both groups are taken as
        independent, which makes the interval of the difference too wide rather than too narrow.

    Raises
    ------
    PoolError
        As `group_contrast`.
    """
    two_groups(cells)
    parts = {cell: rows[rows[column].eq(cell)] for cell in cells}
    groups = synthesise_each(parts, variants, level=level)
    samples = [set(found.chosen.kept["sample_id"]) for found in groups.values()]
    counts = {cell: len(own) for cell, own in zip(cells, samples, strict=True)}
    few = [f"{cell} ({k})" for cell, k in counts.items() if k < FITTED_FROM]
    differences = pd.DataFrame([_level_line(groups, cells, name, bool(few)) for name in variants])
    concluded, told = conclusion(counts)
    if few:
        told = f"fewer than {FITTED_FROM} trials: {', '.join(few)}; nothing is fitted"
    elif differences["difference"].isna().any():
        concluded, told = False, _without_estimate(groups)
    return LevelContrast(
        groups=groups,
        differences=differences,
        trials=tuple(counts.values()),
        shared=len(samples[0] & samples[1]),
        concluded=concluded,
        told=told,
    )


def level_cells(rows: pd.DataFrame, column: str, variant: str = "A") -> pd.DataFrame:
    """Synthesise each class of trials by itself, across all levels of evidence.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`, of one outcome and group of comparators.
    column : str
        Which column says the class.
    variant : str
        Reading of bare directions.

    Returns
    -------
    DataFrame
        ``cell``, ``trials`` (that say something that can be used), ``reported`` (all trials of
        the class with the outcome), ``estimate``, ``low``, ``high`` (NaN below `FITTED_FROM`
        trials or without an estimate) and ``note``; the largest class first.
    """
    lines = []
    parts = dict(iter(rows.groupby(column)))
    for cell, found in synthesise_each(parts, [variant]).items():
        part, fit = parts[cell], found.fits[variant]
        line = {"cell": cell, "trials": fit.k, "reported": part["sample_id"].nunique()}
        line["note"] = conclusion({str(cell): fit.k})[1]
        if fit.k < FITTED_FROM:
            line["note"] = f"fewer than {FITTED_FROM} trials: not fitted"
        elif fit.ci is None:
            line["note"] = fit.notes[0]
        else:
            line |= {"estimate": fit.estimate, "low": fit.ci[0], "high": fit.ci[1]}
        lines.append(line)
    columns = ["cell", "trials", "reported", "estimate", "low", "high", "note"]
    table = pd.DataFrame(lines, columns=columns)
    table = table.astype(dict.fromkeys(("estimate", "low", "high"), float))
    return table.sort_values(["trials", "cell"], ascending=[False, True], ignore_index=True)


def leave_one_out_levels(found: LevelContrast, variant: str = "A") -> pd.DataFrame:
    """Contrast two groups across levels again without each trial in turn, all at once.

    Parameters
    ----------
    found : LevelContrast
        Of `level_contrast`.
    variant : str
        Reading of bare directions; one of those in `found`.

    Returns
    -------
    DataFrame
        One row a trial of either group: ``sample_id``, ``group``, ``difference``, ``low``,
        ``high``; no rows where there is no difference, NaN where a group has no estimate without
        the trial.
    """
    columns = ["sample_id", "group", "difference", "low", "high"]
    line = found.differences.set_index("variant").loc[variant]
    if np.isnan(line["difference"]):
        return pd.DataFrame(columns=columns)
    tables = []
    for place, (name, group) in enumerate(found.groups.items()):
        kept = group.chosen.kept
        fits = _without_each(kept, variant)
        other = "second" if place == 0 else "first"
        rest = (line[other], (line[f"{other}_low"], line[f"{other}_high"]))
        for sample, fit in zip(kept["sample_id"], fits.itertuples(), strict=True):
            mine = (fit.estimate, (fit.ci_low, fit.ci_high))
            first, second = (mine, rest) if place == 0 else (rest, mine)
            tables.append((sample, name, first[0] - second[0], *mover(*first, *second)))
    return pd.DataFrame(tables, columns=columns)


def mover(
    first: float, first_ci: tuple[float, float], second: float, second_ci: tuple[float, float]
) -> tuple[float, float]:
    """Compute the interval of a difference from the intervals of two independent estimates.

    Zou & Donner (2008, Stat Med 27:1693), method of variance estimates recovery: each limit
    takes the distances of the estimates to the limits that bound it, so that skewed intervals
    stay skewed.

    Parameters
    ----------
    first, second : float
        The estimates.
    first_ci, second_ci : tuple of two floats
        Their intervals, of one level.

    Returns
    -------
    tuple of two floats
        The interval of first minus second, of that level.
    """
    difference = first - second
    below = np.hypot(first - first_ci[0], second_ci[1] - second)
    above = np.hypot(first_ci[1] - first, second - second_ci[0])
    return float(difference - below), float(difference + above)


def _level_line(
    groups: dict[str, AcrossLevels], cells: Sequence[str], variant: str, few: bool
) -> dict[str, object]:
    fits = [groups[cell].fits[variant] for cell in cells]
    line: dict[str, object] = {"variant": variant, "difference": np.nan}
    line |= {"low": np.nan, "high": np.nan}
    for place, fit in zip(("first", "second"), fits, strict=True):
        shown = fit.ci is not None and fit.k >= FITTED_FROM
        ends: Interval = fit.ci if shown else (np.nan, np.nan)
        line[place] = fit.estimate if shown else np.nan
        line[f"{place}_low"], line[f"{place}_high"] = ends
    if not few and all(fit.ci is not None for fit in fits):
        first, second = fits
        line["difference"] = first.estimate - second.estimate
        ends = mover(first.estimate, first.ci, second.estimate, second.ci)
        line["low"], line["high"] = ends
    return line


def _without_estimate(groups: dict[str, AcrossLevels]) -> str:
    told = []
    for cell, found in groups.items():
        fit = next(iter(found.fits.values()))
        if fit.ci is None:
            told.append(f"{cell}: {fit.notes[0]}")
    return "; ".join(told) or "a group has no interval"


def _without_each(kept: pd.DataFrame, variant: str) -> pd.DataFrame:
    says = bounds(kept, variant)
    k = len(kept)
    others = np.array([np.delete(np.arange(k), i) for i in range(k)]).T
    tables = (says[name].to_numpy(float)[others] for name in ("low", "high", "variance"))
    either = says["either"].to_numpy(bool)[others]
    return fit_many(*tables, either, tau2_interval=False)
