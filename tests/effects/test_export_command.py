import pandas as pd
import pytest

from lkcm.cli import main
from lkcm.paths import ROOT

OTHER = ROOT / "tests" / "data" / "other-review"


@pytest.mark.parametrize("form", ["metapsy", "metafor", "csv"])
def test_a_table_is_written(form, tmp_path, capsys):
    out = tmp_path / "effects.csv"
    assert main(["export", "--format", form, "--data", str(OTHER), "--out", str(out)]) == 0
    separators = {"sep": ";", "decimal": ","} if form == "metapsy" else {}
    table = pd.read_csv(out, **separators)
    assert len(table) > 0
    assert f"{len(table)} rows" in capsys.readouterr().out


def test_without_a_file_the_table_is_printed(capsys):
    assert main(["export", "--format", "metafor", "--data", str(OTHER)]) == 0
    assert capsys.readouterr().out.startswith("study,effect_id,")


def test_evidence_that_does_not_pass_writes_nothing(tmp_path, capsys):
    (tmp_path / "trials.csv").write_text("trial_id,title,year\na,First,20x0\n")
    (tmp_path / "effects.csv").write_text("effect_id,trial_id,outcome\na-1,a,stress\n")
    out = tmp_path / "out.csv"
    assert main(["export", "--format", "csv", "--data", str(tmp_path), "--out", str(out)]) == 2
    assert "20x0" in capsys.readouterr().err
    assert not out.exists()


def test_an_empty_folder_is_told(tmp_path, capsys):
    assert main(["export", "--format", "csv", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_told(tmp_path, capsys):
    out = tmp_path / "no folder" / "effects.csv"
    assert main(["export", "--format", "csv", "--data", str(OTHER), "--out", str(out)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_an_unknown_format_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["export", "--format", "stata"])
    assert stop.value.code == 2
    assert "metapsy" in capsys.readouterr().err
