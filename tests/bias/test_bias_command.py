import argparse
import json
import subprocess
import sys

import numpy as np
import pytest

from lkcm.bias.asymmetry import egger, pet_peese
from lkcm.bias.bias_command import (
    ALONE,
    CAUTION,
    JSON_KEYS,
    STUDY_KEY,
    add_parser,
    bias_command,
    check,
)
from lkcm.bias.dependent_asymmetry import egger_dependent
from lkcm.bias.selection import step_selection
from lkcm.bias.trim_and_fill import trim_and_fill
from lkcm.synthesis.pool import leave_one_out, pool

YI, VI = [0.1, 0.3, 0.5, 0.9, 0.4, 0.05], [0.02, 0.03, 0.04, 0.02, 0.05, 0.06]
STUDY = list("aabcde")
HEADER = "study,yi,vi\n"
TABLE = HEADER + "".join(f"{s},{y},{v}\n" for s, y, v in zip(STUDY, YI, VI, strict=True))


@pytest.fixture
def table(tmp_path):
    def write(content):
        path = tmp_path / "trials.csv"
        path.write_text(content)
        return path

    return write


def run(*arguments):
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    parsed = parser.parse_args(["bias", *map(str, arguments)])
    return parsed.func(parsed)


def printed(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def test_json_is_what_the_library_says(table, capsys):
    assert run(table(TABLE), "--json") == 0
    values = printed(capsys)
    assert tuple(values) == JSON_KEYS
    test, limits, selection = egger(YI, VI), pet_peese(YI, VI), step_selection(YI, VI)
    assert values["egger"] == {"z": test.statistic, "p": test.p}
    assert list(values["egger_lm"]) == ["t", "p"]
    assert list(values["rank"]) == ["tau", "p"]
    assert values["pet"] == {"estimate": limits.pet.estimate, "se": limits.pet.se}
    assert values["peese"] == {"estimate": limits.peese.estimate, "se": limits.peese.se}
    assert list(values["selection_3psm"]) == ["estimate", "se", "tau2", "delta", "lrt", "lrt_p"]
    assert values["selection_3psm"]["delta"] == selection.weights[0]
    for estimator, sides in values["trim_and_fill"].items():
        for side, filled in sides.items():
            expected = trim_and_fill(YI, VI, estimator=estimator, side=side)
            assert filled == {
                "k0": expected.k0,
                "estimate": expected.estimate,
                "ci": list(expected.ci),
            }
    assert values["leave_one_out"] == leave_one_out(YI, VI)["estimate"].tolist()
    assert len(values["cooks"]) == 6
    assert values["cumulative"][-1] == pool(YI, VI).estimate


def test_metafor_agrees_with_the_command(oracle, table, capsys):
    case = oracle["raudenbush1985"]
    rows = [
        f"{y!r},{v!r}\n" for y, v in zip(case["yi"].tolist(), case["vi"].tolist(), strict=True)
    ]
    assert (
        run(table("effect,v\n" + "".join(rows)), "--json", "--effect=effect", "--variance=v") == 0
    )
    values = printed(capsys)
    expected = case["asymmetry"]
    assert list(values["egger"].values()) == pytest.approx(expected["egger"][:2], rel=1e-6)
    assert list(values["egger_lm"].values()) == pytest.approx(expected["egger_lm"], rel=1e-6)
    assert list(values["rank"].values()) == pytest.approx(expected["rank"], rel=1e-6)
    cooks = case["single"]["influence"]["cook.d"]
    np.testing.assert_allclose(values["cooks"], cooks, rtol=1e-6)
    grown = case["single"]["cumulative"]["estimate"]
    np.testing.assert_allclose(values["cumulative"][1:], np.array(grown[1:], float), rtol=1e-6)
    estimate = values["selection_3psm"]["estimate"]
    assert estimate == pytest.approx(case["step_1"]["estimate"], abs=1e-4)


def test_a_study_column_adds_the_robust_test(table, capsys):
    assert run(table(TABLE), "--json", "--study", "study", "--rho", "0.4") == 0
    values = printed(capsys)
    assert tuple(values) == (*JSON_KEYS, STUDY_KEY)
    expected = egger_dependent(YI, VI, STUDY, rho=0.4)
    assert values[STUDY_KEY] == {"t": expected.statistic, "df": expected.df, "p": expected.p}
    assert run(table(TABLE), "--study", "study") == 0
    out = capsys.readouterr().out
    assert "Egger (CR2, t)" in out
    assert ALONE in out


def test_method_and_test_are_those_of_the_pools():
    plain, other = check(YI, VI), check(YI, VI, method="DL", test="wald")
    assert plain["egger"] == other["egger"]
    assert other["leave_one_out"] == leave_one_out(YI, VI, method="DL")["estimate"].tolist()
    assert plain["cooks"] != other["cooks"]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_trials_are_told_in_words(table, capsys, k):
    content = "yi,vi\n" + "".join(f"{y},{v}\n" for y, v in zip(YI[:k], VI[:k], strict=True))
    assert run(table(content), "--json") == 0
    values = printed(capsys)
    assert values["selection_3psm"]["estimate"] == "needs k >= 4"
    assert len(values["cumulative"]) == k
    if k < 3:
        for key in ("egger", "egger_lm", "rank", "pet", "peese"):
            assert set(values[key].values()) == {"needs k >= 3"}
        for sides in values["trim_and_fill"].values():
            assert set(sides["left"].values()) == set(sides["right"].values()) == {"needs k >= 3"}
        assert values["cooks"] == "needs k >= 3"
    if k == 1:
        assert values["leave_one_out"] == "needs k >= 2"
    assert run(table(content)) == 0
    assert "nan" not in capsys.readouterr().out


def test_ties_and_one_sided_sets_are_told_in_words(table, capsys):
    assert run(table("yi,vi\n" + "1,0.1\n" * 5), "--json") == 0
    values = printed(capsys)
    assert values["egger"]["z"] == "needs predictors that differ"
    assert values["rank"]["tau"] == "needs effects and variances that differ"
    assert values["selection_3psm"]["delta"].startswith("needs results on every side")
    assert values["cooks"] == "needs effects that differ"
    assert values["trim_and_fill"]["L0"]["left"]["k0"] == 0
    assert run(table("yi,vi\n" + "1,0.1\n" * 5)) == 0


def test_lines_to_read(table, capsys):
    assert run(table(TABLE)) == 0
    out = capsys.readouterr().out
    assert "trials                    6" in out
    assert "trim and fill R0 right" in out
    assert "(row 4)" in out
    assert CAUTION in out


@pytest.mark.parametrize(
    ("content", "options", "problem"),
    [
        pytest.param("yi,vi\n1,0\n2,1\n", [], "line 2, column vi: found 0", id="zero variance"),
        pytest.param("a,b\n1,2\n", [], "no column yi", id="columns"),
        pytest.param(TABLE, ["--rho", "0.5"], "--rho: allowed only with --study", id="rho"),
        pytest.param(TABLE, ["--study", "x"], "no column x", id="study"),
        pytest.param("yi,vi\n1,1e-9\n2,1e9\n3,1\n", [], "differ by a factor", id="far apart"),
    ],
)
def test_a_bad_table_is_told_in_words(table, capsys, content, options, problem):
    assert run(table(content), "--json", *options) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert problem in captured.err


def test_a_file_that_cannot_be_opened_is_told_in_words(tmp_path, capsys):
    assert bias_command(tmp_path / "none.csv") == 2
    assert "cannot be read" in capsys.readouterr().err


def test_the_parser_imports_no_pandas():
    code = "import sys, lkcm.bias.bias_command; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
