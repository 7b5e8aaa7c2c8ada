import pandas as pd
import pyreadstat
import pytest

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
    ],
)
def test_what_cannot_be_read_is_said(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableFile, match=says):
        read_table(tmp_path / name)


def test_parquet_says_what_it_needs(tmp_path, monkeypatch):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")

    def refuse(*_args, **_options):
        raise ImportError

    monkeypatch.setattr(pd, "read_parquet", refuse)
    with pytest.raises(UnreadableFile, match="pyarrow"):
        read_table(tmp_path / "x.parquet")
