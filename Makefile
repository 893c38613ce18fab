# Everything is set up in ./.venv; only Python 3.11 or later, make and a package registry are needed.
# The demonstration needs the base alone; everything else the developers' environment.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test test-slow check lint types docs bench clean page-tools page-check

demo: $(if $(wildcard .venv/.installed),.venv/.installed,.venv/.base)
	$(BIN)/bowlby demo --out bowlby-demo

test: .venv/.installed
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

test-slow: .venv/.installed
	$(BIN)/python -m pytest -n auto --dist worksteal -m slow

check: test lint types docs

lint: .venv/.installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: .venv/.installed
	$(BIN)/basedpyright

docs: .venv/.installed
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html

# Needs Node and npm; `page-check` fails unless a rebuild equals the committed assets.
page-tools:
	cd room && npm install --no-audit --no-fund --silent

page-check:
	cd room && npx vite build --logLevel warn --emptyOutDir --outDir ../.page-check
	diff -r .page-check src/bowlby/practice/page
	rm -rf .page-check

bench: .venv/.installed
	$(BIN)/python benchmarks/one_dyad.py
	$(BIN)/python benchmarks/many_surrogates.py

.venv/.base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

.venv/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv bowlby-demo docs/_build
