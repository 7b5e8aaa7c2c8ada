"""Agreement with metafor, clubSandwich and robumeta on public data sets.

The reference values, and the R scripts that made them, are those of the test suite; here they are
computed again, all at once where they can be, and every number is set beside its reference.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from lkcm.paths import ORACLES
from lkcm.synthesis.correlated import pool_correlated
from lkcm.synthesis.covariance import Arms
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pool import pool_many

#: metafor's names for the tests of `lkcm.synthesis.pool`.
METAFOR_TESTS = {"knha": "knapp-hartung", "adhoc": "knapp-hartung-adhoc", "z": "wald"}
#: Numbers below this are compared by their difference in units of it: a tau2 of zero has no
#: relative error.
SMALLEST = 0.01
#: Agreement that is aimed at: exact arithmetic, and where an optimiser stops first.
EXACT, OPTIMISED = 1e-6, 1e-4
#: Columns of the comparisons.
COLUMNS = ("program", "model", "set", "quantity", "ours", "theirs", "difference")
#: Quantities in words.
QUANTITIES = {
    "estimate": "pooled effect or coefficient",
    "se": "standard error (CR2 if dependent)",
    "se_model": "standard error of the model",
    "df": "Satterthwaite's degrees of freedom",
    "p": "p value",
    "ci": "confidence interval",
    "tau2": "tau2, or both variances",
    "tau2_ci": "Q-profile interval of tau2",
    "q": "Q",
    "q_p": "p value of Q",
    "i2": "I2",
    "h2": "H2",
    "prediction_interval": "prediction interval",
    "loglik": "log-likelihood",
    "wald": "Hotelling-type Wald test",
}
#: Data sets of robumeta; the others are metadat's.
OF_ROBUMETA = ("corrdat", "hierdat")


def reference(name: str, folder: Path = ORACLES) -> dict:
    """Read reference values.

    Parameters
    ----------
    name : str
        Of the file, such as "pool" or "dependent".
    folder : Path
        Where it is.

    Returns
    -------
    dict
        ``versions``, ``sets`` (effects, variances and what else the models need) and the cases.
    """
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def compare_pool(reference: Mapping) -> pd.DataFrame:
    """Set pooling of independent effects beside metafor's ``rma``.

    Parameters
    ----------
    reference : mapping
        Of ``pool.json``.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a number: six estimators of tau2, three tests.
    """
    names = list(reference["sets"])
    tables = {name: reference["sets"][name] for name in names}
    longest = max(len(table["yi"]) for table in tables.values())
    padded = np.full((2, longest, len(names)), np.nan)
    for place, table in enumerate(tables.values()):
        padded[0, : len(table["yi"]), place] = table["yi"]
        padded[1, : len(table["vi"]), place] = table["vi"]
    fits = {}
    for method in dict.fromkeys(case["method"] for case in reference["cases"]):
        for theirs, ours in METAFOR_TESTS.items():
            fits[method, theirs] = pool_many(*padded, method=method, test=ours)
    lines = []
    for case in reference["cases"]:
        label = ("metafor", f"{case['method']}, independent effects", case["set"])
        for place, (test, values) in enumerate(case["tests"].items()):
            fit = fits[case["method"], test].iloc[names.index(case["set"])]
            shared = ("tau2", "tau2_ci", "q", "q_p", "i2", "h2") if place == 0 else ()
            wanted = {name: case[name] for name in shared}
            wanted |= {name: values[name] for name in ("estimate", "se", "ci", "p")}
            wanted["prediction_interval"] = values["prediction_interval"]
            for quantity, theirs in wanted.items():
                lines += _lines(label, quantity, _of_fit(fit, quantity, theirs), theirs)
    return _compared(lines)


def compare_dependent(reference: Mapping) -> pd.DataFrame:
    """Set dependent effects beside metafor's ``rma.mv`` with clubSandwich, and robumeta.

    Parameters
    ----------
    reference : mapping
        Of ``dependent.json``.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, one row a number.
    """
    lines = []
    for case in reference["cases"]:
        fit = pool_dependent(**_columns(reference, case), method=case["method"], rho=case["rho"])
        model = f"{case['method']}, correlated and hierarchical effects"
        ours = {"tau2": [fit.tau2_between, fit.tau2_within], "loglik": fit.loglik, "q": fit.q}
        ours |= _by_coefficient(fit.coefficients, ("estimate", "se_model", "se", "df", "p"))
        ours["ci"] = [end for one in fit.coefficients for end in one.ci]
        ends = zip(case["ci_low"], case["ci_high"], strict=True)
        theirs = {**case, "ci": [end for pair in ends for end in pair]}
        if case["wald"]:
            ours["wald"] = list(fit.wald(case["moderators"]).to_dict().values())
            theirs["wald"] = [case["wald"][key] for key in fit.wald(case["moderators"]).to_dict()]
        for quantity, value in ours.items():
            program = "clubSandwich" if quantity in _OF_CLUBSANDWICH else "metafor"
            lines += _lines((program, model, case["set"]), quantity, value, theirs[quantity])
    for case in reference["robust"]:
        columns = _columns(reference, case)
        columns.pop("arms")
        fit = pool_correlated(**columns, rho=case["rho"])
        label = ("robumeta", "correlated-effects weights", case["set"])
        for quantity in ("estimate", "se", "df", "p"):
            lines += _lines(label, quantity, fit[quantity].tolist(), case[quantity])
        lines += _lines(label, "tau2", fit["tau2"][0], case["tau2"])
        for end in ("ci_low", "ci_high"):
            lines += _lines(label, "ci", fit[end].tolist(), case[end])
    return _compared(lines)


#: What `compare_dependent` takes from clubSandwich rather than from metafor.
_OF_CLUBSANDWICH = ("se", "df", "p", "ci", "wald")


def worst(compared: pd.DataFrame) -> pd.DataFrame:
    """Give the worst difference of each quantity.

    Parameters
    ----------
    compared : DataFrame
        Of `compare_pool` and `compare_dependent`.

    Returns
    -------
    DataFrame
        ``program``, ``model``, ``quantity`` (in words), ``sets`` and ``numbers`` (how many were
        compared), ``difference`` (the worst) and ``set`` (where), in the order of the input.
    """
    lines = []
    for keys, rows in compared.groupby(["program", "model", "quantity"], sort=False):
        place = rows["difference"].idxmax()
        line = dict(zip(("program", "model", "quantity"), keys, strict=True))
        line["quantity"] = QUANTITIES[line["quantity"]]
        line |= {"sets": rows["set"].nunique(), "numbers": len(rows)}
        line |= {"difference": rows["difference"].max(), "set": rows.loc[place, "set"]}
        lines.append(line)
    columns = ["program", "model", "quantity", "sets", "numbers", "difference", "set"]
    return pd.DataFrame(lines, columns=columns)


def data_sets(references: Iterable[Mapping], compared: pd.DataFrame) -> pd.DataFrame:
    """List the public data sets, with the worst difference on each.

    Parameters
    ----------
    references : iterable of mapping
        Of `reference`.
    compared : DataFrame
        All comparisons on them.

    Returns
    -------
    DataFrame
        ``set``, ``source`` (the R package that has it), ``effects``, ``studies``, ``numbers``
        compared and the worst ``difference``.
    """
    lines = {}
    by_set = compared.groupby("set")["difference"]
    numbers, largest = by_set.size(), by_set.max()
    for one in references:
        for name, table in one["sets"].items():
            studies = len(set(table["study"])) if "study" in table else len(table["yi"])
            effects = len(table["yi"])
            source = "robumeta" if name in OF_ROBUMETA else "metadat"
            lines[name] = (name, source, effects, studies, numbers[name], largest[name])
    columns = ["set", "source", "effects", "studies", "numbers", "difference"]
    return pd.DataFrame(list(lines.values()), columns=columns)


def _columns(reference: Mapping, case: Mapping) -> dict[str, object]:
    """Give the arguments of a fit of dependent effects."""
    table = reference["sets"][case["set"]]
    arms = ("treatment", "control", "n_treatment", "n_control", "outcome")
    return {
        **{name: table[name] for name in ("yi", "vi", "study")},
        "moderators": {column: table[column] for column in case["moderators"]},
        "arms": Arms(*(table[name] for name in arms)) if "treatment" in table else None,
    }


def _by_coefficient(coefficients: Iterable[object], names: Iterable[str]) -> dict[str, list]:
    listed = list(coefficients)
    return {name: [getattr(one, name) for one in listed] for name in names}


def _of_fit(fit: pd.Series, quantity: str, theirs: object) -> object:
    if isinstance(theirs, list):
        return [fit[f"{quantity}_low"], fit[f"{quantity}_high"]]
    return np.nan if theirs is None else fit.get(quantity, np.nan)


def _lines(
    label: tuple[str, str, str], quantity: str, ours: object, theirs: object
) -> list[tuple]:
    """Pair numbers one by one; what a program does not define is not compared."""
    if theirs is None:
        return []
    pairs = zip(np.atleast_1d(ours), np.atleast_1d(theirs), strict=True)
    return [(*label, quantity, float(a), float(b)) for a, b in pairs]


def _compared(lines: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(lines, columns=list(COLUMNS[:-1]))
    size = np.maximum(table["theirs"].abs(), SMALLEST)
    # a number that one side lacks is a difference without bound
    difference = ((table["ours"] - table["theirs"]).abs() / size).fillna(np.inf)
    return table.assign(difference=difference)
