"""Which arms the effects of a trial compare, where it has several."""

import pandas as pd

from lkcm.synthesis.covariance import Arms


def compared_arms(rows: pd.DataFrame) -> Arms | None:
    """Find the arms of each effect, for the sampling covariance of trials with several.

    Effects on one instrument at one time by one reporter are one outcome against several
    controls; where the table does not tell two effects apart, they count as two outcomes.

    Parameters
    ----------
    rows : DataFrame
        Of `lkcm.informants.classes.informant_rows`, with an effect each.

    Returns
    -------
    Arms or None
        None where no trial has more than one pair of arms, or where sizes are not known.
    """
    text = rows[["study", "arm_t", "control", "comparator_type", "timepoint"]].astype("str")
    text = text.fillna("")
    # experiments of one report have arms of their own
    treatment = text["study"] + "/" + text["arm_t"]
    control = text["study"] + "/" + text["control"] + "/" + text["comparator_type"]
    pairs = pd.DataFrame({"sample": rows["sample_id"], "t": treatment, "c": control})
    several = pairs.drop_duplicates()["sample"].duplicated().any()
    if not several or rows[["n_t_used", "n_c_used"]].isna().any(axis=None):
        return None
    instrument = rows["instrument"].astype("str").fillna("")
    weeks = rows["followup_weeks"].astype("str").fillna("")
    outcome = rows["outcome"].astype("str") + "/" + instrument + "/" + text["timepoint"] + weeks
    alike = pairs.assign(outcome=outcome, asked=rows["asked"]).duplicated(keep=False)
    return Arms(
        treatment="t" + treatment,
        control="c" + control,
        n_treatment=rows["n_t_used"],
        n_control=rows["n_c_used"],
        outcome=outcome.mask(alike | instrument.eq(""), rows["effect_id"].astype("str")),
    )
