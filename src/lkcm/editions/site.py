"""The site of all editions: immutable folders, a menu, an archive page and a pointer to latest."""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Sequence
from html import escape
from pathlib import Path

from lkcm.book.publish import exchange
from lkcm.editions.record import Record, read, stored_versions
from lkcm.editions.version import EditionError

#: Files of the site that are made anew whenever an edition comes; editions themselves never are.
MENU, ARCHIVE, LATEST = "editions.js", "editions.html", "latest"

_REDIRECT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<link rel="canonical" href="{target}"><meta http-equiv="refresh" content="0; url={target}"></head>
<body><p><a href="{target}">{title}</a></p></body>
</html>
"""
_ARCHIVE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>All editions</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font-family: system-ui, sans-serif; line-height: 1.5; margin: 2rem auto; max-width: 46rem;
  padding: 0 1rem; }}
div {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border-bottom: 1px solid; padding: .4rem .8rem .4rem 0; text-align: left; }}
</style></head>
<body><main><h1>All editions</h1>
<p>Each edition stays as it was published. The newest is
<a href="{newest}/index.html">{newest}</a>.</p>
<div tabindex="0" role="region" aria-label="All editions"><table>
<thead><tr><th scope="col">Edition</th><th scope="col">Published</th>
<th scope="col">Last search</th><th scope="col">Evidence</th><th scope="col">Commit</th>
</tr></thead>
<tbody>
{rows}
</tbody></table></div>
</main></body>
</html>
"""


def pack(folder: Path) -> bytes:
    """Return a folder as a tar.gz archive: the same bytes for the same files.

    Parameters
    ----------
    folder : Path
        An edition; its name becomes the archive's top folder.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = tarfile.TarInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
                entry.size, entry.mode = path.stat().st_size, 0o644
                with path.open("rb") as content:
                    archive.addfile(entry, content)
    return gzip.compress(plain.getvalue(), compresslevel=6, mtime=0)


def unpack(asset: Path, version: str, site: Path) -> None:
    """Unpack the stored edition ``version`` into the folder ``site``.

    Raises
    ------
    EditionError
        If the archive holds anything outside a folder of that name, or cannot be read.
    """
    try:
        with tarfile.open(asset) as archive:
            outside = [m.name for m in archive.getmembers() if not _belongs(m, version)]
            if outside:
                raise EditionError(f"{asset}: {outside[0]!r} does not belong to {version}/")
            archive.extractall(site, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise EditionError(f"{asset}: cannot be unpacked ({error})") from None


def _belongs(member: tarfile.TarInfo, version: str) -> bool:
    parts = Path(member.name).parts
    return member.isfile() and parts[:1] == (version,) and ".." not in parts


def digest(folder: Path) -> str:
    """Return the SHA-256 of a folder's files, their names and contents."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = path.relative_to(folder).as_posix()
            found.update(f"{name}\0{len(content)}\0".encode() + content)
    return found.hexdigest()


def assemble(
    site: Path, editions: Path, assets: Path, added: Sequence[tuple[str, Path]] = ()
) -> list[str]:
    """Assemble the site from stored editions and put it in place in one step.

    Parameters
    ----------
    site : Path
        The site; what is there of released editions is kept, and verified.
    editions : Path
        Folder of records (``data/editions``).
    assets : Path
        Folder with ``VERSION.tar.gz`` for editions that are not in the site.
    added : sequence of (str, Path)
        Editions that have just been built, and where.

    Returns
    -------
    list of str
        The versions of the site, oldest first.

    Raises
    ------
    EditionError
        If there is no edition, one is neither in the site nor among the assets, or one is not
        what its record says. The site is then as it was.
    """
    versions = stored_versions(editions)
    if not versions:
        raise EditionError(f"no edition in {editions}; `lkcm release VERSION` makes the first")
    new = site.with_name(f".{site.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    records = [read(editions, version) for version in versions]
    problems = []
    for record in records:
        try:
            _place(record, site, assets, dict(added), new)
        except EditionError as error:
            problems.append(str(error))
    if problems:
        shutil.rmtree(new)
        raise EditionError("\n".join(problems))
    write_pointers(new, records)
    if (site / DRAFT).is_dir():
        shutil.copytree(site / DRAFT, new / DRAFT, copy_function=_link)
    exchange(new, site)
    shutil.rmtree(new, ignore_errors=True)
    return versions


#: Folder of the site for the book as it stands on the main branch.
DRAFT = "draft"


def _place(record: Record, site: Path, assets: Path, added: dict[str, Path], new: Path) -> None:
    version = record["version"]
    source = added.get(version, site / version)
    if source.is_dir():
        shutil.copytree(source, new / version, copy_function=_link)
    elif (assets / f"{version}.tar.gz").is_file():
        unpack(assets / f"{version}.tar.gz", version, new)
    else:
        raise EditionError(
            f"edition {version} is neither in {site} nor as {version}.tar.gz in {assets}; "
            "download it from the releases (an edition is stored whole, never rebuilt)"
        )
    if digest(new / version) != record["site_sha256"]:
        raise EditionError(f"edition {version} is not what was released: its files differ")


def _link(source: str, target: str) -> None:
    """Link a file that never changes; copy it where the file system cannot link."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def write_pointers(site: Path, records: Sequence[Record]) -> None:
    """Write menu, archive page and redirects to the newest edition.

    Parameters
    ----------
    site : Path
        Folder that holds the editions.
    records : sequence of dict
        Their records, oldest first.
    """
    newest = records[-1]["version"]
    menu = [
        {"version": r["version"], "date": r["date"], "pages": _pages(site / r["version"])}
        for r in reversed(records)
    ]
    text = json.dumps(menu, ensure_ascii=False)
    (site / MENU).write_text(f"window.LKCM_EDITIONS = {text};\n", encoding="utf-8")
    rows = "\n".join(_archive_row(record) for record in reversed(records))
    archive = _ARCHIVE.format(newest=escape(newest), rows=rows)
    (site / ARCHIVE).write_text(archive, encoding="utf-8")
    _redirect(site / "index.html", f"{newest}/index.html")
    for page in _pages(site / newest):
        up = "../" * (1 + page.count("/"))
        _redirect(site / LATEST / page, f"{up}{newest}/{page}")


def _pages(edition: Path) -> list[str]:
    found = [*edition.glob("*.html"), *edition.glob("chapters/*.html")]
    return sorted(path.relative_to(edition).as_posix() for path in found)


def _archive_row(record: Record) -> str:
    version, searched = escape(record["version"]), escape(record["last_search"])
    return (
        f'<tr><td><a href="{version}/index.html">{version}</a></td>'
        f"<td>{escape(record['date'])}</td>"
        f'<td>last search <time datetime="{searched}">{searched}</time></td>'
        f"<td>{escape(record['data_hash'])}</td><td>{escape(record['commit'][:12])}</td></tr>"
    )


def _redirect(page: Path, target: str) -> None:
    page.parent.mkdir(parents=True, exist_ok=True)
    title = "The newest edition"
    page.write_text(_REDIRECT.format(title=title, target=escape(target)), encoding="utf-8")
