"""The command ``lkcm pool FILE.csv``: pool anybody's table of effects and variances."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lkcm.synthesis import METHODS, TESTS
from lkcm.synthesis.effects_table import BadTable, read_effects

if TYPE_CHECKING:
    from lkcm.synthesis.pooled import Pooled
    from lkcm.synthesis.pooled_dependent import Dependent

#: What ``--json`` prints, in this order.
JSON_KEYS = (
    *("k", "estimate", "se", "ci", "p", "tau2", "tau2_ci", "q", "q_p", "i2", "h2"),
    "prediction_interval",
)
#: What ``--study`` adds. Then se, df, p and ci are CR2, and there is no interval of tau2.
STUDY_KEYS = ("n_studies", "tau2_between", "tau2_within", "loglik", "se_model", "df")
#: Arguments of the parsers to which `add_options` is applied.
OPTIONS = ("file", "effect", "variance", "method", "test", "study", "rho", "as_json")
#: Test, and correlation within studies, where none is asked for.
TEST, RHO = "knapp-hartung", 0.6

#: Takes effects, variances and studies; returns values for JSON and lines to read.
Compute = Callable[[list[float], list[float], list[str]], tuple[dict[str, object], list[str]]]


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Register ``lkcm pool``.

    Parameters
    ----------
    subparsers : what ``ArgumentParser.add_subparsers`` returned
        The new parser sets ``func``, which takes the parsed arguments and returns the exit code.
    """
    parser = subparsers.add_parser(
        "pool",
        help="pool a table of effects",
        description="Pool a table with one trial a row: a random-effects meta-analysis with its "
        "heterogeneity and prediction interval. The numbers agree with metafor's rma(). With "
        "--study, several rows may be from one study: correlated and hierarchical effects with "
        "CR2 standard errors, as metafor's rma.mv() and clubSandwich.",
        epilog="Exit code 2 means that the table could not be pooled; each problem is named.",
    )
    add_options(parser)
    parser.set_defaults(func=_run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what every command that reads a table of effects understands.

    Parameters
    ----------
    parser : ArgumentParser
        Parser of the command.
    """
    parser.add_argument("file", type=Path, metavar="FILE.csv", help="comma-separated table")
    parser.add_argument("--effect", default="yi", help="column of effects (default: %(default)s)")
    parser.add_argument(
        "--variance", default="vi", help="column of sampling variances (default: %(default)s)"
    )
    parser.add_argument(
        "--method", default="REML", choices=list(METHODS), type=str.upper, help=_choices(METHODS)
    )
    parser.add_argument("--test", choices=list(TESTS), help=f"{_choices(TESTS)} (default: {TEST})")
    parser.add_argument(
        "--study", metavar="COLUMN", help="column of studies, for dependent effects"
    )
    parser.add_argument(
        "--rho",
        type=float,
        help=f"correlation of sampling errors within a study, from 0 to 0.999 (default: {RHO})",
    )
    parser.add_argument("--json", action="store_true", dest="as_json", help="print JSON")


def pool_command(
    file: Path,
    effect: str = "yi",
    variance: str = "vi",
    method: str = "REML",
    test: str | None = None,
    study: str | None = None,
    rho: float | None = None,
    as_json: bool = False,
) -> int:
    """Pool the effects in a file and print the result.

    Parameters
    ----------
    file : Path
        CSV in UTF-8 with a header, one trial a row; with ``study`` one effect a row.
    effect, variance : str
        Names of the columns of effects and of their sampling variances.
    method, test : str
        As `lkcm.synthesis.pool.pool`; with ``study`` REML or ML, and no test but CR2.
    study : str, optional
        Name of the column of studies: `lkcm.synthesis.dependent.pool_dependent` then pools.
    rho : float, optional
        Correlation of sampling errors within a study.
    as_json : bool
        Print `JSON_KEYS`, with ``study`` also `STUDY_KEYS`, as JSON, null for what is not defined,
        instead of lines to read.

    Returns
    -------
    int
        0, or 2 when the table cannot be pooled: then every problem is on standard error, with
        file, line, column, what was found and what is allowed, and nothing is on standard output.
    """

    def compute(
        effects: list[float], variances: list[float], studies: list[str]
    ) -> tuple[dict[str, object], list[str]]:
        if study is None:
            return _pool(effects, variances, method, test or TEST)
        return _pool_dependent(effects, variances, studies, method, RHO if rho is None else rho)

    wrong = option_problem(method, test, study, rho)
    return answer(compute, wrong, file, (effect, variance, study), as_json=as_json)


def answer(
    compute: Compute,
    wrong: str | None,
    file: Path,
    columns: tuple[str, str, str | None],
    *,
    as_json: bool,
) -> int:
    """Read a table of effects, compute with it and print what is found, or every problem.

    Parameters
    ----------
    compute : callable
        Takes effects, variances and studies; returns what ``--json`` prints, and lines to read.
    wrong : str or None
        A problem of the options, from `option_problem`.
    file : Path
        CSV file.
    columns : tuple of str
        Columns of effects, of variances and of studies (None for none).
    as_json : bool
        Whether JSON is printed.

    Returns
    -------
    int
        Exit code, 0 or 2.
    """
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        table = read_effects(file, *columns)
    except BadTable as problems:
        for problem in problems.args:
            print(f"{file}: {problem}", file=sys.stderr)
        return 2
    from lkcm.synthesis.pooled import PoolError

    try:
        values, lines = compute(*table)
    except PoolError as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 2
    print(json.dumps(values, allow_nan=False) if as_json else "\n".join(lines))
    return 0


def option_problem(
    method: str, test: str | None, study: str | None, rho: float | None
) -> str | None:
    """Say which options do not go together.

    Parameters
    ----------
    method, test, study, rho
        As `pool_command`.

    Returns
    -------
    str or None
        The problem in words; None where there is none.
    """
    if study is None:
        return None if rho is None else "--rho: allowed only with --study"
    if test is not None:
        return "--test: allowed only without --study, which always tests by CR2"
    if method not in ("REML", "ML"):
        return f"--method: found {method}; allowed with --study: REML, ML"
    return None


def _pool(
    effects: list[float], variances: list[float], method: str, test: str
) -> tuple[dict[str, object], list[str]]:
    from lkcm.synthesis.pool import pool

    pooled = pool(effects, variances, method=method, test=test)
    return {key: getattr(pooled, key) for key in JSON_KEYS}, _lines(pooled)


def _pool_dependent(
    effects: list[float], variances: list[float], studies: list[str], method: str, rho: float
) -> tuple[dict[str, object], list[str]]:
    from lkcm.synthesis.dependent import pool_dependent

    pooled = pool_dependent(effects, variances, studies, method=method, rho=rho)
    values = {
        key: getattr(pooled.mean, key, getattr(pooled, key, None))
        for key in (*JSON_KEYS, *STUDY_KEYS)
    }
    return values, _dependent_lines(pooled)


def _run(arguments: argparse.Namespace) -> int:
    return pool_command(**{name: getattr(arguments, name) for name in OPTIONS})


def _choices(meanings: dict[str, str]) -> str:
    return "; ".join(f"{name}: {meaning}" for name, meaning in meanings.items())


def _interval(ends: tuple[float, float] | None) -> str:
    return "not defined" if ends is None else f"{ends[0]:.4f} to {ends[1]:.4f}"


def _number(value: float | None, form: str = ".4f") -> str:
    return "not defined" if value is None else format(value, form)


def _lines(pooled: "Pooled") -> list[str]:
    return [
        f"trials               {pooled.k}",
        f"estimate             {pooled.estimate:.4f} (SE {pooled.se:.4f})",
        f"95 % CI              {_interval(pooled.ci)}",
        f"p                    {_number(pooled.p, '.2g')}",
        f"prediction interval  {_interval(pooled.prediction_interval)}",
        f"tau2                 {_number(pooled.tau2)} (95 % CI {_interval(pooled.tau2_ci)})",
        f"I2, H2               {_number(pooled.i2, '.1f')} %, {_number(pooled.h2, '.2f')}",
        f"Q                    {pooled.q:.2f} (p {_number(pooled.q_p, '.2g')})",
        f"method, test         {pooled.method}, {pooled.test}",
        *(f"note                 {note}" for note in pooled.notes),
    ]


def _dependent_lines(pooled: "Dependent") -> list[str]:
    mean = pooled.mean
    return [
        f"effects, studies     {pooled.k}, {pooled.n_studies}",
        f"estimate             {mean.estimate:.4f} (SE {_number(mean.se)})",
        f"95 % CI              {_interval(mean.ci)}",
        f"p                    {_number(mean.p, '.2g')} ({_number(mean.df, '.1f')} df)",
        f"prediction interval  {_interval(pooled.prediction_interval)}",
        f"tau2 between         {_number(pooled.tau2_between)}",
        f"tau2 within          {_number(pooled.tau2_within)}",
        f"I2, H2               {_number(pooled.i2, '.1f')} %, {_number(pooled.h2, '.2f')}",
        f"Q                    {_number(pooled.q, '.2f')} (p {_number(pooled.q_p, '.2g')})",
        f"method, test, rho    {pooled.method}, CR2, {pooled.rho:g}",
        *(f"note                 {note}" for note in pooled.notes),
    ]
