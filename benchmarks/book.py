"""Cold `make book` beside Jupyter Book running the same chapters itself, one after the other.

Run: .venv/bin/python benchmarks/book.py
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

from lkcm.book.chapters import chapters_file, read_pages
from lkcm.paths import DATA, NOTEBOOKS

BINARIES = Path(sys.executable).parent


def timed(command: list, **options: object) -> float:
    """Return the wall-clock seconds of a command."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


def sequential(out: Path, target: Path) -> float:
    """Return the seconds that Jupyter Book takes when it executes the chapters itself.

    The staged source of the built book is used, with the notebooks as they are in the
    repository; glue of stopped chapters and page titles play no part in the time.
    """
    shutil.copytree(out / ".work" / "src", target)
    for page in read_pages(chapters_file(DATA)):
        shutil.copy(NOTEBOOKS / page.notebook, target / "chapters" / f"{page.name}.ipynb")
    config = yaml.safe_load((target / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {"execute_notebooks": "force", "timeout": 600}
    (target / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    environment = os.environ | {"LKCM_DATA": str(DATA)}
    return timed([BINARIES / "jupyter-book", "build", target, "--all"], env=environment)


def main() -> None:
    """Measure both and print the ratio."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        ours = timed([BINARIES / "lkcm", "book", "--out", out])
        again = timed([BINARIES / "lkcm", "book", "--out", out])
        theirs = sequential(out, Path(folder) / "src")
    print(f"cold build by the pipeline    {ours:6.1f} s")
    print(f"again, nothing changed        {again:6.1f} s")
    print(f"Jupyter Book, sequentially    {theirs:6.1f} s")
    print(f"sequential / pipeline         {theirs / ours:6.2f}")


if __name__ == "__main__":
    main()
