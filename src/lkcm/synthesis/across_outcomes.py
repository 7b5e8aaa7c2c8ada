"""The synthesis across levels for many outcomes, and what it hangs on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lkcm.synthesis.censored import Censored, fit_together
from lkcm.synthesis.censored_fit import fit_many
from lkcm.synthesis.comparators import GROUPS
from lkcm.synthesis.contributions import FIGURES, KINDS, VARIANTS, bounds, choose
from lkcm.synthesis.outcome import core, outcome_rows
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pooled import HEADLINE_FROM, headline_test

#: Columns of `across_outcomes` beside the counts by kind.
COLUMNS = (
    *("outcome", "group", "samples", "k", "bounded", "pooled", "pooled_low", "pooled_high"),
    *("a", "a_low", "a_high", "b", "b_low", "b_high", "tau2_a", "headline", "told"),
)
#: Those of them that are numbers, missing or not.
NUMBERS = (
    *("pooled", "pooled_low", "pooled_high", "a", "a_low", "a_high", "b", "b_low", "b_high"),
    "tau2_a",
)
#: By how much a test that adjusts for baseline has smaller standard errors, at a correlation of
#: .6 between baseline and outcome: the root of 1 - .36.
SHARPER = 0.8


def across_outcomes(
    converted: pd.DataFrame,
    outcomes: Sequence[str],
    *,
    reporters: tuple[str, ...] = ("self",),
    core_only: bool = True,
) -> pd.DataFrame:
    """Synthesise each outcome against each group of comparators.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.
    outcomes : sequence of str
        Values of ``outcome``, in the order of the table.
    reporters : tuple of str
        As `lkcm.synthesis.outcome.outcome_rows`.
    core_only : bool
        Whether only trials in which LKCM is the core of the programme take part.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` and one for each of `lkcm.synthesis.contributions.KINDS` (trials), a row
        for each outcome and group with a row of evidence. ``samples`` counts those that report
        the outcome at all; ``pooled`` is the REML pool of the figures, from three trials on.
        ``told`` is the first note of variant A, the gravest.
    """
    tables = {}
    for outcome in outcomes:
        rows = outcome_rows(converted, outcome, reporters)
        by_group = (core(rows) if core_only else rows).groupby("group")
        found = {group: by_group.get_group(group) for group in GROUPS if group in by_group.groups}
        tables |= {(outcome, group): about for group, about in found.items()}
    chosen = {key: choose(rows).kept for key, rows in tables.items()}
    fits = fit_together([(kept, name) for kept in chosen.values() for name in VARIANTS])
    lines = [
        {"outcome": outcome, "group": group, "samples": rows["sample_id"].nunique()}
        | _line(chosen[outcome, group], *fits[2 * place : 2 * place + 2])
        for place, ((outcome, group), rows) in enumerate(tables.items())
    ]
    table = pd.DataFrame(lines, columns=[*COLUMNS, *KINDS])
    return table.astype(dict.fromkeys(NUMBERS, float))


def _line(kept: pd.DataFrame, a: Censored, b: Censored) -> dict[str, object]:
    line: dict[str, object] = {"k": a.k, "bounded": a.bounded, "told": a.notes[0]}
    line |= {"headline": a.headline and b.headline, "tau2_a": a.tau2} | a.kinds
    for name, fit in (("a", a), ("b", b)):
        low, high = fit.ci or (None, None)
        line |= {name: fit.estimate, f"{name}_low": low, f"{name}_high": high}
    figures = kept[kept["kind"] == "figure"]
    if len(figures) >= HEADLINE_FROM:
        pooled = pool(figures["yi"], figures["vi"], test=headline_test(len(figures)))
        low, high = pooled.ci or (None, None)
        line |= {"pooled": pooled.estimate, "pooled_low": low, "pooled_high": high}
    return line


def without_each(kept: pd.DataFrame, variant: str = "A", method: str = "ML") -> pd.DataFrame:
    """Fit again without each trial in turn, all at once.

    Parameters
    ----------
    kept : DataFrame
        ``kept`` of `lkcm.synthesis.contributions.Chosen`.
    variant, method : str
        As `lkcm.synthesis.censored.synthesise`.

    Returns
    -------
    DataFrame
        On the index of `kept`: ``estimate``, ``ci_low`` and ``ci_high`` without that trial, NaN
        where the others give none.
    """
    columns = ["estimate", "ci_low", "ci_high"]
    if kept.empty:
        return pd.DataFrame(columns=columns, index=kept.index, dtype=float)
    says = bounds(kept, variant)
    k = len(says)
    gone = np.eye(k, dtype=bool)
    low, high, variance = (
        np.where(gone, np.nan, says[name].to_numpy(float)[:, None])
        for name in ("low", "high", "variance")
    )
    either = says["either"].to_numpy(bool)[:, None] & ~gone
    fits = fit_many(low, high, variance, either, method=method, tau2_interval=False)
    return fits[columns].set_axis(kept.index)


def choices(rows: pd.DataFrame, every: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    """Change one choice of the synthesis at a time.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.synthesis.outcome.outcome_rows`: core trials against one group of comparators.
    every : DataFrame
        The same with all trials, whatever share of their programme is LKCM.
    level : float
        Level of the intervals.

    Returns
    -------
    DataFrame
        ``choice`` (words), ``variant``, ``k``, ``estimate``, ``ci_low``, ``ci_high`` and
        ``tau2``; NaN without an estimate.
    """
    kept = choose(rows).kept
    words = ~kept["kind"].isin(FIGURES)
    sharper = kept.assign(
        null_variance=kept["null_variance"].mask(words, kept["null_variance"] * SHARPER**2)
    )
    tables = {
        "as on this page: core trials, ML": kept,
        "rows without arm sizes given the median standard error": choose(
            rows, without_sizes="median"
        ).kept,
        "tests behind words adjusted for baseline: standard errors a fifth smaller": sharper,
        "without the trials that find no difference": kept[kept["kind"] != "no-difference"],
        "all trials, whatever share of the programme is LKCM": choose(every).kept,
    }
    parts = [(choice, table, name) for choice, table in tables.items() for name in VARIANTS]
    found = fit_together([part[1:] for part in parts], "ML", level)
    restricted = [(kept, name) for name in VARIANTS]
    names = [part[0] for part in parts] + ["restricted likelihood (REML) in place of ML"] * len(
        restricted
    )
    found += fit_together(restricted, "REML", level)
    lines = [
        {"choice": choice, "variant": fit.variant, "k": fit.k, "estimate": fit.estimate}
        | dict(zip(("ci_low", "ci_high"), fit.ci or (None, None), strict=True))
        | {"tau2": fit.tau2}
        for choice, fit in zip(names, found, strict=True)
    ]
    numbers = ["estimate", "ci_low", "ci_high", "tau2"]
    return pd.DataFrame(lines).astype(dict.fromkeys(numbers, float))
