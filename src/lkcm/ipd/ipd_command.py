"""The commands ``lkcm ipd check`` and ``lkcm ipd harmonise``."""

import argparse
import sys
from pathlib import Path


def add_parser(subparsers: argparse._SubParsersAction) -> None:
    """Register ``lkcm ipd``.

    Parameters
    ----------
    subparsers : what ``ArgumentParser.add_subparsers`` returned
        The new parsers set ``func``, which takes the parsed arguments and returns the exit code.
    """
    parser = subparsers.add_parser(
        "ipd",
        help="check or harmonise files of individual participants",
        description="Files of individual participant data: one row a participant, columns named "
        "as in data/ipd/dictionary.csv. Nothing leaves this computer.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    command = commands.add_parser("check", help="check a file against the common data elements")
    command.add_argument("file", type=Path, help="CSV, Parquet, SPSS (.sav) or Stata (.dta)")
    command.add_argument("--json", action="store_true", dest="as_json", help="problems as JSON")
    command.set_defaults(func=lambda args: check_command(args.file, args.as_json))
    command = commands.add_parser(
        "harmonise",
        help="bring a trial's file to the common data elements",
        description="Rename, recode and rescale by a map. Writes FILE.harmonised.csv and a log of "
        "every changed cell, FILE.log.csv; no row is dropped, no column but those the map names.",
    )
    command.add_argument("map", type=Path, metavar="MAP.yml", help="how columns become elements")
    command.add_argument("file", type=Path, help="CSV, Parquet, SPSS (.sav) or Stata (.dta)")
    command.add_argument("--out", type=Path, help="folder to write to (default: the file's own)")
    command.set_defaults(func=lambda args: harmonise_command(args.map, args.file, args.out))


def check_command(file: Path, as_json: bool = False) -> int:
    """Print what is wrong with a file of participants.

    Parameters
    ----------
    file : Path
        CSV, Parquet, SPSS or Stata.
    as_json : bool
        Print every problem as JSON.

    Returns
    -------
    int
        2 if there is an error, else 0.
    """
    from lkcm.evidence.problems import format_problems, has_errors, to_json
    from lkcm.ipd.check import check_file
    from lkcm.words import count_of

    frame, problems = check_file(file)
    if as_json:
        print(to_json(problems))
        return 2 if has_errors(problems) else 0
    if problems:
        print(format_problems(problems), end="\n\n")
    errors = sum(has_errors([item]) for item in problems)
    trials = frame["trial"].nunique() if len(frame) else 0
    print(
        f"{file}: {count_of(len(frame), 'participant')} of {count_of(trials, 'trial')}, "
        f"{count_of(errors, 'error')}, {count_of(len(problems) - errors, 'warning')}"
    )
    return 2 if errors else 0


def harmonise_command(map_file: Path, file: Path, out: Path | None = None) -> int:
    """Harmonise a file and write it with its log.

    Parameters
    ----------
    map_file, file : Path
        The map (YAML) and the trial's file.
    out : Path, optional
        Folder; by default the file's own.

    Returns
    -------
    int
        0, or 2 when map and file do not fit: then every problem is on standard error and nothing
        is written.
    """
    from lkcm.ipd.files import UnreadableFile, read_table
    from lkcm.ipd.harmonise import HarmoniseError, harmonise
    from lkcm.ipd.mapping import MapError, read_map
    from lkcm.words import count_of

    folder = file.parent if out is None else out
    try:
        if not folder.is_dir():
            raise UnreadableFile(f"{folder}: there is no such folder")
        found = harmonise(read_table(file), read_map(map_file), file.name)
    except (UnreadableFile, MapError, HarmoniseError) as problems:
        for text in problems.args:
            print(text, file=sys.stderr)
        return 2
    for item in found.warnings:
        print(f"warning: {item.column} {item.found}: {item.mend}", file=sys.stderr)
    for frame, name in ((found.frame, "harmonised"), (found.log, "log")):
        path = folder / f"{file.stem}.{name}.csv"
        frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
        print(f"{path}: {count_of(len(frame), 'row')}")
    return 0
