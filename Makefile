# The commands people type. `make` alone lists them.
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
PYTHON_BIN := .venv/bin/python
WORKERS ?= 3
SOURCES := app.py hotline deploy migrations tests bench

.DEFAULT_GOAL := help
.PHONY: help run test check check-style check-types check-layers check-templates check-structure fix bench faults lock translations clean environment test-environment

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

run: environment ## start the whole portal here (PORT=8000, HOST=127.0.0.1, HOTLINE_DATA_DIR=var)
	@exec $(PYTHON_BIN) -m deploy.supervise

test: test-environment ## run every test, real parts included (ARGS="-k notices" for some, WORKERS=1 for one at a time)
	@deploy/test-tools.sh
	@env -u PYTHONDONTWRITEBYTECODE $(PYTHON_BIN) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: test-environment ## format, lint, types, layers, templates, structure; changes nothing
	@$(MAKE) -j 2 --output-sync=target check-types check-structure check-templates check-layers check-style
	@echo "make check: all is well"

check-style:
	@$(PYTHON_BIN) -m ruff format --check --quiet . || { echo "Badly formatted files; 'make fix' formats them:"; $(PYTHON_BIN) -m ruff format --check .; exit 1; }
	@$(PYTHON_BIN) -m ruff check --quiet .

check-types:
	@$(PYTHON_BIN) -m mypy --no-error-summary app.py hotline deploy

check-layers:
	@layers=$$(.venv/bin/lint-imports --no-logo 2>&1) || { echo "$$layers"; exit 1; }

check-templates:
	@$(PYTHON_BIN) -m djlint --lint --quiet hotline/templates

check-structure:
	@if [ -d tests/structure ]; then $(PYTHON_BIN) -m pytest tests/structure; fi

fix: test-environment ## format, and mend what can be mended by rule
	@$(PYTHON_BIN) -m ruff check --fix --quiet . ; $(PYTHON_BIN) -m ruff format --quiet .

bench: test-environment ## measure against a bare application and print the table
	@$(PYTHON_BIN) -m bench $(ARGS)

faults: test-environment ## kill processes at random and count what was lost
	@FAULT_ITEMS=$${FAULT_ITEMS:-1000} $(PYTHON_BIN) -m pytest -m faults $(ARGS)

lock: ## pin all packages anew, with hashes (needs uv)
	@command -v uv >/dev/null || { echo "uv is needed to pin packages: pip install uv"; exit 1; }
	@uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.txt
	@uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header --extra dev pyproject.toml -o requirements-dev.txt

translations: environment ## gather new texts into the catalogues, and compile these
	@$(PYTHON_BIN) -m babel.messages.frontend --quiet extract -F babel.cfg -k _in:1c,2 -k _later --sort-by-file --no-location --omit-header -o .venv/messages.pot .
	@$(PYTHON_BIN) -m babel.messages.frontend --quiet update --no-fuzzy-matching --no-wrap -i .venv/messages.pot -d hotline/translations
	@deploy/environment.sh

clean: ## remove the environment and everything made by tools (data stays)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find hotline/translations -name '*.mo' -delete

environment:
	@deploy/environment.sh requirements.txt

test-environment:
	@deploy/environment.sh requirements-dev.txt
