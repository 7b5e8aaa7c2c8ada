"""``lkcm``: the command line of the review."""

import argparse
import os
import sys
from pathlib import Path

from lkcm.bias import bias_command
from lkcm.ipd import ipd_command
from lkcm.paths import DATA, ROOT
from lkcm.synthesis import pool_command


def book(args: argparse.Namespace) -> int:
    """Build the book."""
    from lkcm.book.driver import build

    return build(args.data, args.out, args.cores)


def check(args: argparse.Namespace) -> int:
    """Check the evidence tables and, for the build, the book's own files."""
    from lkcm.evidence.check import check_command

    status = check_command(args.data, as_json=args.json, warnings=args.warnings)
    if args.book:
        from lkcm.book.preflight import problems

        for problem in problems(args.data):
            print(problem, file=sys.stderr)
            status = 2
    return status


def import_export(args: argparse.Namespace) -> int:
    """Import a search export into the records."""
    from lkcm.evidence import imports

    return imports.command(args)


def add_trial(args: argparse.Namespace) -> int:
    """Add a trial and its results, by questions at the terminal."""
    from lkcm.evidence import add_trial as dialogue

    return dialogue.command(args)


def release(args: argparse.Namespace) -> int:
    """Release an edition."""
    from lkcm.editions import command

    return command.release_command(args)


def diff(args: argparse.Namespace) -> int:
    """Say what changed between two editions."""
    from lkcm.editions import command

    return command.diff_command(args)


def site(args: argparse.Namespace) -> int:
    """Assemble the site of all editions."""
    from lkcm.editions import command

    return command.site_command(args)


def export(args: argparse.Namespace) -> int:
    """Write the effects for other programs."""
    from lkcm.effects.export_command import export_command

    return export_command(args.format, args.data, args.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lkcm", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("book", help="run all notebooks and compile the book")
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.add_argument("--out", type=Path, default=ROOT / "_build", help="output folder")
    command.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    command.set_defaults(func=book)

    command = commands.add_parser("check", help="check the evidence tables")
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.add_argument("--json", action="store_true", help="problems as JSON")
    command.add_argument("--warnings", action="store_true", help="list warnings too")
    command.add_argument("--book", action="store_true", help="check chapters and prose as well")
    command.set_defaults(func=check)

    command = commands.add_parser("import", help="import a search export into the records")
    command.add_argument("file", type=Path, help="RIS, PubMed NBIB, BibTeX or CSV export")
    command.add_argument("--source", required=True, help="where it was searched")
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.add_argument("--dry-run", action="store_true", help="say what would be done")
    command.set_defaults(func=import_export)

    command = commands.add_parser("add-trial", help="add a trial and its results, by questions")
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.set_defaults(func=add_trial)

    pool_command.add_parser(commands)
    bias_command.add_parser(commands)
    ipd_command.add_parser(commands)

    command = commands.add_parser("release", help="release an edition of the book")
    command.add_argument("version", help="calendar version, such as 2026.11 or 2026.11.1")
    command.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    command.set_defaults(func=release)

    command = commands.add_parser("diff", help="say what changed between two editions")
    command.add_argument("old", help="an edition, or 'draft' for the book as it was last built")
    command.add_argument("new", help="the same")
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.add_argument("--out", type=Path, default=ROOT / "_build", help="output folder")
    command.set_defaults(func=diff)

    command = commands.add_parser("site", help="assemble the site from the stored editions")
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.add_argument("--site", type=Path, default=ROOT / "site", help="the site")
    command.add_argument("--assets", type=Path, default=ROOT / "assets", help="stored editions")
    command.set_defaults(func=site)

    command = commands.add_parser("export", help="write the effects for other programs")
    command.add_argument(
        "--format",
        required=True,
        choices=["metapsy", "metafor", "csv"],
        help="metapsy: the Metapsy data standard, for metapsyTools (read.csv2); metafor: yi, vi "
        "and what vcalc() and rma.mv() need (read.csv); csv: every row, poolable or not",
    )
    command.add_argument("--data", type=Path, default=DATA, help="evidence folder")
    command.add_argument("--out", type=Path, help="file to write (default: standard output)")
    command.set_defaults(func=export)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    args = _parser().parse_args(argv)
    try:
        status = args.func(args)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has left (``| head``). What is still to be flushed at exit must go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
