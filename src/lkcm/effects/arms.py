"""Which arms an effect compares, and on what: labels for the covariance of effects of a trial."""

import pandas as pd

#: What tells two measurements of the same arms apart.
MEASURED = ("outcome", "instrument", "reporter", "timepoint", "followup_weeks")


def arm_labels(rows: pd.DataFrame) -> pd.DataFrame:
    """Label the arms and the measurement of each effect.

    Parameters
    ----------
    rows : DataFrame
        Converted effects.

    Returns
    -------
    DataFrame
        ``treatment``, ``control`` and ``outcome`` as text, with the index of `rows`. Arms of two
        experiments of one report are different arms, and two rows that bear one name and compare
        the same arms are two measurements.
    """
    experiment = rows["study"].fillna("").astype(str)
    treatment = (experiment + " LKCM " + rows["arm_t"].fillna("").astype(str)).str.strip()
    control = (experiment + " " + rows["control"].fillna("").astype(str)).str.strip()
    outcome = pd.Series("", index=rows.index)
    for name in MEASURED:
        outcome = outcome + rows[name].astype("string").fillna("").astype(str) + "|"
    again = rows.groupby([rows["sample_id"], treatment, control, outcome]).cumcount()
    outcome = outcome + again.astype(str)
    return pd.DataFrame({"treatment": treatment, "control": control, "outcome": outcome})
