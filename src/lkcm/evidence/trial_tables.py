"""The table of trials."""

import pandera.pandas as pa

from lkcm.evidence import vocabularies
from lkcm.evidence.fields import coded, doi, key, number, text, url, whole, year


def _stated(title: str, description: str):
    """Yes, no, or not stated by the source."""
    return coded(title, description, vocabularies.STATED, empty="not-stated")


class Trials(pa.DataFrameModel):
    """A report of a randomised trial; reports with one `sample_id` are one trial."""

    trial_id: str = key("Trial", "Identifier of the trial report.")
    sample_id: str = text(
        "Sample", "Reports with the same value share participants; empty: the trial_id."
    )
    authors: str = text("Authors", "Surnames as shown; in brackets when the page had none.")
    year: int = year("Year of publication.")
    title: str = text("Title", "Title of the report.")
    journal: str = text("Journal", "Journal or other place of publication.")
    doi: str = doi()
    pmid: str = text("PubMed", "PubMed number.", pattern=r"^[0-9]{1,9}$", allowed="digits only")
    registration: str = text("Registration", "Number in a trial register.")
    country: str = text("Country", "Where participants were recruited.")
    design: str = coded("Design", "Kind of randomised design.", vocabularies.DESIGN)
    n_arms: float = whole("Arms", "Number of randomised arms.", unit="arms", ge=2)
    n_randomised: float = whole("Randomised", "People randomised.", unit="people", ge=1)
    cluster_units_per_arm: float = number(
        "Clusters per arm", "Randomised groups per arm, averaged over arms.", unit="groups", gt=0
    )
    randomisation: str = coded(
        "Randomisation",
        "What the source says of random assignment.",
        vocabularies.RANDOMISATION,
        absent="unclear",
    )
    population: str = text("Population", "Who took part.")
    clinical: str = coded("Clinical", "Whether a patient sample.", vocabularies.YES_NO)
    clinical_level: str = coded(
        "Clinical level",
        "How clinical the sample is.",
        vocabularies.CLINICAL_LEVEL,
        empty="not-stated",
    )
    age_group: str = text("Age group", "Age group of the participants.")
    mean_age: float = number("Mean age", "Mean age.", unit="years", ge=0, le=120)
    pct_female: float = number("Female", "Share of women.", unit="per cent", ge=0, le=100)
    ethnicity_reported: str = _stated("Ethnicity reported", "Whether ethnicity is reported.")
    intervention: str = text("Intervention", "Name of the intervention.")
    intervention_class: str = text("Intervention class", "Family of interventions, a short code.")
    lkcm_core: str = coded(
        "LKCM core",
        "Whether LKCM is the core of the intervention.",
        vocabularies.LKCM_CORE,
        absent="yes",
    )
    delivery: str = text("Delivery", "How it was delivered.")
    weeks: float = number("Duration", "Length of the intervention.", unit="weeks", ge=0)
    sessions: float = whole("Sessions", "Number of sessions.", unit="sessions", ge=1)
    digital_features: str = text("Digital features", "Digital parts of the intervention.")
    sensing: str = _stated("Sensing", "Whether sensors measured participants in daily life.")
    followup_weeks_max: float = number(
        "Longest follow-up", "Time from the end to the last measurement.", unit="weeks", ge=0
    )
    blinded_assessor: str = _stated("Blinded assessor", "Whether assessors were blind to the arm.")
    itt: str = _stated("Intention to treat", "Whether all randomised people were analysed.")
    registered: str = _stated("Registered", "Whether the trial is in a register.")
    mediation_tested: str = _stated("Mediation tested", "Whether a mediator was tested.")
    mediator: str = text("Mediator", "Mediators tested.")
    moderator_tested: str = _stated("Moderator tested", "Whether a moderator was tested.")
    data_open: str = _stated("Open data", "Whether participant data are open.")
    harms_mentioned: str = coded(
        "Harms mentioned", "Whether the source mentions harms.", vocabularies.HARMS_MENTIONED
    )
    adverse_events: str = text("Adverse events", "What the source says, in our words.")
    dropout_t: float = whole("Drop-out, LKCM", "Left the LKCM arm.", unit="people", ge=0)
    dropout_c: float = whole("Drop-out, control", "Left the control arm.", unit="people", ge=0)
    risk_note: str = text("Risk note", "What limits the use of the figures.")
    source_url: str = url("Page that was read.")
    source_kind: str = coded("Kind of source", "What was read.", vocabularies.SOURCE_KIND)
    extractors: str = text("Extractors", "Readers who extracted it, a letter each.")
    notes: str = text("Notes", "Remarks, in our words.")
