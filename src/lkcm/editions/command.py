"""``lkcm release``, ``lkcm diff`` and ``lkcm site``, as a person at the terminal meets them."""

import argparse
import sys
from pathlib import Path

from lkcm.editions.at_hand import draft
from lkcm.editions.difference import difference
from lkcm.editions.record import DRAFT, Record, read
from lkcm.editions.release import release
from lkcm.editions.site import assemble
from lkcm.editions.telling import report
from lkcm.editions.version import EditionError
from lkcm.evidence.load import EvidenceError


def release_command(args: argparse.Namespace) -> int:
    """Release an edition; says what to do next, or why it was refused (status 2)."""
    try:
        record = release(args.version, cores=args.cores)
    except (EditionError, EvidenceError) as error:
        return _refused(error)
    version = record["version"]
    print(f"edition {version}: site/{version}, stored whole as assets/{version}.tar.gz")
    print("next:")
    print("  git add data/editions CITATION.cff .zenodo.json")
    print(f"  git commit -m 'Edition {version}'")
    print(f"  git tag {version} {record['commit'][:12]} && git push --follow-tags")
    print(f"  gh release create {version} assets/{version}.tar.gz")
    return 0


def diff_command(args: argparse.Namespace) -> int:
    """Print what changed between two editions; status 2 if one is not there."""
    try:
        old, new = (_record(name, args.data, args.out) for name in (args.old, args.new))
    except (EditionError, EvidenceError) as error:
        return _refused(error)
    print("\n".join(report(difference(old, new))))
    return 0


def site_command(args: argparse.Namespace) -> int:
    """Assemble the site; status 2, and the site as it was, if an edition is not there."""
    try:
        versions = assemble(args.site, args.data / "editions", args.assets)
    except EditionError as error:
        return _refused(error)
    print(f"{args.site}: {', '.join(versions)}; latest is {versions[-1]}")
    return 0


def _record(name: str, data: Path, out: Path) -> Record:
    return draft(data, out / "results.json") if name == DRAFT else read(data / "editions", name)


def _refused(error: Exception) -> int:
    print(error, file=sys.stderr)
    return 2
