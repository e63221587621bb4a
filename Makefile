# Bedside. Needs Python 3.11+, make and git; everything else comes into .venv by uv from uv.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.synced
DATA ?= data/demo
PATIENTS ?= 1000
SEED ?= 1
PORT ?= 8000

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench clean

help: ## Show what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Bedside needs Python 3.11 or newer; try make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python install --quiet --disable-pip-version-check uv

$(STAMP): $(BIN)/uv pyproject.toml uv.lock
	@$(BIN)/uv sync --quiet --locked --compile-bytecode
	@touch $(STAMP)

setup: $(STAMP) ## Make .venv with everything in it

demo: $(STAMP) ## Generate the teaching hospital and serve it on http://127.0.0.1:8000
	@$(BIN)/bedside demo --data $(DATA) --patients $(PATIENTS) --seed $(SEED) --port $(PORT)

test: $(STAMP) ## Lint, type check, and run every test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/pytest -n 2


bench: $(STAMP) ## Measure everything and write docs/performance.md
	@$(BIN)/python -m benchmarks.run all --write

clean: ## Remove .venv, caches and the demo data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .bench data
