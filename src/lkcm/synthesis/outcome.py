"""One outcome: its rows, pooled by comparator, and how far choices move the result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from lkcm.effects import convert
from lkcm.synthesis.comparators import comparator_group
from lkcm.synthesis.one_per_sample import one_per_sample
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import Pooled, headline_test

#: A programme counts as a psychotherapy rather than as meditation in the sensitivity analyses.
PSYCHOTHERAPY = ("CFT",)


@dataclass(frozen=True)
class GroupPool:
    """The trials of one comparator and their pooled effect.

    Attributes
    ----------
    name : str
        Group or kind of comparator.
    kept : DataFrame
        One row a trial, with ``weight`` (per cent).
    unused : DataFrame
        The other rows, with ``unused_because``.
    pooled : Pooled or None
        None without a trial.
    """

    name: str
    kept: pd.DataFrame
    unused: pd.DataFrame
    pooled: Pooled | None


def outcome_rows(
    converted: pd.DataFrame, outcome: str, reporters: tuple[str, ...] = ("self",)
) -> pd.DataFrame:
    """Return the rows of an outcome that can be a standardised mean difference.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.
    outcome : str
        A value of ``outcome``.
    reporters : tuple of str
        Values of ``reporter``.

    Returns
    -------
    DataFrame
        With ``group`` added; rows against another LKCM programme and ratios are left out, rows
        without a metric (censored or excluded) stay, so that a page can list them.
    """
    rows = converted[
        converted["outcome"].eq(outcome)
        & converted["reporter"].isin(reporters)
        & (converted["measure"].eq("SMD") | ~converted["status"].isin(["poolable", "sensitivity"]))
    ]
    rows = rows.assign(group=comparator_group(rows["comparator_type"]))
    return rows[rows["group"].notna()]


def core(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of trials in which LKCM is the core of the programme."""
    return rows[rows["lkcm_core"] == "yes"]


def pool_group(
    rows: pd.DataFrame,
    name: str,
    *,
    statuses: tuple[str, ...] = ("poolable",),
    method: str = "REML",
    test: str | None = None,
) -> GroupPool:
    """Pool one effect a trial.

    Parameters
    ----------
    rows : DataFrame
        Of `outcome_rows`, narrowed to the comparators in question.
    name : str
        What to call the group.
    statuses : tuple of str
        As `one_per_sample`.
    method, test : str
        As `pool`; by default the headline's test for the number of trials.
    """
    chosen = one_per_sample(rows, statuses=statuses)
    kept = chosen.kept
    if kept.empty:
        return GroupPool(name, kept.assign(weight=pd.Series(dtype=float)), chosen.unused, None)
    pooled = pool(kept["yi"], kept["vi"], method=method, test=test or headline_test(len(kept)))
    return GroupPool(name, kept.assign(weight=pooled.weights), chosen.unused, pooled)


def pool_by(rows: pd.DataFrame, column: str, order: tuple[str, ...]) -> list[GroupPool]:
    """Pool each value of a column by itself, in the given order; values without rows stay out."""
    return [
        pool_group(rows[rows[column] == name], name)
        for name in order
        if rows[column].eq(name).any()
    ]


#: Rows that a sensitivity analysis keeps.
Keep = Callable[[pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Variant:
    """One defensible way to do the headline analysis otherwise.

    Attributes
    ----------
    name : str
        What is done otherwise, in words.
    keep : callable
        From the rows of the outcome to those that take part.
    rules : mapping
        Changes to the rules of conversion.
    options : mapping
        Changes to `pool_group`.
    """

    name: str
    keep: Keep = core
    rules: Mapping[str, object] | None = None
    options: Mapping[str, object] | None = None


def _stated_label(rows: pd.DataFrame) -> pd.DataFrame:
    return core(rows)[core(rows)["randomisation"] != "quasi-experimental-label"]


def _no_psychotherapy(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["intervention_class"].isin(PSYCHOTHERAPY)]


def _stated_sizes(rows: pd.DataFrame) -> pd.DataFrame:
    return core(rows)[core(rows)["level"] != "2b"]


#: The headline first; each of the others changes one thing.
VARIANTS = (
    Variant("headline: core trials, REML, post before follow-up"),
    Variant("all trials, whatever share of the programme is LKCM", keep=lambda rows: rows),
    Variant("all trials but compassion-focused therapy", keep=_no_psychotherapy),
    Variant("core, without a quasi-experimental label", keep=_stated_label),
    Variant("core, sizes of both arms stated", keep=_stated_sizes),
    Variant(
        "core, with effects from exact p values",
        options={"statuses": ("poolable", "sensitivity")},
    ),
    Variant("core, pre-post correlation 0.4", rules={"r": 0.4}),
    Variant("core, pre-post correlation 0.8", rules={"r": 0.8}),
    Variant("core, DerSimonian-Laird", options={"method": "DL"}),
    Variant("core, Paule-Mandel", options={"method": "PM"}),
    Variant("core, plain Knapp-Hartung", options={"test": "knapp-hartung"}),
    Variant("core, Wald", options={"test": "wald"}),
)


def sensitivity(
    effects: pd.DataFrame,
    trials: pd.DataFrame,
    outcome: str,
    reporters: tuple[str, ...],
    group: str,
    **rules: object,
) -> pd.DataFrame:
    """Return the pooled effect of one comparator group under each of `VARIANTS`.

    Parameters
    ----------
    effects, trials : DataFrame
        The evidence.
    outcome, reporters
        As `outcome_rows`.
    group : str
        A value of ``group``.
    **rules
        Rules of conversion that all variants share.

    Returns
    -------
    DataFrame
        ``variant``, ``k``, ``estimate``, ``ci_low``, ``ci_high``, ``tau2``; NaN without a trial.
    """
    rows = []
    about_outcome = effects[effects["outcome"].eq(outcome)]
    converted: dict[tuple, pd.DataFrame] = {}
    for variant in VARIANTS:
        changed = {**rules, **(variant.rules or {})}
        key = tuple(sorted(changed.items()))
        if key not in converted:
            converted[key] = convert(about_outcome, trials, **changed)
        about = variant.keep(outcome_rows(converted[key], outcome, reporters))
        found = pool_group(about[about["group"] == group], group, **(variant.options or {}))
        row = {"variant": variant.name, "k": len(found.kept)}
        if found.pooled is not None:
            fit = found.pooled.to_frame().iloc[0]
            row |= fit[["estimate", "ci_low", "ci_high", "tau2"]].to_dict()
        rows.append(row)
    columns = ["variant", "k", "estimate", "ci_low", "ci_high", "tau2"]
    return pd.DataFrame(rows, columns=columns)
