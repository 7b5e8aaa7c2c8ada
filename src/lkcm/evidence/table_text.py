"""A table as the text of its rows, so that rows are added without disturbing the others.

An added row goes to the end, a row in which cells change is written anew, every other row stays
as it was, byte for byte: the difference in a pull request shows what changed and nothing else.
"""

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TableText:
    r"""One CSV table as the text of its rows.

    Parameters
    ----------
    path : Path
        The file.
    columns : tuple of str
        The header, in the order of the file.
    rows : tuple of dict
        Column to cell, as text; an empty cell is ``""``.
    pieces : tuple of str
        The text of the header and of each row, line ends included: ``len(rows) + 1`` pieces.
    newline : str
        The line end of the file, ``"\n"`` or ``"\r\n"``.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    pieces: tuple[str, ...]
    newline: str

    def changed(
        self,
        added: Sequence[Mapping[str, str]] = (),
        edited: Mapping[int, Mapping[str, str]] | None = None,
    ) -> str:
        """Return the whole file with rows added at the end and cells changed in old rows.

        Parameters
        ----------
        added : sequence of mappings
            New rows, column to cell; a column that is not named is empty, a cell of a column
            that the table does not have is left out.
        edited : mapping, optional
            Index of an old row to the cells to set in it.

        Returns
        -------
        str
            Text of the file; rows that are neither added nor edited are as they were read.
        """
        pieces = list(self.pieces)
        for index, cells in (edited or {}).items():
            pieces[index + 1] = self._line({**self.rows[index], **cells})
        if added and not pieces[-1].endswith(("\n", "\r")):
            pieces[-1] += self.newline
        return "".join(pieces) + "".join(self._line(row) for row in added)

    def _line(self, row: Mapping[str, str]) -> str:
        line = io.StringIO()
        cells = [row.get(column, "") for column in self.columns]
        csv.writer(line, lineterminator=self.newline).writerow(cells)
        return line.getvalue()


def read_table(path: Path) -> TableText:
    """Read a CSV table together with the text of each of its rows.

    Parameters
    ----------
    path : Path
        A UTF-8 CSV file with a header.

    Returns
    -------
    TableText
        The rows and their text.

    Raises
    ------
    ValueError
        If the file is not UTF-8, is empty, is not well-formed CSV or has a row of another length
        than its header.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path.name} is not UTF-8 text (byte {error.start})") from error
    lines = io.StringIO(text, newline="").readlines()
    pieces, cells = [], []
    try:
        for row, piece in _records(lines):
            cells.append(row)
            pieces.append(piece)
    except csv.Error as error:
        raise ValueError(f"{path.name} is not well-formed CSV: {error}") from error
    if not cells:
        raise ValueError(f"{path.name} is empty, a header is needed")
    columns = tuple(name.removeprefix("\ufeff") for name in cells[0])
    ragged = [str(n) for n, row in enumerate(cells[1:], 2) if len(row) != len(columns)]
    if ragged:
        raise ValueError(
            f"{path.name} has rows of another length than its header: row {', '.join(ragged[:5])}"
        )
    rows = tuple(dict(zip(columns, row, strict=True)) for row in cells[1:])
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    return TableText(path, columns, rows, tuple(pieces), newline)


def _records(lines: list[str]) -> Iterator[tuple[list[str], str]]:
    """Yield each CSV record with its own text; blank lines belong to the record before them."""
    reader = csv.reader(lines, strict=True)
    start, before, waiting = 0, 0, None
    for row in reader:
        if row:
            if waiting is not None:
                yield waiting, "".join(lines[start:before])
                start = before
            waiting = row
        before = reader.line_num
    if waiting is not None:
        yield waiting, "".join(lines[start:])


def unused_ids(taken: Iterable[str], prefix: str, digits: int) -> Iterator[str]:
    """Yield unused identifiers: the prefix and a number after the highest in use.

    Parameters
    ----------
    taken : iterable of str
        Identifiers in use.
    prefix : str
        What comes before the number.
    digits : int
        Least number of digits.
    """
    numbers = (name.removeprefix(prefix) for name in taken if name.startswith(prefix))
    highest = max((int(n) for n in numbers if n.isdecimal()), default=0)
    return (f"{prefix}{n:0{digits}}" for n in itertools.count(highest + 1))
