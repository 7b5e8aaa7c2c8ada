"""The pipeline on one page: check, chapters (papermill), results.json, html (jupyter-book).

Run it by `make book`. Config: data, the evidence folder; stamp, the edition or `draft`. Working
directory: the output folder.
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
# Pages that are made from the results of the others have none of their own.
HARVESTED = [name for name, page in PAGES.items() if not page.reads_results]
RESULTS = ".work/results.json"

PYTHON = sorted((ROOT / "src").rglob("*.py"))
# What a notebook can import; an edit of the builder or the command line reruns no chapter.
NOT_IN_NOTEBOOKS = {
    *("cli.py", "pool_command.py", "effects_table.py", "dictionary.py", "add_trial.py"),
    "trial_draft.py",
    *("bias_command.py", "export.py", "export_command.py"),
    *("questions.py", "imports.py", "import_plan.py", "exports.py", "export_formats.py"),
    *("duplicates.py", "identifiers.py", "table_text.py", "writing.py"),
    *("ipd_command.py", "harmonise.py", "mapping.py"),
    *("command.py", "release.py", "site.py"),
}
LIBRARY = [
    path
    for path in PYTHON
    if path.name not in NOT_IN_NOTEBOOKS and (path.parent.name != "book" or path.name == "glue.py")
]
# Data of the library itself: a stored grid of simulations (`power_grid` below), public examples.
STORED = sorted(p for p in (ROOT / "src/lkcm").rglob("*") if p.suffix in (".csv", ".json"))
BUILDER = [path for path in PYTHON if path.parent.name in ("book", "figures")]
PROSE = [
    path
    for folder in (ROOT / "book", DATA / "book")
    for path in sorted(folder.rglob("*"))
    if path.is_file()
]
# The grid of simulations: `small` tries the pipeline, `full` is what the book shows.
GRID = config.get("grid", "small")
SHARDS = {"small": 2, "full": 24}
SETTINGS = [ROOT / "_config.yml", ROOT / "_toc.yml", CHAPTERS_YML]
# Does what `python -m` does, by the nursery that `lkcm book` starts, where there is one.
ASK = ROOT / "src/lkcm/book/ask.py"


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
    paths = [*tables(wildcards), *participants(wildcards)]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths))
    return digest.hexdigest()[:12]


def results_and_editions(wildcards):
    """What a page that is made last reads beside its tables."""
    if not PAGES[wildcards.page].reads_results:
        return []
    return [RESULTS, *sorted((DATA / "editions").glob("*.json"))]


def participants(wildcards):
    """Files of individual participants, for pages that read them."""
    if not PAGES[wildcards.page].reads_participants:
        return []
    found = [*(DATA / "ipd").glob("*"), *(DATA / "micro").glob("*")]
    return [path for path in sorted(found) if path.is_file()]


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


# One input for the chapters instead of hundreds: Snakemake looks at every input of every job that
# waits, each time one ends.
rule library:
    input:
        LIBRARY,
        STORED,
    output:
        touch(".work/library"),


# The engine `ipc` takes kernels from the nursery too.
rule chapter:
    input:
        tables,
        participants,
        results_and_editions,
        oracles,
        ".work/library",
        notebook=lambda wildcards: ROOT / "notebooks" / PAGES[wildcards.page].notebook,
    output:
        ".work/chapters/{page}.ipynb",
    params:
        page=lambda wildcards: json.dumps(asdict(PAGES[wildcards.page])),
        parameters=lambda wildcards: json.dumps(PAGES[wildcards.page].parameters),
        tables=lambda wildcards: " ".join(PAGES[wildcards.page].tables),
        results=lambda wildcards: Path(RESULTS).resolve() if PAGES[wildcards.page].reads_results else "",
        data_hash=data_hash,
        data=DATA,
        cwd=ROOT / "notebooks",
        ask=ASK,
    log:
        "logs/{page}.log",
    shell:
        "echo 'lkcm> start {wildcards.page}'; "
        "mkdir -p .work/run; run=.work/run/{wildcards.page}-$$.ipynb; status=0; "
        "LKCM_DATA={params.data:q} LKCM_TABLES={params.tables:q} LKCM_RESULTS={params.results:q} "
        "python -I -S {params.ask:q} papermill --engine ipc --no-progress-bar "
        "--no-request-save-on-cell-execute --cwd {params.cwd:q} -y {params.parameters:q} "
        "{input.notebook:q} $run > {log:q} 2>&1 || status=$?; "
        "python -I -S {params.ask:q} lkcm.book.finish --page {params.page:q} --run $run "
        "--output {output:q} --log {log:q} --status $status --data-hash {params.data_hash}; "
        "echo 'lkcm> done {wildcards.page}'"


# Not part of the book's build: `make power-grid` asks for it and stores what it gathers. A shard is
# a job of its own, on this machine or, by an executor plugin, on a cluster.
rule power_shard:
    output:
        ".work/power/{scale}/{shard}.csv",
    params:
        of=lambda wildcards: SHARDS[wildcards.scale],
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    shell:
        "OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "
        "python -m lkcm.bias.power_grid --scale {wildcards.scale} "
        "--shard {wildcards.shard} --of {params.of} --output {output:q}"


rule power_grid:
    input:
        lambda wildcards: [
            f".work/power/{GRID}/{shard}.csv" for shard in range(SHARDS[GRID])
        ],
    output:
        f".work/power/{GRID}.csv",
    shell:
        "python -m lkcm.bias.power_grid --gather {input:q} --output {output:q}"


rule results:
    input:
        [f".work/chapters/{name}.ipynb" for name in HARVESTED],
    output:
        RESULTS,
    params:
        pages=HARVESTED,
        ask=ASK,
    shell:
        "python -I -S {params.ask:q} lkcm.book.harvest --chapters .work/chapters "
        "--output {output:q} {params.pages:q}"


# The live charts' program, the same for every evidence.
rule assets:
    input:
        ROOT / "src/lkcm/book/assets.py",
        ROOT / "requirements.lock",
    output:
        ".work/assets/vega.js",
    params:
        ask=ASK,
    shell:
        "python -I -S {params.ask:q} lkcm.book.assets .work/assets"


rule html:
    input:
        CHAPTERS,
        ".work/assets/vega.js",
        PROSE,
        SETTINGS,
        BUILDER,
        sorted(DATA.glob("*.csv")),
        results=RESULTS,
    output:
        touch(".work/published"),
    params:
        data=DATA,
        stamp=config.get("stamp", "draft"),
        ask=ASK,
    log:
        "logs/html.log",
    shell:
        "echo 'lkcm> start html'; rm -rf .work/site; "
        "python -I -S {params.ask:q} lkcm.book.stage --data {params.data:q} "
        "--chapters .work/chapters --assets .work/assets --source .work/src --stamp {params.stamp:q}; "
        "python -I -S {params.ask:q} lkcm.book.compile build .work/src --path-output .work/site "
        "--all -W --keep-going "
        "> {log:q} 2>&1 || {{ {{ grep -aE 'WARNING|ERROR|Exception|[Ee]rror' {log:q} || true; }} "
        "| sed 's/^/lkcm! /' >&2; "
        "echo \"lkcm! jupyter-book failed; log: $PWD/\"{log:q} >&2; exit 1; }}; "
        "python -I -S {params.ask:q} lkcm.book.publish --site .work/site/_build/html "
        "--toc .work/src/_toc.yml --results {input.results:q} --out . >&2; "
        "echo 'lkcm> done html'"
