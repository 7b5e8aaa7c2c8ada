import subprocess
import sys

import pytest

RULES = """
rule first:
    output: "first.txt"
    shell: "echo x >> log; touch {output}"

rule broken:
    output: "broken.txt"
    shell: "false"

rule second:
    output: "second.txt"
    shell: "echo y >> log; touch {output}"
"""


@pytest.fixture
def run(tmp_path):
    (tmp_path / "Snakefile").write_text(RULES)
    command = [sys.executable, "-m", "lkcm.book.pipeline", "--cores", "1", "--nolock", "--"]

    def status(*targets):
        return subprocess.run([*command, *targets], cwd=tmp_path, stderr=log).returncode

    with (tmp_path / "said").open("w") as log:
        yield status


def test_each_target_is_a_run_of_its_own(run, tmp_path):
    assert run("first.txt", "second.txt") == 0
    assert (tmp_path / "log").read_text() == "x\ny\n"
    assert run("first.txt", "second.txt") == 0
    assert (tmp_path / "log").read_text() == "x\ny\n"


def test_the_first_failure_ends_it_and_tells_its_place(run, tmp_path):
    assert run("broken.txt", "second.txt") == 2
    assert not (tmp_path / "log").exists()
    assert run("first.txt", "broken.txt", "second.txt") == 3
    assert (tmp_path / "log").read_text() == "x\n"


def test_what_is_no_target_is_a_failure(run, tmp_path):
    assert run("first.txt", "nothing.txt") == 3
    assert "nothing.txt" in (tmp_path / "said").read_text()
