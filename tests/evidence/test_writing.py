import os
import subprocess
import sys
import threading

import pytest

from lkcm.evidence.writing import (
    BusyFolderError,
    InterruptedWriteError,
    locked,
    new_errors,
    write_together,
)

OLD = {"queries.csv": "q\n1\n", "records.csv": "r\n1\n"}
NEW = {"queries.csv": "q\n1\n2\n", "records.csv": "r\n1\né\n"}


@pytest.fixture
def folder(tmp_path):
    for name, text in OLD.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def state(folder):
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def new_contents(folder):
    return {folder / name: text for name, text in NEW.items()}


def test_all_files_are_written_and_nothing_is_left_behind(folder):
    os.chmod(folder / "records.csv", 0o444)
    write_together(new_contents(folder))
    assert state(folder) == NEW
    assert (folder / "records.csv").stat().st_mode & 0o777 == 0o444


@pytest.mark.parametrize("fails_at", [1, 2])
def test_error_while_moving_puts_everything_back(folder, monkeypatch, fails_at):
    calls = []
    replace = os.replace

    def failing(source, target):
        calls.append(target)
        if len(calls) == fails_at:
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="disk full"), locked(folder):
        write_together(new_contents(folder))
    assert state(folder) == OLD


def test_error_before_moving_leaves_everything(folder, monkeypatch):
    def failing(_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="disk full"):
        write_together(new_contents(folder))
    assert state(folder) == OLD


KILLED = """
import os, pathlib, sys
from lkcm.evidence.writing import locked, write_together
folder, at = pathlib.Path(sys.argv[1]), int(sys.argv[2])
replace, fsync, calls = os.replace, os.fsync, []
def dying(*args):
    calls.append(args)
    if len(calls) == abs(at):
        os._exit(9)
    (replace if at > 0 else fsync)(*args)
if at > 0:
    os.replace = dying
else:
    os.fsync = dying
contents = {folder / "queries.csv": "q\\n1\\n2\\n", folder / "records.csv": "r\\n1\\né\\n"}
with locked(folder):
    write_together(contents)
"""


def killed(folder, at):
    """Kill a writing process at the n-th move (positive) or the n-th flush (negative)."""
    command = [sys.executable, "-c", KILLED, str(folder), str(at)]
    assert subprocess.run(command, timeout=60).returncode == 9


@pytest.mark.parametrize(("at", "after"), [(-1, OLD), (-2, OLD), (1, NEW), (2, NEW)])
def test_next_holder_finishes_or_forgets_what_a_killed_process_left(folder, at, after):
    killed(folder, at)
    for name in OLD:
        assert (folder / name).read_text("utf-8") in (OLD[name], NEW[name])
    with locked(folder):
        pass
    tables = {name: text for name, text in state(folder).items() if name in OLD}
    assert tables == after
    with locked(folder):
        write_together(new_contents(folder))
    assert state(folder) == NEW


def test_edits_after_a_kill_are_not_overwritten(folder):
    killed(folder, 2)
    assert (folder / "records.csv").read_text() == OLD["records.csv"]
    (folder / "records.csv").write_text("r\nmine\n")
    with pytest.raises(InterruptedWriteError, match=r"records\.csv changed since"), locked(folder):
        pass
    assert (folder / "records.csv").read_text() == "r\nmine\n"


def test_two_writers_take_turns(folder):
    order = []

    def second():
        with locked(folder):
            order.append("second")

    thread = threading.Thread(target=second)
    with locked(folder):
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_patience_ends(folder):
    with locked(folder), pytest.raises(BusyFolderError, match="another lkcm is writing"):
        with locked(folder, patience=0):
            pass


def test_only_new_errors_count(folder):
    class Problem:
        level, rule, row, column = "error", "rule", 1, "r"

        def __init__(self, file, found):
            self.file, self.found = file, found

    def check(where):
        return [Problem(path.name, path.read_text("utf-8")) for path in where.glob("*.csv")]

    contents = {folder / "records.csv": "changed"}
    (problem,) = new_errors(folder, contents, check)
    assert (problem.file, problem.found) == ("records.csv", "changed")
    assert state(folder) == OLD
