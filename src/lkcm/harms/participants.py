"""Worsening counted from participants: exact, where means and SDs only imply it."""

import pandas as pd

#: Columns of `worsened`.
COUNTED = ("trial", "a", "n_t", "c", "n_c", "unknown")


def worsened(frame: pd.DataFrame) -> pd.DataFrame:
    """Count who got worse, by trial and arm.

    Parameters
    ----------
    frame : DataFrame
        The common data elements, one row a participant: ``trial``, ``arm`` (lkcm or control) and
        ``worsening`` (yes, no, or missing where it is not known).

    Returns
    -------
    DataFrame
        One row a trial with participants whose course is known in both arms: ``a`` of ``n_t``
        worse with LKCM, ``c`` of ``n_c`` with the control, and ``unknown``, those of whom it is
        not known. What `lkcm.harms.events.mantel_haenszel` takes.
    """
    known = frame[frame["worsening"].isin(["yes", "no"])]
    worse = known["worsening"].eq("yes").groupby([known["trial"], known["arm"]])
    counts = worse.agg(["sum", "size"]).unstack("arm")
    arms = {("sum", "lkcm"): "a", ("size", "lkcm"): "n_t"}
    arms |= {("sum", "control"): "c", ("size", "control"): "n_c"}
    counts = counts.reindex(columns=list(arms)).dropna().astype(int)
    counts.columns = list(arms.values())
    silent = frame["trial"].value_counts() - known["trial"].value_counts().reindex(
        frame["trial"].unique(), fill_value=0
    )
    counts["unknown"] = silent.reindex(counts.index).astype(int)
    return counts.rename_axis("trial").reset_index()[list(COUNTED)]
