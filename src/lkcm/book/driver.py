"""``lkcm book``: runs the pipeline, shows how far it is and what went wrong."""

import fcntl
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lkcm.book.ask import ADDRESS
from lkcm.book.chapters import DRAFT, REPORT, ChaptersError, chapters_file, read_pages
from lkcm.book.nursery import Nursery, nursery
from lkcm.paths import ROOT

MARK = re.compile(r"lkcm> (start|done) (\S+)")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
JOBS = re.compile(r"^chapter +(\d+)$")

#: Pages beside those that compute: each waits now and then for its kernel, charts or Snakemake.
WAITING = 1
#: One thread a chapter, since chapters run side by side; and no hash order in any output.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
}


def build(data: Path, out: Path, cores: int, stamp: str = DRAFT) -> int:
    """Build the book from the folder ``data`` into the folder ``out``.

    Parameters
    ----------
    data, out : Path
        Evidence folder and output folder.
    cores : int
        How many chapters compute side by side.
    stamp : str
        ``VERSION@COMMIT`` of a release, or ``draft``.

    Returns
    -------
    int
        0 when the book is whole and current, 2 when evidence or book files are at fault,
        1 when a notebook or the compilation failed. The last good book stays then.
    """
    data, out = Path(data).resolve(), Path(out).resolve()
    if not data.is_dir():
        wanted = "DATA names a folder with trials.csv and effects.csv"
        print(f"{data}: there is no such folder; {wanted}", file=sys.stderr)
        return 2
    try:
        pages = read_pages(chapters_file(data))
    except ChaptersError as error:
        print(error, file=sys.stderr)
        return 2
    (out / ".work").mkdir(parents=True, exist_ok=True)
    with locked(out / ".lock") as lock, nursery() as kernels:
        if not (out / ".work" / "chapters").is_dir():  # all pages will be made: start now
            kernels.start(len(pages), environment(data))
        return _build(data, out, cores, lock, stamp, kernels)


def environment(data: Path) -> dict[str, str]:
    """Return the environment of everything that a build of a folder runs."""
    return os.environ | ENVIRONMENT | {"LKCM_DATA": str(data)}


def _build(data: Path, out: Path, cores: int, lock: int, stamp: str, kernels: Nursery) -> int:
    started = time.monotonic()
    if not ((out / "html" / "index.html").is_file() and (out / "results.json").is_file()):
        (out / ".work" / "published").unlink(missing_ok=True)
    run = Run(data, out, cores, lock, stamp, kernels)
    # Two runs: in one, a failed or renewed check would rerun every chapter (snakemake#4166).
    failed = run.snakemake(".work/checked", "book")
    if failed:
        if (out / "html" / "index.html").is_file():
            print(f"the last good book stays: {out / 'html' / 'index.html'}", file=sys.stderr)
        return 2 if failed == 2 else 1  # 2: the first target, the check
    total = time.monotonic() - started
    if not run.seconds:
        print(f"nothing changed, nothing run ({total:.1f} s)")
    else:
        steps = ", ".join(f"{step} {spent:.1f} s" for step, spent in run.seconds.items())
        print(f"built in {total:.1f} s ({steps})")
    print(f"the book: {out / 'html' / 'index.html'}")
    return 0


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the output folder; a second build waits for the first to end."""
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting: another build works in {path.parent}", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


class Run:
    """Snakemake's output, turned into progress and reports."""

    def __init__(
        self, data: Path, out: Path, cores: int, lock: int, stamp: str, kernels: Nursery
    ) -> None:
        self.data, self.out, self.cores, self.lock = data, out, cores, lock
        self.stamp, self.kernels = stamp, kernels
        self.environment = environment(data)
        self.begun: dict[str, float] = {}
        self.seconds: dict[str, float] = {}
        self.chapters = self.ready = 0
        self.reported = False

    def snakemake(self, *targets: str) -> int:
        """Bring targets up to date; return the status of `lkcm.book.pipeline`."""
        command = [
            sys.executable, "-m", "lkcm.book.pipeline", "-s", str(ROOT / "Snakefile"),
            "--directory", str(self.out), "--cores", str(self.cores + WAITING),
            "--rerun-incomplete", "--nolock", "--config", f"data={self.data}",
            f"stamp={self.stamp}", "--", *targets,
        ]  # fmt: skip
        binaries = str(Path(sys.executable).parent)
        environment = self.environment | {ADDRESS: str(self.kernels.address)}
        environment["PATH"] = binaries + os.pathsep + environment.get("PATH", "")
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
            pass_fds=(self.lock,), text=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        lines = []
        for line in process.stdout:
            line = COLOUR.sub("", line)
            lines.append(line)
            self._show(line.rstrip("\n"))
        failed = process.wait()
        if failed and not self.reported:
            sys.stderr.writelines(lines[-40:])
        return failed

    def _show(self, line: str) -> None:
        if line.startswith(REPORT):
            self.reported = True
            print(line.removeprefix(REPORT), file=sys.stderr, flush=True)
        elif jobs := JOBS.match(line):
            self.chapters = int(jobs.group(1))
            self.kernels.start(self.chapters, self.environment)
        elif mark := MARK.search(line):
            self._progress(*mark.groups())

    def _progress(self, event: str, step: str) -> None:
        if event == "start":
            self.begun[step] = time.monotonic()
            return
        spent = time.monotonic() - self.begun[step]
        if step in ("check", "html"):
            self.seconds[step] = spent
            print(f"{step} ({spent:.1f} s)", flush=True)
        else:
            self.ready += 1
            self.seconds[step] = spent
            print(f"chapter {self.ready} of {self.chapters}: {step} ({spent:.1f} s)", flush=True)
