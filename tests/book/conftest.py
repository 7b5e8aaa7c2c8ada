"""A checkout of one's own to build books in, so that no test touches the real one."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from lkcm.paths import ROOT

PARTS = ("src", "book", "notebooks", "data", "Snakefile", "_config.yml", "_toc.yml")


@dataclass(frozen=True)
class Checkout:
    """A copy of the review, with the commands that a person would give in it."""

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(self.root / "src")}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "lkcm.cli", *arguments]

    def book(self, data: Path | None = None, out: Path | None = None):
        """Build the book as `make book DATA=… OUT=…` does."""
        arguments = ["--data", str(data or self.root / "data"), "--out", str(out or self.out)]
        return subprocess.run(
            self.command("book", "--cores", "2", *arguments),
            env=self.environment,
            cwd=self.root,
            capture_output=True,
            text=True,
        )

    @property
    def out(self) -> Path:
        return self.root / "_build"

    @property
    def html(self) -> Path:
        return self.out / "html"

    def results(self, out: Path | None = None) -> dict:
        return json.loads(((out or self.out) / "results.json").read_text(encoding="utf-8"))


def copy_of_the_checkout(target: Path) -> Checkout:
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            skip = shutil.ignore_patterns("__pycache__", "*.egg-info", ".ipynb_checkpoints")
            shutil.copytree(source, target / part, ignore=skip)
        else:
            shutil.copy2(source, target / part)
    return Checkout(target)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory) -> Checkout:
    """A built book; tests that change it put back what they changed."""
    found = copy_of_the_checkout(tmp_path_factory.mktemp("checkout"))
    built = found.book()
    assert built.returncode == 0, built.stdout + built.stderr
    return found


@pytest.fixture
def changed(checkout):
    """Change files of the checkout for one test: `changed(path, old, new)`."""
    kept = {}

    def change(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{path.name} does not hold {old!r}"
        kept.setdefault(path, text)
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    yield change
    for path, text in kept.items():
        path.write_text(text, encoding="utf-8")
