"""Write several evidence tables together: all of them change, or none does."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

#: Seconds to wait for another process that is writing to the same folder.
PATIENCE = 60.0


#: The list of files to move, there only while they are being moved.
_TODO = ".lkcm-writing.json"


class BusyFolderError(RuntimeError):
    """Another process holds the lock of the data folder."""


class InterruptedWriteError(RuntimeError):
    """A killed process left a half-moved set of tables, and somebody edited one of them since."""


@contextlib.contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the data folder against another import or another ``lkcm add-trial``.

    The lock is on the folder itself: no lock file is left behind, and the system releases it
    when the process ends, however it ends.

    Parameters
    ----------
    folder : Path
        The data folder.
    patience : float
        Seconds to wait for another holder.

    Raises
    ------
    BusyFolderError
        If the folder is still held after that time.
    InterruptedWriteError
        If a write that was interrupted earlier cannot be completed.
    """
    handle = os.open(folder, os.O_RDONLY)
    deadline = time.monotonic() + patience
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise BusyFolderError(
                        f"another lkcm is writing to {folder}: try again when it is done"
                    ) from error
                time.sleep(0.05)
        _finish(folder)
        yield
    finally:
        os.close(handle)


def write_together(contents: Mapping[Path, str]) -> None:
    """Write several tables of one folder so that all of them change or none does.

    Every new file is written beside the old one and flushed to the disk, then a list of them;
    only then are they moved into place. Before the list is there, nothing has happened; an error
    while moving puts back what had moved. A process that is killed while moving leaves whole
    files, some old and some new, and the list: the next holder of `locked` moves the rest.
    Use inside `locked`.

    Parameters
    ----------
    contents : mapping
        Path of an existing table to its new text.

    Raises
    ------
    OSError
        If a file cannot be written; the files are then as they were.
    """
    old = {path: path.read_bytes() for path in contents}
    beside = {path: _beside(path) for path in contents}
    todo = next(iter(contents)).with_name(_TODO)
    moved: list[Path] = []
    try:
        for path, text in contents.items():
            _flush(beside[path], text.encode("utf-8"), like=path)
        digests = {p.name: [_digest(p), _digest(beside[p])] for p in contents}
        _flush(todo, json.dumps(digests).encode())
        for path in contents:
            os.replace(beside[path], path.resolve())
            moved.append(path)
    except BaseException:
        for path in moved:
            _flush(beside[path], old[path], like=path)
            os.replace(beside[path], path.resolve())
        raise
    finally:
        todo.unlink(missing_ok=True)
        for path in beside.values():
            path.unlink(missing_ok=True)


def _finish(folder: Path) -> None:
    """Move into place what a process that was killed while moving has left."""
    todo = folder / _TODO
    if not todo.exists():
        return
    try:
        digests = json.loads(todo.read_bytes())
    except ValueError:  # killed while it wrote the list: nothing had been moved
        digests = {}
    edited = [name for name, known in digests.items() if _digest(folder / name) not in known]
    if edited:
        raise InterruptedWriteError(
            f"an earlier write was interrupted, and {', '.join(edited)} changed since: compare "
            f"with {', '.join(_beside(folder / name).name for name in edited)}, keep what is "
            f"right and remove {todo}"
        )
    for name, (_, new) in digests.items():
        path = folder / name
        if _digest(path) != new:
            os.replace(_beside(path), path.resolve())
    todo.unlink()


def _beside(path: Path) -> Path:
    target = path.resolve()
    return target.with_name(f".{target.name}.lkcm-new")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _flush(path: Path, content: bytes, like: Path | None = None) -> None:
    path.unlink(missing_ok=True)  # one left by a killed process may be read-only
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if like is not None:
        shutil.copymode(like, path)


def new_errors(folder: Path, contents: Mapping[Path, str], check: Callable) -> list:
    """Return the errors that a data folder would gain from new contents.

    Parameters
    ----------
    folder : Path
        The data folder, left untouched.
    contents : mapping
        Path of a table in it to its new text.
    check : callable
        Folder to list of problems, each with ``level``, ``rule``, ``file``, ``row``, ``column``,
        ``found`` (`lkcm.evidence.check.check`).

    Returns
    -------
    list
        Problems of level ``error`` that the folder does not have as it is: a table that was
        faulty before does not keep anybody from adding to another.
    """

    def errors(where: Path) -> dict:
        found = [problem for problem in check(where) if problem.level == "error"]
        return {(p.rule, p.file, p.row, p.column, p.found): p for p in found}

    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "data"
        copy.mkdir()
        for path in folder.glob("*.csv"):
            shutil.copyfile(path, copy / path.name)
        for path, text in contents.items():
            (copy / path.name).write_bytes(text.encode("utf-8"))
        after = errors(copy)
    before = errors(folder) if after else {}
    return [problem for key, problem in after.items() if key not in before]
