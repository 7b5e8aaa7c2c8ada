"""The power that each included trial had: how large trials of this field were, and are."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from lkcm.evidence.describe import NOT_STATED, one_per_sample
from lkcm.planning.trials.two_arm import TwoArm, power

#: Power from which a trial is called adequate, by convention.
ADEQUATE = 0.8
#: Years that are summed in `by_period`.
PERIOD = 4


def trial_arms(trials: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """Return the sizes of the two arms of each trial, and how they are known.

    Parameters
    ----------
    trials, effects : DataFrame
        The evidence tables.

    Returns
    -------
    DataFrame
        The trials of `lkcm.evidence.describe.one_per_sample` with ``arm_t`` and ``arm_c`` (people
        in the largest comparison of the trial) and ``basis``: ``stated`` (from a result row),
        ``equal arms assumed`` (people randomised divided by the stated number of arms) or
        ``not stated``.
    """
    found = one_per_sample(trials)
    sample = trials.set_index("trial_id")["sample_id"]
    rows = effects[["n_t", "n_c"]].assign(sample=effects["trial_id"].map(sample))
    rows = rows.dropna().assign(both=lambda t: t["n_t"] + t["n_c"])
    rows = rows.sort_values("both").drop_duplicates("sample", keep="last").set_index("sample")
    arms = pd.to_numeric(trials["n_arms"], errors="coerce")
    share = (trials["n_randomised"] / arms).groupby(trials["sample_id"]).max()
    stated_t, stated_c = (
        found["sample_id"].map(rows[side]).astype(float) for side in ("n_t", "n_c")
    )
    equal = found["sample_id"].map(share).astype(float)
    basis = np.select(
        [stated_t.notna(), equal.notna()], ["stated", "equal arms assumed"], NOT_STATED
    )
    return found.assign(arm_t=stated_t.fillna(equal), arm_c=stated_c.fillna(equal), basis=basis)


def audit(arms: pd.DataFrame, effects: Mapping[str, float], design: TwoArm) -> pd.DataFrame:
    """Return the power of each trial to find given effects.

    Parameters
    ----------
    arms : DataFrame
        From `trial_arms`; trials without sizes or with fewer than two people in an arm stay out.
    effects : mapping of str to float
        Effects by name.
    design : TwoArm
        How the trials are taken to be analysed; drop-out and ratio are the trials' own.

    Returns
    -------
    DataFrame
        One row a trial and effect: the columns of `arms`, ``effect`` (its name), ``d`` and
        ``power``.
    """
    known = arms[(arms["arm_t"] >= 2) & (arms["arm_c"] >= 2)]
    sizes = known["arm_t"].to_numpy(float), known["arm_c"].to_numpy(float)
    # A harmonic mean of the arms gives the same standard error with equal arms.
    equal = 2 * sizes[0] * sizes[1] / (sizes[0] + sizes[1])
    analysed = TwoArm(r=design.r, alpha=design.alpha)
    tables = [
        known.assign(effect=name, d=d, power=power(d, equal, analysed))
        for name, d in effects.items()
    ]
    return pd.concat(tables, ignore_index=True)


def by_period(audited: pd.DataFrame) -> pd.DataFrame:
    """Return the median power by effect and years of publication.

    Parameters
    ----------
    audited : DataFrame
        From `audit`; trials without a year stay out.

    Returns
    -------
    DataFrame
        ``effect``, ``d``, ``first``, ``last`` (years), ``trials``, ``median``, ``adequate``
        (trials with at least `ADEQUATE` power).
    """
    dated = audited[audited["year"].notna()]
    year = dated["year"].astype(int)
    ago = (year.max() - year) // PERIOD if len(dated) else year
    first = year.max() - (ago + 1) * PERIOD + 1 if len(dated) else year
    grouped = dated.assign(first=first).groupby(["effect", "d", "first"], sort=False)
    table = grouped["power"].agg(
        trials="size", median="median", adequate=lambda values: int((values >= ADEQUATE).sum())
    )
    table = table.reset_index()
    return table.assign(last=table["first"] + PERIOD - 1).sort_values(["d", "first"])
