import json

import pandas as pd
import pyreadstat
import pytest

from lkcm.cli import main

MAP = """
columns:
  participant: code
  arm: {from: g, recode: {1: lkcm, 2: control}}
  outcome_post: {from: s, range: [1, 5]}
constants: {trial: t, week_post: 8}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "map.yml").write_text(MAP, encoding="utf-8")
    frame = pd.DataFrame({"code": ["p1", "p2"], "g": [1.0, 2.0], "s": [2.0, 4.0]})
    pyreadstat.write_sav(frame, str(tmp_path / "x.sav"))
    return tmp_path


def test_harmonise_then_check(folder, capsys):
    assert main(["ipd", "harmonise", str(folder / "map.yml"), str(folder / "x.sav")]) == 0
    assert "x.harmonised.csv: 2 rows" in capsys.readouterr().out
    assert pd.read_csv(folder / "x.harmonised.csv")["outcome_post"].tolist() == [25, 75]
    assert len(pd.read_csv(folder / "x.log.csv")) == 9
    assert main(["ipd", "check", str(folder / "x.harmonised.csv")]) == 0
    assert "2 participants of 1 trial, 0 errors, 4 warnings" in capsys.readouterr().out


def test_nothing_is_written_when_the_map_does_not_fit(folder, capsys):
    (folder / "map.yml").write_text(MAP.replace("2: control", "3: control"), encoding="utf-8")
    before = sorted(folder.iterdir())
    assert main(["ipd", "harmonise", str(folder / "map.yml"), str(folder / "x.sav")]) == 2
    assert "has no code for arm" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_a_bad_file(folder, capsys):
    (folder / "bad.csv").write_text("trial,arm,Surname\nt,lkcm,Example\n", encoding="utf-8")
    assert main(["ipd", "check", str(folder / "bad.csv")]) == 2
    out = capsys.readouterr().out
    assert "column-missing" in out and "column-identifies" in out and "Example" not in out
    assert main(["ipd", "check", "--json", str(folder / "bad.csv")]) == 2
    assert {item["rule"] for item in json.loads(capsys.readouterr().out)} >= {"column-missing"}
    assert main(["ipd", "check", str(folder / "none.csv")]) == 2
    assert "0 participants of 0 trials, 1 error, 0 warnings" in capsys.readouterr().out
