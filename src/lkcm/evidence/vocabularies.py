"""The allowed values of coded columns, each with its meaning.

`not-stated` means that the source does not say; it never means "no".
"""

YES_NO = {"yes": "yes", "no": "no"}

STATED = {"yes": "yes", "no": "no", "not-stated": "the source does not say"}

DECISION = {
    "included": "the leading record of an included trial",
    "duplicate-report": "another page of an included trial",
    "excluded": "not in the review",
}

#: A record may wait for its first vote; a vote may not.
RECORD_DECISION = DECISION | {"unscreened": "imported, not judged yet"}

DESIGN = {
    "parallel": "participants randomised to parallel arms",
    "cluster": "groups of people randomised",
    "crossover": "each participant receives both conditions",
    "factorial": "two or more factors randomised at once",
    "other": "another randomised design",
}

SOURCE_KIND = {
    "abstract": "abstract only",
    "excerpt": "part of a report",
    "full-text": "the whole report",
    "registry": "a trial register",
    "dataset": "a published data set",
}

LKCM_CORE = {
    "yes": "the intervention is loving-kindness or compassion meditation",
    "part": "it is one component among others",
    "doubtful": "it is doubtful that it is a main component",
}

RANDOMISATION = {
    "stated": "random assignment is stated",
    "quasi-experimental-label": "random assignment under the name of a quasi-experiment",
    "unclear": "it is not clear that assignment was random",
}

CLINICAL_LEVEL = {
    "none": "no clinical condition",
    "elevated-symptoms": "chosen for raised symptoms, no diagnosis",
    "diagnosis": "a mental disorder was diagnosed",
    "medical-condition": "a medical condition",
    "caregivers": "people who care for patients",
    "not-stated": "the source does not say",
}

HARMS_MENTIONED = {
    "not-mentioned": "what was read does not mention harms",
    "yes-none-occurred": "harms are mentioned: none occurred",
    "yes-other": "harms are mentioned, in another way",
}

CONTROL_CLASS = {"passive": "no structured activity", "active": "a structured activity"}

COMPARATOR_TYPE = {
    "no-treatment": "nothing is offered",
    "waitlist": "the intervention is offered later",
    "usual-care": "treatment or teaching as usual",
    "add-on": "the same background treatment without LKCM",
    "attention": "attention or placebo activity",
    "relaxation": "relaxation training",
    "mindfulness": "mindfulness training",
    "psychotherapy": "another psychotherapy",
    "other-active": "another active comparator",
    "other-lkcm": "another form of LKCM",
    "not-stated": "the source does not say",
}

REPORTER = {
    "self": "the participant",
    "partner": "the participant's partner",
    "peer": "a friend or class mate",
    "parent": "a parent",
    "teacher": "a teacher",
    "clinician": "a clinician",
    "observer": "a trained observer or a record",
    "patient-of-participant": "a patient whom the participant treats",
    "behaviour-task": "a behavioural task",
    "physiology": "a physiological measure",
    "implicit-task": "an implicit task",
}

TIMEPOINT = {"post": "at the end of the intervention", "followup": "later"}

STAT_KIND = {
    "d": "Cohen's d",
    "g": "Hedges g",
    "smd": "a standardised mean difference of unknown kind",
    "t": "t statistic",
    "F": "F statistic",
    "eta2": "partial eta squared",
    "p": "p value only",
    "md": "mean difference in units of the instrument",
    "beta": "regression coefficient",
    "or": "odds ratio",
    "rr": "risk ratio",
    "hr": "hazard ratio",
    "text": "no figure, words only",
}

DIRECTION = {
    "favours-t": "the LKCM arm did better",
    "favours-c": "the control arm did better",
    "none": "no difference is reported",
}

EFFECT_SCOPE = {
    "between-group": "arms compared after the intervention",
    "group-by-time": "arms compared in their change",
    "within-group": "change in one arm only: never a between-group effect",
}

SIGN = {"+": "LKCM better", "-": "control better", "?": "not known"}

MODEL = {
    "post": "scores after the intervention",
    "change": "change scores or group by time",
    "ancova": "scores adjusted for baseline",
    "mixed": "a mixed model",
    "multivariate": "a multivariate test",
    "counts": "numbers of events",
    "not-stated": "the source does not say",
}

ABOUT = {
    "participant": "the trained person",
    "child": "the child of a trained parent",
    "student": "the student of a trained teacher",
    "patient": "the patient of a trained clinician",
}

RATER_ROLE = {
    "self": "the trained person",
    "significant-other": "someone close to the trained person",
    "parent": "a parent",
    "teacher-delivers": "a teacher who delivers the intervention",
    "teacher-other": "a teacher who does not deliver it",
    "clinician": "a clinician who may know the arm",
    "blind-assessor": "an assessor who does not know the arm",
    "coder": "someone who codes recordings or texts",
    "recipient": "someone who is treated by the trained person",
    "task": "a task with a recorded outcome",
    "device": "a measuring device",
    "record": "an administrative record",
    "not-stated": "the source does not say",
}

HARM = {
    "none": "not a harm outcome",
    "worsening": "symptoms became worse",
    "adverse-event": "adverse events",
    "dropout": "left the trial or the intervention",
}

RELIABILITY_KIND = {
    "test-retest": "correlation of two measurements of the same people",
    "internal-consistency": "Cronbach's alpha",
}

METRIC = {
    "d": "Cohen's d",
    "g": "Hedges g",
    "SMD": "a standardised mean difference",
    "MD": "mean difference",
    "r": "correlation",
    "OR": "odds ratio",
    "RR": "risk ratio",
    "HR": "hazard ratio",
}

CLAIM_KIND = {
    "figure": "a printed figure",
    "comparison": "one figure against another",
    "finding": "a finding in words",
    "trend": "a change over time",
    "gap": "something that the field lacks",
    "question": "an open question",
    "method": "a way to work",
}
