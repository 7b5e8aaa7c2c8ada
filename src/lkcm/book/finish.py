"""From a notebook that papermill ran to the chapter that readers see, or to a clear failure."""

import argparse
import json
import os
import re
import sys
from html import escape
from pathlib import Path

import nbformat

from lkcm.book.chapters import REPORT, Page


def finish(notebook: nbformat.NotebookNode, page: Page, data_hash: str) -> nbformat.NotebookNode:
    """Return the executed notebook as a page of the book.

    Run metadata go, the page gets its own title, cells after a stop (``needs``) are cut, and a
    foot names the tables, their hash and the parameters.
    """
    for key in ("papermill", "execution"):
        notebook.metadata.pop(key, None)
    declared = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            tags = declared[0].metadata["tags"] if declared else ["remove-cell"]
            cell.metadata["tags"] = [tag for tag in tags if tag != "parameters"]
            cell.id = "injected-parameters"
            cell.source = "# generated from chapters.yml: edit there\n" + cell.source
    _set_title(notebook, page.title + (" (synthetic data)" if _is_synthetic(notebook) else ""))
    _cut_after_stop(notebook)
    foot = nbformat.v4.new_markdown_cell(_foot(page, data_hash), id="foot")
    notebook.cells.append(foot)
    return notebook


def _is_synthetic(notebook: nbformat.NotebookNode) -> bool:
    """Tell whether every glued value of the page rests on synthetic data.

    A page with real evidence as well leaves the word to its charts and tables.
    """
    outputs = (output for cell in notebook.cells for output in cell.get("outputs", []))
    records = [o["metadata"]["lkcm"] for o in outputs if "lkcm" in o.get("metadata", {})]
    return bool(records) and all(record.get("synthetic") for record in records)


def _set_title(notebook: nbformat.NotebookNode, title: str) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            _, _, rest = cell.source.partition("\n")
            cell.source = f"# {title}\n{rest}".rstrip()
            return
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(f"# {title}", id="title"))


def read(path: Path) -> nbformat.NotebookNode:
    """Return an executed chapter; it was validated when it was written."""
    return nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))


def stopped_for(notebook: nbformat.NotebookNode) -> list[str] | None:
    """Return the tables for want of which the chapter stopped; None for a whole chapter."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if "lkcm_stop" in output.get("metadata", {}):
                return output["metadata"]["lkcm_stop"]
    return None


def _cut_after_stop(notebook: nbformat.NotebookNode) -> None:
    for position, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        stop = [o for o in outputs if "lkcm_stop" in o.get("metadata", {})]
        if stop:
            cell.outputs = stop
            cell.metadata["tags"] = ["remove-input"]
            del notebook.cells[position + 1 :]
            return


def _foot(page: Page, data_hash: str) -> str:
    tables = ", ".join(f"<code>{escape(table)}</code>" for table in page.tables) or "none"
    parameters = ", ".join(
        f"<code>{escape(f'{key} = {json.dumps(value, ensure_ascii=False)}')}</code>"
        for key, value in page.parameters.items()
    )
    return (
        '<div class="lkcm-foot">\n'
        f"Tables read: {tables} (data {escape(data_hash)}). "
        f"Parameters: {parameters or 'as in the notebook'}. "
        f'<a href="../_sources/chapters/{escape(page.name)}.ipynb" download>Notebook</a>, '
        f"made from <code>notebooks/{escape(page.notebook)}</code>.\n"
        "</div>"
    )


def failure(notebook: nbformat.NotebookNode, page: Page, log: Path) -> list[str]:
    """Return the lines that tell which cell failed, at which line, and with what."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                line = _source_line(cell.source, output.get("traceback", []))
                return [
                    f"page {page.name} failed (notebooks/{page.notebook}, cell {cell.id})",
                    f"    {line}",
                    *f"{output.ename}: {output.evalue}".splitlines(),
                    f"log: {log}",
                ]
    return [f"page {page.name} failed before any cell ran (notebooks/{page.notebook})"] + [
        *log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-3:],
        f"log: {log}",
    ]


def _source_line(source: str, traceback: list[str]) -> str:
    """Return the notebook's own line: the arrow of the frame headed ``Cell In[n], line k``."""
    lines = source.splitlines() or [""]
    for frame in traceback:
        match = re.search(r"Cell In\[\d+\], line (\d+)", re.sub(r"\x1b\[[0-9;]*m", "", frame))
        if match and int(match.group(1)) <= len(lines):
            return f"line {match.group(1)}: {lines[int(match.group(1)) - 1].strip()}"
    return f"line 1: {lines[0].strip()}"


def main(argv: list[str] | None = None) -> int:
    """Finish one page; called by the rule ``chapter`` of the Snakefile."""
    parser = argparse.ArgumentParser(prog="python -m lkcm.book.finish")
    parser.add_argument("--page", required=True, help="the page as JSON")
    parser.add_argument("--run", type=Path, required=True, help="what papermill wrote")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--status", type=int, required=True, help="papermill's exit status")
    parser.add_argument("--data-hash", required=True)
    args = parser.parse_args(argv)
    page = Page(**json.loads(args.page))
    if args.run.is_file():
        notebook = nbformat.read(args.run, as_version=4)
    else:
        notebook = nbformat.v4.new_notebook()
    if args.status != 0:
        for line in failure(notebook, page, args.log.resolve()):
            print(REPORT + line, file=sys.stderr)
        args.run.unlink(missing_ok=True)
        return 1
    finished = finish(notebook, page, args.data_hash)
    beside = args.output.with_suffix(".part")
    nbformat.write(finished, beside)
    os.replace(beside, args.output)
    args.run.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
