"""Tables of the search: look-ups, records, and the readers' votes."""

import pandera.pandas as pa

from lkcm.evidence import vocabularies
from lkcm.evidence.fields import DAY, address, coded, doi, key, reference, text, whole, year

_QUERY = "Look-up (table queries) that showed it first."
_REASON = "Reason of an exclusion, as a short slug."
_TRIAL = "Trial (table trials) that it reports; empty when excluded."


class Queries(pa.DataFrameModel):
    """A look-up, in the order in which they were made."""

    query_id: str = key("Look-up", "Identifier of the look-up.")
    corpus: str = text("Corpus", "What was searched.")
    query: str = text("Query", "What was asked.", required=True)
    date: str = text("Date", "Day of the look-up.", pattern=DAY, allowed="YYYY-MM-DD")
    n_results: float = whole("Results", "Number of results shown.", unit="records", ge=0)


class Records(pa.DataFrameModel):
    """A distinct address, with the final decision on it."""

    record_id: str = key("Record", "Identifier of the record.")
    query_id: str = reference("Look-up", _QUERY)
    url: str = address("Where the record is.")
    title: str = text("Title", "Title as the page shows it.")
    year: int = year("Year of publication.")
    doi: str = doi()
    decision: str = coded(
        "Decision", "Final decision.", vocabularies.RECORD_DECISION, required=True
    )
    reason: str = text("Reason", _REASON)
    trial_id: str = reference("Trial", _TRIAL)


class Screening(pa.DataFrameModel):
    """One reader's vote on a record."""

    record_id: str = reference("Record", "Record (table records) voted on.", required=True)
    reader: str = text("Reader", "Who voted.", required=True)
    query_id: str = reference("Look-up", _QUERY)
    decision: str = coded("Decision", "The vote.", vocabularies.DECISION, required=True)
    reason: str = text("Reason", _REASON)
    trial_id: str = reference("Trial", _TRIAL)
