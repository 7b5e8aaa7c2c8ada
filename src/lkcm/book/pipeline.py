"""Snakemake, target after target in one process, without its limit of jobs a second.

Because of that limit Snakemake weighs all waiting jobs anew each second, and its process stays for
a second after its last job.
"""

import sys

from snakemake.cli import args_to_api, parse_args
from snakemake.exceptions import print_exception


def main(argv: list[str] | None = None) -> int:
    """Run ``python -m lkcm.book.pipeline OPTIONS -- TARGET...``, options as of ``snakemake``.

    Each target is a run of its own; the first that fails is the last.

    Returns
    -------
    int
        0, or the place of the target that failed, counted from 2; 1 is the failure of Python.
    """
    argv = sys.argv[1:] if argv is None else argv
    at = argv.index("--")
    for place, target in enumerate(argv[at + 1 :], start=2):
        try:
            parser, arguments = parse_args([*argv[:at], "--", target])
            arguments.max_jobs_per_timespan = None
            worked = args_to_api(arguments, parser)
        except Exception as error:
            print_exception(error)
            worked = False
        if not worked:
            return place
    return 0


if __name__ == "__main__":
    sys.exit(main())
