"""Renews what tests compare with: stored outputs, numbers of all pages, `datapackage.json`."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from lkcm.evidence.dictionary import write_datapackage
from lkcm.paths import DATA, NOTEBOOKS, ROOT

#: What is stripped from a stored notebook; ids and counts stay, nbval needs both.
STRIP = ["--keep-id", "--keep-count", "--extra-keys", "metadata.language_info"]


def renew(results: Path) -> None:
    """Run every notebook with its defaults, keep its reference output, and keep ``results``."""
    binaries = Path(sys.executable).parent
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        print(f"reference: {notebook.name}", flush=True)
        subprocess.run(
            [binaries / "jupyter", "execute", "--inplace", notebook], check=True, cwd=NOTEBOOKS
        )
        subprocess.run([binaries / "nbstripout", *STRIP, notebook], check=True)
    write_datapackage(DATA)
    shutil.copy(results, ROOT / "tests" / "book" / "results.json")


def main(argv: list[str] | None = None) -> int:
    """Renew the references; called by ``make reference``."""
    parser = argparse.ArgumentParser(prog="python -m lkcm.book.reference")
    parser.add_argument("--results", type=Path, required=True)
    renew(parser.parse_args(argv).results.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
