"""Read files of participants: CSV, Parquet, SPSS and Stata."""

from pathlib import Path

import pandas as pd

#: File endings that are read.
FORMATS = (".csv", ".parquet", ".sav", ".zsav", ".dta")


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
        The file is missing, of another kind, damaged or empty, or its reader is not installed.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise UnreadableFile(f"{path.name}: found {ending or 'no ending'}; allowed: {_formats()}")
    if not path.is_file():
        raise UnreadableFile(f"{path.name}: there is no such file")
    try:
        frame = _read(path, ending)
    except ImportError:
        raise UnreadableFile(
            f"{path.name}: reading Parquet needs pyarrow (pip install 'lkcm[parquet]')"
        ) from None
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
        return pd.read_parquet(path)
    import pyreadstat

    read = pyreadstat.read_dta if ending == ".dta" else pyreadstat.read_sav
    return read(str(path), apply_value_formats=False)[0]
