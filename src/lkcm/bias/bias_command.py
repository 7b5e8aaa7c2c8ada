"""The command ``lkcm bias FILE.csv``: check anybody's table of effects for bias."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from lkcm.synthesis.pool_command import (
    OPTIONS,
    RHO,
    TEST,
    add_options,
    answer,
    option_problem,
)

if TYPE_CHECKING:
    import pandas as pd

    from lkcm.bias.asymmetry import Limit
    from lkcm.bias.trim_and_fill import TrimAndFill

#: What ``--json`` prints, in this order; ``--study`` adds `STUDY_KEY`.
JSON_KEYS = (
    *("egger", "egger_lm", "rank", "trim_and_fill", "pet", "peese", "selection_3psm"),
    *("leave_one_out", "cooks", "cumulative"),
)
STUDY_KEY = "egger_dependent"
#: Said below every list of results.
CAUTION = "a check that sees nothing may have been unable to see: ask for its power"
#: Said where rows share studies.
ALONE = "only Egger (CR2) knows that rows share studies"

#: Trials that leaving one out needs, and measuring its influence.
_OTHERS, _INFLUENCE = 2, 3
_ALIKE = "needs effects that differ"


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Register ``lkcm bias``.

    Parameters
    ----------
    subparsers : what ``ArgumentParser.add_subparsers`` returned
        The new parser sets ``func``, which takes the parsed arguments and returns the exit code.
    """
    parser = subparsers.add_parser(
        "bias",
        help="check a table of effects for bias",
        description="Check a table with one trial a row for small-study effects, selection and "
        "influence: Egger's test, rank test, trim and fill, PET, PEESE, a step selection model, "
        "leave-one-out, Cook's distance and the pool as it grew. The numbers agree with "
        "metafor's; the predictor is the standard error. Effects are positive where they favour "
        "the treatment. --method and --test are those of the pools without a trial and of the "
        "growing pool. --study adds Egger's test for dependent effects (CR2); the others take "
        "every row for a trial of its own.",
        epilog="Exit code 2 means that the table could not be checked; each problem is named.",
    )
    add_options(parser)
    parser.set_defaults(func=_run)


def bias_command(
    file: Path,
    effect: str = "yi",
    variance: str = "vi",
    method: str = "REML",
    test: str | None = None,
    study: str | None = None,
    rho: float | None = None,
    as_json: bool = False,
) -> int:
    """Check the effects in a file and print the results.

    Parameters
    ----------
    file : Path
        CSV in UTF-8 with a header, one trial a row; with ``study`` one effect a row.
    effect, variance : str
        Names of the columns of effects and of their sampling variances.
    method, test : str
        As `lkcm.synthesis.pool.pool`, for leave-one-out, Cook's distance and the growing pool.
    study : str, optional
        Name of the column of studies, for Egger's test with CR2.
    rho : float, optional
        Correlation of sampling errors within a study.
    as_json : bool
        Print `JSON_KEYS` as JSON, words where a number is not defined, instead of lines to read.

    Returns
    -------
    int
        0, or 2 when the table cannot be checked: then every problem is on standard error, and
        nothing is on standard output.
    """

    def compute(
        effects: list[float], variances: list[float], studies: list[str]
    ) -> tuple[dict[str, object], list[str]]:
        values = check(effects, variances, method=method, test=test or TEST)
        if study is not None:
            assumed = RHO if rho is None else rho
            values[STUDY_KEY] = _dependent(effects, variances, studies, assumed)
        return values, _lines(values)

    wrong = option_problem(method, test, study, rho)
    return answer(compute, wrong, file, (effect, variance, study), as_json=as_json)


def check(
    effects: list[float], variances: list[float], *, method: str = "REML", test: str = TEST
) -> dict[str, object]:
    """Apply every check to one table.

    Parameters
    ----------
    effects, variances : list of float
        One of each a trial.
    method, test : str
        As `bias_command`.

    Returns
    -------
    dict of str to object
        `JSON_KEYS`; in place of a number that is not defined stands what is missing, in words.

    Raises
    ------
    PoolError
        Effects or variances that cannot be used.
    """
    from lkcm.bias.asymmetry import egger, egger_lm, pet_peese
    from lkcm.bias.rank import rank_test
    from lkcm.bias.trim_and_fill import ESTIMATORS, SIDES, trim_and_fill

    table = (effects, variances)
    mixed, classic, rank = egger(*table), egger_lm(*table), rank_test(*table)
    limits = pet_peese(*table)
    values = {
        "egger": _numbers(mixed.needs, z=mixed.statistic, p=mixed.p),
        "egger_lm": _numbers(classic.needs, t=classic.statistic, p=classic.p),
        "rank": _numbers(rank.needs, tau=rank.tau, p=rank.p),
        "trim_and_fill": {
            estimator: {
                side: _filled(trim_and_fill(*table, estimator=estimator, side=side))
                for side in SIDES
            }
            for estimator in ESTIMATORS
        },
        "pet": _limit(limits.pet),
        "peese": _limit(limits.peese),
        "selection_3psm": _selection(*table),
    }
    return values | _single_trials(*table, method, test)


def _numbers(missing: str | None, **numbers: object) -> dict[str, object]:
    """Put words in place of the numbers that are not defined."""
    words = missing or "not defined"
    return {name: words if value is None else value for name, value in numbers.items()}


def _filled(filled: "TrimAndFill") -> dict[str, object]:
    return _numbers(filled.needs, k0=filled.k0, estimate=filled.estimate, ci=filled.ci)


def _limit(limit: "Limit") -> dict[str, object]:
    return _numbers(limit.needs, estimate=limit.estimate, se=limit.se)


def _selection(effects: list[float], variances: list[float]) -> dict[str, object]:
    from lkcm.bias.selection import step_selection

    fit = step_selection(effects, variances)
    return _numbers(
        fit.needs,
        estimate=fit.estimate,
        se=fit.se,
        tau2=fit.tau2,
        delta=fit.weights[0] if fit.weights else None,
        lrt=fit.lrt,
        lrt_p=fit.lrt_p,
    )


def _single_trials(
    effects: list[float], variances: list[float], method: str, test: str
) -> dict[str, object]:
    from lkcm.bias.influence import cumulative, influence
    from lkcm.bias.sets import needs
    from lkcm.synthesis.pool import leave_one_out

    k, options = len(effects), {"method": method, "test": test}
    left: object = needs(_OTHERS)
    if k >= _OTHERS:
        left = _column(leave_one_out(effects, variances, **options), "estimate")
    cooks: object = needs(_INFLUENCE)
    if k >= _INFLUENCE:
        cooks = _column(influence(effects, variances, **options), "cook_d")
    grown = _column(cumulative(effects, variances, **options), "estimate")
    return {"leave_one_out": left, "cooks": cooks, "cumulative": grown}


def _column(table: "pd.DataFrame", name: str) -> list[float] | str:
    return _ALIKE if table[name].isna().any() else table[name].tolist()


def _dependent(
    effects: list[float], variances: list[float], studies: list[str], rho: float
) -> dict[str, object]:
    from lkcm.bias.dependent_asymmetry import egger_dependent

    result = egger_dependent(effects, variances, studies, rho=rho)
    return _numbers(result.needs, t=result.statistic, df=result.df, p=result.p)


def _run(arguments: argparse.Namespace) -> int:
    return bias_command(**{name: getattr(arguments, name) for name in OPTIONS})


def _lines(values: dict[str, object]) -> list[str]:
    names = {
        "egger": "Egger (mixed, z)",
        "egger_lm": "Egger (lm, t)",
        "rank": "rank test (tau)",
        STUDY_KEY: "Egger (CR2, t)",
    }
    lines = [f"{'trials':26}{len(values['cumulative'])}"]
    for key, name in names.items():
        if key in values:
            first, *_, p = values[key].values()
            lines.append(f"{name:26}{_tested(first, p)}")
    for estimator, sides in values["trim_and_fill"].items():
        for side, filled in sides.items():
            lines.append(f"{f'trim and fill {estimator} {side}':26}{_trimmed(filled)}")
    for key in ("pet", "peese"):
        lines.append(f"{key.upper():26}{_estimated(values[key])}")
    lines.append(f"{'selection model (3PSM)':26}{_selected(values['selection_3psm'])}")
    for key, name in (
        ("leave_one_out", "without one trial"),
        ("cooks", "Cook's distance, largest"),
    ):
        lines.append(f"{name:26}{_range(values[key], largest=key == 'cooks')}")
    notes = [CAUTION, ALONE] if STUDY_KEY in values else [CAUTION]
    return [*lines, *(f"{'note':26}{note}" for note in notes)]


def _tested(statistic: float | str, p: float | str) -> str:
    return statistic if isinstance(statistic, str) else f"{statistic:.3f} (p {p:.2g})"


def _estimated(limit: dict[str, object]) -> str:
    estimate, se = limit["estimate"], limit["se"]
    if isinstance(estimate, str):
        return estimate
    return f"{estimate:.4f} (SE {se if isinstance(se, str) else format(se, '.4f')})"


def _trimmed(filled: dict[str, object]) -> str:
    if isinstance(filled["k0"], str):
        return filled["k0"]
    low, high = filled["ci"]
    return f"{filled['k0']} filled, {filled['estimate']:.4f} (95 % CI {low:.4f} to {high:.4f})"


def _selected(fit: dict[str, object]) -> str:
    if isinstance(fit["estimate"], str):
        return fit["estimate"]
    return f"{_estimated(fit)}, chance {fit['delta']:.2f} where p > .025 (p {fit['lrt_p']:.2g})"


def _range(values: list[float] | str, *, largest: bool) -> str:
    if isinstance(values, str):
        return values
    if largest:
        top = max(range(len(values)), key=values.__getitem__)
        return f"{values[top]:.4f} (row {top + 1})"
    return f"{min(values):.4f} to {max(values):.4f}"
