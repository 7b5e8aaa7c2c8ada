"""Second-person, behavioural and physiological measures against self-report.

Who reported on whom (`classes`), how far two reporters of the same people agree
(`agreement_range`), what they say together and against each other (`methods`, `contrast`), what a
second person should see if self-reports are right (`expectation`), and the trial that would tell
(`informant_design`).
"""
