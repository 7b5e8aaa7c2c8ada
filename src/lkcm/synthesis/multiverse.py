"""The multiverse: every defensible combination of choices, pooled at once.

The data sets of all combinations stand side by side in one table, one a column; equal columns are
pooled once. `lkcm.synthesis.choices` says what may be mixed.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from lkcm.effects import convert
from lkcm.synthesis.choices import CONVERSIONS, CURVES, ESTIMATORS, MIXED, ROWS, TESTS, UNITS
from lkcm.synthesis.composites import composite_effects
from lkcm.synthesis.heterogeneity import Array
from lkcm.synthesis.one_per_sample import one_per_sample
from lkcm.synthesis.outcome import outcome_rows
from lkcm.synthesis.pool import pool_many
from lkcm.synthesis.pooled import HEADLINE_FROM

#: Columns of `Multiverse.fits` after the choices.
NUMBERS = ("k", "data_set", "estimate", "ci_low", "ci_high", "tau2")
#: Estimates that differ by less than this are one.
SAME = 1e-9


@dataclass(frozen=True)
class Multiverse:
    """All fits of one outcome.

    Attributes
    ----------
    fits : DataFrame
        One row a specification: the choices of `CURVES` and `MIXED` by name (in the order of
        their options), then `NUMBERS`; ``data_set`` numbers the distinct data sets.
    too_few : DataFrame
        Specifications with fewer than three trials, which are not pooled, by curve: the choices
        of `CURVES` and ``specifications``.
    """

    fits: pd.DataFrame
    too_few: pd.DataFrame

    def curve(self, **options: str) -> pd.DataFrame:
        """Return the fits of one curve in order of their estimate.

        Parameters
        ----------
        **options
            Options of the non-equivalent choices, by default those of the headline.

        Returns
        -------
        DataFrame
            Rows of `fits`, with ``excludes`` (the interval excludes zero) and ``headline``.
        """
        wanted = {choice.name: options.get(choice.name, choice.headline) for choice in CURVES}
        rows = self.fits
        for name, option in wanted.items():
            rows = rows[rows[name] == option]
        rows = rows.sort_values("estimate", kind="stable", ignore_index=True)
        headline = np.logical_and.reduce(
            [rows[choice.name] == choice.headline for choice in (*CONVERSIONS, *ROWS)]
            + [rows[choice.name] == choice.headline for choice in (UNITS, ESTIMATORS, TESTS)]
        )
        excludes = (rows["ci_low"] > 0) | (rows["ci_high"] < 0)
        return rows.assign(excludes=excludes, headline=headline)


def multiverse(
    effects: pd.DataFrame,
    trials: pd.DataFrame,
    outcome: str,
    reporters: tuple[str, ...] = ("self",),
) -> Multiverse:
    """Pool one outcome under every combination of choices.

    Rows that are held back enter no combination.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence.
    outcome, reporters
        As `lkcm.synthesis.outcome.outcome_rows`.

    Returns
    -------
    Multiverse
        With no fits where no combination has three trials.
    """
    about = effects[effects["outcome"].eq(outcome) & effects["reporter"].isin(reporters)]
    rows, yi, vi = _versions(about, trials, outcome, reporters)
    sets: list[Array] = []
    lines: list[tuple[object, ...]] = []
    for comparator, time in product(*(choice.options for choice in CURVES[:2])):
        own = rows["group"].eq(comparator) & rows["timepoint"].eq(CURVES[1].options[time])
        selections: dict[bytes, list[tuple[str, Array]]] = {}
        for names in product(*(choice.options for choice in ROWS)):
            keeps = [choice.options[name](rows) for choice, name in zip(ROWS, names, strict=True)]
            kept = np.logical_and.reduce([own, *keeps])
            if kept.tobytes() not in selections:
                selections[kept.tobytes()] = _data_sets(rows, kept, yi, vi)
            for unit, tables in selections[kept.tobytes()]:
                lines.append((comparator, time, *names, unit, len(sets)))
                sets.append(tables)
    return _pool_all(lines, sets, yi.shape[1])


def influence(curve: pd.DataFrame) -> pd.DataFrame:
    """Say how much each choice moves the estimate within a curve.

    Parameters
    ----------
    curve : DataFrame
        Of `Multiverse.curve`.

    Returns
    -------
    DataFrame
        ``choice``, ``kind``, ``lowest`` and ``highest`` (options with the lowest and highest
        mean estimate), ``low``, ``high`` (those means), ``range`` and ``share`` (part of the
        variance of the estimates that goes with the choice), the largest range first.
    """
    total = curve["estimate"].var(ddof=0)
    lines = []
    for choice in MIXED:
        groups = curve.groupby(choice.name, observed=True)["estimate"]
        means, sizes = groups.mean(), groups.size()
        if means.empty:
            continue
        between = float((sizes * (means - curve["estimate"].mean()) ** 2).sum() / sizes.sum())
        line = {"choice": choice.name, "kind": choice.kind}
        line |= {"lowest": means.idxmin(), "highest": means.idxmax()}
        line |= {"low": means.min(), "high": means.max(), "range": means.max() - means.min()}
        lines.append(line | {"share": between / total if total > SAME**2 else 0.0})
    columns = ["choice", "kind", "lowest", "highest", "low", "high", "range", "share"]
    table = pd.DataFrame(lines, columns=columns)
    return table.sort_values("range", ascending=False, kind="stable", ignore_index=True)


def summary(found: Multiverse) -> pd.DataFrame:
    """Sum up each curve.

    Parameters
    ----------
    found : Multiverse
        Of `multiverse`.

    Returns
    -------
    DataFrame
        The choices of `CURVES`, ``fits``, ``data_sets`` and ``estimates`` (distinct ones),
        ``k_low``, ``k_high``, ``low``, ``median``, ``high`` of the estimates, ``excluding``
        (share of fits whose interval excludes zero) and ``not_pooled`` (specifications with
        fewer than three trials).
    """
    lines = []
    names = [choice.name for choice in CURVES]
    for options in product(*(choice.options for choice in CURVES)):
        curve = found.curve(**dict(zip(names, options, strict=True)))
        few = found.too_few
        for name, option in zip(names, options, strict=True):
            few = few[few[name] == option]
        line = dict(zip(names, options, strict=True))
        line |= {"fits": len(curve), "not_pooled": int(few["specifications"].sum())}
        if len(curve):
            line |= {
                "data_sets": curve["data_set"].nunique(),
                "estimates": _distinct(curve["estimate"]),
                "k_low": int(curve["k"].min()),
                "k_high": int(curve["k"].max()),
                "low": curve["estimate"].min(),
                "median": curve["estimate"].median(),
                "high": curve["estimate"].max(),
                "excluding": curve["excludes"].mean(),
            }
        lines.append(line)
    columns = [*names, "fits", "data_sets", "estimates", "k_low", "k_high", "low", "median"]
    return pd.DataFrame(lines, columns=[*columns, "high", "excluding", "not_pooled"])


def _distinct(estimates: pd.Series) -> int:
    ordered = np.sort(estimates.to_numpy())
    return int(1 + (np.diff(ordered) > SAME).sum()) if len(ordered) else 0


def _versions(
    about: pd.DataFrame, trials: pd.DataFrame, outcome: str, reporters: tuple[str, ...]
) -> tuple[pd.DataFrame, Array, Array]:
    """Convert under all combinations of rules; only rows with an effect under each stay."""
    once = convert(about, trials, include_2c=True)
    about = about[once["status"].eq("poolable").to_numpy()]
    tables = []
    for names in product(*(choice.options for choice in CONVERSIONS)):
        rules = {"include_2c": True}
        for choice, name in zip(CONVERSIONS, names, strict=True):
            rules |= choice.options[name]
        tables.append(outcome_rows(convert(about, trials, **rules), outcome, reporters))
    yi, vi = (
        np.column_stack([table[name].astype(float) for table in tables]) for name in ("yi", "vi")
    )
    usable = tables[0]["status"].eq("poolable") & tables[0]["measure"].eq("SMD")
    kept = usable.to_numpy() & np.isfinite(yi).all(axis=1)
    return tables[0][kept].reset_index(drop=True), yi[kept], vi[kept]


def _data_sets(
    rows: pd.DataFrame, kept: np.ndarray, yi: Array, vi: Array
) -> list[tuple[str, Array]]:
    """Give the data sets of a selection of rows: for each unit (2, trials, versions)."""
    part = rows[kept]
    one = rows.index.isin(one_per_sample(part).kept.index) if len(part) else kept
    codes, _ = pd.factorize(part["sample_id"])
    found = []
    for name, rho in UNITS.options.items():
        if rho is None or not len(part):
            found.append((name, np.stack([yi[one], vi[one]])))
        else:
            found.append((name, np.stack(composite_effects(yi[kept], vi[kept], codes, rho))))
    return found


def _pool_all(lines: list[tuple[object, ...]], sets: list[Array], versions: int) -> Multiverse:
    """Pool the distinct data sets once each, and give every specification its fit."""
    names = [choice.name for choice in (*CURVES[:2], *ROWS, UNITS)]
    conversions = list(product(*(choice.options for choice in CONVERSIONS)))
    table = pd.DataFrame(lines, columns=[*names, "set"])
    table = table.loc[table.index.repeat(versions)].reset_index(drop=True)
    table["version"] = np.tile(np.arange(versions), len(sets))
    for place, choice in enumerate(CONVERSIONS):
        table[choice.name] = [conversions[v][place] for v in table["version"]]
    columns = [tables[:, :, version] for tables in sets for version in range(versions)]
    table["k"] = [column.shape[1] for column in columns]
    enough = (table["k"] >= HEADLINE_FROM).to_numpy()
    too_few = _too_few(table[~enough])
    keys: dict[bytes, int] = {}
    distinct: list[Array] = []
    numbers = []
    for column in (column for column, is_enough in zip(columns, enough, strict=True) if is_enough):
        ordered = column[:, np.lexsort(column)].round(10)
        number = keys.setdefault(ordered.tobytes(), len(distinct))
        if number == len(distinct):
            distinct.append(column)
        numbers.append(number)
    table = table[enough].assign(data_set=np.array(numbers, dtype=int)).reset_index(drop=True)
    return Multiverse(_fits(table, distinct), too_few)


def _fits(table: pd.DataFrame, distinct: list[Array]) -> pd.DataFrame:
    longest = max((column.shape[1] for column in distinct), default=0)
    padded = np.full((2, longest, len(distinct)), np.nan)
    for place, column in enumerate(distinct):
        padded[:, : column.shape[1], place] = column
    tests = {name: ("Knapp-Hartung", test) for name, test in TESTS.options.items()}
    tests["Wald"] = ("Wald", "wald")
    blocks = []
    for estimator, (name, (interval, test)) in product(ESTIMATORS.options, tests.items()):
        if not distinct:
            break
        pooled = pool_many(*padded, method=estimator, test=test)
        own = pooled.loc[table["data_set"], ["estimate", "ci_low", "ci_high", "tau2"]]
        labels = {ESTIMATORS.name: estimator, TESTS.name: name, "interval": interval}
        blocks.append(pd.concat([table.assign(**labels), own.reset_index(drop=True)], axis=1))
    columns = [choice.name for choice in (*CURVES, *MIXED)] + list(NUMBERS)
    if not blocks:
        return pd.DataFrame(columns=columns)
    fits = pd.concat(blocks, ignore_index=True)[columns]
    # under Wald there is no factor to choose
    fits.loc[fits["interval"] == "Wald", TESTS.name] = TESTS.headline
    kinds = {c.name: pd.CategoricalDtype(list(c.options), ordered=True) for c in (*CURVES, *MIXED)}
    return fits.astype(kinds)


def _too_few(table: pd.DataFrame) -> pd.DataFrame:
    names = [choice.name for choice in CURVES[:2]]
    counts = table.groupby(names).size().rename("specifications").reset_index()
    each = len(ESTIMATORS.options)
    kinds = [
        counts.assign(interval=interval, specifications=counts["specifications"] * each * len(of))
        for interval, of in CURVES[2].options.items()
    ]
    return pd.concat(kinds, ignore_index=True)
