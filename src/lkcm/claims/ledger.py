"""The ledger: every claim of the commentary, its check, and what the check says today."""

from collections.abc import Callable

import pandas as pd

from lkcm.claims import clinical, growth, magnitude, reporting, simulated
from lkcm.claims.judgement import Judgement
from lkcm.claims.material import Material

#: Of a claim that no check decides.
NO_CHECK = "no check"
#: The check of each claim, by the identifier in the table of claims.
CHECKS: dict[str, Callable[[Material], Judgement]] = {
    "c01": magnitude.effect_against_passive,
    "c02": magnitude.effect_against_active,
    "c03": magnitude.passive_above_active,
    "c04": magnitude.beside_mindfulness,
    "c05": magnitude.very_heterogeneous,
    "c06": simulated.trim_and_fill_sees_nothing,
    "c07": simulated.trim_and_fill_lacks_power,
    "c08": growth.only_two_large,
    "c09": growth.trials_grow,
    "c10": simulated.small_trials_mislead,
    "c11": simulated.trials_cannot_test_mechanisms,
    "c12": reporting.mediators_open,
    "c13": reporting.moderators_open,
    "c14": magnitude.clinical_below_others,
    "c15": clinical.gold_standard_missing,
    "c16": reporting.long_follow_up,
    "c17": clinical.gold_standard_comparators,
    "c18": reporting.harms_rare,
    "c19": clinical.assignment_changes_worsening,
    "c20": clinical.mindfulness_worsening,
    "c21": reporting.harm_measures_missing,
    "c22": reporting.digital_grows,
    "c23": magnitude.digital_differs,
    "c24": reporting.usage_features_open,
    "c25": reporting.sensing_open,
    "c26": reporting.mostly_self_report,
    "c27": reporting.second_person_missing,
    "c28": reporting.physiology_missing,
    "c29": magnitude.prosocial_tasks,
    "c30": magnitude.implicit_bias,
    "c31": magnitude.measures_disagree,
    "c32": reporting.open_data_rare,
    "c33": simulated.study_level_moderators_weak,
    "c34": reporting.common_elements_missing,
    "c35": reporting.equity_open,
    "c36": growth.large_enough_literature,
}
#: Columns of the ledger beside those of the table of claims.
COLUMNS = (
    *("check", "status", "number", "because", "rule", "page"),
    *("value", "low", "high", "rows", "n_rows"),
)


def judge(material: Material) -> pd.DataFrame:
    """Judge every claim of the table of claims.

    Parameters
    ----------
    material : Material
        The evidence.

    Returns
    -------
    DataFrame
        The table of claims with `COLUMNS`: ``check`` (name of the function), ``status`` (of
        `lkcm.claims.judgement.STATUSES`, or `NO_CHECK`), ``number`` (text), ``because`` (a
        sentence), ``rule``, ``page`` (chapter), ``value`` with ``low`` and ``high`` (NaN where
        there is none), ``rows`` (identifiers, joined by spaces) and ``n_rows``.
    """
    lines = [_line(material, claim) for claim in material.claims["claim_id"]]
    judged = pd.DataFrame(lines, columns=list(COLUMNS), index=material.claims.index)
    judged = judged.astype({"value": float, "low": float, "high": float})
    return pd.concat([material.claims, judged], axis=1)


def _line(material: Material, claim: str) -> dict[str, object]:
    check = CHECKS.get(claim)
    if check is None:
        return {"check": "", "status": NO_CHECK, "number": "none", "rows": "", "n_rows": 0}
    found = check(material)
    low, high = found.ends or (None, None)
    return {
        "check": f"{check.__module__}.{check.__name__}",
        "status": found.status,
        "number": found.number,
        "because": found.because,
        "rule": found.rule,
        "page": found.page,
        "value": found.value,
        "low": low,
        "high": high,
        "rows": " ".join(found.rows),
        "n_rows": len(found.rows),
    }
