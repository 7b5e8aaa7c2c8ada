"""What each trial's source says of each outcome: the reporting matrix and its shares."""

import numpy as np
import pandas as pd

from lkcm.evidence.describe import share_with_interval
from lkcm.synthesis.contributions import kinds

#: What a source gives for an outcome, the most first.
STATES = {
    "figure": "a figure: an effect can be computed",
    "significant": "statistically significant, no figure",
    "no difference": "no difference, no figure",
    "direction": "a direction only",
    "silent": "measured, without a result between the arms that can be used",
    "not mentioned": "not mentioned: not measured, or measured and left out",
}
#: The state of each kind of contribution (`lkcm.synthesis.contributions.KINDS`).
_STATE_OF = {
    "figure": "figure",
    "exact-p": "figure",
    "p-value": "significant",
    "significance": "significant",
    "no-difference": "no difference",
    "direction": "direction",
}
_RANK = {state: place for place, state in enumerate(STATES)}


def reporting_matrix(
    converted: pd.DataFrame,
    samples: pd.Series,
    outcomes: list[str],
    reporters: tuple[str, ...] | None = None,
) -> pd.DataFrame:
    """Return what the source of each trial gives for each outcome.

    Where a trial has several rows on an outcome (scales, times, comparators), the row that gives
    most counts.

    Parameters
    ----------
    converted : DataFrame
        From `lkcm.effects.convert`.
    samples : Series of str
        ``sample_id`` of all trials, repeats allowed; a trial without a row on any outcome stays
        in the matrix.
    outcomes : list of str
        Values of ``outcome``, the columns.
    reporters : tuple of str, optional
        Values of ``reporter`` that count; by default all.

    Returns
    -------
    DataFrame
        Index ``sample_id``, a column an outcome, values of `STATES`.
    """
    rows = converted[converted["outcome"].isin(outcomes)]
    if reporters is not None:
        rows = rows[rows["reporter"].isin(reporters)]
    usable = rows["status"].isin(["poolable", "sensitivity"])
    state = kinds(rows).map(_STATE_OF).fillna("silent").mask(usable, "figure")
    rank = state.map(_RANK).astype(int)
    best = rank.groupby([rows["sample_id"], rows["outcome"]]).min().unstack()
    wanted = pd.Index(samples.drop_duplicates(), name="sample_id")
    best = best.reindex(index=wanted, columns=outcomes).fillna(_RANK["not mentioned"])
    return best.astype(int).replace(dict(enumerate(STATES))).rename_axis(columns=None)


def common_outcomes(
    converted: pd.DataFrame, most: int = 12, leave_out: tuple[str, ...] = ("other",)
) -> list[str]:
    """Return the outcomes on which most trials have a row, the most frequent first."""
    named = converted[~converted["outcome"].isin(leave_out)]
    counts = named.groupby("outcome")["sample_id"].nunique()
    return list(counts.sort_values(ascending=False, kind="stable").index[:most])


def reporting_shares(matrix: pd.DataFrame) -> pd.DataFrame:
    """Return, for each outcome, the share of each state among trials that mention it.

    Parameters
    ----------
    matrix : DataFrame
        From `reporting_matrix`.

    Returns
    -------
    DataFrame
        ``outcome``, ``state``, ``trials``, ``of`` (trials that mention the outcome), ``share``
        with its exact 95 % interval ``low`` to ``high``; NaN where no trial mentions it. The
        state "not mentioned" has no share.
    """
    lines = []
    for outcome in matrix.columns:
        counts = matrix[outcome].value_counts()
        mentioned = int(counts.drop("not mentioned", errors="ignore").sum())
        for state in list(STATES)[:-1]:
            trials = int(counts.get(state, 0))
            share, low, high = share_with_interval(trials, mentioned)
            if not mentioned:
                low = high = np.nan
            line = {"outcome": outcome, "state": state, "trials": trials, "of": mentioned}
            lines.append(line | {"share": share, "low": low, "high": high})
    columns = ["outcome", "state", "trials", "of", "share", "low", "high"]
    return pd.DataFrame(lines, columns=columns)


def figure_by_result(matrix: pd.DataFrame, converted: pd.DataFrame) -> pd.DataFrame:
    """Return how often a result comes with a figure, by whether it is significant.

    Where printing does not depend on the result, the two shares are alike.

    Parameters
    ----------
    matrix : DataFrame
        From `reporting_matrix`; its samples and outcomes count.
    converted : DataFrame
        From `lkcm.effects.convert`.

    Returns
    -------
    DataFrame
        ``result`` ("statistically significant", "not"), ``figures``, ``results`` (pairs of trial
        and outcome; significant where one of its rows is), ``share``, ``low``, ``high``.
    """
    rows = converted[
        converted["outcome"].isin(matrix.columns)
        & converted["sample_id"].isin(matrix.index)
        & converted["significant"].isin(["yes", "no"])
        & converted["status"].ne("excluded")
    ]
    pair = [rows["sample_id"], rows["outcome"]]
    significant = rows["significant"].eq("yes").groupby(pair).any()
    figure = rows["status"].isin(["poolable", "sensitivity"]).groupby(pair).any()
    lines = []
    for words, which in (("statistically significant", significant), ("not", ~significant)):
        figures, results = int(figure[which].sum()), int(which.sum())
        share, low, high = share_with_interval(figures, results)
        line = {"result": words, "figures": figures, "results": results}
        lines.append(line | {"share": share, "low": low, "high": high})
    return pd.DataFrame(lines)
