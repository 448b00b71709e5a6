# The two commands are `make run` and `make test`; `make help` lists the others.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& { echo $$p; break; }; done)

.PHONY: help run test lint fmt migrations-check bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

run: $(VENV)/.installed ## start the archive on http://127.0.0.1:8000/ (PORT=, HOST=)
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.installed-dev ## lint, then the whole suite on SQLite and PostgreSQL, browser tests included
	@$(BIN)/python scripts/run_tests.py

lint: $(VENV)/.installed-dev ## ruff
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

fmt: $(VENV)/.installed-dev ## format and sort imports
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

migrations-check: $(VENV)/.installed ## fail if a model lacks its migration
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/.installed ## page timings on a demonstration archive of 21,713 sessions
	$(BIN)/python -m benchmarks.pages --sessions 21713

clean: ## remove the virtual environment (never the data in var/)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 to 3.14 is needed. On Debian or Ubuntu: sudo apt-get install python3 python3-venv" >&2; exit 1; fi
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		v=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
		echo "$(PYTHON) lacks venv or ensurepip. On Debian or Ubuntu: sudo apt-get install python$$v-venv" >&2; exit 1; }
	@echo "Making the virtual environment with $(PYTHON) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing packages (first run, or requirements.txt changed) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
