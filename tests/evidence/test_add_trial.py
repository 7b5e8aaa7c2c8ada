import datetime
import os
import re
import shutil
from pathlib import Path

import pytest

from lkcm.cli import main
from lkcm.evidence.add_trial import add_trial
from lkcm.evidence.check import check
from lkcm.evidence.problems import has_errors
from lkcm.evidence.questions import Terminal
from lkcm.evidence.table_text import read_table

REVIEW = Path(__file__).parent / "exports" / "review"
DAY = datetime.date(2026, 11, 24)

TRIAL = {
    "authors": "Müller & O'Neil",
    "year": "2026",
    "source_url": "https://example.org/made-up",
    "extractors": "h",
}
EFFECT = {"outcome": "stress", "instrument": "PSS", "timepoint": "post", "sign": "+"}
WHOLE_TRIAL = TRIAL | {
    "title": 'A "made-up" trial, with a comma',
    "doi": "10.99999/invented.2026.001",
    "design": "parallel",
    "n_arms": "2",
    "n_randomised": "40",
    "source_kind": "abstract",
}
WHOLE_EFFECT = EFFECT | {
    "control": "waitlist",
    "higher_is_better": "no",
    "n_t": "20",
    "n_c": "20",
    "stat_kind": "d",
    "stat_value": "0.4",
}


class Person:
    """Answers by the name of the column or a word of the question; Enter to all else.

    An answer that is a list is given one item at a time; an exception is raised.
    """

    def __init__(self, **answers):
        self.answers = {key: list(v) if isinstance(v, list) else v for key, v in answers.items()}
        self.shown = []

    def ask(self, prompt):
        self.shown.append(prompt)
        column = re.match(r"(\w+) \[", prompt)
        words = [column[1]] if column else [k for k in self.answers if k in prompt]
        answer = self.answers.get(words[0], "") if words else ""
        if isinstance(answer, list):
            answer = answer.pop(0) if answer else ""
        if isinstance(answer, BaseException):
            raise answer
        return answer

    @property
    def terminal(self):
        return Terminal(self.ask, self.shown.append)

    @property
    def text(self):
        return "\n".join(self.shown)


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(REVIEW, tmp_path / "data"))


def state(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def rows(folder, name):
    return read_table(folder / f"{name}.csv").rows


def test_new_trial_with_two_results(folder):
    before = state(folder)
    outcomes = {"outcome": ["stress", "anxiety"]}
    person = Person(**WHOLE_TRIAL, **WHOLE_EFFECT | outcomes, Add=["yes", "yes"])
    draft = add_trial(folder, person.terminal, DAY)
    assert draft.summary == "the trial and 2 results of muller2026"
    trial = rows(folder, "trials")[-1]
    assert {column: trial[column] for column in WHOLE_TRIAL} == WHOLE_TRIAL
    first, second = rows(folder, "effects")[-2:]
    assert {column: first[column] for column in WHOLE_EFFECT} == WHOLE_EFFECT
    assert [first["effect_id"], second["effect_id"]] == ["muller2026-1", "muller2026-2"]
    assert (second["outcome"], second["source_url"]) == ("anxiety", TRIAL["source_url"])
    for table, content in state(folder).items():
        assert content.startswith(before[table]), table
        assert content != before[table], table
    assert not has_errors(check(folder))


def test_record_vote_and_look_up_of_a_trial_that_no_search_found(folder):
    add_trial(folder, Person(**TRIAL, **EFFECT).terminal, DAY)
    record = rows(folder, "records")[-1]
    assert (record["record_id"], record["query_id"], record["decision"]) == (
        "r0005", "hand-001", "included",
    )  # fmt: skip
    assert (record["trial_id"], record["url"]) == ("muller2026", TRIAL["source_url"])
    assert rows(folder, "queries")[-1] == {
        "query_id": "hand-001", "corpus": "added by hand", "query": "lkcm add-trial muller2026",
        "date": "2026-11-24", "n_results": "1",
    }  # fmt: skip
    vote = rows(folder, "screening")[-1]
    assert (vote["record_id"], vote["reader"], vote["trial_id"]) == ("r0005", "h", "muller2026")


@pytest.mark.parametrize("adopted", [True, False])
def test_record_that_the_search_found(folder, adopted):
    before = (folder / "records.csv").read_bytes().splitlines()
    person = Person(
        **TRIAL | {"source_url": "https://pubmed.ncbi.nlm.nih.gov/99900004"},
        **EFFECT, **{"Is this the report": "yes" if adopted else "no"},
    )  # fmt: skip
    add_trial(folder, person.terminal, DAY)
    assert "r0004 (excluded not-a-trial): An invented review" in person.text
    after = (folder / "records.csv").read_bytes().splitlines()
    assert after[:4] == before[:4]
    record = rows(folder, "records")[3]
    assert (record["decision"], record["reason"]) == (
        ("included", "") if adopted else ("excluded", "not-a-trial")
    )
    assert len(after) == len(before) + (not adopted)
    assert not has_errors(check(folder))


def test_results_of_a_trial_that_is_there(folder):
    before = state(folder)
    person = Person(
        **{"there already": ["neff2012", "neff2013"]}, **EFFECT | {"outcome": "anxiety"}
    )
    draft = add_trial(folder, person.terminal, DAY)
    assert "no trial has this identifier; alike: neff2013" in person.text
    assert draft.summary == "1 result of neff2013"
    after = state(folder)
    assert [name for name in after if after[name] != before[name]] == ["effects.csv"]
    assert rows(folder, "effects")[-1]["effect_id"] == "neff2013-2"


def test_identifier_in_use_is_refused(folder):
    person = Person(**TRIAL, **EFFECT, trial_id=["neff2013", "muller2026b"])
    draft = add_trial(folder, person.terminal, DAY)
    assert "there is a trial of this identifier (Neff & Germer 2013)" in person.text
    assert draft.trial["trial_id"] == "muller2026b"


def test_proposed_identifier_avoids_those_in_use(folder):
    person = Person(**TRIAL | {"authors": "Neff", "year": "2013"}, **EFFECT)
    assert add_trial(folder, person.terminal, DAY).trial["trial_id"] == "neff2013a"


def test_same_contrast_twice_can_be_left_out(folder):
    person = Person(**TRIAL, **EFFECT, Add=["yes", "yes"], **{"Correct it": "no"})
    draft = add_trial(folder, person.terminal, DAY)
    assert "muller2026-2: same_result_as" in person.text
    assert [effect["effect_id"] for effect in draft.effects] == ["muller2026-1"]


def test_same_result_in_other_words_can_be_named(folder):
    path = folder / "effects.csv"
    head, row = path.read_text().splitlines()
    path.write_text(f"{head},same_result_as\n{row},\n")
    person = Person(
        **TRIAL, **EFFECT, Add=["yes", "yes"], same_result_as=["", "", "nobody-1", "muller2026-1"]
    )
    draft = add_trial(folder, person.terminal, DAY)
    assert "found nobody-1, allowed: a effect_id of effects.csv" in person.text
    assert [effect["same_result_as"] for effect in draft.effects] == ["", "muller2026-1"]
    assert not has_errors(check(folder))


def test_error_that_only_the_whole_folder_shows_is_mended(folder):
    person = Person(**TRIAL, **EFFECT, effect_id=["neff2013-1", "muller2026-7"])
    draft = add_trial(folder, person.terminal, DAY)
    assert "neff2013-1: effect_id, found neff2013-1" in person.text
    assert draft.effects[0]["effect_id"] == "muller2026-7"
    assert not has_errors(check(folder))


def test_folder_with_the_two_tables_only(folder):
    for name in ("queries", "records", "screening"):
        (folder / f"{name}.csv").unlink()
    add_trial(folder, Person(**TRIAL, **EFFECT).terminal, DAY)
    assert sorted(state(folder)) == ["effects.csv", "trials.csv"]
    assert not has_errors(check(folder))


def test_faults_that_were_there_before_do_not_matter(folder):
    path = folder / "effects.csv"
    path.write_text(path.read_text().replace(",0.3,1.5,", ",1.5,0.3,"))
    assert has_errors(check(folder))
    add_trial(folder, Person(**TRIAL, **EFFECT).terminal, DAY)
    assert len(rows(folder, "trials")) == 2


def test_somebody_else_adds_a_trial_meanwhile(folder):
    class Meanwhile(Person):
        def ask(self, prompt):
            if prompt.startswith("Write") and "Write" not in self.text:
                add_trial(folder, Person(**TRIAL, **EFFECT | {"outcome": "anxiety"}).terminal)
            return super().ask(prompt)

    person = Meanwhile(**TRIAL, **EFFECT, trial_id=["", "muller2026b"],
                       effect_id=["", "muller2026b-1"])  # fmt: skip
    add_trial(folder, person.terminal, DAY)
    assert [row["trial_id"] for row in rows(folder, "trials")[1:]] == ["muller2026", "muller2026b"]
    assert not has_errors(check(folder))


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        pytest.param({"year": EOFError()}, "stopped", id="end of input"),
        pytest.param({"outcome": KeyboardInterrupt()}, "stopped", id="ctrl-c"),
        pytest.param({"Write": "no"}, "not confirmed", id="not confirmed"),
        pytest.param(
            {"there already": "neff2013", "Add": "no"}, "there is nothing to write", id="nothing"
        ),
    ],
)
def test_nothing_is_written_when_stopped(answers, reason, folder, monkeypatch, capsys):
    before = state(folder)
    person = Person(**TRIAL | EFFECT | answers)
    monkeypatch.setattr("lkcm.evidence.questions.Terminal", lambda: person.terminal)
    assert run(folder) == 2
    assert f"{reason}: nothing was written" in capsys.readouterr().err
    assert state(folder) == before


def run(folder):
    return main(["add-trial", "--data", str(folder)])


def test_command_says_what_was_written(folder, monkeypatch, capsys):
    person = Person(**TRIAL | EFFECT)
    monkeypatch.setattr("lkcm.evidence.questions.Terminal", lambda: person.terminal)
    assert run(folder) == 0
    assert "the trial and 1 result of muller2026" in capsys.readouterr().out


def test_folder_without_tables_is_explained(tmp_path, capsys):
    assert run(tmp_path) == 2
    assert "has no trials.csv: nothing was written" in capsys.readouterr().err


def test_failure_while_writing_leaves_all_tables(folder, monkeypatch):
    before = state(folder)
    calls = []
    replace = os.replace

    def failing(source, target):
        calls.append(target)
        if len(calls) == 4:
            raise OSError("disk full")
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OSError, match="disk full"):
        add_trial(folder, Person(**TRIAL, **EFFECT).terminal, DAY)
    assert state(folder) == before
