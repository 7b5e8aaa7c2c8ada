"""Load evidence tables: typed, checked, and only those that a chapter declares."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import pandas as pd

from lkcm.evidence.check import default_folder, inspect
from lkcm.evidence.problems import ERROR, Problem, format_problems
from lkcm.evidence.schemas import TABLES
from lkcm.evidence.typed import Table


class EvidenceError(ValueError):
    """The evidence does not pass its checks; the message is the table of problems.

    Attributes
    ----------
    problems : list of Problem
        The errors.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("the evidence does not pass its checks\n" + format_problems(problems))


class UndeclaredTable(LookupError):
    """A table was asked for that the chapter does not declare."""


@dataclass(frozen=True)
class Evidence:
    """The evidence tables of a folder.

    Attributes
    ----------
    folder : pathlib.Path
        Where the tables are.
    tables : tuple of str
        The declared tables, in data-flow order.
    warnings : tuple of Problem
        What does not stop a build, such as a mean without its SD.
    """

    folder: Path
    tables: tuple[str, ...]
    warnings: tuple[Problem, ...] = field(repr=False)
    _sources: Mapping[str, Table] = field(repr=False, compare=False)

    @classmethod
    def load(cls, folder: Path | str | None = None, tables: Iterable[str] | None = None) -> Self:
        """Load and check tables.

        Text is NaN where nothing is stated; numbers are float64, counts included; years are
        Int64. Columns that the file does not have are added: empty, or as the data dictionary
        says (`not-stated`, say). Columns that no schema knows are kept as text, last.

        Parameters
        ----------
        folder : path, optional
            By default the environment variable LKCM_DATA, else the repository's `data`.
        tables : iterable of str, optional
            The declared tables; by default the environment variable LKCM_TABLES (names
            separated by spaces), else all.

        Returns
        -------
        Evidence

        Raises
        ------
        EvidenceError
            If a declared table does not pass its checks.
        ValueError
            If a declared table is none of the evidence tables.
        """
        folder = Path(folder) if folder is not None else default_folder()
        names = _declared(tables)
        inspection = inspect(folder, names)
        errors = [p for p in inspection.problems if p.level == ERROR]
        if errors:
            raise EvidenceError(errors)
        sources = {name: inspection.tables[name] for name in names}
        return cls(folder, names, tuple(inspection.problems), sources)

    def table(self, name: str) -> pd.DataFrame:
        """Return a copy of a declared table, without rows where its file is not there.

        Parameters
        ----------
        name : str
            A declared table.

        Returns
        -------
        pandas.DataFrame
            One row a line of the file, all columns of the schema.

        Raises
        ------
        UndeclaredTable
            If the table is not declared.
        """
        return self.source(name).frame.copy()

    def source(self, name: str) -> Table:
        """Return a declared table as it was loaded: not to be changed.

        In a process, the same bytes give the same object, so that what is made from it can be
        kept.

        Raises
        ------
        UndeclaredTable
            If the table is not declared.
        """
        self._require(name)
        return self._sources[name]

    def has(self, name: str) -> bool:
        """Tell whether a declared table has at least one row.

        Raises
        ------
        UndeclaredTable
            If the table is not declared.
        """
        return len(self.source(name).frame) > 0

    def hash(self, *names: str) -> str:
        """Return the first twelve digits of the SHA-256 of tables as they are on disk.

        Parameters
        ----------
        *names : str
            Declared tables; all of them if none is named. The log of corrections counts too.

        Raises
        ------
        UndeclaredTable
            If a table is not declared.
        """
        for name in names:
            self._require(name)
        digest = hashlib.sha256()
        for name in TABLES:
            path = self.folder / f"{name}.csv"
            if name in (names or self.tables) or name == "corrections":
                data = path.read_bytes() if path.is_file() else b""
                digest.update(f"{name} {len(data)}\n".encode() + data)
        return digest.hexdigest()[:12]

    def _require(self, name: str) -> None:
        """Refuse a table that is not declared."""
        if name in self.tables:
            return
        if name not in TABLES:
            raise UndeclaredTable(
                f"there is no table {name!r}; the tables are {', '.join(TABLES)}"
            )
        raise UndeclaredTable(
            f"the table {name!r} is not declared (declared: {', '.join(self.tables) or 'none'}); "
            "declare it in chapters.yml"
        )


def load(folder: Path | str | None = None, tables: Iterable[str] | None = None) -> Evidence:
    """Load and check tables, as :meth:`Evidence.load`."""
    return Evidence.load(folder, tables)


def _declared(tables: Iterable[str] | None) -> tuple[str, ...]:
    """Put the declared tables in data-flow order."""
    if tables is None:
        named = os.environ.get("LKCM_TABLES")
        tables = TABLES if named is None else named.split()
    wanted = [tables] if isinstance(tables, str) else list(tables)
    unknown = [name for name in wanted if name not in TABLES]
    if unknown:
        raise ValueError(f"no such tables: {', '.join(unknown)}; choose from {', '.join(TABLES)}")
    return tuple(name for name in TABLES if name in wanted)
