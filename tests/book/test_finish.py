import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lkcm.book.chapters import Page
from lkcm.book.finish import failure, finish, main, stopped_for

PAGE = Page("low-mood", "trials.ipynb", "Low mood", "Part", ("trials",), {"large": "<60>"})


def executed():
    parameters = new_code_cell("large = 100", id="parameters")
    parameters.metadata["tags"] = ["parameters", "remove-cell"]
    injected = new_code_cell("large = 60", id="random")
    injected.metadata["tags"] = ["injected-parameters"]
    body = new_code_cell("1", id="body", metadata={"papermill": {"duration": 1}})
    cells = [new_markdown_cell("# The trials\nIntro"), parameters, injected, body]
    return new_notebook(cells=cells, metadata={"papermill": {"input_path": "/secret"}})


def test_run_metadata_are_dropped():
    assert "papermill" not in json.dumps(finish(executed(), PAGE, "abc"))


def test_the_page_has_its_own_title():
    assert finish(executed(), PAGE, "abc").cells[0].source == "# Low mood\nIntro"


@pytest.mark.parametrize(
    ("synthetic", "title"),
    [
        ([True, True], "Low mood (synthetic data)"),
        ([True, False], "Low mood"),
        ([False], "Low mood"),
    ],
)
def test_a_page_says_so_in_its_title_where_all_its_values_are_synthetic(synthetic, title):
    notebook = executed()
    notebook.cells[-1].outputs = [
        new_output(
            "display_data",
            data={},
            metadata={"lkcm": {"text": "0.4", "value": 0.4, "synthetic": flag}},
        )
        for flag in synthetic
    ]
    assert finish(notebook, PAGE, "abc").cells[0].source == f"# {title}\nIntro"


def test_a_notebook_without_a_title_gets_one():
    notebook = new_notebook(cells=[new_code_cell("1", id="a")])
    assert finish(notebook, PAGE, "abc").cells[0].source == "# Low mood"


def test_the_injected_cell_is_hidden_like_the_declared_one_and_says_where_to_edit():
    injected = finish(executed(), PAGE, "abc").cells[2]
    assert injected.metadata["tags"] == ["remove-cell"]
    assert injected.id == "injected-parameters"
    assert "edit there" in injected.source


def test_the_foot_names_tables_hash_and_parameters_escaped():
    foot = finish(executed(), PAGE, "abc").cells[-1].source
    assert "<code>trials</code>" in foot
    assert "abc" in foot
    assert "&lt;60&gt;" in foot
    assert "<60>" not in foot


def stopped():
    output = new_output("display_data", data={}, metadata={"lkcm_stop": ["records"]})
    cells = [
        new_markdown_cell("# T"),
        new_code_cell("needs()", id="needs", outputs=[output, new_output("stream", text="x")]),
        new_code_cell("never", id="never"),
    ]
    return new_notebook(cells=cells)


def test_cells_after_a_stop_are_cut():
    page = finish(stopped(), PAGE, "abc")
    assert [cell.id for cell in page.cells[1:]] == ["needs", "foot"]
    assert len(page.cells[1].outputs) == 1
    assert stopped_for(page) == ["records"]
    assert stopped_for(finish(executed(), PAGE, "abc")) is None


def failed():
    traceback = ["Traceback", "\x1b[0;36mCell\x1b[0m In[4], line 2\n----> 2 b = 1 / 0"]
    error = new_output(
        "error", ename="ZeroDivisionError", evalue="division by zero", traceback=traceback
    )
    return new_notebook(cells=[new_code_cell("a = 1\nb = 1 / 0", id="ratio", outputs=[error])])


def test_a_failure_names_page_cell_line_and_exception(tmp_path):
    lines = failure(failed(), PAGE, tmp_path / "x.log")
    assert lines[0] == "page low-mood failed (notebooks/trials.ipynb, cell ratio)"
    assert lines[1].strip() == "line 2: b = 1 / 0"
    assert lines[2] == "ZeroDivisionError: division by zero"
    assert lines[3].endswith("x.log")


def test_a_failure_before_any_cell_shows_the_end_of_the_log(tmp_path):
    log = tmp_path / "x.log"
    log.write_text("one\ntwo\nno such kernel\n")
    lines = failure(new_notebook(), PAGE, log)
    assert "before any cell ran" in lines[0]
    assert "no such kernel" in lines


@pytest.mark.parametrize("status", [0, 1], ids=["worked", "failed"])
def test_command(tmp_path, capsys, status):
    run, output, log = tmp_path / "run.ipynb", tmp_path / "page.ipynb", tmp_path / "log"
    log.write_text("")
    nbformat.write(executed() if status == 0 else failed(), run)
    page = json.dumps({"name": "p", "notebook": "n.ipynb", "title": "T", "part": "P"})
    arguments = ["--page", page, "--run", str(run), "--output", str(output), "--log", str(log)]
    assert main([*arguments, "--status", str(status), "--data-hash", "abc"]) == status
    assert output.exists() is (status == 0)
    assert not run.exists()
    assert ("ZeroDivisionError" in capsys.readouterr().err) is (status == 1)
