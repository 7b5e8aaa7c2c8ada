"""Answers, power and corrections of the checks as the lines of tables and charts."""

import numpy as np
import pandas as pd

from lkcm.bias.checks import CHECKS, POOLED
from lkcm.bias.gosh import Gosh
from lkcm.bias.power import WORLDS
from lkcm.words import number, percent, two

#: What no correction is called in a table.
NO_CORRECTION = "Pooled, no correction"
#: Mean errors beyond this, in g, are told and not drawn.
WIDEST = 1.0


def rate_lines(power: pd.DataFrame) -> pd.DataFrame:
    """Return how often each check that decides is positive, for the chart of power.

    Parameters
    ----------
    power : DataFrame
        From `lkcm.bias.power.power_at`.

    Returns
    -------
    DataFrame
        ``name``, ``selection``, ``rate``, ``rate_se``, in the order of `CHECKS`.
    """
    deciding = [name for name, check in CHECKS.items() if check.verdict]
    return _named(power[power["check"].isin(deciding)], "rate", "rate_se")


def bias_lines(power: pd.DataFrame) -> pd.DataFrame:
    """Return the bias that each correction leaves, no correction first, for its chart.

    Parameters
    ----------
    power : DataFrame
        From `lkcm.bias.power.power_at`.

    Returns
    -------
    DataFrame
        ``name``, ``selection``, ``bias``, ``bias_se``, ``rmse``, ``defined``.
    """
    return _named(power[power["bias"].notna()], "bias", "bias_se", "rmse", "defined")


def within_chart(left: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Keep methods off the chart of bias whose errors would hide the others, and say which.

    Parameters
    ----------
    left : DataFrame
        From `bias_lines`.

    Returns
    -------
    rows : DataFrame
        Those of methods whose mean errors all lie within `WIDEST`.
    told : str
        What is left out, empty if nothing is.
    """
    sizes = left.groupby("name", sort=False)["bias"].agg(["min", "max"])
    out = sizes[sizes.abs().max(axis=1) > WIDEST]
    told = "; ".join(
        f"{name}, with mean errors from {two(line['min'])} to {two(line['max'])}"
        for name, line in out.iterrows()
    )
    return left[~left["name"].isin(out.index)], f"Off the chart: {told}." if told else ""


def _named(rows: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Call checks by their names, in the order of `CHECKS`, no correction first."""
    names = {POOLED: NO_CORRECTION} | {name: check.name for name, check in CHECKS.items()}
    places = {check: place for place, check in enumerate(names)}
    rows = rows.sort_values("check", key=lambda checks: checks.map(places), kind="stable")
    return rows.assign(name=rows["check"].map(names))[["name", "selection", *columns]]


def asked_sentence(power: pd.DataFrame) -> str:
    """Say how many simulated reviews of each kind the checks were asked about.

    Parameters
    ----------
    power : DataFrame
        From `lkcm.bias.power.power_at`.
    """
    sets = power.groupby("check")["sets"].max()
    told = f"{number(sets[POOLED])} simulated reviews of each kind"
    fewer = [name for name in CHECKS if sets.get(name, sets[POOLED]) < sets[POOLED]]
    if not fewer:
        return f"{told}."
    named = "; ".join(CHECKS[name].name for name in fewer)
    return f"{told}; the costly checks ({named}) are asked about {number(sets[fewer[0]])} of them."


def verdict_lines(table: pd.DataFrame) -> pd.DataFrame:
    """Return the verdict table in words, a check a row.

    Parameters
    ----------
    table : DataFrame
        From `lkcm.bias.verdict.verdict_table`.

    Returns
    -------
    DataFrame
        ``name``, ``says``, ``false_alarm``, ``power``, ``power_strong``, ``verdict``, ``rule``;
        rates with twice their Monte Carlo error; None where there is nothing to say.
    """
    rows = table[table["rule"].ne(CHECKS["pet_peese"].rule)]
    return pd.DataFrame(
        {
            "name": rows["name"],
            "says": [_says(row) for row in rows.itertuples()],
            **{
                column: [
                    _rate(rate, error)
                    for rate, error in zip(rows[column], rows[f"{column}_se"], strict=True)
                ]
                for column in ("false_alarm", "power", "power_strong")
            },
            "verdict": rows["verdict"].replace("", "description only"),
            "rule": rows["rule"],
        }
    )


def _says(row: object) -> str:
    if np.isnan(row.positive):
        return "cannot be computed"
    told = "positive" if row.positive else "negative"
    return (
        told if np.isnan(row.p) else f"{told}, p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{row.p:.2g}"
    )


def _rate(rate: float, error: float) -> str | None:
    if np.isnan(rate):
        return None
    return f"{percent(rate)} ± {max(1, round(200 * error))}".replace(" ", "\N{NO-BREAK SPACE}")


def correction_lines(table: pd.DataFrame, power: pd.DataFrame, pooled: float) -> pd.DataFrame:
    """Return what each correction makes of the review at hand, and the bias it would leave.

    Parameters
    ----------
    table : DataFrame
        From `lkcm.bias.verdict.verdict_table`.
    power : DataFrame
        From `lkcm.bias.power.power_at`.
    pooled : float
        Pooled effect without correction.

    Returns
    -------
    DataFrame
        ``name``, ``estimate`` (of this review), and for each kind of selection ``bias_...`` and
        ``rmse_...``; NaN where not defined.
    """
    estimates = {NO_CORRECTION: pooled} | dict(zip(table["name"], table["corrected"], strict=True))
    left = bias_lines(power)
    wide = left.pivot(index="name", columns="selection", values=["bias", "rmse"])
    wide.columns = [f"{what}_{world}" for what, world in wide.columns]
    order = list(left["name"].unique())
    lines = wide.loc[order].reset_index()
    lines.insert(1, "estimate", lines["name"].map(estimates))
    return lines


def abstracts_sentence(power: pd.DataFrame, k: int) -> str:
    """Say why the checks cannot tell selection of trials from selective printing.

    Parameters
    ----------
    power : DataFrame
        From `lkcm.bias.power.power_at`, with the kind "abstracts".
    k : int
        Number of trials.
    """
    by = power.set_index(["selection", "check"])
    inflation = by.loc[("abstracts", POOLED), "bias"]
    rates = by.loc["abstracts"]["rate"]
    deciding = [name for name, check in CHECKS.items() if check.verdict]
    best = rates[deciding].max()
    return (
        "The checks cannot tell publication bias from selective printing: were every trial "
        "published and the abstracts gave a figure for their strongest outcome only, the pool "
        f"of {k} trials would be too high by g {two(inflation)} on average, and the best check "
        f"would be positive in {percent(best)} of such reviews."
    )


def gosh_cells(found: Gosh, bins: int = 45) -> pd.DataFrame:
    """Count the subsets of a GOSH run in cells of pooled effect and I2, for its chart.

    Parameters
    ----------
    found : Gosh
        From `lkcm.bias.gosh.gosh`.
    bins : int
        Cells along each axis.

    Returns
    -------
    DataFrame
        ``x``, ``x2``, ``y``, ``y2`` (edges) and ``subsets``; cells without subsets are left out.
    """
    counts, x, y = np.histogram2d(found.estimate, found.i2, bins=bins)
    across, up = np.nonzero(counts)
    return pd.DataFrame(
        {
            "x": x[across],
            "x2": x[across + 1],
            "y": y[up],
            "y2": y[up + 1],
            "subsets": counts[across, up].astype(int),
        }
    )


def gosh_sentence(found: Gosh) -> str:
    """Say how often subsets of the trials leave the conclusion as it is."""
    number_of = number(len(found.estimate))
    which = f"all {number_of} subsets" if found.every else f"{number_of} randomly drawn subsets"
    side = {1: "above zero", -1: "below zero", 0: "around zero"}[found.all_side]
    return (
        f"Of {which} of two trials or more, "
        f"{percent(found.unchanged)} keep the conclusion of all {found.k} (the 95 % interval "
        f"{'lies' if found.all_side else 'is'} {side})."
    )


#: Columns of `correction_lines` with their errors, by the kind of selection.
BIAS_COLUMNS = {
    f"bias_{world}": words
    for world, words in zip(WORLDS, ("None", "Moderate", "Strong", "In abstracts"), strict=True)
}
