"""Copies of the checkout to build books in, so that no test touches the real one."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from lkcm.paths import ROOT

#: What a book is made from.
PARTS = (
    *("src", "book", "notebooks", "data", "tests/oracles"),
    *("Snakefile", "_config.yml", "_toc.yml", "requirements.lock"),
)


def copy_parts(target: Path, parts: Iterable[str] = PARTS) -> Path:
    """Copy parts of the checkout into a folder and return the folder."""
    skip = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")
    for part in parts:
        source, copy = ROOT / part, target / part
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=skip)
        else:
            shutil.copy2(source, copy)
    return target
