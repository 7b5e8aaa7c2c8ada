"""Make an edition: refuse what is not ready, build, freeze, and put it on the site in one step."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lkcm.book.driver import build
from lkcm.editions.difference import Difference, difference
from lkcm.editions.record import Record, freeze, read, stored_versions, to_json
from lkcm.editions.site import assemble, digest, pack
from lkcm.editions.version import EditionError, order
from lkcm.paths import ROOT

#: What a release writes into the checkout; these may be there already, half done by a killed one.
WRITTEN = ("data/editions/{version}.json", "CITATION.cff", ".zenodo.json")


@dataclass(frozen=True)
class Places:
    """Where a release reads and writes.

    Attributes
    ----------
    root : Path
        The checkout.
    site, assets : Path
        The site of all editions, and where editions are stored whole.
    """

    root: Path = ROOT
    site: Path = ROOT / "site"
    assets: Path = ROOT / "assets"

    @property
    def data(self) -> Path:
        """The evidence folder."""
        return self.root / "data"

    @property
    def editions(self) -> Path:
        """The records of all editions."""
        return self.data / "editions"

    @property
    def scratch(self) -> Path:
        """Where the edition is built."""
        return self.root / "_build" / "release"


def validated(root: Path) -> str:
    """Run nbval over the notebooks; the words of what failed, empty if nothing did."""
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    both = ["-n", "2", "--dist", "loadscope"]
    command = [sys.executable, "-m", "pytest", "-q", *both, "--nbval-lax", *map(str, notebooks)]
    hidden = ("LKCM_DATA", "LKCM_TABLES", "LKCM_RESULTS")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    found = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    return "" if found.returncode == 0 else found.stdout[-2000:]


def release(
    version: str,
    places: Places | None = None,
    *,
    cores: int = 2,
    today: str | None = None,
    validate: Callable[[Path], str] = validated,
) -> Record:
    """Release an edition.

    Parameters
    ----------
    version : str
        Calendar version, newer than all that are stored.
    places : Places, optional
        By default those of this checkout.
    cores : int
        Cores for the build.
    today : str, optional
        Day of the release, YYYY-MM-DD; by default that of the clock, in UTC.
    validate : callable
        Takes the checkout and returns what is wrong with the notebooks' stored outputs.

    Returns
    -------
    dict
        The record that was written to ``data/editions``.

    Raises
    ------
    EditionError
        With the reason when the release is refused. Site and stored editions are then as they
        were.
    """
    places = places or Places()
    before = _refuse_early(version, places)
    commit = _git(places.root, "rev-parse", "HEAD").strip()
    shutil.rmtree(places.scratch / version, ignore_errors=True)
    if build(places.data, places.scratch, cores, stamp=f"{version}@{commit}") != 0:
        raise EditionError("the book cannot be built: see above")
    results = json.loads((places.scratch / "results.json").read_text(encoding="utf-8"))
    today = today or datetime.now(UTC).date().isoformat()
    lock = places.root / "requirements.lock"
    record = freeze(places.data, results, lock, version=version, date=today, commit=commit)
    if before is not None:
        _refuse_unexplained(difference(before, record), version, places.root)
    wrong = validate(places.root)
    if wrong:
        raise EditionError(f"the notebooks' stored outputs do not hold (nbval):\n{wrong}")
    edition = places.scratch / version
    shutil.copytree(places.scratch / "html", edition)
    record["site_sha256"] = digest(edition)
    _write(places, record, pack(edition))
    assemble(places.site, places.editions, places.assets, [(version, edition)])
    shutil.rmtree(edition)
    return record


def _refuse_early(version: str, places: Places) -> Record | None:
    """Refuse what can be seen before building; returns the record of the edition before."""
    asked = order(version)
    stored = [v for v in stored_versions(places.editions) if v != version]
    problems = []
    if (places.site / version).exists():
        problems.append(f"edition {version} is released; released editions are immutable")
    if stored and asked <= order(stored[-1]):
        problems.append(f"{version} is not newer than the last edition, {stored[-1]}")
    changed = _dirty(places.root, {path.format(version=version) for path in WRITTEN})
    if changed:
        listed = "\n  ".join(changed)
        problems.append(f"the tree is dirty; commit first:\n  {listed}")
    if f"data/editions/{version}.json" in _git(places.root, "ls-files", "data").splitlines():
        problems.append(f"data/editions/{version}.json is committed: choose another version")
    if problems:
        raise EditionError("\n".join(problems))
    return read(places.editions, stored[-1]) if stored else None


def _dirty(root: Path, written: set[str]) -> list[str]:
    lines = _git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    return [line for line in lines if line[3:] not in written]


def _refuse_unexplained(found: Difference, version: str, root: Path) -> None:
    """Refuse a release whose moved headlines the changelog does not explain."""
    told = changelog(root / "CHANGELOG.md", version)
    silent = [one for one in found.headlines if one.page not in told]
    if silent:
        lines = "\n".join(
            f"  {one.page}, {one.key}: {one.old or 'none'} -> {one.new or 'none'}"
            for one in silent
        )
        raise EditionError(
            f"headlines moved, and CHANGELOG.md does not say why: under a heading '## {version}', "
            f"name each page and the reason\n{lines}"
        )


def changelog(path: Path, version: str) -> str:
    """Return what the changelog says under the heading of a version; empty if it has none."""
    text = path.read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(version)}(?!\.?\d).*?$(.*?)(?=^## |\Z)", text, re.M | re.S)
    return found.group(1) if found else ""


def _write(places: Places, record: Record, archive: bytes) -> None:
    version = record["version"]
    places.editions.mkdir(exist_ok=True)
    places.assets.mkdir(exist_ok=True)
    _replace(places.assets / f"{version}.tar.gz", archive)
    _replace(places.editions / f"{version}.json", to_json(record).encode())
    citation = places.root / "CITATION.cff"
    text = citation.read_text(encoding="utf-8")
    text = _line(text, "version", f'"{version}"')
    text = _line(text, "date-released", record["date"])
    _replace(citation, text.encode())
    zenodo = places.root / ".zenodo.json"
    content = json.loads(zenodo.read_text(encoding="utf-8"))
    content |= {"version": version, "publication_date": record["date"]}
    _replace(zenodo, (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode())


def _line(text: str, key: str, value: str) -> str:
    """Set a top-level key of a YAML text, keeping all other lines as they are."""
    line = f"{key}: {value}"
    if re.search(rf"^{key}:", text, re.M):
        return re.sub(rf"^{key}:.*$", line, text, flags=re.M)
    return text.rstrip("\n") + f"\n{line}\n"


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)


def _git(root: Path, *arguments: str) -> str:
    found = subprocess.run(["git", "-C", root, *arguments], capture_output=True, text=True)
    if found.returncode:
        raise EditionError(f"git {' '.join(arguments)}: {found.stderr.strip()}")
    return found.stdout
