"""The pipeline on one page: check, chapters (papermill), results.json, html (jupyter-book).

Run it by `make book`. Config: data, the evidence folder. Working directory: the output folder.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from lkcm.book.chapters import chapters_file, read_pages
from lkcm.paths import ORACLES

ROOT = Path(workflow.basedir)
DATA = Path(config["data"])
CHAPTERS_YML = chapters_file(DATA)
PAGES = {page.name: page for page in read_pages(CHAPTERS_YML)}
CHAPTERS = [f".work/chapters/{name}.ipynb" for name in PAGES]

PYTHON = sorted((ROOT / "src").rglob("*.py"))
# What a notebook can import; an edit of the builder or the command line reruns no chapter.
NOT_IN_NOTEBOOKS = {
    *("cli.py", "pool_command.py", "effects_table.py", "dictionary.py", "add_trial.py"),
    "trial_draft.py",
    *("export.py", "export_command.py"),
    *("questions.py", "imports.py", "import_plan.py", "exports.py", "export_formats.py"),
    *("duplicates.py", "identifiers.py", "table_text.py", "writing.py"),
}
LIBRARY = [
    path
    for path in PYTHON
    if path.name not in NOT_IN_NOTEBOOKS and (path.parent.name != "book" or path.name == "glue.py")
]
BUILDER = [path for path in PYTHON if path.parent.name in ("book", "figures")]
PROSE = [
    path
    for folder in (ROOT / "book", DATA / "book")
    for path in sorted(folder.rglob("*"))
    if path.is_file()
]
SETTINGS = [ROOT / "_config.yml", ROOT / "_toc.yml", CHAPTERS_YML]


def tables(wildcards):
    """The evidence that a page declares and the folder has; corrections reach every table."""
    names = (*PAGES[wildcards.page].tables, "corrections")
    return [path for name in names if (path := DATA / f"{name}.csv").is_file()]


def oracles(wildcards):
    """Reference values of other programs that a page's parameters name."""
    names = PAGES[wildcards.page].parameters.get("oracles", [])
    return [ORACLES / f"{name}.json" for name in names]


def data_hash(wildcards):
    """Twelve digits over the tables of a page."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in tables(wildcards)))
    return digest.hexdigest()[:12]


rule book:
    input:
        ".work/published",


rule check:
    input:
        sorted(DATA.glob("*.csv")),
        PYTHON,
        PROSE,
        SETTINGS,
        sorted((ROOT / "notebooks").glob("*.ipynb")),
    output:
        touch(".work/checked"),
    params:
        data=DATA,
    shell:
        "echo 'lkcm> start check'; "
        "python -m lkcm.cli check --book --data {params.data:q} 2>&1 | sed 's/^/lkcm! /'; "
        "echo 'lkcm> done check'"


rule chapter:
    input:
        tables,
        oracles,
        LIBRARY,
        notebook=lambda wildcards: ROOT / "notebooks" / PAGES[wildcards.page].notebook,
    output:
        ".work/chapters/{page}.ipynb",
    params:
        page=lambda wildcards: json.dumps(asdict(PAGES[wildcards.page])),
        parameters=lambda wildcards: json.dumps(PAGES[wildcards.page].parameters),
        tables=lambda wildcards: " ".join(PAGES[wildcards.page].tables),
        data_hash=data_hash,
        data=DATA,
        cwd=ROOT / "notebooks",
    log:
        "logs/{page}.log",
    shell:
        "echo 'lkcm> start {wildcards.page}'; "
        "mkdir -p .work/run; run=.work/run/{wildcards.page}-$$.ipynb; status=0; "
        "LKCM_DATA={params.data:q} LKCM_TABLES={params.tables:q} "
        "papermill --engine ipc --no-progress-bar --cwd {params.cwd:q} -y {params.parameters:q} "
        "{input.notebook:q} $run > {log:q} 2>&1 || status=$?; "
        "python -m lkcm.book.finish --page {params.page:q} --run $run --output {output:q} "
        "--log {log:q} --status $status --data-hash {params.data_hash}; "
        "echo 'lkcm> done {wildcards.page}'"


rule results:
    input:
        CHAPTERS,
    output:
        ".work/results.json",
    params:
        pages=list(PAGES),
    run:
        from lkcm.book.harvest import harvest, write

        write(harvest(Path(".work/chapters"), params.pages), Path(output[0]))


rule html:
    input:
        CHAPTERS,
        PROSE,
        SETTINGS,
        BUILDER,
        sorted(DATA.glob("*.csv")),
        results=".work/results.json",
    output:
        touch(".work/published"),
    params:
        data=DATA,
    log:
        "logs/html.log",
    shell:
        "echo 'lkcm> start html'; rm -rf .work/site; "
        "python -m lkcm.book.stage --data {params.data:q} --chapters .work/chapters "
        "--source .work/src; "
        "jupyter-book build .work/src --path-output .work/site --all -W --keep-going "
        "> {log:q} 2>&1 || {{ grep -aE 'WARNING|ERROR|Exception' {log:q} | sed 's/^/lkcm! /' >&2; "
        "echo \"lkcm! jupyter-book failed; log: $PWD/\"{log:q} >&2; exit 1; }}; "
        "python -m lkcm.book.publish --site .work/site/_build/html --toc .work/src/_toc.yml "
        "--results {input.results:q} --out . >&2; "
        "echo 'lkcm> done html'"
