"""Published pooled estimates, brought to the direction of this book."""

import numpy as np
import pandas as pd

from lkcm.evidence.labels import cite_authors

#: Metrics that are a standardised mean difference; correlations and ratios stay out.
STANDARDISED = ("g", "d", "SMD")

#: Subsets without a randomised control: not comparable with a between-group effect.
UNCONTROLLED = r"uncontrolled|pre-post|pre post|correlational|all included"

#: Programmes of the reviews, by the beginning of their question.
FAMILIES = {
    "LKCM and compassion": r"^(?:LKC?M|kindness|(?:self-)?compassion|CFT|four-immeasurables)",
    "mindfulness and meditation": r"^(?:mindfulness|MB|meditat|school-based|in-person MBP)",
}


def published_estimates(
    reference: pd.DataFrame, outcome: str, higher_is_better: bool
) -> pd.DataFrame:
    """Return published between-group estimates of an outcome, positive = favours the programme.

    Parameters
    ----------
    reference : DataFrame
        The table ``reference_estimates``.
    outcome : str
        Regular expression, matched to what stands after "on" in the review's question.
    higher_is_better : bool
        Whether more of the outcome is better. Where it is not, an estimate printed below zero
        favours the programme and its sign is turned; one above zero is printed as a benefit.

    Returns
    -------
    DataFrame
        ``ref_id``, ``label`` (unique), ``review`` (authors and year), ``family``, ``question``,
        ``subset``, ``estimate``, ``low``, ``high`` (NaN where not printed), ``metric``, ``k``,
        ``n``, ``turned`` (bool) and ``source_url``; Lv et al. 2024 first, then newest first.
    """
    asked = reference["question"].str.extract(r" on (.*)$", expand=False).fillna("")
    subset = reference["subset"].fillna("")
    wanted = (
        reference["metric"].isin(STANDARDISED)
        & reference["estimate"].notna()
        & asked.str.contains(outcome, case=False)
        & ~subset.str.contains(UNCONTROLLED, case=False)
    )
    rows = reference[wanted]
    turned = (rows["estimate"] < 0) & (not higher_is_better)
    sign = np.where(turned, -1.0, 1.0)
    ends = np.sort(rows[["ci_low", "ci_high"]].to_numpy(float) * sign[:, None], axis=1)
    year = rows["year"].astype("Int64").astype("string").fillna("n.d.").astype(str)
    authors = rows["authors"].fillna("").map(cite_authors).replace("", "Authors not stated")
    found = pd.DataFrame(
        {
            "ref_id": rows["ref_id"],
            "review": authors + " " + year,
            "family": _family(rows["question"]),
            "question": rows["question"],
            "subset": subset[wanted],
            "estimate": rows["estimate"] * sign,
            "low": ends[:, 0],
            "high": ends[:, 1],
            "metric": rows["metric"],
            "k": rows["k"],
            "n": rows["n"],
            "turned": turned,
            "source_url": rows["source_url"],
        }
    )
    found["label"] = _labels(found)
    first = found["review"].eq("Lv et al. 2024")
    order = found.assign(first=~first, year=-rows["year"].astype(float))
    return found.loc[order.sort_values(["first", "year", "ref_id"]).index].reset_index(drop=True)


def _family(question: pd.Series) -> pd.Series:
    family = pd.Series("other programmes", index=question.index)
    for name, pattern in FAMILIES.items():
        family[question.str.contains(pattern, case=False)] = name
    return family


def _labels(found: pd.DataFrame) -> pd.Series:
    """Return the review, with the trials that it pooled where it gives several estimates."""
    label = found["review"].astype(str)
    several = label.duplicated(keep=False)
    label = label.mask(several, label + ", " + found["subset"].str.slice(0, 24))
    return label.mask(label.duplicated(keep=False), label + " (" + found["ref_id"] + ")")
