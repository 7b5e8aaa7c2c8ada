"""Claims on clinical trials, gold standards and harm."""

import numpy as np

from lkcm.claims.judgement import CANNOT_TELL, SUPPORTED, Judgement, nothing, of_floor
from lkcm.claims.material import Material
from lkcm.claims.reporting import HALF
from lkcm.harms.changes import one_per_trial, symptom_changes, thresholds
from lkcm.harms.excess import pool_worsening
from lkcm.harms.ledger import STANDARD, ledger
from lkcm.harms.worsening import contrast
from lkcm.words import interval, number

PAGE = "clinical"


def gold_standard_missing(material: Material) -> Judgement:
    """Judge: trials in clinical populations that meet a gold standard are needed."""
    rule = "cannot be shown by a floor; refuted when half of the clinical trials meet all of it"
    table = ledger(material.trials, material.effects)
    met = table[list(STANDARD)].eq("yes").all(axis=1)
    rows = tuple(table.loc[met, "trial_id"])
    noun = f"with a clinical sample state {', '.join(STANDARD)}, all of them"
    return of_floor(int(met.sum()), len(table), noun, HALF, rule, PAGE, rows)


def gold_standard_comparators(material: Material) -> Judgement:
    """Judge: LKCM should be compared with established treatments; few trials do so."""
    rule = "cannot be shown by a floor; refuted when half of the clinical trials do"
    table = ledger(material.trials, material.effects)
    met = table["established treatment"].eq("yes")
    rows = tuple(table.loc[met, "trial_id"])
    noun = "with a clinical sample have a psychotherapy as comparator"
    return of_floor(int(met.sum()), len(table), noun, HALF, rule, PAGE, rows)


def assignment_changes_worsening(material: Material) -> Judgement:
    """Judge: random assignment to LKCM raises or lowers the risk of symptom worsening."""
    rule = "interval of the risk ratio excludes 1, from five trials or more"
    usable, _ = symptom_changes(material.effects, material.trials, r=material.r)
    chosen = one_per_trial(usable)
    if chosen.empty:
        return nothing("No trial prints both arms' change of a symptom.", rule, "harms")
    any_worse = thresholds(chosen, material.instruments)["any"]
    known = any_worse.notna()
    risks = contrast(chosen[known], any_worse[known], "normal")
    found = pool_worsening(risks.join(chosen[["n_t", "n_c"]]))
    rows = tuple(chosen.loc[known, "trial_id"])
    if found.ratio is None:
        because = f"{found.k} trials print what it takes, too few for a ratio."
        return Judgement(CANNOT_TELL, "none", because, rule, "harms", rows=rows)
    ends = None if found.ratio.ci is None else tuple(float(np.exp(e)) for e in found.ratio.ci)
    estimate = float(np.exp(found.ratio.estimate))
    told = f"risk ratio {interval(estimate, ends)}, k = {found.k}"
    status = SUPPORTED if found.verdict in ("protective", "harmful") else CANNOT_TELL
    because = (
        f"Implied by means and standard deviations of {number(found.n)} people: {found.verdict}."
    )
    return Judgement(status, told, because, rule, "harms", estimate, ends, rows)


def mindfulness_worsening(material: Material) -> Judgement:
    """Judge: for some mindfulness programmes random assignment lowered the risk of worsening."""
    rule = "a published risk ratio of worsening whose interval lies below 1"
    about = material.reference["question"].str.contains("worsening", na=False)
    published = material.reference[about]
    below = published["metric"].eq("RR") & published["ci_high"].lt(1)
    rows = tuple(published["ref_id"])
    because = (
        f"{len(published)} published entries on mindfulness bear on it; {int(below.sum())} give a "
        "risk ratio whose interval lies below 1 on the page that was read."
    )
    status = SUPPORTED if below.any() else CANNOT_TELL
    told = f"{int(below.sum())} of {len(published)} entries"
    return Judgement(status, told, because, rule, "harms", int(below.sum()), rows=rows)
