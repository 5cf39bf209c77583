# Two commands: `make book` builds the site, `make test` proves everything.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OLDEST := $(VENV)/oldest
CPU_WHEELS := https://download.pytorch.org/whl/cpu
TORCH := $(shell sed -n 's/^\(torch==[0-9.]*\).*/\1/p' requirements.txt)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# The build without CUDA, or, where PyTorch's index cannot be reached, soon the usual one.
CPU_TORCH = --no-deps --extra-index-url $(CPU_WHEELS) $(TORCH)
QUICKLY := --retries 1 --timeout 5
BOOKMAKER := PYTHONPATH=book/_ext $(BIN)/python -m bookmaker

.DEFAULT_GOAL := help
.PHONY: help install book test lint unit exercises diagnoses bounds oldest mutants pdf offline reproducible serve times bench site-report launch thorough clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed 's/:.*## /:/' | awk -F: '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing $(TORCH), then the rest of requirements.txt, into $(VENV)."
	$(PIP) $(QUICKLY) $(CPU_TORCH) || { echo "An index was slow: trying again, with patience."; $(PIP) $(CPU_TORCH); }
	$(PIP) -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/ready ## make .venv with the pinned environment

book: $(VENV)/ready ## run every page that changed and build the site
	@$(BOOKMAKER) book

test: lint unit ## lint, types, unit tests, every page, the strict build, other seeds, the site
	@$(BOOKMAKER) book --force
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto tests/pages tests/site

thorough: $(VENV)/ready ## what takes too long for `make test`, on the site that is built
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto -m thorough tests/book tests/site

lint: $(VENV)/ready ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/ready ## unit tests and doctests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto --maxschedchunk=8

exercises: $(VENV)/ready ## list the exercises, with the answers and hints that are known
	@PYTHONPATH=book/_ext:tests $(BIN)/python tests/exercises/table.py

diagnoses: $(VENV)/ready ## diagnose networks that are well and broken ones, for the page to show
	@PYTHONPATH=tests $(BIN)/python tests/diagnosis/listing.py

bounds: $(VENV)/ready ## run PAGE (or all) with other seeds, to see what its claims may state
	@PYTHONPATH=book/_ext:tests $(BIN)/python tests/claims/bounds.py $(PAGE)

oldest: $(VENV)/ready ## run all claims with the oldest PyTorch and NumPy that the package promises
	$(PYTHON) -m venv $(OLDEST)
	PYTHONPATH=book/_ext:tests $(BIN)/python tests/claims/oldest.py --requirements > $(OLDEST)/requirements.txt
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --extra-index-url $(CPU_WHEELS) -r $(OLDEST)/requirements.txt
	PYTHONPATH=book/_ext:tests $(BIN)/python tests/claims/oldest.py $(OLDEST)/bin/python

mutants: $(VENV)/ready ## plant wrong formulas (ONLY one), and see which tests and pages notice
	@PYTHONPATH=book/_ext:tests $(BIN)/python tests/mutants/run.py $(if $(ONLY),--only "$(ONLY)")

serve: $(VENV)/ready ## live preview at http://127.0.0.1:8000
	@$(BOOKMAKER) serve --before '$(MAKE) --silent install'

pdf: $(VENV)/ready ## print the built book as one PDF, by Chromium, into _build/html
	@$(BOOKMAKER) pdf

offline: $(VENV)/ready ## pack the built site into one zip that opens from disk
	@$(BOOKMAKER) offline

reproducible: $(VENV)/ready ## build the last commit twice from nothing, and compare every byte
	@$(BOOKMAKER) reproducible

times: $(VENV)/ready ## measure how long every page takes, for the pages to quote
	@$(BOOKMAKER) times

bench: $(VENV)/ready ## measure speed and memory against other libraries
	$(BIN)/python -m pip install --quiet --no-deps --target $(VENV)/bench -r tests/benchmarks/requirements.txt
	PYTHONPATH=$(VENV)/bench:book/_ext $(BIN)/python tests/benchmarks/run.py

site-report: $(VENV)/ready ## measure every page in a browser: bytes, Lighthouse, axe (RUNS=1 is quick)
	npm install --silent --no-audit --no-fund --prefix $(VENV)/lighthouse lighthouse@12.8.2
	PYTHONPATH=book/_ext:tests:tests/site $(BIN)/python tests/site/report.py $(ONLY)

launch: $(VENV)/ready ## prove that the Binder buttons open notebooks that run
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/launch

clean: ## remove what was built, but not .venv
	rm -rf _build .pages
