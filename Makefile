# The two commands are `make run` and `make test`; `make help` lists the others.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# Plain-text mails are excluded: every line break and space in them is significant.
TEMPLATES = $(shell find templates -name '*.html')
# To use another interpreter: make run PYTHON=/path/to/python3.12
PYTHON ?=

.PHONY: help run test test-fast lint fmt migrations-check bench clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 20

run: $(VENV)/.installed ## start the archive on http://127.0.0.1:8000/ (PORT=, HOST=)
	@exec $(BIN)/python manage.py serve

test: $(VENV)/.installed-dev ## lint, then the suite on SQLite and PostgreSQL (REQUIRE_ALL=1: skip nothing, FULL=1: every case on both)
	@exec $(BIN)/python scripts/run_tests.py

test-fast: $(VENV)/.installed-dev ## a quick check: only SQLite, no browser, no walks, nothing slow
	@exec $(BIN)/python -m pytest --part=fast -n auto

lint: $(VENV)/.installed-dev ## ruff, import order, types of the plain modules, formatting of the templates
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/lint-imports --no-logo --no-cache && $(BIN)/mypy
	@$(BIN)/djade --target-version 5.2 --check $(TEMPLATES) && $(BIN)/djhtml --tabwidth 2 --check $(TEMPLATES)

fmt: $(VENV)/.installed-dev ## fix what ruff can fix; format Python and templates
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
	@$(BIN)/djade --target-version 5.2 $(TEMPLATES) ; $(BIN)/djhtml --tabwidth 2 $(TEMPLATES)

migrations-check: $(VENV)/.installed ## fail if a model change lacks its migration
	@$(BIN)/python manage.py makemigrations --check --dry-run

bench: $(VENV)/.installed ## page timings on a demonstration archive of 21,713 sessions
	@$(BIN)/python -m benchmarks.pages --sessions 21713

clean: ## remove the virtual environment (never the data in var/)
	rm -rf $(VENV)

# Recreate an environment whose Python no longer exists after a system update.
ifeq ($(wildcard $(BIN)/python),)
.PHONY: $(VENV)/.made
endif
$(VENV)/.made: scripts/make_venv.sh
	@sh scripts/make_venv.sh $(VENV) "$(PYTHON)"
	@touch $@

$(VENV)/.installed: requirements.txt constraints.txt $(VENV)/.made
	@echo "Installing packages (first run, or requirements.txt changed) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing packages for tests …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-dev.txt
	@touch $@
