import pytest

from lkcm.ipd.mapping import MapError, read_map


def write(tmp_path, text):
    path = tmp_path / "map.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_map(tmp_path):
    rules = read_map(
        write(
            tmp_path,
            "columns:\n  participant: code\n  arm: {from: g, recode: {1: lkcm, 2: control}}\n"
            "  outcome_post: {from: s, range: [1, 5], reverse: true}\n"
            "constants: {trial: x, week_post: 8}\ndrop: [remarks]\n",
        )
    )
    assert [column.source for column in rules.columns] == ["code", "g", "s"]
    assert rules.columns[1].recode == {"1": "lkcm", "2": "control"}
    assert rules.columns[2].scale == (1, 5) and rules.columns[2].reverse
    assert rules.constants == {"trial": "x", "week_post": "8"} and rules.drop == ("remarks",)


def test_all_problems_at_once(tmp_path):
    text = (
        "columns:\n  mood: x\n  age: {from: a, range: [1, 5]}\n  arm: {to: g}\n"
        "  outcome_mid: {from: s, reverse: true}\n  severity: {from: v, range: [5, 1]}\n"
        "  gender: {from: sex, recode: [f], maybe: 1}\nconstants: {fee: 3}\nelse: 1\n"
    )
    with pytest.raises(MapError) as caught:
        read_map(write(tmp_path, text))
    told = "\n".join(caught.value.args)
    for words in (
        "'mood' is no common data element",
        "age: range is only for scores",
        "arm: found {'to': 'g'}",
        "reverse needs the range",
        "range is [5, 1]",
        "recode must be a mapping",
        "unknown key 'maybe'",
        "'fee' is no common",
        "unknown key 'else'",
    ):
        assert words in told


@pytest.mark.parametrize("text", ["columns: [", "- a", "drop: []"])
def test_no_map(tmp_path, text):
    with pytest.raises(MapError):
        read_map(write(tmp_path, text))
