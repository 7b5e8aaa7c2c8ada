import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyreadstat
import pytest

from lkcm.cli import main
from lkcm.ipd.check import check_file
from lkcm.ipd.files import UnreadableFile, read_table

FRAME = pd.DataFrame({"code": ["p1", "p2"], "group": [1.0, 2.0], "scs": [2.5, None]})


def test_spss_and_stata(tmp_path):
    pyreadstat.write_sav(
        FRAME, str(tmp_path / "x.sav"), variable_value_labels={"group": {1: "LKM"}}
    )
    pyreadstat.write_dta(FRAME, str(tmp_path / "x.dta"))
    for name in ("x.sav", "x.dta"):
        read = read_table(tmp_path / name)
        pd.testing.assert_frame_equal(read, FRAME, check_dtype=False)


def test_csv_cells_are_text(tmp_path):
    (tmp_path / "x.csv").write_text("code,n\n007,\n", encoding="utf-8")
    read = read_table(tmp_path / "x.csv")
    assert read["code"].tolist() == ["007"] and read["n"].isna().all()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.xlsx", b"", "allowed: .csv"),
        ("none.csv", None, "no such file"),
        ("x.csv", b"a,b\n", "no participants"),
        ("x.csv", b"\xff\xfe\x00", "cannot be read as .csv"),
        ("x.csv", b"", "cannot be read as .csv"),
        ("x.sav", b"not a file of SPSS", "cannot be read as .sav"),
        ("x.parquet", b"PAR1", "cannot be read as .parquet"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=says):
        read_table(tmp_path / name)


PARQUET = Path(__file__).parents[1] / "data" / "parquet"
#: Writers and their choices: see make.py beside the files.
WRITERS = ("arrow", "pandas", "newer")
MAP = """
columns:
  participant: code
  arm: {from: group, recode: {1: lkcm, 2: control}}
  gender: {from: sex, recode: {f: woman, m: man}}
  age: years
  cluster: class
  outcome_baseline: {from: scs_t1, range: [1, 5]}
  outcome_post: {from: scs_t2, range: [1, 5]}
  worsening: {from: event, recode: {true: "yes", false: "no"}}
constants: {trial: t, week_post: 8}
drop: [visit]
"""


@pytest.mark.parametrize("writer", WRITERS)
def test_parquet_is_read_as_it_was_written(writer):
    read = read_table(PARQUET / f"{writer}.parquet")
    assert read["code"].tolist() == [f"p{i}" for i in range(1, 7)]
    assert pd.api.types.is_integer_dtype(read["group"]) and read["group"].sum() == 9
    assert read["visit"].iloc[0] == date(2020, 1, 7)
    for name, missing in {"visit": 1, "sex": 2, "years": 1, "class": 1, "event": 1}.items():
        assert read[name].isna().idxmax() == missing, name
    assert read["scs_t2"].isna().tolist() == [False, True, False, False, True, False]
    assert read["years"].sum() == 195 and read["class"].iloc[5] == ""


@pytest.mark.parametrize("writer", WRITERS)
def test_parquet_is_harmonised_and_checked_as_csv(writer, tmp_path, capsys):
    (tmp_path / "map.yml").write_text(MAP, encoding="utf-8")
    shutil.copy(PARQUET / f"{writer}.parquet", tmp_path / "x.parquet")
    assert main(["ipd", "harmonise", str(tmp_path / "map.yml"), str(tmp_path / "x.parquet")]) == 0
    made = (tmp_path / "x.harmonised.csv").read_text(encoding="utf-8")
    assert main(["ipd", "check", str(tmp_path / "x.harmonised.csv")]) == 0
    assert "6 participants of 1 trial, 0 errors" in capsys.readouterr().out
    text = read_table(PARQUET / "arrow.parquet").astype({"event": "str"})
    text["event"] = text["event"].str.lower()
    text.to_csv(tmp_path / "x.csv", index=False)
    (tmp_path / "map.yml").write_text(MAP.replace("true", '"true"').replace("false", '"false"'))
    assert main(["ipd", "harmonise", str(tmp_path / "map.yml"), str(tmp_path / "x.csv")]) == 0
    assert (tmp_path / "x.harmonised.csv").read_text(encoding="utf-8") == made


def test_harmonised_participants_go_through_parquet(tmp_path, good):
    """Every element, written uncompressed with missing cells, passes the same checks."""
    good.to_csv(tmp_path / "x.csv", index=False)
    inside, outside = (str(tmp_path / name) for name in ("x.csv", "x[1].parquet"))
    with duckdb.connect(":memory:") as base:
        base.execute(f"COPY '{inside}' TO '{outside}' (COMPRESSION uncompressed)")
    (one, told), (other, again) = check_file(inside), check_file(outside)
    pd.testing.assert_frame_equal(one, other)
    assert [p.rule for p in told] == [p.rule for p in again]
    assert main(["ipd", "check", outside]) == 0


def test_dates_in_parquet_identify(tmp_path):
    rules = {item.rule: item.column for item in check_file(PARQUET / "arrow.parquet")[1]}
    assert rules["value-identifies"] == "visit"


def test_a_parquet_heading_that_comes_twice_reaches_the_checks():
    assert read_table(PARQUET / "twice.parquet").columns.tolist() == ["age", "age"]


def test_lists_in_parquet_are_refused():
    with pytest.raises(UnreadableFile, match="column scores holds lists"):
        read_table(PARQUET / "lists.parquet")


def test_reading_parquet_leaves_pandas_as_it_is():
    """With pyarrow, pandas would keep all text in another way than the reference numbers did."""
    code = (
        "import sys; from pathlib import Path; from lkcm.ipd.files import read_table; "
        f"t = read_table(Path({str(PARQUET / 'arrow.parquet')!r})); "
        "sys.exit('pyarrow' in sys.modules or t['code'].dtype.storage != 'python')"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.parametrize("writer", WRITERS)
def test_damaged_parquet_is_said(writer, tmp_path):
    whole = (PARQUET / f"{writer}.parquet").read_bytes()
    random = np.random.default_rng(20240101)
    refused = 0
    for number in range(60):
        damaged = bytearray(whole)
        for place in random.integers(len(whole), size=random.integers(1, 6)):
            damaged[place] = random.integers(256)
        if number % 3 == 0:
            del damaged[random.integers(len(whole)) :]
        (tmp_path / "x.parquet").write_bytes(damaged)
        try:
            assert len(read_table(tmp_path / "x.parquet"))
        except UnreadableFile as error:
            assert str(error).startswith("x.parquet: ") and "\n" not in str(error)
            refused += 1
    assert refused > 30
