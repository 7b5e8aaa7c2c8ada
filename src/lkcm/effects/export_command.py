"""The command ``lkcm export``: the effects of the evidence, for other programs."""

import sys
from pathlib import Path

from lkcm import evidence
from lkcm.effects.export import FORMATS
from lkcm.effects.readings import converted_effects


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
    if not (found.has("effects") and found.has("trials")):
        print(f"{data}: no rows in effects.csv or trials.csv; nothing to export", file=sys.stderr)
        return 2
    make, options = FORMATS[form]
    table = make(converted_effects(found), found.table("trials"))
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
