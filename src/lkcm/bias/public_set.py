"""A complete public set, on which the checks can be seen at work where data are not abstracts."""

from pathlib import Path

import pandas as pd

STORED = Path(__file__).with_name("writing_to_learn.csv")
#: Where the set is from.
SOURCE = (
    "Bangert-Drowns, Hurley & Wilkinson (2004), Review of Educational Research 74:29, as stored "
    "in the R package metadat 1.2.0 (dat.bangertdrowns2004)"
)
#: What it is about.
SUBJECT = "school-based writing-to-learn programmes and achievement"


def writing_to_learn() -> pd.DataFrame:
    """Return 48 comparisons of writing-to-learn programmes with usual lessons.

    Returns
    -------
    DataFrame
        ``label``, ``n_t`` and ``n_c`` (half of the printed total each: the arms are not in the
        set), ``yi`` (standardised mean difference in achievement, positive = writing did better),
        ``vi`` and ``hi`` (1 / n_t + 1 / n_c).
    """
    table = pd.read_csv(STORED)
    arm = table["ni"] / 2
    return table.drop(columns="ni").assign(n_t=arm, n_c=arm, hi=2 / arm)
