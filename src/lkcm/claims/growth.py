"""Claims on the number and the size of trials."""

import numpy as np
import pandas as pd
from scipy import stats

from lkcm.claims.judgement import (
    CONTRADICTED,
    NOT_SHOWN,
    SUPPORTED,
    Judgement,
    nothing,
    of_sign,
)
from lkcm.claims.material import FRAME_TO, SCS, Material
from lkcm.evidence.describe import LARGE
from lkcm.words import number, percent

PAGE = "larger-trials"
#: Years that a trend needs.
YEARS = 5
#: A literature of this many trials is large beside the published reviews of LKCM (largest k: 31).
ENOUGH = 100


def only_two_large(material: Material) -> Judgement:
    """Judge: only two trials had more than 100 people in the LKCM group."""
    rule = f"at most two trials whose LKCM group is stated as larger than {LARGE}"
    sizes = material.samples
    stated = sizes[sizes["group_basis"].eq("stated") & sizes["group_n"].gt(LARGE)]
    if sizes["group_n"].notna().sum() == 0:
        return nothing("No source states the size of a group.", rule, "trials")
    about = material.effects["outcome"].eq("self-compassion")
    scale = material.effects["instrument"].str.contains(SCS, na=False)
    sample = material.trials.set_index("trial_id")["sample_id"]
    measured = set(material.effects.loc[about & scale, "trial_id"].map(sample))
    years = stated["year"].le(FRAME_TO).fillna(False).astype(bool)
    framed = stated[stated["sample_id"].isin(measured) & years]
    if len(framed) > 2:
        status = CONTRADICTED
    else:
        status = SUPPORTED if len(stated) <= 2 else NOT_SHOWN
    because = (
        f"Stated above {LARGE}: {len(stated)} trials, {len(framed)} of them to {FRAME_TO} with "
        "the Self-Compassion Scale; groups whose size has to be assumed are not counted."
    )
    rows, count = tuple(stated["trial_id"]), len(stated)
    return Judgement(status, f"{count} trials", because, rule, "trials", count, rows=rows)


def trials_grow(material: Material) -> Judgement:
    """Judge: trials of LKCM grow larger, as those of mindfulness did."""
    rule = "interval of the yearly growth of the number randomised above 0"
    known = material.reports.dropna(subset=["year", "n_randomised"])
    known = known[known["n_randomised"] > 0]
    if known["year"].nunique() < YEARS:
        return nothing(f"Fewer than {YEARS} years have a trial of known size.", rule, PAGE)
    fit = stats.linregress(known["year"].astype(float), np.log(known["n_randomised"]))
    half = stats.t.isf(0.025, len(known) - 2) * fit.stderr
    ends = tuple(float(np.expm1(end)) for end in (fit.slope - half, fit.slope + half))
    growth = float(np.expm1(fit.slope))
    told = f"{percent(growth)} a year ({percent(ends[0])} to {percent(ends[1])})"
    because = f"In {number(len(known))} trials of known size and year, size changes by {told}."
    return of_sign(growth, ends, told, because, rule, PAGE)


def large_enough_literature(material: Material) -> Judgement:
    """Judge: the literature has grown large enough for large meta-analyses."""
    rule = f"at least {ENOUGH} trials, and more than the largest published review of LKCM pooled"
    trials = material.reports
    if trials.empty:
        return nothing("There is no trial.", rule, "trials")
    reviews = material.reference
    about = reviews["question"].str.contains(r"LKM|LKCM|loving-kindness|kindness-based", na=False)
    largest = reviews.loc[about, "k"].max()
    recent = int(trials["year"].gt(FRAME_TO).fillna(False).sum())
    enough = len(trials) >= ENOUGH and not len(trials) <= largest
    because = (
        f"{number(len(trials))} trials, {number(recent)} of them after {FRAME_TO}; the largest "
        f"published review of LKCM pooled {'none' if pd.isna(largest) else number(largest)}."
    )
    status = SUPPORTED if enough else NOT_SHOWN
    count = f"{number(len(trials))} trials"
    return Judgement(status, count, because, rule, "trials", len(trials))
