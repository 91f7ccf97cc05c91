# The two commands that matter are `make run` and `make test`. `make help` lists the others.

PYTHON   ?= python3
SCENARIO ?= north_korea
ARGS     ?=
WORKERS  ?= 2
REASON   ?=

BIN := .venv/bin
UV  := $(shell command -v uv 2>/dev/null)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check check-format check-lint check-types check-test-types check-imports \
        check-spelling format docs bench gpu-check failures golden lock changelog clean

help:
	@echo "make run      install what a run needs, then run the scenario of North Korea"
	@echo "              (SCENARIO=name, ARGS='--members 50' change it)"
	@echo "make test     all checks, then all tests"
	@echo "make check    format, lint, types, import contracts, spelling"
	@echo "make format   mend format and imports in place"
	@echo "make docs     the documentation, into docs/_build/html"
	@echo "make failures kills, full disks, damage and dead workers, at full count"
	@echo "make bench    the benchmarks: they comment, they never block"
	@echo "make gpu-check  the kernels of graphics cards, compiled without one: whole numbers alone"
	@echo "make golden   REASON='why results moved': accept new golden results, write the news"
	@echo "make lock     write both lock files again (needs uv)"

run: .venv/.stamp
	$(BIN)/sousveil run $(SCENARIO) $(ARGS)

test: check
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

# Every check runs, though an earlier one failed: all problems at once.
check: .venv/.stamp-dev
	@$(MAKE) --no-print-directory --keep-going \
	    check-format check-lint check-types check-test-types check-imports check-spelling

check-format:
	@$(BIN)/ruff format --check .
check-lint:
	@$(BIN)/ruff check .
check-types:
	@$(BIN)/pyright
check-test-types:
	@$(BIN)/pyright -p .ci/pyright-tests.json
check-imports:
	@$(BIN)/lint-imports --no-cache
check-spelling:
	@$(BIN)/codespell --dictionary - --dictionary .ci/british.txt

format: .venv/.stamp-dev
	$(BIN)/ruff check --fix --select I .
	$(BIN)/ruff format .

docs: .venv/.stamp-dev
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

# Kills, full disks, flipped bits, dead workers at full count; the tests run a share of these.
failures: .venv/.stamp-dev
	$(BIN)/python -m tests.failures $(ARGS)

# The peers want other packages than we do: they have an environment of their own.
bench: .venv-bench/.stamp
	.venv-bench/bin/python -m benchmarks $(ARGS)

# The compilers of cards are 400 MB that a run never needs: they have an environment of their own.
gpu-check: .venv-gpu/.stamp
	PYTHONPATH=tests:. .venv-gpu/bin/python -m tests.ptx

# One process and a fixed order: old and new are printed once and in order.
golden: .venv/.stamp-dev
	@if [ -z "$(REASON)" ]; then echo "say why results moved: make golden REASON='...'"; exit 2; fi
	$(BIN)/python -m pytest tests/golden -n 0 -p no:randomly -s --golden-reason "$(REASON)"

# Development first: the core is then a part of it, so that one environment satisfies both.
UV_COMPILE = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
             --no-emit-package sousveil
lock:
	@if [ -z "$(UV)" ]; then echo "make lock needs uv: python3 -m pip install uv"; exit 2; fi
	$(UV_COMPILE) pyproject.toml build.in --extra dev -o lock-dev.txt
	$(UV_COMPILE) pyproject.toml build.in --constraint lock-dev.txt --no-annotate -o lock-core.txt
	$(UV_COMPILE) pyproject.toml build.in --extra bench --constraint lock-dev.txt --no-annotate \
	    --override benchmarks/override.in -o lock-bench.txt
	$(UV_COMPILE) pyproject.toml build.in --extra gpu --constraint lock-dev.txt --no-annotate \
	    -o lock-gpu.txt

changelog: .venv/.stamp-dev
	$(BIN)/towncrier build --yes

clean:
	rm -rf build dist docs/_build .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# --- The environment -------------------------------------------------------------------------------
# Stamps are touched last, so that a broken installation is tried again. The backend is in the lock
# files: an isolated build would fetch another one, unlocked.

ifdef UV
INSTALL = $(UV) pip install -q --python $(BIN)/python --compile-bytecode
else
INSTALL = $(BIN)/python -m pip install -q --disable-pip-version-check
endif

.venv/.stamp: lock-core.txt pyproject.toml | .venv/bin/python
	$(INSTALL) --require-hashes -r lock-core.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.stamp-dev: lock-dev.txt pyproject.toml | .venv/bin/python
	$(INSTALL) --require-hashes -r lock-dev.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch .venv/.stamp $@

# Without the resolver: mesa-frames names a numpy that the lock file overrides (benchmarks/override.in).
.venv-bench/.stamp: lock-bench.txt pyproject.toml
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
	    -r lock-bench.txt
	.venv-bench/bin/python -m pip install -q --disable-pip-version-check --no-deps \
	    --no-build-isolation -e .
	@touch $@

.venv-gpu/.stamp: lock-gpu.txt pyproject.toml
	$(PYTHON) -m venv .venv-gpu
	.venv-gpu/bin/python -m pip install -q --disable-pip-version-check --require-hashes \
	    -r lock-gpu.txt
	.venv-gpu/bin/python -m pip install -q --disable-pip-version-check --no-deps \
	    --no-build-isolation -e .
	@touch $@

# `import venv` alone succeeds on Debian without the package, hence ensurepip.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	 { echo "sousveil needs Python 3.11 or newer: make PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	 { echo "sousveil needs the venv module: sudo apt install python3-venv"; exit 2; }
	@df -Pk . | awk 'NR == 2 { exit $$4 < 2000000 }' || \
	 { echo "sousveil needs 2 GB of free disk here: make room, or clone it elsewhere"; exit 2; }
	$(PYTHON) -m venv .venv
