"""Counts of the PRISMA 2020 flow, taken from the search tables.

Reference: Page MJ et al. (2021). The PRISMA 2020 statement. BMJ 372, n71.
"""

from dataclasses import dataclass

import pandas as pd

#: What the codes of `queries.corpus` stand for; an import names its own source there.
SEARCHED = {
    "pages": "public web pages, by meaning",
    "code": "public files, by meaning",
    "find_string": "public files, by exact words",
    "find_repos": "public collections, by name",
    "find_files": "public files, by name",
    "files": "public files, by name",
    "fetch": "one public collection, read whole",
}


class FlowError(ValueError):
    """The search tables' counts do not add up; the text lists every sum that fails."""


@dataclass(frozen=True)
class Flow:
    """From results of the search to trials.

    Attributes
    ----------
    lookups, results : int
        Queries sent, and results that they returned (an address may be returned often).
    addresses : int
        Distinct addresses, each judged once or more.
    unscreened : int
        Addresses without a decision yet.
    excluded : dict of str to int
        Addresses excluded, by reason, largest first.
    duplicate_reports : int
        Further addresses that report an included trial.
    reports, trials : int
        Leading reports, one a trial record, and independent samples behind them.
    """

    lookups: int
    results: int
    addresses: int
    unscreened: int
    excluded: dict[str, int]
    duplicate_reports: int
    reports: int
    trials: int

    @property
    def n_excluded(self) -> int:
        """Addresses excluded for any reason."""
        return sum(self.excluded.values())


def flow(
    queries: pd.DataFrame, records: pd.DataFrame, screening: pd.DataFrame, trials: pd.DataFrame
) -> Flow:
    """Return the counts of the flow.

    Raises
    ------
    FlowError
        If any pair of tables disagrees: the flow diagram is not drawn on counts that differ.
    """
    decisions = records["decision"].value_counts()
    excluded = records.loc[records["decision"] == "excluded", "reason"].value_counts()
    found = Flow(
        lookups=len(queries),
        results=int(queries["n_results"].sum()),
        addresses=len(records),
        unscreened=int(decisions.get("unscreened", 0)),
        excluded={str(reason): int(n) for reason, n in excluded.items()},
        duplicate_reports=int(decisions.get("duplicate-report", 0)),
        reports=int(decisions.get("included", 0)),
        trials=int(trials["sample_id"].nunique()),
    )
    problems = list(_disagreements(found, records, screening, trials))
    if problems:
        raise FlowError("the counts of the search tables do not add up: " + "; ".join(problems))
    return found


def _disagreements(
    found: Flow, records: pd.DataFrame, screening: pd.DataFrame, trials: pd.DataFrame
) -> list[str]:
    parts = found.unscreened + found.n_excluded + found.duplicate_reports + found.reports
    judged = records.loc[records["decision"] != "unscreened", "record_id"]
    included = records.loc[records["decision"] == "included", "trial_id"]
    checks = {
        f"{parts} decisions with a reason for {found.addresses} addresses": (
            parts == found.addresses
        ),
        f"{judged.nunique()} addresses judged, {screening['record_id'].nunique()} in screening": (
            set(judged) == set(screening["record_id"])
        ),
        f"{found.reports} included addresses, {len(trials)} trial records": (
            sorted(included) == sorted(trials["trial_id"])
        ),
    }
    return [text for text, holds in checks.items() if not holds]


def decisions_by_year(records: pd.DataFrame) -> pd.DataFrame:
    """Return the number of addresses by year of publication and decision (year as shown)."""
    dated = records.dropna(subset=["year"])
    counts = dated.groupby(["year", "decision"]).size().reset_index(name="addresses")
    return counts.astype({"year": int})
