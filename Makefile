# Needs Python 3.10 or later, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DOCS := $(VENV)/.docs

.PHONY: demo test lint types unit plain faults fuzz fuzz-reader api docs pictures test-wasm bench bench-instructions clean

demo: $(STAMP)
	rm -rf output
	$(BIN)/multistage --output.folder output
	@echo "What it made:"
	@cd output && find . -type f | sort
	@echo
	@if $(BIN)/python -c "import sklearn" 2> /dev/null; then set -ex; \
	$(BIN)/digits --config examples/digits/configs/base.yml --var data=output/data --output.folder output/digits; \
	{ set +x; } 2> /dev/null; echo "Look at the figures: $(CURDIR)/output/digits/*.png"; \
	else echo "The experiment in examples/digits is left out: scikit-learn is not released for this Python."; fi

test: lint types unit

# The reference of the public names, from the docstrings; a test compares it.
api: $(STAMP)
	$(BIN)/python docs/make_api.py

# The documentation site, in site/: needs the network the first time.
docs: $(DOCS)
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --nitpicky --fresh-env --write-all docs site
	@echo "Open site/index.html."

# The pictures of the README, from what the example prints; a test compares their text.
pictures: $(DOCS)
	$(BIN)/python docs/make_pictures.py

# The tests on Python 3.14 and 3.15 as WebAssembly, in Node: needs node and npm, and the network the first time.
test-wasm: $(STAMP)
	$(BIN)/python tests/wasm/run.py -q

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy clickbind examples tests

unit: $(STAMP)
	$(BIN)/pytest -n auto --cov --cov-report=term

# The tests of what a shortcut may do, once more with all shortcuts off: the libraries do the work (`clickbind/fast`).
DIFFER := argbind cli declare journal layers nodes record running test_docs.py test_promises_files.py test_promises_saving.py \
	test_readme.py test_secrets_everywhere.py test_signals.py
plain: $(STAMP)
	CLICKBIND_PLAIN=1 $(BIN)/pytest -q -n auto $(addprefix tests/,$(DIFFER))

# The tests of what the system may refuse, with more kills, reads and calls, and all cases; it ends with the counts.
faults: $(STAMP)
	CLICKBIND_FAULTS=all $(BIN)/pytest -q tests/faults

# The tests that try examples with other ones: EXAMPLES times as many as `make test` tries, made of a seed.
EXAMPLES ?= 20
SEED ?=
fuzz: $(STAMP)
	@seed=$(or $(SEED),$$(date +%s)); echo "To try the same examples again: make fuzz EXAMPLES=$(EXAMPLES) SEED=$$seed"; \
	FUZZ=$(EXAMPLES) $(BIN)/pytest -q -n auto --hypothesis-seed=$$seed -m hypothesis

# The reader of config files with inputs that its coverage guides to new code: needs Python 3.11 to 3.13 on Linux, and the
# network the first time.
MINUTES ?= 15
fuzz-reader: $(STAMP)
	$(BIN)/python -c "import atheris" 2> /dev/null || $(BIN)/python -m pip install --quiet "atheris>=3"
	$(BIN)/python -m tests.fuzz.reader --minutes $(MINUTES)

ROUNDS ?= 25
bench: $(STAMP)
	-$(BIN)/python benchmarks/engines.py --rounds 3
	$(BIN)/python benchmarks/run.py --rounds $(ROUNDS)
	$(BIN)/python benchmarks/sweeps.py

# Processor instructions, which repeat: needs valgrind, and the network the first time.
AGAINST ?=
bench-instructions: $(STAMP)
	$(BIN)/python benchmarks/instructions.py --against "$(AGAINST)"

$(STAMP): pyproject.toml examples/multistage/pyproject.toml examples/digits/pyproject.toml
	@echo "Installing into $(VENV), which needs the network, this once, and takes about a minute."
	@echo "'make test' takes about a quarter of an hour more on two cores, 'make demo' ten seconds."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable \
		".[engines,lint,mlflow,optuna,report,test,tools,types]" \
		--editable examples/multistage --editable examples/digits
	touch $@

$(DOCS): $(STAMP)
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@

clean:
	rm -rf $(VENV) .wasm output site .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis
