"""Tables beside the trials: agreement, instruments, published estimates, claims, corrections."""

import pandera.pandas as pa

from lkcm.evidence import vocabularies
from lkcm.evidence.fields import (
    DAY,
    P_VALUE,
    PARTIAL_DATE,
    address,
    coded,
    doi,
    key,
    number,
    text,
    url,
    whole,
    year,
)

_UNIT = "units of the instrument"


class Agreement(pa.DataFrameModel):
    """A published agreement of self-reports with another source; some without a figure."""

    source: str = text("Source", "Study.", required=True)
    construct: str = text("Construct", "What was rated.", required=True)
    reporter_a: str = text("First reporter", "Who rated.", required=True)
    reporter_b: str = text("Second reporter", "Who rated as well.", required=True)
    n: float = whole("n", "People or pairs.", ge=1)
    correlation: float = number("Correlation", "As printed.", ge=-1, le=1)
    ci_low: float = number("CI, lower", "Lower limit of its interval.", ge=-1, le=1)
    ci_high: float = number("CI, upper", "Upper limit of its interval.", ge=-1, le=1)
    source_url: str = url("Page that was read.")
    notes: str = text("Notes", "Remarks, in our words.")


class Instruments(pa.DataFrameModel):
    """A symptom scale with its reliability and its minimal important difference, each sourced."""

    instrument_id: str = key("Instrument", "Identifier of the scale.")
    instrument: str = text("Name", "Name of the scale.", required=True)
    pattern: str = text(
        "Pattern", "Regular expression that finds the scale in effects.instrument.", required=True
    )
    reliability: float = number("Reliability", "Coefficient as printed.", gt=0, lt=1)
    reliability_kind: str = coded(
        "Kind of reliability", "What the coefficient is.", vocabularies.RELIABILITY_KIND
    )
    reliability_url: str = url("Page on which the reliability was read.")
    reliability_locator: str = text("Place of the reliability", "Where on the page it stands.")
    mid: float = number(
        "Minimal important difference", "Change that matters to people.", unit=_UNIT, gt=0
    )
    mid_url: str = url("Page on which the difference was read.")
    mid_locator: str = text("Place of the difference", "Where on the page it stands.")
    extractor: str = text("Extractor", "Reader who extracted it.")
    notes: str = text("Notes", "Sample and remarks, in our words.")


class ReferenceEstimates(pa.DataFrameModel):
    """A published pooled estimate, or a figure that the commentary leans on."""

    ref_id: str = key("Estimate", "Identifier of the row.")
    authors: str = text("Authors", "Surnames as shown.")
    year: int = year("Year of publication.")
    title: str = text("Title", "Title of the report.")
    journal: str = text("Journal", "Journal.")
    doi: str = doi()
    question: str = text("Question", "Intervention and outcome pooled.", required=True)
    subset: str = text("Subset", "Which trials were pooled.")
    estimate: float = number("Estimate", "Pooled estimate as printed.")
    metric: str = coded("Metric", "Metric of the estimate.", vocabularies.METRIC)
    ci_low: float = number("CI, lower", "Lower limit of its 95 % interval.")
    ci_high: float = number("CI, upper", "Upper limit of its 95 % interval.")
    k: float = whole("k", "Trials or effects pooled.", ge=1)
    n: float = whole("n", "People pooled.", unit="people", ge=1)
    i2: float = number("I2", "I squared.", unit="per cent", ge=0, le=100)
    tau2: float = number("tau2", "Between-trial variance.", ge=0)
    p_value: str = text(
        "p",
        "p value as printed, or a bound on it.",
        pattern=P_VALUE,
        allowed="a number from 0 to 1, or a bound such as <0.001 or >0.05",
    )
    bias_method: str = text("Bias method", "How bias was examined.")
    bias_finding: str = text("Bias finding", "What was found, in our words.")
    search_date: str = text(
        "Search date",
        "Date of its last search.",
        pattern=PARTIAL_DATE,
        allowed="YYYY, YYYY-MM or YYYY-MM-DD",
    )
    n_records_identified: float = whole("Records", "Records identified.", ge=0)
    n_included: float = whole("Included", "Reports included.", ge=0)
    source_url: str = address("Page that was read.")
    notes: str = text("Notes", "Remarks, in our words.")


class Claims(pa.DataFrameModel):
    """A claim of the commentary, in our words."""

    claim_id: str = key("Claim", "Identifier of the claim.")
    theme: str = text("Theme", "What it is about.")
    kind: str = coded("Kind", "What kind of claim.", vocabularies.CLAIM_KIND)
    claim: str = text("Claim", "The claim, in our words.", required=True)
    reported_value: str = text("Reported value", "The figure that it reports.")
    decided_by: str = text("Decided by", "What decides it.")
    source: str = text("Source", "Where it is made.")


class Corrections(pa.DataFrameModel):
    """A change of one cell of another table, applied when the table is loaded."""

    date: str = text(
        "Date", "Day of the correction.", pattern=DAY, allowed="YYYY-MM-DD", required=True
    )
    table: str = text("Table", "Table corrected.", required=True)
    row_id: str = text("Row", "Key of the row; several key columns joined by /.", required=True)
    column: str = text("Column", "Column corrected.", required=True)
    old: str = text("Old value", "The cell as it stands in the table; may be empty.")
    new: str = text("New value", "The cell as it is to be read; may be empty.")
    reason: str = text("Reason", "Why, from the data or the source.", required=True)
