# Needs Python 3.10 or later, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint types unit bench clean

demo: $(STAMP)
	rm -rf output
	$(BIN)/multistage --output.folder output
	@echo "What it made:"
	@cd output && find . -type f | sort

test: lint types unit

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy clickbind examples tests

unit: $(STAMP)
	$(BIN)/pytest --cov --cov-report=term

ROUNDS ?= 25
bench: $(STAMP)
	$(BIN)/python benchmarks/run.py --rounds $(ROUNDS)

$(STAMP): pyproject.toml examples/multistage/pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[lint,test,types]" --editable examples/multistage
	touch $@

clean:
	rm -rf $(VENV) output .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
