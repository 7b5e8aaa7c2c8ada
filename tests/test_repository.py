"""What is in version control."""

import subprocess

import pytest

from lkcm.paths import ROOT

#: An edition holds every number and table of its book, 1 MB; nothing else comes near.
LARGEST_KB = 1500


def test_no_large_file_is_in_version_control():
    git = ["git", "-C", str(ROOT), "ls-files", "-z"]
    listed = subprocess.run(git, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a clone")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    sizes = {path.relative_to(ROOT): path.stat().st_size for path in paths if path.is_file()}
    assert {str(path): size for path, size in sizes.items() if size > 1000 * LARGEST_KB} == {}
