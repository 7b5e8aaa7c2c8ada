import yaml

from lkcm.book import publish
from lkcm.book.publish import exchange, main, missing_pages


def folder(path, text):
    path.mkdir()
    (path / "index.html").write_text(text)
    return path


def test_exchange_swaps(tmp_path):
    new, old = folder(tmp_path / "new", "new"), folder(tmp_path / "old", "old")
    exchange(new, old)
    assert (old / "index.html").read_text() == "new"
    assert (new / "index.html").read_text() == "old"


def test_exchange_without_the_system_call(tmp_path, monkeypatch):
    monkeypatch.setattr(publish.ctypes, "CDLL", lambda *_, **__: object())
    new, old = folder(tmp_path / "new", "new"), folder(tmp_path / "old", "old")
    exchange(new, old)
    assert (old / "index.html").read_text() == "new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "old"]


def test_the_first_book(tmp_path):
    exchange(folder(tmp_path / "new", "new"), tmp_path / "old")
    assert (tmp_path / "old" / "index.html").read_text() == "new"


def test_missing_pages(tmp_path):
    folder(tmp_path / "site", "x")
    assert missing_pages(tmp_path / "site", ["index", "chapters/x"]) == ["chapters/x"]


def arguments(tmp_path, parts):
    site, out, toc = folder(tmp_path / "site", "new"), tmp_path / "out", tmp_path / "_toc.yml"
    (out / ".work").mkdir(parents=True)
    folder(out / "html", "old")
    toc.write_text(yaml.safe_dump({"root": "index", "parts": parts}))
    results = tmp_path / "results.json"
    results.write_text("{}")
    options = {"site": site, "toc": toc, "results": results, "out": out}
    return out, [word for name, value in options.items() for word in (f"--{name}", str(value))]


def test_publish(tmp_path):
    out, words = arguments(tmp_path, [])
    assert main(words) == 0
    assert (out / "html" / "index.html").read_text() == "new"
    assert (out / "results.json").read_text() == "{}"


def test_nothing_is_published_when_a_page_is_missing(tmp_path, capsys):
    out, words = arguments(tmp_path, [{"caption": "P", "chapters": [{"file": "chapters/x"}]}])
    assert main(words) == 1
    assert "chapters/x is in the table of contents" in capsys.readouterr().out
    assert (out / "html" / "index.html").read_text() == "old"
    assert not (out / "results.json").exists()
