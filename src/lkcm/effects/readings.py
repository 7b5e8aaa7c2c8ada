"""The effects of both readings of an evidence folder, worked out once a process."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd

from lkcm.effects.convert import DEFAULT_RULES, convert
from lkcm.effects.rows import ConversionRules
from lkcm.effects.supplement import supplement
from lkcm.evidence.load import Evidence
from lkcm.evidence.typed import Table


def both_readings(evidence: Evidence) -> pd.DataFrame:
    """Return the rows of effects.csv with the figures that only the second reading has.

    Parameters
    ----------
    evidence : Evidence
        Declares trials, effects and second_reading.

    Returns
    -------
    DataFrame
        As the first result of `lkcm.effects.supplement.supplement`; a table of the caller's own.

    Raises
    ------
    UndeclaredTable
        If one of the three tables is not declared.
    """
    return _supplemented(*_sources(evidence)).copy()


def converted_effects(
    evidence: Evidence, rules: ConversionRules = DEFAULT_RULES, **changes: float | str | bool
) -> pd.DataFrame:
    """Convert the rows of both readings.

    Parameters
    ----------
    evidence : Evidence
        Declares trials, effects and second_reading.
    rules, **changes
        As of `lkcm.effects.convert.convert`.

    Returns
    -------
    DataFrame
        As of `convert`; a table of the caller's own.

    Raises
    ------
    UndeclaredTable
        If one of the three tables is not declared.
    ValueError
        As of `convert`.
    """
    return _converted(*_sources(evidence), replace(rules, **changes)).copy()


def _sources(evidence: Evidence) -> tuple[Table, Table, Table]:
    return tuple(evidence.source(name) for name in ("effects", "second_reading", "trials"))


@lru_cache(maxsize=4)
def _supplemented(effects: Table, second: Table, trials: Table) -> pd.DataFrame:
    return supplement(effects.frame, second.frame, trials.frame)[0]


@lru_cache(maxsize=8)
def _converted(
    effects: Table, second: Table, trials: Table, rules: ConversionRules
) -> pd.DataFrame:
    return convert(_supplemented(effects, second, trials), trials.frame, rules)
