"""The pipeline as a review team meets it: one command, from edits and faults to whole books."""

import os
import random
import re
import shutil
import signal
import subprocess
import time

import pytest

from lkcm.paths import ROOT

pytestmark = pytest.mark.slow

OTHER_REVIEW = ROOT / "tests" / "data" / "other-review"


def tree(folder):
    """Every file of a folder with its size and time of change."""
    return {
        path.relative_to(folder): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_page_is_there_with_its_title(small):
    page = (small.html / "chapters" / "trials.html").read_text(encoding="utf-8")
    assert "<title>The trials" in page
    assert "lkcm-chart" in page
    assert "In short" in page
    listed = {"index", "methods", "dictionary", "references", "chapters/search"}
    assert not [name for name in listed if not (small.html / f"{name}.html").is_file()]


def test_nothing_changed_runs_nothing(small):
    before = tree(small.out / "html")
    again = small.book()
    assert again.returncode == 0
    assert "nothing changed, nothing run" in again.stdout
    assert tree(small.out / "html") == before


def test_a_touched_table_runs_nothing(small):
    os.utime(small.root / "data" / "trials.csv")
    assert "nothing changed, nothing run" in small.book().stdout


def test_one_edit_one_make_and_the_front_page_moves(small, changed):
    def headline():
        return small.results()["pages"]["pooling-self-compassion"]["values"]["estimate_passive"]

    old = headline()
    effects = small.root / "data" / "effects.csv"
    lines = effects.read_text(encoding="utf-8").splitlines()
    line = next(text for text in lines if text.startswith("eriksson2018-1,"))
    changed(effects, line, line.replace(",d,0.86,", ",d,1.86,"))
    built = small.book()
    assert built.returncode == 0, built.stderr
    assert headline()["value"] > old["value"] + 0.1
    front = (small.html / "index.html").read_text(encoding="utf-8")
    assert headline()["text"] in front
    assert old["text"] not in front


def test_an_edit_runs_only_the_chapters_that_declare_the_table(small, changed):
    assert small.book().returncode == 0
    changed(small.root / "data" / "queries.csv", "a-001,pages,", "a-001,pages,again ")
    built = small.book()
    assert "chapter 1 of 2: search" in built.stdout
    assert "chapter 2 of 2: what-changed" in built.stdout
    assert "trials (" not in built.stdout


def test_progress_and_path_are_shown(small, changed):
    changed(small.root / "book" / "index.md", "## Use it", "## Use this book")
    built = small.book()
    assert re.search(r"html \(\d+\.\d s\)", built.stdout)
    assert f"the book: {small.html / 'index.html'}" in built.stdout


def test_a_parameter_reruns_its_page_only(small, changed):
    assert small.book().returncode == 0
    chapters = small.root / "data" / "chapters.yml"
    changed(
        chapters,
        "tables: [trials, effects]",
        "tables: [trials, effects]\n    parameters: {large: 60}",
    )
    built = small.book()
    assert built.returncode == 0, built.stderr
    assert "chapter 1 of 2: trials" in built.stdout
    assert "chapter 2 of 2: what-changed" in built.stdout
    assert "60 in the LKCM group" in (small.html / "chapters/trials.html").read_text("utf-8")


def test_bad_evidence_stops_before_anything_runs(small, changed):
    assert small.book().returncode == 0
    before = tree(small.html)
    changed(small.root / "data" / "effects.csv", ",between-group,", ",between-grope,")
    built = small.book()
    assert built.returncode == 2
    assert "effects.csv" in built.stderr
    assert "between-grope" in built.stderr
    assert "chapter" not in built.stdout
    assert tree(small.html) == before


def test_unknown_parameter_is_an_error_before_anything_runs(small, changed):
    chapters = small.root / "data" / "chapters.yml"
    changed(
        chapters,
        "tables: [trials, effects]",
        "tables: [trials, effects]\n    parameters: {lage: 60}",
    )
    built = small.book()
    assert built.returncode == 2
    assert "unknown parameter 'lage' (did you mean 'large'?)" in built.stderr
    assert "chapter" not in built.stdout


def test_a_failing_notebook_is_named_and_the_last_book_stays(small, changed):
    assert small.book().returncode == 0
    before = tree(small.html)
    changed(small.root / "notebooks" / "trials.ipynb", "told = reporting(trials)", "told = 1 / 0")
    built = small.book()
    assert built.returncode == 1
    assert "page trials failed (notebooks/trials.ipynb, cell load)" in built.stderr
    assert "told = 1 / 0" in built.stderr
    assert "ZeroDivisionError: division by zero" in built.stderr
    assert str(small.out / "logs" / "trials.log") in built.stderr
    assert tree(small.html) == before


def test_a_warning_of_sphinx_stops_the_build(small, changed):
    changed(
        small.root / "book" / "index.md",
        "trials.ipynb::n_reports:s",
        "trials.ipynb::n_report:s",
    )
    built = small.book()
    assert built.returncode == 1
    assert "n_report" in built.stderr


@pytest.fixture(scope="module")
def other(small, tmp_path_factory):
    """Two tables of another review, in folders with spaces in their names, and their book."""
    folder = tmp_path_factory.mktemp("other")
    data, out = folder / "my evidence", folder / "my book"
    shutil.copytree(OTHER_REVIEW, data)
    before = tree(small.root)
    built = small.book(data, out)
    assert built.returncode == 0, built.stdout + built.stderr
    assert tree(small.root) == before
    return data, out


def test_a_folder_with_two_tables_and_spaces_in_its_name(small, other):
    data, out = other
    assert sorted(path.name for path in data.iterdir()) == ["effects.csv", "trials.csv"]
    search = (out / "html" / "chapters" / "search.html").read_text(encoding="utf-8")
    assert "Not in this evidence" in search
    assert "records.csv" in search
    assert "(not in this evidence)" in (out / "html" / "index.html").read_text(encoding="utf-8")
    values = small.results(out)["pages"]
    assert values["trials"]["values"]["n_trials"]["value"] == 5
    assert values["search"]["stopped_for"] == ["queries", "records", "screening"]
    assert values["pooling-self-compassion"]["values"]["k_passive"]["value"] == 0


def test_text_from_data_is_escaped(other):
    pages = list(other[1].rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert '<script>document.title="broken"' not in text
        assert "<img src=x" not in text
        assert "<b>Rowing" not in text


OWN_CHAPTERS = """pages:
  exercise:
    notebook: trials.ipynb
    title: Exercise for low mood
    part: The evidence
    tables: [trials, effects]
    parameters: {large: 30}
  mood:
    notebook: pooling.ipynb
    title: Does exercise lower low mood?
    part: What it adds up to
    tables: [trials, effects, second_reading, reference_estimates]
    parameters: {outcome: low-mood, noun: low mood, higher_is_better: false, references: {}}
"""


@pytest.fixture(scope="module")
def own(small, tmp_path_factory):
    """The other review with chapters and a front page of its own: a small book, soon built."""
    folder = tmp_path_factory.mktemp("own")
    data, out = folder / "data", folder / "out"
    shutil.copytree(OTHER_REVIEW, data)
    (data / "chapters.yml").write_text(OWN_CHAPTERS)
    (data / "book").mkdir()
    (data / "book" / "index.md").write_text("# Exercise\n\nOur own front page.\n")
    built = small.book(data, out)
    assert built.returncode == 0, built.stdout + built.stderr
    return data, out


def test_own_chapters_and_prose_replace_ours(small, own):
    html = own[1] / "html"
    text = (html / "chapters" / "exercise.html").read_text(encoding="utf-8")
    assert "Exercise for low mood" in text
    assert sorted(path.stem for path in (html / "chapters").glob("*.html")) == ["exercise", "mood"]
    assert "Our own front page." in (html / "index.html").read_text(encoding="utf-8")
    mood = small.results(own[1])["pages"]["mood"]["values"]
    assert mood["k_passive"]["value"] + mood["k_active"]["value"] <= 3


def test_same_inputs_give_the_same_bytes(small, own, tmp_path):
    def content(out):
        return {p.relative_to(out): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}

    data, out = own
    again = tmp_path / "again"
    assert small.book(data, again).returncode == 0
    one, two = content(out / "html"), content(again / "html")
    assert one.keys() == two.keys()
    assert [path for path in one if one[path] != two[path]] == []
    text = (out / "results.json").read_text(encoding="utf-8")
    assert text == (again / "results.json").read_text(encoding="utf-8")
    local = [str(path).encode() for path in (data, out, again, small.root)]
    pages = [text.encode(), *(page for path, page in one.items() if path.suffix == ".html")]
    assert not [page for page in pages for path in local if path in page]


@pytest.mark.parametrize("moment", random.Random(7).sample(range(5, 140), 5))
def test_kill_at_any_moment_leaves_a_whole_book(small, own, moment):
    def is_whole():
        pages = ("index", "chapters/exercise", "chapters/mood", "dictionary", "references")
        texts = [(out / "html" / f"{page}.html").read_text(encoding="utf-8") for page in pages]
        return all(text.rstrip().endswith("</html>") for text in texts)

    data, out = own
    name = f"Author at {moment}"
    old = (OTHER_REVIEW / "trials.csv").read_text(encoding="utf-8")
    trials = old.replace("zeta2020,Zeta", f"zeta2020,{name}")
    (data / "trials.csv").write_text(trials, encoding="utf-8")
    process = subprocess.Popen(
        small.command("book", "--out", str(out), "--data", str(data)),
        env=small.environment,
        cwd=small.root,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(moment / 10)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert is_whole()
    built = small.book(data, out)
    assert built.returncode == 0, built.stdout + built.stderr
    page = (out / "html" / "chapters" / "exercise.html").read_text(encoding="utf-8")
    assert name in page
    assert is_whole()


def test_three_thousand_trials(small, tmp_path):
    data = tmp_path / "large"
    data.mkdir()
    (data / "chapters.yml").write_text(OWN_CHAPTERS.replace("low-mood", "outcome-1"))
    trials = ["trial_id,authors,year,title,n_randomised,n_arms,source_url"]
    effects = [
        "effect_id,trial_id,outcome,reporter,comparator_type,n_t,n_c,stat_kind,stat_value,sign,"
        "source_url"
    ]
    for i in range(3000):
        page = f"https://example.org/{i}"
        n = 10 + i % 150
        trials.append(f"t{i},Author{i},{1990 + i % 30},Title {i},{20 + i % 300},2,{page}")
        effects.append(f"t{i}-1,t{i},outcome-{i % 9},self,waitlist,{n},{n},d,0.{i % 7},+,{page}")
    (data / "trials.csv").write_text("\n".join(trials) + "\n")
    (data / "effects.csv").write_text("\n".join(effects) + "\n")
    built = small.book(data, tmp_path / "out")
    assert built.returncode == 0, built.stdout + built.stderr
    pages = small.results(tmp_path / "out")["pages"]
    assert pages["exercise"]["values"]["n_trials"]["value"] == 3000
    assert pages["mood"]["values"]["k_passive"]["value"] == 334


def test_no_such_folder(small, tmp_path):
    built = small.book(tmp_path / "nowhere")
    assert built.returncode == 2
    assert "there is no such folder" in built.stderr
    assert "Traceback" not in built.stderr
