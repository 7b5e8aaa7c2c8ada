"""Synthesis: from one effect a trial to a pooled effect, its heterogeneity and its limits."""

#: Estimators of tau2, the variance of the true effects between trials, by their usual letters.
METHODS = {
    "REML": "restricted maximum likelihood",
    "DL": "DerSimonian and Laird's moments",
    "PM": "Paule and Mandel",
    "ML": "maximum likelihood",
    "HE": "Hedges and Olkin's moments",
    "FE": "one common effect (tau2 = 0)",
}

#: What turns estimate and standard error into an interval and a p value.
TESTS = {
    "knapp-hartung": "t with k - 1 df, standard error scaled by the observed spread",
    "knapp-hartung-adhoc": "the same, the scale never below 1",
    "wald": "standard normal, no correction",
}

#: Effects and variances beyond this, or variances below its inverse, overflow a double in powers.
LARGEST = 1e40
