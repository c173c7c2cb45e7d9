# Every target sets up what it needs in .venv (or $(VENV)) and then does its work.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# Tests are split over this many processes; "auto" is one a core.
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-matrix lint docs bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

$(VENV)/.installed: pyproject.toml src/praxis/__init__.py
	@PYTHON="$(PYTHON)" VENV="$(VENV)" bash scripts/setup-venv.sh --group dev --group matrix
	@touch $@

demo: $(VENV)/.installed ## Audit, mend and measure the sample shop (ARGS=--once to end by itself)
	$(BIN)/python -m examples.demo $(ARGS)

test: $(VENV)/.installed ## The whole test suite, on servers of its own
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

coverage: $(VENV)/.installed ## The same, and which lines it reaches; takes half as long again
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n $(WORKERS) $(ARGS)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

test-matrix: $(VENV)/.installed ## Every interpreter of this machine against the Django versions it can run
	$(BIN)/nox -s tests

lint: $(VENV)/.installed ## Formatting, lint, types, import contracts, documentation
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) --no-print-directory docs

docs: $(VENV)/.installed ## Build the documentation into site/; a warning is an error
	$(BIN)/python -m docs.generate --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: $(VENV)/.installed ## Measure against the peers; writes benchmarks/results/
	@VENV="$(VENV)" bash scripts/setup-venv.sh --group dev
	$(BIN)/python -m benchmarks $(ARGS)

clean: ## Remove what the targets made
	rm -rf $(VENV) .nox site dist build .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache
