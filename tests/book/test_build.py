"""The pipeline as a review team meets it: one command, from edits and faults to whole books."""

import os
import random
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import OTHER_REVIEW

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("build")]


def tree(folder):
    """Every file of a folder with its size and time of change."""
    return {
        path.relative_to(folder): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def is_whole(checkout):
    pages = ["index", "chapters/search", "chapters/trials", "dictionary", "references"]
    texts = [(checkout.html / f"{page}.html").read_text(encoding="utf-8") for page in pages]
    return all(text.rstrip().endswith("</html>") for text in texts)


def test_every_page_is_there_with_its_title(checkout):
    page = (checkout.html / "chapters" / "trials.html").read_text(encoding="utf-8")
    assert "<title>The trials" in page
    assert "lkcm-chart" in page
    assert "In short" in page
    assert is_whole(checkout)


def test_nothing_changed_runs_nothing(checkout):
    before = tree(checkout.out / "html")
    again = checkout.book()
    assert again.returncode == 0
    assert "nothing changed, nothing run" in again.stdout
    assert tree(checkout.out / "html") == before


def test_a_touched_table_runs_nothing(checkout):
    os.utime(checkout.root / "data" / "trials.csv")
    assert "nothing changed, nothing run" in checkout.book().stdout


def test_one_edit_one_make_and_the_front_page_moves(checkout, changed):
    old = checkout.results()["pages"]["trials"]["values"]["n_randomised"]["value"]
    trials = checkout.root / "data" / "trials.csv"
    line = next(t for t in trials.read_text(encoding="utf-8").splitlines() if ",parallel,30," in t)
    changed(trials, line, line.replace(",parallel,30,", ",parallel,1030,"))
    built = checkout.book()
    assert built.returncode == 0, built.stderr
    new = checkout.results()["pages"]["trials"]["values"]["n_randomised"]["value"]
    assert new == old + 1000
    assert f"{new:,.0f}" in (checkout.html / "index.html").read_text(encoding="utf-8")


def test_an_edit_runs_only_the_chapters_that_declare_the_table(checkout, changed):
    assert checkout.book().returncode == 0
    changed(checkout.root / "data" / "queries.csv", "a-001,pages,", "a-001,pages,again ")
    built = checkout.book()
    assert "chapter 1 of 1: search" in built.stdout
    assert "trials (" not in built.stdout


def test_progress_and_path_are_shown(checkout, changed):
    changed(checkout.root / "book" / "index.md", "## Use it", "## Use this book")
    built = checkout.book()
    assert re.search(r"html \(\d+\.\d s\)", built.stdout)
    assert f"the book: {checkout.html / 'index.html'}" in built.stdout


def test_a_parameter_reruns_its_page_only(checkout, changed):
    assert checkout.book().returncode == 0
    chapters = checkout.root / "book" / "chapters.yml"
    changed(
        chapters,
        "tables: [trials, effects]",
        "tables: [trials, effects]\n    parameters: {large: 60}",
    )
    built = checkout.book()
    assert built.returncode == 0, built.stderr
    assert "chapter 1 of 1: trials" in built.stdout
    assert "60 in the LKCM group" in (checkout.html / "chapters/trials.html").read_text("utf-8")


def test_bad_evidence_stops_before_anything_runs(checkout, changed):
    assert checkout.book().returncode == 0
    before = tree(checkout.html)
    changed(checkout.root / "data" / "effects.csv", ",between-group,", ",between-grope,")
    built = checkout.book()
    assert built.returncode == 2
    assert "effects.csv" in built.stderr
    assert "between-grope" in built.stderr
    assert "chapter" not in built.stdout
    assert tree(checkout.html) == before


def test_unknown_parameter_is_an_error_before_anything_runs(checkout, changed):
    chapters = checkout.root / "book" / "chapters.yml"
    changed(
        chapters,
        "tables: [trials, effects]",
        "tables: [trials, effects]\n    parameters: {lage: 60}",
    )
    built = checkout.book()
    assert built.returncode == 2
    assert "unknown parameter 'lage' (did you mean 'large'?)" in built.stderr
    assert "chapter" not in built.stdout


def test_a_failing_notebook_is_named_and_the_last_book_stays(checkout, changed):
    assert checkout.book().returncode == 0
    before = tree(checkout.html)
    changed(
        checkout.root / "notebooks" / "trials.ipynb", "told = reporting(trials)", "told = 1 / 0"
    )
    built = checkout.book()
    assert built.returncode == 1
    assert "page trials failed (notebooks/trials.ipynb, cell load)" in built.stderr
    assert "told = 1 / 0" in built.stderr
    assert "ZeroDivisionError: division by zero" in built.stderr
    assert str(checkout.out / "logs" / "trials.log") in built.stderr
    assert tree(checkout.html) == before


def test_a_warning_of_sphinx_stops_the_build(checkout, changed):
    changed(
        checkout.root / "book" / "index.md",
        "trials.ipynb::n_reports:s",
        "trials.ipynb::n_report:s",
    )
    built = checkout.book()
    assert built.returncode == 1
    assert "n_report" in built.stderr


def test_a_folder_with_two_tables_and_spaces_in_its_name(checkout, tmp_path):
    assert checkout.book().returncode == 0
    before = tree(checkout.root)
    data, out = tmp_path / "my evidence", tmp_path / "my book"
    shutil.copytree(OTHER_REVIEW, data)
    built = checkout.book(data, out)
    assert built.returncode == 0, built.stdout + built.stderr
    assert tree(checkout.root) == before
    assert sorted(path.name for path in data.iterdir()) == ["effects.csv", "trials.csv"]
    search = (out / "html" / "chapters" / "search.html").read_text(encoding="utf-8")
    assert "Not in this evidence" in search
    assert "records.csv" in search
    assert "(not in this evidence)" in (out / "html" / "index.html").read_text(encoding="utf-8")
    values = checkout.results(out)["pages"]
    assert values["trials"]["values"]["n_trials"]["value"] == 5
    assert values["search"]["stopped_for"] == ["queries", "records", "screening"]


def test_text_from_data_is_escaped(checkout, tmp_path):
    out = tmp_path / "book"
    assert checkout.book(OTHER_REVIEW, out).returncode == 0
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert '<script>document.title="broken"' not in text
        assert "<img src=x" not in text
        assert "<b>Rowing" not in text


def test_own_chapters_replace_ours(checkout, tmp_path):
    data = tmp_path / "review"
    shutil.copytree(OTHER_REVIEW, data)
    (data / "chapters.yml").write_text(
        "pages:\n  exercise:\n    notebook: trials.ipynb\n    title: Exercise for low mood\n"
        "    part: The evidence\n    tables: [trials, effects]\n    parameters: {large: 30}\n"
    )
    built = checkout.book(data, tmp_path / "out")
    assert built.returncode == 0, built.stdout + built.stderr
    html = tmp_path / "out" / "html" / "chapters"
    assert "Exercise for low mood" in (html / "exercise.html").read_text(encoding="utf-8")
    assert not (html / "trials.html").exists()
    assert not (html / "search.html").exists()


def test_own_prose_replaces_ours(checkout, tmp_path):
    data = tmp_path / "review"
    shutil.copytree(OTHER_REVIEW, data)
    (data / "book").mkdir()
    (data / "book" / "index.md").write_text("# Exercise\n\nOur own front page.\n")
    built = checkout.book(data, tmp_path / "out")
    assert built.returncode == 0, built.stdout + built.stderr
    assert "Our own front page." in (tmp_path / "out/html/index.html").read_text(encoding="utf-8")


def test_three_thousand_trials(checkout, tmp_path):
    data = tmp_path / "large"
    data.mkdir()
    trials = ["trial_id,authors,year,title,n_randomised,n_arms,source_url"]
    effects = ["effect_id,trial_id,outcome,n_t,n_c,stat_kind,stat_value,sign,source_url"]
    for i in range(3000):
        page = f"https://example.org/{i}"
        trials.append(f"t{i},Author{i},{1990 + i % 30},Title {i},{20 + i % 300},2,{page}")
        effects.append(f"t{i}-1,t{i},outcome-{i % 9},{10 + i % 150},{10 + i % 150},d,0.3,+,{page}")
    (data / "trials.csv").write_text("\n".join(trials) + "\n")
    (data / "effects.csv").write_text("\n".join(effects) + "\n")
    built = checkout.book(data, tmp_path / "out")
    assert built.returncode == 0, built.stdout + built.stderr
    assert (
        checkout.results(tmp_path / "out")["pages"]["trials"]["values"]["n_trials"]["value"]
        == 3000
    )


def test_same_inputs_give_the_same_bytes(checkout, tmp_path):
    def content(out):
        return {p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}

    for name in ("one", "two"):
        assert checkout.book(OTHER_REVIEW, tmp_path / name).returncode == 0
    one, two = (content(tmp_path / name / "html") for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert [path for path in one if one[path] != two[path]] == []
    text = (tmp_path / "one" / "results.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "two" / "results.json").read_text(encoding="utf-8")
    assert str(tmp_path) not in text
    pages = [content for path, content in one.items() if path.suffix == ".html"]
    assert not any(str(tmp_path).encode() in page for page in pages)
    assert not any(str(checkout.root).encode() in page for page in pages)


@pytest.mark.parametrize("moment", random.Random(7).sample(range(5, 150), 4))
def test_kill_at_any_moment_leaves_a_whole_book(checkout, changed, moment):
    assert checkout.book().returncode == 0
    changed(
        checkout.root / "data" / "trials.csv",
        "abdolali2020,Abdolali",
        f"abdolali2020,Abdo{moment}li",
    )
    process = subprocess.Popen(
        checkout.command(
            "book", "--out", str(checkout.out), "--data", str(checkout.root / "data")
        ),
        env=checkout.environment,
        cwd=checkout.root,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment / 10)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert is_whole(checkout)
    built = checkout.book()
    assert built.returncode == 0, built.stdout + built.stderr
    assert f"Abdo{moment}li" in (checkout.html / "chapters/trials.html").read_text("utf-8")
    assert is_whole(checkout)


def test_no_such_folder(checkout, tmp_path):
    built = checkout.book(tmp_path / "nowhere")
    assert built.returncode == 2
    assert "there is no such folder" in built.stderr
    assert "Traceback" not in built.stderr
