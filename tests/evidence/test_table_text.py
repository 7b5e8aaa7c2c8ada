import pytest

from lkcm.evidence.table_text import read_table, unused_ids


def write(tmp_path, text):
    path = tmp_path / "records.csv"
    path.write_bytes(text.encode())
    return path


ODD = [
    pytest.param('a,b\n1,"x, ""y"""\n"2",\n', id="quotes kept as they are"),
    pytest.param('a,b\r\n1,"two\r\nlines"\r\n2,é\r\n', id="CRLF and a line break in a cell"),
    pytest.param("a,b\n1,x\n\n2,y", id="blank line, no final line end"),
    pytest.param("\ufeffa,b\n1,x\n2,y\n", id="byte order mark"),
]


@pytest.mark.parametrize("text", ODD)
def test_nothing_changes_without_changes(text, tmp_path):
    table = read_table(write(tmp_path, text))
    assert table.changed() == text
    assert table.columns == ("a", "b")
    assert [row["a"] for row in table.rows] == ["1", "2"]


@pytest.mark.parametrize("text", ODD)
def test_added_row_leaves_the_others(text, tmp_path):
    path = write(tmp_path, text)
    table = read_table(path)
    changed = table.changed([{"a": "3", "b": 'z, "q"', "unknown": "dropped"}])
    assert changed.startswith(text)
    path.write_bytes(changed.encode())
    assert read_table(path).rows == (*table.rows, {"a": "3", "b": 'z, "q"'})


@pytest.mark.parametrize("text", ODD)
def test_edited_row_leaves_the_others(text, tmp_path):
    path = write(tmp_path, text)
    table = read_table(path)
    changed = table.changed(edited={0: {"b": "new"}})
    assert changed.startswith(table.pieces[0])
    assert changed.endswith(table.pieces[2])
    path.write_bytes(changed.encode())
    assert read_table(path).rows == ({"a": "1", "b": "new"}, table.rows[1])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "is empty", id="empty"),
        pytest.param(b"a,b\n1\n", "another length than its header: row 2", id="ragged"),
        pytest.param(b'a,b\n1,"x\n', "not well-formed CSV", id="open quote"),
        pytest.param(b"a,b\n1,\xe9\n", "not UTF-8 text", id="latin-1"),
    ],
)
def test_faulty_tables_are_refused(content, said, tmp_path):
    path = tmp_path / "records.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        read_table(path)


@pytest.mark.parametrize(
    ("taken", "first"),
    [([], "r0001"), (["r0007", "r0003", "rx", "s0099"], "r0008"), (["r9999"], "r10000")],
)
def test_unused_ids(taken, first):
    ids = unused_ids(taken, "r", 4)
    assert next(ids) == first
    assert int(next(ids)[1:]) == int(first[1:]) + 1
