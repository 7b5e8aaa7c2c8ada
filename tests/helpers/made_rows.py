"""Rows as `lkcm.effects.convert` gives them, made up for tests."""

import numpy as np
import pandas as pd

SILENT = {
    **{"measure": "SMD", "yi": np.nan, "vi": np.nan, "level": "4", "status": "censored"},
    **{"reason": "", "reason_code": "", "instrument": "", "reporter": "self", "study": ""},
    **{"outcome": "stress", "timepoint": "post", "followup_weeks": np.nan, "arm_t": ""},
    **{"control": "waitlist", "comparator_type": "waitlist", "group": "passive"},
    **{"n_t_used": 32.0, "n_c_used": 32.0, "null_variance": 0.0625, "sign_used": 0.0},
    **{"p_low": 0.0, "p_high": 1.0, "p_from": "", "significant": "not-stated"},
    **{"lkcm_core": "yes", "randomisation": "stated", "intervention_class": "LKM"},
    **{"source_url": "", "higher_is_better": "no", "conversion": "", "flags": ""},
}
NO_DIFFERENCE = {"p_low": 0.05, "p_from": "significance stated", "significant": "no"}
SIGNIFICANT = {"p_high": 0.05, "p_from": "significance stated", "sign_used": 1.0}
AHEAD, BEHIND = {"sign_used": 1.0}, {"sign_used": -1.0}
ACTIVE = {"group": "active", "comparator_type": "attention", "control": "attention"}


def figure(yi, vi=0.07):
    return {"status": "poolable", "level": "1", "yi": yi, "vi": vi, "sign_used": np.sign(yi)}


def made_rows(*rows):
    """A table of rows, each a trial of its own unless it names its sample_id."""
    ids = [{"effect_id": f"t{i}-1", "trial_id": f"t{i}"} for i in range(len(rows))]
    table = [SILENT | name | row for name, row in zip(ids, rows, strict=True)]
    return pd.DataFrame([{"sample_id": row["trial_id"], **row} for row in table])
