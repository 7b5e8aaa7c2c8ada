import io
import json
import os
import tarfile

import pytest

from lkcm.editions.record import to_json
from lkcm.editions.site import assemble, digest, pack, unpack
from lkcm.editions.version import EditionError


@pytest.fixture
def places(tmp_path):
    site, editions, assets = (tmp_path / name for name in ("site", "editions", "assets"))
    for folder in (editions, assets):
        folder.mkdir()
    return site, editions, assets


def edition(folder, words, chapter=True):
    (folder / "chapters").mkdir(parents=True)
    (folder / "index.html").write_text(f"<html>{words}</html>")
    if chapter:
        (folder / "chapters" / "mood.html").write_text(f"<html>mood {words}</html>")
    return folder


def store(editions, record, folder):
    content = to_json(record | {"site_sha256": digest(folder)})
    (editions / f"{record['version']}.json").write_text(content)


def content(site):
    return {p.relative_to(site): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def test_editions_menu_archive_and_pointer(tmp_path, places, old, new):
    site, editions, assets = places
    first = edition(tmp_path / "a" / "2026.10", "<one>", chapter=False)
    second = edition(tmp_path / "b" / "2026.11", "two")
    store(editions, old, first)
    assert assemble(site, editions, assets, [("2026.10", first)]) == ["2026.10"]
    store(editions, new, second)
    assert assemble(site, editions, assets, [("2026.11", second)]) == ["2026.10", "2026.11"]
    assert (site / "2026.10" / "index.html").read_text() == "<html><one></html>"
    menu = (site / "editions.js").read_text().removeprefix("window.LKCM_EDITIONS = ")
    assert json.loads(menu.rstrip(";\n")) == [
        {
            "version": "2026.11",
            "date": "2026-11-20",
            "pages": ["chapters/mood.html", "index.html"],
        },
        {"version": "2026.10", "date": "2026-10-05", "pages": ["index.html"]},
    ]
    archive = (site / "editions.html").read_text()
    assert "<script" not in archive
    assert archive.index("2026.11/index.html") < archive.index("2026.10/index.html")
    assert 'last search <time datetime="2026-10-01">' in archive
    assert "url=2026.11/index.html" in (site / "index.html").read_text()
    pointer = (site / "latest" / "chapters" / "mood.html").read_text()
    assert "url=../../2026.11/chapters/mood.html" in pointer


def test_a_stored_edition_comes_back_as_it_was(tmp_path, places, old):
    site, editions, assets = places
    folder = edition(tmp_path / "a" / "2026.10", "one")
    store(editions, old, folder)
    archive = pack(folder)
    os.utime(folder / "index.html", (0, 0))
    assert pack(folder) == archive
    (assets / "2026.10.tar.gz").write_bytes(archive)
    assemble(site, editions, assets)
    assert digest(site / "2026.10") == digest(folder)


def test_what_is_missing_or_changed_leaves_the_site_as_it_was(tmp_path, places, old, new):
    site, editions, assets = places
    folder = edition(tmp_path / "a" / "2026.10", "one")
    store(editions, old, folder)
    assemble(site, editions, assets, [("2026.10", folder)])
    before = content(site)
    store(editions, new, folder)
    with pytest.raises(EditionError, match=r"2026\.11 is neither in .* nor as 2026\.11\.tar\.gz"):
        assemble(site, editions, assets)
    altered = edition(tmp_path / "b" / "2026.11", "altered")
    with pytest.raises(EditionError, match="not what was released"):
        assemble(site, editions, assets, [("2026.11", altered)])
    assert content(site) == before
    assert [path.name for path in site.parent.iterdir() if path.name.startswith(".site")] == []


def test_no_edition_is_said(places):
    with pytest.raises(EditionError, match="lkcm release"):
        assemble(*places)


@pytest.mark.parametrize("name", ["../outside.html", "2026.11/../x.html", "other/index.html"])
def test_an_archive_stays_in_its_folder(tmp_path, name):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    asset = tmp_path / "2026.11.tar.gz"
    asset.write_bytes(plain.getvalue())
    with pytest.raises(EditionError, match="does not belong"):
        unpack(asset, "2026.11", tmp_path / "site")


def test_a_broken_archive_is_said(tmp_path):
    asset = tmp_path / "2026.11.tar.gz"
    asset.write_bytes(b"no archive")
    with pytest.raises(EditionError, match="cannot be unpacked"):
        unpack(asset, "2026.11", tmp_path)


def test_the_draft_of_the_main_branch_stays(tmp_path, places, old):
    site, editions, assets = places
    folder = edition(tmp_path / "a" / "2026.10", "one")
    store(editions, old, folder)
    edition(site / "draft", "draft")
    assemble(site, editions, assets, [("2026.10", folder)])
    assert (site / "draft" / "index.html").is_file()
