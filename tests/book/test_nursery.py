import os
import signal
import subprocess
import sys
import time

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from lkcm.book import ask
from lkcm.book.ask import ADDRESS, asking
from lkcm.book.driver import ENVIRONMENT
from lkcm.book.nursery import FOR_HTML, WORTH_IT, imported, nursery

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

#: What the pages of these tests run: where they are, what they were given, what others left.
LOOK = """
import os, sys, random, builtins
import numpy as np
left = getattr(builtins, "left_by_a_page", "nothing")
builtins.left_by_a_page = "something"
os.environ["LKCM_TABLES"] = "changed"
print(os.getcwd(), os.environ["LKCM_DATA"], left, "pymare" in sys.modules)
print(np.random.random(), random.random())
"""


@pytest.fixture(scope="module")
def kernels():
    environment = os.environ | ENVIRONMENT
    with nursery() as found:
        found.start(WORTH_IT, environment)
        yield found


def run(folder, source, monkeypatch, kernels=None, data="evidence"):
    """Execute a notebook of one cell as the build does; return what it printed."""
    if kernels is None:
        monkeypatch.delenv(ADDRESS, raising=False)
    else:
        monkeypatch.setenv(ADDRESS, str(kernels.address))
    monkeypatch.setenv("LKCM_DATA", data)
    metadata = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    notebook = new_notebook(cells=[new_code_cell(source, id="only")], metadata=metadata)
    nbformat.write(notebook, folder / "in.ipynb")
    executed = papermill.execute_notebook(
        str(folder / "in.ipynb"),
        str(folder / "out.ipynb"),
        engine_name="ipc",
        cwd=str(folder),
        progress_bar=False,
    )
    return "".join(output.text for output in executed.cells[0].outputs).split("\n")


def test_pages_get_processes_environments_and_folders_of_their_own(kernels, tmp_path, monkeypatch):
    seen = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        lines = run(tmp_path / name, LOOK, monkeypatch, kernels, data=name)
        assert lines[0] == f"{tmp_path / name} {name} nothing True"
        seen.append(lines[1])
    assert seen[0] != seen[1]


def test_an_error_of_a_page_is_reported_and_the_next_page_runs(kernels, tmp_path, monkeypatch):
    with pytest.raises(papermill.PapermillExecutionError, match="division by zero"):
        run(tmp_path, "1 / 0", monkeypatch, kernels)
    assert run(tmp_path, "print(2)", monkeypatch, kernels)[0] == "2"


def test_a_kernel_that_dies_ends_its_page(kernels, tmp_path, monkeypatch):
    with pytest.raises(Exception, match="[Kk]ernel died"):
        run(tmp_path, "import os; os.kill(os.getpid(), 9)", monkeypatch, kernels)
    assert run(tmp_path, "print(2)", monkeypatch, kernels)[0] == "2"


def test_without_a_nursery_or_with_a_dead_one_kernels_start_as_always(tmp_path, monkeypatch):
    assert run(tmp_path, LOOK, monkeypatch)[0].endswith("nothing False")
    with nursery() as found:
        found.start(WORTH_IT, os.environ | ENVIRONMENT)
        found.process.kill()
        found.process.wait()
        assert run(tmp_path, LOOK, monkeypatch, found)[0].endswith("nothing False")


@pytest.mark.parametrize(
    ("asked", "status", "stream", "words"),
    [
        (["json.tool", "--compact", "two words.json"], 0, "stdout", '{"a":1}'),
        (["json.tool", "--compact"], 1, "stderr", "Expecting value"),
        (["lkcm.book.finish", "--page"], 2, "stderr", "expected one argument"),
        (["no_such_module"], 1, "stderr", "No module named"),
        (["lkcm.book.compile", "--version"], 0, "stdout", "Jupyter Book"),
    ],
)
@pytest.mark.parametrize("forked", [True, False])
def test_a_module_that_is_asked_for_runs_as_always(
    kernels, tmp_path, asked, status, stream, words, forked
):
    (tmp_path / "two words.json").write_text('{ "a": 1 }')
    done = subprocess.run(
        [sys.executable, "-I", "-S", ask.__file__, *asked],
        cwd=tmp_path,
        env=os.environ | {ADDRESS: str(kernels.address) if forked else ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == status
    assert words in getattr(done, stream)


def test_modules_that_end_at_once_give_their_status_too(kernels):
    environment = os.environ | {ADDRESS: str(kernels.address)}
    command = [sys.executable, "-I", "-S", ask.__file__, "json.tool", "--help"]
    asked = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for _ in range(40)
    ]
    assert [process.wait(30) for process in asked] == [0] * len(asked)


def test_what_compiles_the_book_is_imported_while_nobody_asks(kernels, tmp_path, monkeypatch):
    look = f"import sys; print(all(name in sys.modules for name in {FOR_HTML!r}))"
    end = time.monotonic() + 30
    while run(tmp_path, look, monkeypatch, kernels)[0] != "True":
        assert time.monotonic() < end
        time.sleep(0.5)


def test_what_compiles_the_book_starts_no_thread_that_a_fork_would_lose():
    count = "print(len(os.listdir('/proc/self/task')))"
    code = f"import os; [__import__(name) for name in {FOR_HTML!r}]; {count}"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | ENVIRONMENT, capture_output=True, text=True
    )
    assert done.stdout.split() == ["1"]


def gone(pid, seconds=10):
    """Whether a process ends within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


BUILD = """
import os, sys, time
from pathlib import Path
from lkcm.book.driver import ENVIRONMENT
from lkcm.book.nursery import nursery
with nursery() as found:
    found.start(5, os.environ | ENVIRONMENT)
    print(found.process.pid, found.address, flush=True)
    time.sleep(60)
"""


def test_a_killed_build_leaves_no_nursery_and_no_socket():
    build = subprocess.Popen([sys.executable, "-c", BUILD], stdout=subprocess.PIPE, text=True)
    with build.stdout:
        pid, address = build.stdout.readline().split()
    build.kill()
    build.wait()
    assert gone(int(pid), 30)
    assert not os.path.exists(os.path.dirname(address))


def test_a_killed_papermill_leaves_no_kernel(kernels, tmp_path):
    source = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
    metadata = {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}
    cell = new_code_cell(source + "time.sleep(60)", id="only")
    nbformat.write(new_notebook(cells=[cell], metadata=metadata), tmp_path / "in.ipynb")
    page = subprocess.Popen(
        [sys.executable, "-m", "papermill", "--engine", "ipc", "in.ipynb", "out.ipynb"],
        cwd=tmp_path,
        env=os.environ | {ADDRESS: str(kernels.address)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    written = tmp_path / "pid"
    end = time.monotonic() + 60
    while not (written.exists() and written.read_text()) and time.monotonic() < end:
        time.sleep(0.05)
    os.killpg(page.pid, signal.SIGKILL)
    page.wait()
    assert gone(int(written.read_text()))


def test_where_a_library_starts_threads_kernels_start_alone(tmp_path, monkeypatch):
    with nursery() as threaded:
        threaded.start(
            WORTH_IT, os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
        )
        threaded.process.wait(60)
        seen = run(tmp_path, "print(1 + 1)", monkeypatch, threaded)
    assert seen[0] == "2"


def test_few_pages_are_not_worth_a_nursery():
    with nursery() as found:
        found.start(WORTH_IT - 1, os.environ)
        assert found.process is None
        folder = found.address.parent
    assert not folder.exists()


def test_only_ipykernel_is_asked_for(monkeypatch):
    monkeypatch.setenv(ADDRESS, "somewhere")
    other = ["R", "--slave", "-e", "IRkernel::main()", "--args", "file"]
    assert asking(other) == other
    kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", "file"]
    assert asking(kernel)[-3:] == kernel[-3:]
    monkeypatch.delenv(ADDRESS)
    assert asking(kernel) == kernel


def test_imports_of_a_cell_are_found_and_magics_do_no_harm():
    source = "import numpy as np\nfrom lkcm import evidence\nfrom lkcm.words import two"
    assert {"numpy", "lkcm.evidence", "lkcm.words"} <= imported(source)
    assert imported("%matplotlib inline\nimport os") == set()
