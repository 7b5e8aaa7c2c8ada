"""The command ``lkcm export``: the effects of the evidence, for other programs."""

import sys
from pathlib import Path

from lkcm import evidence
from lkcm.effects.convert import convert
from lkcm.effects.export import FORMATS
from lkcm.effects.supplement import supplement


def export_command(form: str, data: Path, out: Path | None = None) -> int:
    """Write the effects.

    Parameters
    ----------
    form : str
        Of `lkcm.effects.export.FORMATS`.
    data : Path
        The evidence folder.
    out : Path, optional
        The file; by default the table is printed.

    Returns
    -------
    int
        0, or 2 when the evidence does not pass its checks or the file cannot be written: then
        every problem is on standard error and nothing is written.
    """
    try:
        found = evidence.load(data, tables=["trials", "effects", "second_reading"])
    except evidence.EvidenceError as problems:
        print(problems, file=sys.stderr)
        return 2
    effects, trials = found.table("effects"), found.table("trials")
    if effects.empty or trials.empty:
        print(f"{data}: no rows in effects.csv or trials.csv; nothing to export", file=sys.stderr)
        return 2
    if found.has("second_reading"):
        effects, _ = supplement(effects, found.table("second_reading"), trials)
    make, options = FORMATS[form]
    table = make(convert(effects, trials), trials)
    text = table.to_csv(index=False, lineterminator="\n", **options)
    if out is None:
        print(text, end="")
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{out}: cannot be written ({error.strerror})", file=sys.stderr)
        return 2
    print(f"{out}: {len(table):,} rows")
    return 0
