import pytest

from lkcm.synthesis.effects_table import BadTable, read_effects


@pytest.fixture
def table(tmp_path):
    def write(content):
        path = tmp_path / "effects.csv"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def test_columns_are_read_by_name(table):
    path = table("trial,g,v\na,0.5,0.1\na,-1e-2,2\n\u00e9,3,4\n")
    assert read_effects(path, "g", "v") == ([0.5, -0.01, 3], [0.1, 2, 4], [])
    assert read_effects(path, "g", "v", "trial")[2] == ["a", "a", "\u00e9"]


@pytest.mark.parametrize(
    ("content", "names", "problems"),
    [
        pytest.param(
            "s,g,v\na,1,2\n,3,-1\nNA,x,1\n",
            ("g", "v", "s"),
            [
                "line 3, column v: found -1",
                "line 3, column s: found nothing; allowed: the name of a study",
                "line 4, column g: found 'x'",
                "line 4, column s: found nothing",
            ],
            id="cells",
        ),
        pytest.param(
            "g,v\n1,2\n",
            ("g", "v", "s"),
            ["no column s; found: g, v; allowed: commas between columns, whose names --effect, "],
            id="no study",
        ),
        pytest.param(
            "g,v\n1,2\n",
            ("g", "v", "g"),
            ["column g is named as effect and as study; allowed: a column for each"],
            id="one column for two",
        ),
    ],
)
def test_every_problem_is_told(table, content, names, problems):
    with pytest.raises(BadTable) as caught:
        read_effects(table(content), *names)
    assert len(caught.value.args) == len(problems)
    for told, problem in zip(caught.value.args, problems, strict=True):
        assert problem in told
