import json
import subprocess
import sys

import pytest

from lkcm.cli import main
from lkcm.paths import ROOT

OTHER = ROOT / "tests" / "data" / "other-review"
BROKEN = "trial_id,title,year\na,First,2020\na,Second,20x0\n"


def test_the_command_line_starts_without_pandas():
    code = "import sys, lkcm.cli; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_check_passes(capsys):
    assert main(["check", "--data", str(OTHER)]) == 0
    assert "0 errors" in capsys.readouterr().out


@pytest.fixture
def broken(tmp_path):
    (tmp_path / "trials.csv").write_text(BROKEN)
    (tmp_path / "effects.csv").write_text("effect_id,trial_id,outcome,sign\nb-1,b,stress,+\n")
    return tmp_path


def test_check_names_every_problem_at_once(broken, capsys):
    assert main(["check", "--data", str(broken)]) == 2
    told = "".join(capsys.readouterr())
    assert "20x0" in told  # year
    assert "trials.csv" in told
    assert "effects.csv" in told  # the trial b does not exist


def test_check_as_json(broken, capsys):
    assert main(["check", "--data", str(broken), "--json"]) == 2
    problems = json.loads(capsys.readouterr().out)
    assert {"file", "row", "column", "found", "allowed", "mend"} <= set(
        (problems if isinstance(problems, list) else problems["problems"])[0]
    )


@pytest.fixture
def effects(tmp_path):
    path = tmp_path / "effects.csv"
    path.write_text("yi,vi\n0.1,0.02\n0.4,0.03\n0.2,0.05\n0.6,0.04\n")
    return path


@pytest.mark.parametrize("command", ["pool", "bias", "ipd check"])
def test_a_reader_who_leaves_gets_no_traceback(command, effects):
    """As in ``lkcm … --json | head -1``, with a reader who has left before the first line."""
    arguments = [*command.split(), str(effects), "--json"]
    whole = [sys.executable, "-m", "lkcm.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(whole, text=True, **pipes) as run:
        run.stdout.close()
        assert (run.stderr.read(), run.wait()) == ("", 1)


@pytest.mark.parametrize("command", ["book", "check", "import", "add-trial", "pool", "export"])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert "usage: lkcm" in capsys.readouterr().out


def test_no_command_is_an_error(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
