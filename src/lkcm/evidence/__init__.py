"""Evidence tables: schemas, checking, loading.

>>> evidence = load("data", tables=["trials", "effects"])  # doctest: +SKIP
>>> evidence.table("trials")  # doctest: +SKIP
"""

from lkcm.evidence.check import check, check_command
from lkcm.evidence.labels import trial_labels
from lkcm.evidence.load import Evidence, EvidenceError, UndeclaredTable, load
from lkcm.evidence.problems import Problem, format_problems, to_json

__all__ = [
    "Evidence",
    "EvidenceError",
    "Problem",
    "UndeclaredTable",
    "check",
    "check_command",
    "format_problems",
    "load",
    "to_json",
    "trial_labels",
]
