"""Read the map that says how one trial's file becomes the common data elements.

A map is YAML::

    file: neff2013.sav            # optional: what it was written for
    columns:
      participant: {from: code}
      arm: {from: group, recode: {1: lkcm, 2: control}}
      outcome_post: {from: scs_t2, range: [1, 5]}
      severity: {from: bdi_t1, range: [0, 63]}
      outcome_baseline: {from: dass_t1, range: [0, 42], reverse: true}
    constants: {trial: neff2013, comparator: passive, week_post: 8}
    drop: [birthday, remarks]     # every other column must be named, so that none goes silently
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from lkcm.ipd.elements import BY_NAME

_KEYS = {"file", "columns", "constants", "drop"}
_COLUMN_KEYS = {"from", "recode", "range", "reverse"}


class MapError(ValueError):
    """A map that cannot be used; ``args`` has one problem each."""


@dataclass(frozen=True)
class Column:
    """How one element is made from a column of the file.

    Attributes
    ----------
    element, source : str
        Name of the element, and of the column.
    recode : mapping of str to str, or None
        Values as written -> values of the element. A value that it does not name is an error.
    scale : tuple of two floats, or None
        Lowest and highest possible score of the instrument: brought to 0 and 100.
    reverse : bool
        Whether a high score is a bad one, and the scale is turned.
    """

    element: str
    source: str
    recode: Mapping[str, str] | None = None
    scale: tuple[float, float] | None = None
    reverse: bool = False


@dataclass(frozen=True)
class Map:
    """How a file becomes the common data elements.

    Attributes
    ----------
    columns : tuple of Column
        Elements that are made from columns.
    constants : mapping of str to str
        Elements that have one value in the whole file.
    drop : tuple of str
        Columns that are left out, by name.
    """

    columns: tuple[Column, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()


def read_map(path: Path) -> Map:
    """Read a map.

    Parameters
    ----------
    path : Path
        YAML in UTF-8.

    Returns
    -------
    Map

    Raises
    ------
    MapError
        The file cannot be read, or with every problem of its content.
    """
    path = Path(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise MapError(f"{path.name}: cannot be read as YAML: {reason}") from None
    if not isinstance(content, dict) or not isinstance(content.get("columns"), dict):
        raise MapError(f"{path.name}: found no mapping `columns:`; the dictionary lists elements")
    problems = [
        f"unknown key {key!r}; allowed: {', '.join(sorted(_KEYS))}"
        for key in content
        if key not in _KEYS
    ]
    columns = []
    for element, how in content["columns"].items():
        how = {"from": how} if isinstance(how, str) else how
        found = _column_problems(element, how)
        problems += found
        if not found:
            columns.append(_column(element, how))
    constants, drop = content.get("constants") or {}, content.get("drop") or []
    problems += _other_problems(columns, constants, drop)
    if problems:
        raise MapError(*(f"{path.name}: {text}" for text in problems))
    return Map(
        tuple(columns),
        {name: str(value) for name, value in constants.items()},
        tuple(str(name) for name in drop),
    )


def _column(element: str, how: Mapping) -> Column:
    recode = how.get("recode")
    return Column(
        element,
        str(how["from"]),
        None if recode is None else {str(old): str(new) for old, new in recode.items()},
        tuple(float(end) for end in how["range"]) if "range" in how else None,
        bool(how.get("reverse", False)),
    )


def _column_problems(element: object, how: object) -> list[str]:
    if element not in BY_NAME:
        return [f"columns: {element!r} is no common data element"]
    if not isinstance(how, dict) or "from" not in how:
        return [f"columns: {element}: found {how!r}; allowed: {{from: COLUMN, …}}"]
    problems = [
        f"columns: {element}: unknown key {key!r}; allowed: {', '.join(sorted(_COLUMN_KEYS))}"
        for key in how
        if key not in _COLUMN_KEYS
    ]
    if "recode" in how and not isinstance(how["recode"], dict):
        problems.append(f"columns: {element}: recode must be a mapping of values to values")
    if "range" in how:
        ends = how["range"]
        fine = isinstance(ends, list) and len(ends) == 2
        fine = fine and all(isinstance(end, int | float) for end in ends) and ends[0] < ends[1]
        if not fine:
            problems.append(f"columns: {element}: range is {ends!r}; allowed: [lowest, highest]")
        if BY_NAME[element].high != 100:
            problems.append(f"columns: {element}: range is only for scores (0 to 100)")
    if how.get("reverse") and "range" not in how:
        problems.append(f"columns: {element}: reverse needs the range of the instrument")
    return problems


def _other_problems(columns: list[Column], constants: object, drop: object) -> list[str]:
    problems = []
    if not isinstance(constants, dict):
        return ["constants must be a mapping of elements to values"]
    for name in constants:
        if name not in BY_NAME:
            problems.append(f"constants: {name!r} is no common data element")
        if name in {column.element for column in columns}:
            problems.append(f"constants: {name} is among the columns too")
    if not isinstance(drop, list):
        problems.append("drop must be a list of columns")
    return problems
