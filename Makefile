# Two commands do everything: `make book` and `make test`. The rest is for those who work on the book.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
DATA ?= data
OUT ?= _build
BIN := .venv/bin
READY := .venv/.ready
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

.PHONY: help setup book test lab serve reference power-grid site lock clean
.DEFAULT_GOAL := help

help:
	@echo "make book       set up, check the evidence, run the notebooks, compile the book"
	@echo "make test       everything that CI runs"
	@echo "make serve      show the book at http://localhost:8000"
	@echo "make lab        open the notebooks in JupyterLab"
	@echo "make reference  renew the stored numbers after the evidence changed"
	@echo "make site       assemble the site of all released editions"
	@echo "make power-grid renew the stored power of the bias checks (minutes; any Snakemake executor)"
	@echo "make lock       renew requirements.lock and environment.yml"
	@echo "make clean      remove what was built"
	@echo "Another review: make book DATA=folder OUT=folder"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed; try make PYTHON=python3.11 book"; exit 2; }
	@echo "setting up .venv (a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(READY)

book: $(READY)
	@$(BIN)/lkcm book --data "$(DATA)" --out "$(OUT)"

test: $(READY)
	@env -u LKCM_DATA -u LKCM_TABLES $(BIN)/python -m pytest -n 2 --dist loadfile
	@env -u LKCM_DATA -u LKCM_TABLES $(BIN)/python -m pytest -n 2 --dist loadscope --nbval-lax $(NOTEBOOKS)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

lab: $(READY)
	@$(BIN)/python -m pip install --quiet --constraint requirements.lock --editable '.[lab]'
	@$(BIN)/jupyter lab notebooks

serve: book
	@$(BIN)/python -m http.server 8000 --directory "$(OUT)/html"

reference: book
	@$(BIN)/python -m lkcm.book.reference --results "$(OUT)/results.json"

site: $(READY)
	@$(BIN)/lkcm site

# Elsewhere than on this machine: make power-grid EXECUTOR="--executor slurm --jobs 24"
GRID ?= full
EXECUTOR ?= --cores all
power-grid: $(READY)
	@mkdir -p "$(OUT)"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake -s Snakefile --directory "$(OUT)" \
		$(EXECUTOR) --config data="$(CURDIR)/data" grid=$(GRID) --rerun-incomplete -- power_grid
	@test "$(GRID)" != full || cp "$(OUT)/.work/power/full.csv" src/lkcm/bias/power_grid.csv

lock:
	@rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --quiet '.[test,dev]'
	@.venv-lock/bin/python -m pip freeze --exclude lkcm > requirements.lock
	@.venv-lock/bin/python -m pip install --quiet --no-deps --editable .
	@.venv-lock/bin/python -m lkcm.book.environment requirements.lock > environment.yml
	@rm -rf .venv-lock build

clean:
	@rm -rf _build .venv .pytest_cache .ruff_cache .hypothesis src/lkcm.egg-info
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
