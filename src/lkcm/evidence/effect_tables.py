"""Tables of reported results: effects, their second reading, harms of other programmes."""

import pandera.pandas as pa

from lkcm.evidence import vocabularies
from lkcm.evidence.fields import P_VALUE, coded, key, number, reference, text, url, whole

_UNIT = "units of the instrument"


def _n(arm: str):
    """Make the column of an arm's size."""
    return whole(f"n, {arm}", f"People in the {arm} arm, as analysed or randomised.", ge=1)


def _mean(arm: str, when: str):
    """Make the column of an arm's mean."""
    return number(f"Mean {when}, {arm}", f"Mean of the {arm} arm, {when}.", unit=_UNIT)


def _sd(arm: str, when: str):
    """Make the column of an arm's standard deviation."""
    return number(
        f"SD {when}, {arm}", f"Standard deviation of the {arm} arm, {when}.", unit=_UNIT, ge=0
    )


class Reported(pa.DataFrameModel):
    """A result as printed: comparison x outcome x time point x reporter."""

    control: str = text("Control", "Name of the control condition.")
    control_class: str = coded(
        "Control class",
        "First reading; comparator_type is finer and wins.",
        vocabularies.CONTROL_CLASS,
    )
    outcome: str = text("Outcome", "Outcome family, a short slug.", required=True)
    instrument: str = text("Instrument", "Name of the questionnaire, task or measure.")
    reporter: str = coded("Reporter", "Whose report or what measure.", vocabularies.REPORTER)
    timepoint: str = coded(
        "Time point", "When it was measured.", vocabularies.TIMEPOINT, absent="post"
    )
    followup_weeks: float = number(
        "Follow-up", "Time from the end of the intervention.", unit="weeks", ge=0
    )
    higher_is_better: str = coded(
        "Higher is better", "Whether a higher score is the better one.", vocabularies.YES_NO
    )
    n_t: float = _n("LKCM")
    n_c: float = _n("control")
    mean_t: float = _mean("LKCM", "after")
    sd_t: float = _sd("LKCM", "after")
    mean_c: float = _mean("control", "after")
    sd_c: float = _sd("control", "after")
    mean_pre_t: float = _mean("LKCM", "before")
    sd_pre_t: float = _sd("LKCM", "before")
    mean_pre_c: float = _mean("control", "before")
    sd_pre_c: float = _sd("control", "before")
    mean_change_t: float = _mean("LKCM", "change")
    sd_change_t: float = _sd("LKCM", "change")
    mean_change_c: float = _mean("control", "change")
    sd_change_c: float = _sd("control", "change")
    events_t: float = whole("Events, LKCM", "People with the event, LKCM arm.", ge=0)
    events_c: float = whole("Events, control", "People with the event, control arm.", ge=0)
    stat_kind: str = coded("Statistic", "Kind of statistic printed.", vocabularies.STAT_KIND)
    stat_value: float = number("Value", "The statistic as printed.")
    ci_low: float = number("CI, lower", "Lower limit of its confidence interval.")
    ci_high: float = number("CI, upper", "Upper limit of its confidence interval.")
    df1: float = number("Numerator df", "Numerator degrees of freedom.", gt=0)
    df2: float = number(
        "Denominator df", "Denominator degrees of freedom; a t has its here.", gt=0
    )
    p_value: str = text(
        "p",
        "p value as printed, or a bound on it.",
        pattern=P_VALUE,
        allowed="a number from 0 to 1, or a bound such as <0.001 or >0.05",
    )
    direction: str = coded(
        "Direction",
        "Which arm did better, first reading: sign and significance win.",
        vocabularies.DIRECTION,
    )
    effect_scope: str = coded(
        "Scope", "What is compared.", vocabularies.EFFECT_SCOPE, absent="between-group"
    )
    locator: str = text("Locator", "Where in the source the figure stands.")
    source_url: str = url("Page that was read.")
    extractor: str = text("Extractor", "Reader who extracted it.")
    notes: str = text("Notes", "Remarks, in our words.")


class Effects(Reported):
    """A result of a trial: comparison x outcome x time point x reporter."""

    effect_id: str = key("Effect", "Identifier of the row.")
    trial_id: str = reference("Trial", "Trial (table trials).", required=True)
    comparator_type: str = coded(
        "Comparator",
        "What the control arm received.",
        vocabularies.COMPARATOR_TYPE,
        empty="not-stated",
    )
    arm_t: str = text("LKCM arm", "Which LKCM arm, where a report has several.")
    study: str = text("Study", "Which experiment or subgroup, where a report has several.")
    model: str = coded(
        "Model", "What the statistic comes from.", vocabularies.MODEL, empty="not-stated"
    )
    sign: str = coded("Sign", "Which arm did better.", vocabularies.SIGN, empty="?")
    significant: str = coded(
        "Significant",
        "Whether it was reported as statistically significant.",
        vocabularies.STATED,
        empty="not-stated",
    )
    ci_level: float = number("CI level", "Level of the interval, a proportion.", gt=0, lt=1)
    about: str = coded(
        "About", "Whom the measure describes.", vocabularies.ABOUT, absent="participant"
    )
    rater_role: str = coded(
        "Rater", "Role of the rater.", vocabularies.RATER_ROLE, empty="not-stated"
    )
    same_result_as: str = reference(
        "Same result as", "effect_id of the row that prints the very same result."
    )
    hold: str = text("Hold", "A reason not to pool the row as it stands.")
    harm: str = coded("Harm", "Kind of harm outcome.", vocabularies.HARM, empty="none")


class SecondReading(Reported):
    """The same results read by another reader; never pooled."""

    reading_id: str = key("Reading", "Identifier of the row.")
    trial_id: str = reference("Trial", "Trial (table trials).", required=True)


class HarmsContext(Reported):
    """Harm results of mindfulness programmes; context, never pooled with LKCM."""

    effect_id: str = key("Effect", "Identifier of the row.")
    trial_id: str = text("Trial", "Study; not in the table trials.", required=True)
