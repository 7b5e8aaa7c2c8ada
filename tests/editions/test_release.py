"""Releases of a small review, refused, made, repeated, and killed at any moment."""

import json
import os
import random
import signal
import subprocess
import time

import pytest

from lkcm.editions.record import read
from lkcm.editions.release import changelog, validated
from lkcm.editions.site import digest

pytestmark = pytest.mark.slow


def content(folder):
    """Every file of a folder with its bytes; {} where the folder is not there."""
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def run(review, version):
    return subprocess.run(**review.release(version), capture_output=True)


@pytest.fixture(scope="module")
def first(review):
    """The first edition, committed."""
    made = run(review, "2026.10")
    assert made.returncode == 0, made.stdout + made.stderr
    review.commit()
    return review


def test_the_first_edition_is_frozen_stamped_and_stored(first):
    record = read(first.data / "editions", "2026.10")
    site = first.root / "site"
    assert record["site_sha256"] == digest(site / "2026.10")
    assert record["results"]["pages"]["mood"]["values"]["k_passive"]["value"] >= 1
    assert "what-changed" not in record["results"]["pages"]
    page = (site / "2026.10" / "chapters" / "mood.html").read_text("utf-8")
    assert "Edition 2026.10" in page
    assert f"commit {record['commit'][:12]}" in page
    assert "../editions.js" in page
    front = (site / "2026.10" / "index.html").read_text("utf-8")
    assert "There is nothing to compare yet" in front
    assert (first.root / "assets" / "2026.10.tar.gz").is_file()
    citation = (first.root / "CITATION.cff").read_text("utf-8")
    assert 'version: "2026.10"' in citation
    assert "date-released: 2026-11-20" in citation
    zenodo = json.loads((first.root / ".zenodo.json").read_text("utf-8"))
    assert zenodo["version"] == "2026.10"


@pytest.mark.parametrize(
    ("version", "words"),
    [
        pytest.param("2026.10", "released editions are immutable", id="again"),
        pytest.param("2026.09", "not newer than the last edition, 2026.10", id="older"),
        pytest.param("1.0", "YYYY.MM", id="no calendar version"),
    ],
)
def test_versions_that_are_refused(first, version, words):
    before = content(first.root / "site")
    refused = first.lkcm("release", version)
    assert refused.returncode == 2
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr
    assert content(first.root / "site") == before


def test_a_dirty_tree_is_refused(first):
    stray = first.root / "notes.txt"
    stray.write_text("not committed")
    refused = first.lkcm("release", "2026.11")
    stray.unlink()
    assert refused.returncode == 2
    assert "the tree is dirty" in refused.stderr
    assert "notes.txt" in refused.stderr


def test_a_moved_headline_needs_its_reason(first):
    site = content(first.root / "site")
    effects = first.data / "effects.csv"
    text = effects.read_text("utf-8")
    effects.write_text(text.replace(",10,5,13,5,", ",10,5,15,5,"), "utf-8")
    first.commit()
    refused = run(first, "2026.11")
    assert refused.returncode == 1
    assert "CHANGELOG.md does not say why" in refused.stderr
    assert "mood, estimate_passive" in refused.stderr
    assert content(first.root / "site") == site
    log = first.root / "CHANGELOG.md"
    told = "\n## 2026.11\n\n- mood: a mean was misread.\n"
    log.write_text(log.read_text("utf-8") + told, "utf-8")
    first.commit()
    made = run(first, "2026.11")
    assert made.returncode == 0, made.stdout + made.stderr
    first.commit()
    page = (first.root / "site/2026.11/chapters/what-changed.html").read_text("utf-8")
    assert "alpha1999-1" in page
    assert "1 estimate moved" in page
    now = content(first.root / "site")
    assert {path: now[path] for path in site if path.parts[0] == "2026.10"} == {
        path: data for path, data in site.items() if path.parts[0] == "2026.10"
    }
    told = first.lkcm("diff", "2026.10", "2026.11").stdout
    assert "mean_c: 13 -> 15" in told
    assert "mood, estimate_passive" in told
    assert first.lkcm("diff", "2026.11", "2026.11").stdout.startswith("Nothing changed")


def test_a_release_can_be_repeated_byte_for_byte(first, tmp_path):
    """Results are the same bytes, pages too but for the declared stamps."""
    again = first.root / "_build" / "release"
    record = read(first.data / "editions", "2026.11")
    subprocess.run(["rm", "-rf", str(again)], check=True)
    stamp = f"2026.11@{record['commit']}"
    (first.data / "editions" / "2026.11.json").rename(tmp_path / "2026.11.json")
    code = "import sys; from lkcm.book.driver import build; from pathlib import Path\n"
    code += "sys.exit(build(Path('data'), Path('_build/release'), 2, stamp=sys.argv[1]))"
    built = subprocess.run(**first.command("-c", code, stamp), capture_output=True)
    (tmp_path / "2026.11.json").rename(first.data / "editions" / "2026.11.json")
    assert built.returncode == 0, built.stderr
    assert json.loads((again / "results.json").read_text("utf-8")) == record["results"]
    assert digest(again / "html") == record["site_sha256"]


def test_kill_at_ten_moments_leaves_the_site_as_it_was(first):
    version = "2026.12"
    before = content(first.root / "site")
    for moment in random.Random(11).sample(range(2, 100), 10):
        if (first.root / "site" / version).exists():
            break
        process = subprocess.Popen(
            **first.release(version),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moment / 10)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if not (first.root / "site" / version).exists():
            assert content(first.root / "site") == before
    if not (first.root / "site" / version).exists():
        made = run(first, version)
        assert made.returncode == 0, made.stdout + made.stderr
    record = read(first.data / "editions", version)
    assert digest(first.root / "site" / version) == record["site_sha256"]
    first.commit()


def test_the_site_is_assembled_from_stored_editions(first):
    site = first.root / "site"
    before = content(site)
    site.rename(first.root / "elsewhere")
    made = first.lkcm("site")
    assert made.returncode == 0, made.stderr
    assert content(site) == before
    stored = first.root / "assets" / "2026.10.tar.gz"
    kept = stored.read_bytes()
    subprocess.run(["rm", "-rf", str(site)], check=True)
    stored.unlink()
    refused = first.lkcm("site")
    assert refused.returncode == 2
    assert "2026.10 is neither in" in refused.stderr
    assert not site.exists()
    stored.write_bytes(kept)
    assert first.lkcm("site").returncode == 0


def test_nbval_decides(tmp_path, monkeypatch):
    """A stored output that the code no longer gives is found and shown."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output, writes

    def notebook(stored):
        told = new_output("stream", name="stdout", text=stored)
        tags = {"tags": ["nbval-check-output"]}
        cell = new_code_cell("print(1 + 1)", outputs=[told], execution_count=1, metadata=tags)
        kernel = {"name": "python3", "display_name": "Python 3"}
        content = new_notebook(cells=[cell], metadata={"kernelspec": kernel})
        (tmp_path / "notebooks" / "sum.ipynb").write_text(writes(content))

    (tmp_path / "notebooks").mkdir()
    notebook("2\n")
    assert validated(tmp_path) == ""
    notebook("3\n")
    assert "sum.ipynb" in validated(tmp_path)


def test_the_changelog_is_read_by_heading(tmp_path):
    log = tmp_path / "CHANGELOG.md"
    log.write_text(
        "# Log\n\n## 2026.11.1\n\n- b\n\n## 2026.11 (November)\n\n- a\n\n## 2026.10\n\n- c\n"
    )
    assert changelog(log, "2026.11").strip() == "- a"
    assert changelog(log, "2026.11.1").strip() == "- b"
    assert changelog(log, "2026.10").strip() == "- c"
    assert changelog(log, "2026.09") == ""
