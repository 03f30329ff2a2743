# make demo needs Python >= 3.11 and make, make test also bash and a compiler for the engines; all else is set up here.
# ARGS="..." is passed on to the command a target ends in.

VENV := .venv
BIN := $(VENV)/bin
ENGINES := mosquitto kafka influxdb postgres chromium rtsp axe
CODE := hub ingest processors vision alerts storage api simulators tests
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV := $(if $(wildcard $(BIN)/uv),$(BIN)/uv,uv)

# Most of a test's time is waiting for an engine or a process.
TEST_PROCESSES := 2

.DEFAULT_GOAL := help
.PHONY: help demo test bench patrol-score chaos fuzz engines lint constraints clean check-lint check-types check-layers $(ENGINES:%=engine-%) engine-telegraf engine-victoriametrics engine-alertmanager

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

demo: $(VENV)/.demo ## the hub with a simulated district, at an address it prints
	@$(BIN)/hub demo $(ARGS)

test: ## everything that must hold: lint, types, layers, tests on the embedded and the real engines
	@$(MAKE) --no-print-directory -j8 $(VENV)/.dev engines-if-possible
	@$(MAKE) --no-print-directory --keep-going lint
	@echo "tests"
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup $(ARGS)

bench: $(VENV)/.bench engines engine-telegraf engine-victoriametrics engine-alertmanager ## every figure of benchmarks/RESULTS.md, measured here
	@$(BIN)/python -m benchmarks $(ARGS)

patrol-score: $(VENV)/.dev ## how well the patrol sees, suite by suite, into benchmarks/PATROL.md
	@$(BIN)/python -m benchmarks.patrol $(ARGS)

chaos: $(VENV)/.dev engines ## kill every role and engine under load and count what was lost (long)
	@$(BIN)/python -m pytest -m chaos --timeout 3600 $(ARGS)

fuzz: $(VENV)/.dev ## a million broken inputs for each codec, steered by coverage where atheris can be installed (long)
	@$(BIN)/python -c "import atheris" 2>/dev/null || $(PIP) install --group fuzz || echo "without atheris: inputs by chance"
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

engines: $(ENGINES:%=engine-%) ## fetch or build the real engines into the cache outside this folder

lint: $(VENV)/.dev check-lint check-types check-layers ## ruff, mypy and import-linter

constraints: ## resolve the pinned, hashed requirements anew
	@command -v $(UV) >/dev/null || { echo "make constraints needs uv: $(BIN)/pip install uv" >&2; exit 1; }
	$(COMPILE) --group dev --output-file constraints-dev.txt
	$(COMPILE) --group build --constraint constraints-dev.txt --output-file constraints.txt

clean: ## remove what make made here (the engines' cache stays)
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find $(CODE) benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# --- the virtual environment ------------------------------------------------------------------------------------------

# The first Python that is new enough; `make PYTHON=...` names one.
PYTHON ?=
define find_python
for python in $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python); do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
done; \
[ -n "$$python" ] || { echo "Python 3.11 or newer is needed, and $(if $(PYTHON),$(PYTHON) is not,none is on the PATH); name one with make PYTHON=/path/to/python3" >&2; exit 1; }; \
"$$python" -c 'import venv, ensurepip' 2>/dev/null || { echo "$$python has no venv module; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef

$(BIN)/python:
	@$(find_python); echo "making $(VENV) with $$("$$python" --version)"; "$$python" -m venv $(VENV)

# Hashes pin every file; our own package comes last, without its dependencies, as an editable install.
define install
@echo "installing $(1) (a minute or two, once)"
@$(PIP) install --require-hashes -r $(1)
@$(PIP) install --no-deps --no-build-isolation --editable .
@touch $@
endef

$(VENV)/.demo: constraints.txt pyproject.toml | $(BIN)/python
	$(call install,constraints.txt)

$(VENV)/.dev: constraints-dev.txt pyproject.toml | $(BIN)/python
	$(call install,constraints-dev.txt)

# What only the bench compares us with; without it, that column says so.
$(VENV)/.bench: $(VENV)/.dev
	@$(PIP) install --group bench && touch $@ || echo "without the peers of the bench that are Python packages"

COMPILE = $(UV) pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate

# --- the parts of make test -------------------------------------------------------------------------------------------

$(ENGINES:%=engine-%) engine-telegraf engine-victoriametrics engine-alertmanager: engine-%:
	@deploy/engines/$*.sh fetch

# On a laptop a missing engine's tests are skipped with the reason; where CI=true it is a failure.
.PHONY: engines-if-possible
engines-if-possible:
	@$(MAKE) --no-print-directory --keep-going engines || [ "$${CI:-}" != true ]

check-lint:
	@echo "lint"
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .

check-types:
	@echo "types"
	@$(BIN)/mypy $(CODE)

check-layers:
	@echo "layers"
	@said=$$($(BIN)/lint-imports --no-logo 2>&1) || { echo "$$said"; exit 1; }
