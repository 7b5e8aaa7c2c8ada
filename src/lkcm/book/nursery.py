"""Processes for a build that need not import anything: forked from one that has.

Half of the processor time of a page went into imports: of its kernel (pandas, scipy, Altair,
PyMARE), of papermill, of `lkcm.book.finish`. The driver starts one nursery a build. It imports
what these import, runs nothing, and forks a process for each that is asked for
(`lkcm.book.ask`); that process gets the environment, folder and output of who asked, then runs
its module. So pages share no state. Where there is no nursery (JupyterLab, plain papermill,
nbval, systems where a fork is not safe), processes start as always.
"""

import ast
import gc
import json
import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from lkcm.book.ask import KERNEL
from lkcm.paths import NOTEBOOKS

#: What lkcm imports only when it computes or draws, and what else a build runs.
PUT_OFF = {
    *("pymare", "pymare.estimators"),
    *("papermill.cli", "papermill.execute", "ipykernel.debugger"),
    *("lkcm.book.engine", "lkcm.book.assets", "lkcm.book.stage", "lkcm.book.publish"),
}
#: What compiles the book: imported when nobody asks for anything, as it is needed last.
FOR_HTML = (
    *("lkcm.book.compile", "sphinx.application", "sphinx.ext.intersphinx"),
    *("myst_nb.sphinx_ext", "sphinx_book_theme", "sphinxcontrib.bibtex"),
)
#: Seconds without a wish after which the nursery imports on.
QUIET = 0.05
#: Fewer pages than this are sooner made by kernels that import for themselves.
WORTH_IT = 3


class Nursery:
    """The driver's end: a nursery that is started when it is worth it, and ends with the build."""

    def __init__(self, folder: Path) -> None:
        self.address = folder / "nursery"
        self.process: subprocess.Popen | None = None

    def start(self, pages: int, environment: Mapping[str, str]) -> None:
        """Start the process for a build of so many pages; at once it may be asked."""
        if pages < WORTH_IT or self.process or sys.platform != "linux":
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
            listening.bind(str(self.address))
            listening.listen(64)
            self.process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(listening.fileno()), str(self.address)],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                env=dict(environment), pass_fds=(listening.fileno(),), start_new_session=True,
            )  # fmt: skip

    def stop(self) -> None:
        """End the process: it goes when nobody holds the other end of its stdin."""
        if self.process is None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Yield a nursery for one build, not started yet; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="lkcm-", ignore_cleanup_errors=True) as folder:
        found = Nursery(Path(folder))
        try:
            yield found
        finally:
            found.stop()


def imported(source: str) -> set[str]:
    """Return the modules that a cell may import; none for one that is not plain Python."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return set()
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def preload(notebooks: list[Path]) -> None:
    """Import what notebooks import, and what lkcm and its libraries put off."""
    import nbformat

    from lkcm.effects.readings import converted_effects
    from lkcm.evidence import EvidenceError, load
    from lkcm.evidence.schemas import TABLES

    names = set(PUT_OFF)
    for notebook in notebooks:
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                names |= imported("".join(cell["source"]))
    for name in sorted(names):
        with suppress(Exception):  # a name that is no module, or the page's own failure
            __import__(name)
    with suppress(EvidenceError):  # the tables of the build are read, typed and converted once
        converted_effects(load(tables=TABLES))
    nbformat.validate(nbformat.v4.new_notebook())  # compiles its schema at the first


def serve(listening: socket.socket) -> tuple[socket.socket, list[int], dict] | None:
    """Fork a process for each wish until the driver, at the other end of stdin, has gone.

    While nobody wishes anything, it imports what it will need.

    Returns
    -------
    tuple or None
        In a forked process: its line to `ask`, its stdout and stderr, its wish. In the nursery,
        at the end, None.
    """
    later = list(FOR_HTML)
    while True:
        ready = select.select([listening, sys.stdin], [], [], QUIET if later else 1.0)[0]
        if not ready and later:
            with suppress(Exception):  # its own failure, when it compiles
                __import__(later.pop(0))
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if sys.stdin in ready:
            return None
        if listening in ready:
            line, _ = listening.accept()
            line.settimeout(5.0)
            with line, suppress(OSError, ValueError):
                message, outputs, _, _ = socket.recv_fds(line, 1 << 20, 2)
                if not message:
                    continue
                wish = json.loads(message)
                if os.fork() == 0:
                    return line.dup(), outputs, wish
                for output in outputs:
                    os.close(output)


def grow_up(line: socket.socket, outputs: list[int], wish: dict) -> None:
    """Become what was asked for: its session, output, environment and folder; run, and end."""
    import numpy as np

    from lkcm.figures import easel

    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for source, target in (
        (os.open(os.devnull, os.O_RDONLY), 0),
        *zip(outputs, (1, 2), strict=True),
    ):
        os.dup2(source, target)
        os.close(source)
    os.chdir(wish["folder"])
    charts = {easel.ADDRESS: os.environ[easel.ADDRESS]}
    os.environ.clear()
    os.environ.update(wish["environment"] | charts)
    # Rarer collections: a page is short, and its heap large from the start.
    gc.set_threshold(100_000, 50, 50)
    np.random.seed()  # noqa: NPY002  # else every page would inherit one and the same state
    line.settimeout(None)
    line.send(str(os.getpid()).encode())

    def end_with_ask() -> None:
        with suppress(OSError):
            line.recv(1)
        os._exit(1)

    threading.Thread(target=end_with_ask, daemon=True).start()
    # Handle 1: no parent to watch beside `ask`.
    alone = ["--IPKernelApp.parent_handle=1"] if wish["module"] == KERNEL else []
    sys.argv = [wish["module"], *wish["arguments"], *alone]
    status = run(wish["module"])
    for stream in (sys.__stdout__, sys.__stderr__):
        with suppress(ValueError):  # the module closed it
            stream.flush()
    line.send(str(status).encode())
    os._exit(status)


def run(module: str) -> int:
    """Run a module as ``python -m`` does; return the exit status."""
    sys.modules.pop(module, None)  # what was imported stays as it is; this is a program's start
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def main(descriptor: int, address: Path) -> None:
    """Import, serve, and in each forked process run what was asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    del sys.path[0]  # the folder where the build was called
    from lkcm.figures import easel  # heavy, and the driver imports this module

    listening = socket.socket(fileno=descriptor)
    preload(sorted(NOTEBOOKS.glob("*.ipynb")))
    # Where a library started a thread, forking is not safe: processes then start alone.
    alone = len(os.listdir("/proc/self/task")) == 1
    gc.freeze()
    charts = easel.listen(address.with_name("easel"))
    if alone and os.fork() == 0:
        listening.close()
        easel.serve(charts)
        os._exit(0)
    charts.close()
    os.environ[easel.ADDRESS] = str(address.with_name("easel"))
    born = serve(listening) if alone else None
    listening.close()
    if born is None:
        shutil.rmtree(address.parent, ignore_errors=True)
        os._exit(0)  # at once: what was imported need not be taken down
    else:
        grow_up(*born)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
