"""Read files of participants: CSV, Parquet, SPSS and Stata."""

import re
from pathlib import Path

import pandas as pd

#: File endings that are read.
FORMATS = (".csv", ".parquet", ".sav", ".zsav", ".dta")
#: Types of pandas that hold DuckDB's with their missing values; what is not here stays an object,
#: decimals become float64.
_TYPES = {
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), "Int64"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER"), "Int64"),
    "UBIGINT": "UInt64",
    "FLOAT": "float32",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "VARCHAR": "str",
}


class UnreadableFile(ValueError):
    """A file of participants that cannot be read, with the reason in words."""


def read_table(path: Path) -> pd.DataFrame:
    """Read a table as it stands.

    Parameters
    ----------
    path : Path
        CSV (UTF-8, commas), Parquet, SPSS ``.sav`` or ``.zsav``, or Stata ``.dta``. Codes are
        read as codes, not as their labels: the map says what they mean.

    Returns
    -------
    DataFrame
        One row a participant. Cells of a CSV are text, empty ones missing.

    Raises
    ------
    UnreadableFile
        The file is missing, of another kind, damaged or empty, or has lists within cells.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise UnreadableFile(f"{path.name}: found {ending or 'no ending'}; allowed: {_formats()}")
    if not path.is_file():
        raise UnreadableFile(f"{path.name}: there is no such file")
    try:
        frame = _read(path, ending)
    except Exception as error:  # each reader has errors of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableFile(f"{path.name}: cannot be read as {ending}: {reason}") from None
    if frame.empty:
        raise UnreadableFile(f"{path.name}: no participants; allowed: one row a participant")
    return frame


def _formats() -> str:
    return ", ".join(FORMATS)


def _read(path: Path, ending: str) -> pd.DataFrame:
    if ending == ".csv":
        # A repeated heading must reach the checks as it is; pandas would rename it.
        raw = pd.read_csv(
            path, dtype=str, header=None, keep_default_na=False, na_values=[""], encoding="utf-8"
        )
        frame = raw.iloc[1:].reset_index(drop=True)
        frame.columns = [str(name).strip() for name in raw.iloc[0]]
        return frame
    if ending == ".parquet":
        return _read_parquet(path)
    import pyreadstat

    read = pyreadstat.read_dta if ending == ".dta" else pyreadstat.read_sav
    return read(str(path), apply_value_formats=False)[0]


def _read_parquet(path: Path) -> pd.DataFrame:
    """Read Parquet by DuckDB: pyarrow would change how pandas stores text everywhere else."""
    import duckdb

    this = re.sub(r"([*?[])", r"[\1]", str(path.resolve()))  # a file's name is no pattern
    with duckdb.connect(":memory:", config={"threads": 1}) as base:
        schema = base.execute("SELECT name, num_children FROM parquet_schema(?)", [this])
        columns = schema.fetchall()[1:]
        nested = [name for name, children in columns if children]
        if nested:
            raise ValueError(f"column {nested[0]} holds lists or records; allowed: plain values")
        table = base.read_parquet(this, binary_as_string=True, hive_partitioning=False)
        types = ["float64" if str(t)[:7] == "DECIMAL" else _TYPES.get(str(t)) for t in table.types]
        cells = list(zip(*table.fetchall(), strict=True)) or [()] * len(types)
    # DuckDB would rename a heading that comes twice; the checks must see it.
    series = [pd.Series(c, dtype=t or object) for c, t in zip(cells, types, strict=True)]
    frame = pd.concat(series, axis=1) if series else pd.DataFrame()
    return frame.set_axis([name for name, _ in columns], axis=1)
