import argparse
import json
import subprocess
import sys

import pytest

from lkcm.synthesis.dependent import RHO as LIBRARY_RHO
from lkcm.synthesis.dependent import pool_dependent
from lkcm.synthesis.pool import pool
from lkcm.synthesis.pool_command import JSON_KEYS, RHO, STUDY_KEYS, add_parser, pool_command

EFFECTS = "study,yi,vi\na,0.1,0.02\na,0.3,0.03\nb,0.5,0.04\nc,0.9,0.02\nd,0.4,0.05\n"
TRIALS = "trial,yi,vi\na,0.1,0.02\nb,0.5,0.03\nc,0.9,0.05\nd,0.2,0.04\n"


@pytest.fixture
def table(tmp_path):
    def write(content, name="trials.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["pool", *map(str, arguments)])
    return parsed.func(parsed)


@pytest.mark.parametrize(
    ("options", "library"),
    [
        pytest.param([], {}, id="defaults"),
        pytest.param(["--method", "pm"], {"method": "PM"}, id="method in lower case"),
        pytest.param(["--test", "wald"], {"test": "wald"}, id="wald"),
        pytest.param(["--test", "knapp-hartung-adhoc"], {"test": "knapp-hartung-adhoc"}, id="ah"),
        pytest.param(["--method", "FE"], {"method": "FE"}, id="common effect"),
    ],
)
def test_json_is_what_the_library_says(table, capsys, options, library):
    assert run(table(TRIALS), "--json", *options) == 0
    printed = json.loads(capsys.readouterr().out)
    assert tuple(printed) == JSON_KEYS
    pooled = pool([0.1, 0.5, 0.9, 0.2], [0.02, 0.03, 0.05, 0.04], **library)
    for key, value in printed.items():
        expected = getattr(pooled, key)
        assert value == (list(expected) if isinstance(expected, tuple) else expected)


@pytest.mark.parametrize(
    ("options", "library"),
    [
        pytest.param([], {}, id="defaults"),
        pytest.param(["--rho", "0.2"], {"rho": 0.2}, id="rho"),
        pytest.param(["--rho", "0"], {"rho": 0.0}, id="rho zero"),
        pytest.param(["--method", "ml"], {"method": "ML"}, id="ML"),
    ],
)
def test_json_of_dependent_effects_is_what_the_library_says(table, capsys, options, library):
    assert run(table(EFFECTS), "--study", "study", "--json", *options) == 0
    printed = json.loads(capsys.readouterr().out)
    assert tuple(printed) == (*JSON_KEYS, *STUDY_KEYS)
    columns = ([0.1, 0.3, 0.5, 0.9, 0.4], [0.02, 0.03, 0.04, 0.02, 0.05], list("aabcd"))
    pooled = pool_dependent(*columns, **library)
    for key in ("estimate", "se", "se_model", "df", "p"):
        assert printed.pop(key) == getattr(pooled.mean, key)
    assert tuple(printed.pop("ci")) == pooled.mean.ci
    assert printed.pop("tau2_ci") is None
    assert tuple(printed.pop("prediction_interval")) == pooled.prediction_interval
    assert printed == {key: getattr(pooled, key) for key in printed}
    assert (printed["k"], printed["n_studies"]) == (5, 4)


def test_rho_is_the_librarys():
    assert RHO == LIBRARY_RHO


def test_lines_of_dependent_effects(table, capsys):
    assert run(table(EFFECTS), "--study", "study") == 0
    out = capsys.readouterr().out
    assert "effects, studies     5, 4" in out
    assert "method, test, rho    REML, CR2, 0.6" in out
    assert "fewer than 4 degrees of freedom" in out


def test_one_study_is_told_with_null(table, capsys):
    assert run(table("s,yi,vi\na,1,1\na,2,1\n"), "--study", "s", "--json") == 0
    printed = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    for key in ("se", "df", "p", "ci", "tau2_between", "prediction_interval"):
        assert printed[key] is None
    assert printed["se_model"] > 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        pytest.param(["--rho", "0.5"], "--rho: allowed only with --study", id="rho alone"),
        pytest.param(["--study", "study", "--rho", "1"], "rho is 1.0; allowed: from 0", id="rho"),
        pytest.param(
            ["--study", "study", "--test", "wald"], "--test: allowed only without", id="test"
        ),
        pytest.param(
            ["--study", "study", "--method", "DL"], "--method: found DL; allowed", id="method"
        ),
        pytest.param(["--study", "trial"], "no column trial; found: study, yi, vi", id="column"),
    ],
)
def test_options_that_do_not_go_together_are_told_in_words(table, capsys, options, problem):
    assert run(table(EFFECTS), *options, "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert problem in captured.err


def test_what_is_not_defined_is_null(table, capsys):
    assert run(table("yi,vi\n0.4,0.04\n"), "--json") == 0
    printed = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert printed["k"] == 1
    assert printed["tau2"] is None
    assert printed["prediction_interval"] is None


def test_lines_to_read(table, capsys):
    assert (
        run(table("effect,v,yi\n0.1,0.02,x\n0.5,0.03,y\n"), "--effect=effect", "--variance=v") == 0
    )
    out = capsys.readouterr().out
    assert "trials               2" in out
    assert "prediction interval  not defined" in out
    assert "two trials: no pooled headline" in out


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("\ufeff" + TRIALS, id="byte order mark"),
        pytest.param(TRIALS.replace("\n", "\r\n"), id="Windows lines"),
        pytest.param(TRIALS + "\n,,\n", id="blank lines at the end"),
        pytest.param(TRIALS.replace("trial,yi,vi", '"trial", yi , vi'), id="spaces in the header"),
        pytest.param(TRIALS.replace("\na,", '\n"a, with\na break",'), id="quoted line break"),
    ],
)
def test_common_kinds_of_csv_are_read(table, capsys, content):
    assert run(table(content), "--json") == 0
    assert json.loads(capsys.readouterr().out)["k"] == 4


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        pytest.param("", ["the file is empty"], id="empty"),
        pytest.param("\n\n", ["the file is empty"], id="blank"),
        pytest.param("trial,yi,vi\n", ["no rows below the header"], id="header only"),
        pytest.param(
            "a;yi;vi\n1;2;3\n", ["line 1: no column yi; found: a;yi;vi", "vi"], id="semi"
        ),
        pytest.param("yi,yi,vi\n1,2,3\n", ["column yi stands 2 times"], id="column twice"),
        pytest.param(
            'trial,yi,vi\na,0.1,0.02\nb,high,0\nc,,-0.1\nd,inf,1e99\ne,"0,5",NA\n',
            [
                "line 3, column yi: found 'high'; allowed: a number, with a decimal point",
                "line 3, column vi: found 0; allowed: a number above zero",
                "line 4, column yi: found nothing; allowed: a number (delete the row",
                "line 4, column vi: found -0.1; allowed: a number above zero",
                "line 5, column yi: found 'inf'",
                "line 5, column vi: found 1e99; allowed: a number above zero that can be computed",
                "line 6, column yi: found '0,5'",
                "line 6, column vi: found nothing",
            ],
            id="every bad cell at once",
        ),
        pytest.param(
            "trial,yi,vi\na,0.1\n", ["line 2: found 2 cells; allowed: 3"], id="short row"
        ),
        pytest.param("yi,vi\n0,5,0.1\n", ["line 2: found 3 cells"], id="decimal comma"),
        pytest.param(TRIALS + "b,0.5,0.03\n", ["line 6: the same as line 3"], id="row twice"),
        pytest.param(b"trial,yi,vi\nJos\xe9,1,1\n", ["line 2: found the byte 0xe9"], id="latin-1"),
        pytest.param(b"yi,vi\n1,\x00\n", ["line 2"], id="zero byte"),
        pytest.param('yi,vi\n"1,2\n', ["line 2: not a CSV row"], id="open quote"),
    ],
)
def test_a_bad_table_is_told_in_words(table, capsys, content, problems):
    path = table(content)
    assert run(path, "--json") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == len(problems)
    for line, problem in zip(lines, problems, strict=True):
        assert line.startswith(f"{path}: ")
        assert problem in line


def test_a_file_that_cannot_be_opened_is_told_in_words(tmp_path, capsys):
    assert pool_command(tmp_path / "none.csv") == 2
    assert pool_command(tmp_path) == 2
    err = capsys.readouterr().err
    assert "none.csv: cannot be read: No such file" in err
    assert "cannot be read: Is a directory" in err


def test_one_column_cannot_be_effect_and_variance(table, capsys):
    assert run(table(TRIALS), "--variance", "yi") == 2
    assert "named as effect and as variance" in capsys.readouterr().err


def test_two_trials_may_share_their_numbers_where_no_column_names_them(table, capsys):
    assert run(table("yi,vi\n0.1,0.2\n0.1,0.2\n0.3,0.2\n")) == 0


def test_the_parser_imports_no_pandas():
    code = "import sys, lkcm.synthesis.pool_command; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
