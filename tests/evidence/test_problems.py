import json
import re

import pytest

from lkcm.evidence import problems as module
from lkcm.evidence.problems import LISTED, RULES, format_problems, printable, problem, to_json
from lkcm.paths import ROOT


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_used_and_has_a_failing_example(rule):
    sources = [p for p in (ROOT / "src/lkcm/evidence").glob("*.py") if p.name != "problems.py"]
    assert any(f'"{rule}"' in path.read_text(encoding="utf-8") for path in sources)
    tests = (ROOT / "tests/evidence").glob("test_*.py")
    assert any(f'"{rule}"' in path.read_text(encoding="utf-8") for path in tests)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_how_to_mend_in_one_line(rule):
    level, mend = RULES[rule]
    assert level in (module.ERROR, module.WARNING)
    assert re.fullmatch(r"[A-Z][^\n]{9,80}\.", mend)


def test_no_problems_no_table():
    assert format_problems([]) == ""
    assert json.loads(to_json([])) == []


def test_alike_problems_are_counted_in_text_and_listed_in_json():
    many = [problem("not-a-number", "a.csv", i, column="n") for i in range(LISTED + 7)]
    many.append(problem("not-a-number", "a.csv", 5, column="m"))
    lines = format_problems(many).splitlines()
    assert len(lines) == 1 + LISTED + 1 + 1
    assert lines[-1] == "… and 7 more of not-a-number in a.csv n"
    assert len(json.loads(to_json(many))) == LISTED + 8


def test_a_long_cell_is_cut_in_text():
    [_, line] = format_problems([problem("malformed", "a.csv", 2, found="x" * 5000)]).splitlines()
    assert len(line) < 300


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\u202eabc", r"\u202eabc"),
        ("no-break\xa0space", r"no-break\xa0space"),
        ("Böckler 日本", "Böckler 日本"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text, shown):
    assert printable(text) == shown
