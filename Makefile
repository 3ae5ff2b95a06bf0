# `make help` lists what there is. Everything is installed into .venv and .tools of this folder.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
RUN_LOCKS := requirements/base.txt requirements/analysis.txt requirements/emulator.txt requirements/embedded.txt requirements/router.txt requirements/nodeps.txt
DATA ?= .coderev
REVIEW ?= .
ARGS ?=
# Processes of `make test`; most of it is waiting, so there are more than processors.
WORKERS ?= 3
REAL_TESTS = tests/real tests/integration/analysis tests/integration/project tests/emulator/services/test_kafka.py \
  tests/emulator/test_kafka.py tests/emulator/test_kafka_mappings.py tests/emulator/test_kafka_kills.py
export SAM_CLI_TELEMETRY = 0

##@ Use
.PHONY: help run
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z][a-z0-9-]*:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.run ## Start the platform on embedded services and review this code base (ONCE=1: stop after the review; REVIEW=path; ARGS="up options")
	@$(BIN)/coderev up --data "$(DATA)" --review "$(REVIEW)" $(if $(ONCE),--once) $(ARGS)

##@ Develop
.PHONY: setup services test-real test coverage check format openapi bench bench-emulator foreign e2e sam-build clean lock
setup: .venv/.dev ## Install everything that the other commands need

test: .venv/.dev ## Run the whole test suite in WORKERS processes (ARGS="pytest options")
	@$(BIN)/pytest -q -m "not slow and not real" -n $(WORKERS) $(ARGS)

coverage: .venv/.dev ## Run the whole test suite and show which lines it does not reach
	@$(BIN)/pytest -q -m "not slow and not real" --cov --cov-report=term-missing:skip-covered $(ARGS)

check: .venv/.dev .tools/sam/.installed ## Check format, lints, types, import contracts, template and the OpenAPI document
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@PYTHONPATH=layers/kernel/python:. $(BIN)/lint-imports --no-logo >.import_linter.log 2>&1 || { cat .import_linter.log; exit 1; }
	@$(BIN)/cfn-lint template.yaml
	@AWS_DEFAULT_REGION=eu-west-1 .tools/sam/bin/sam validate --lint
	@$(BIN)/python -m infra.licences --check
	@$(BIN)/python -m infra.openapi --check
	@! grep -nE 'https?://' requirements/*.txt || { echo "a lock names a download address"; exit 1; }

format: .venv/.dev ## Format the code and mend what a tool can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

openapi: .venv/.dev ## Write docs/openapi.json from the typed routes
	@$(BIN)/python -m infra.openapi

foreign: .state/foreign/.fetched ## Fetch the source distributions that `make e2e` reviews

e2e: .venv/.dev .state/foreign/.fetched ## Run the slow end-to-end tests: foreign code, kills in the middle
	@$(BIN)/pytest -q -m "slow and not real" --timeout 900 tests/e2e tests/emulator $(ARGS)

services: .venv/.dev ## Start the real Kafka, Neo4j, MinIO and OPA on free ports until interrupted (needs Java 17, Maven, Go)
	@$(BIN)/python -m infra.real up

test-real: .venv/.dev ## Run the contract, source and policy tests against the real Kafka, Neo4j, MinIO and OPA
	@$(BIN)/python -m infra.real run $(BIN)/pytest -q -m "real or not slow" --timeout 300 $(REAL_TESTS) $(ARGS)

bench: .venv/.dev ## Measure the gateway, the engines and an analysis, and print the figures
	@for script in tests/bench/*.py; do case $$script in */__init__.py|*/emulator.py|*/servers.py) ;; *) echo "== $$script"; $(BIN)/python -m "$$(echo $${script%.py} | tr / .)" || exit 1;; esac; done

bench-emulator: .venv/.dev .tools/rivals/.installed ## Measure the emulator beside chalice local and serverless-offline (needs wrk; npm for the latter)
	@$(BIN)/python -m tests.bench.servers
	@$(BIN)/python -m tests.bench.emulator

sam-build: .venv/.dev .tools/sam/.installed ## Build the functions and layers for the cloud into .aws-sam
	@.tools/sam/bin/sam build

lock: .venv/.run ## Resolve requirements/*.in again and write the hash-locked requirements
	@for name in base analysis emulator embedded dev uv sam rivals; do $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --prerelease if-necessary-or-explicit requirements/$$name.in -o requirements/$$name.txt || exit 1; done
	@for name in router nodeps foreign; do $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --no-deps requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## Remove what was installed and generated; the data in .coderev stays
	@rm -rf .venv .tools .aws-sam .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

# What is installed is remembered by a file, so that the second time costs nothing.
$(UV): requirements/uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "coderev needs Python 3.11 or later: install it, or say make PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "coderev needs Python 3.11 or later, and $(PYTHON) is older: say make PYTHON=/path/to/python3"; exit 2; }
	@command -v git >/dev/null || { echo "coderev needs git: install it"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "coderev needs Python's venv module: install the package python3-venv"; exit 2; }
	@echo "Installing into .venv (once) ..."
	@$(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt && touch $@

.venv/.run: $(UV) $(RUN_LOCKS) pyproject.toml
	@$(UV) pip sync --quiet --require-hashes requirements/uv.txt $(RUN_LOCKS)
	@$(UV) pip install --quiet --no-deps --no-build-isolation --editable .
	@rm -f .venv/.dev && touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@$(UV) pip install --quiet --no-deps --require-hashes -r requirements/dev.txt && touch $@

.tools/sam/.installed: requirements/sam.txt $(UV)
	@$(UV) venv --quiet --clear --python $(BIN)/python .tools/sam
	@$(UV) pip sync --quiet --python .tools/sam/bin/python --require-hashes requirements/sam.txt && touch $@

.tools/rivals/.installed: requirements/rivals.txt tests/bench/rivals/package-lock.json $(UV)
	@$(UV) venv --quiet --clear --python $(BIN)/python .tools/rivals
	@$(UV) pip sync --quiet --python .tools/rivals/bin/python --require-hashes requirements/rivals.txt
	@cp tests/bench/rivals/package.json tests/bench/rivals/package-lock.json .tools/rivals/
	@cd .tools/rivals && { npm ci --silent --no-audit --no-fund --ignore-scripts || echo "serverless-offline could not be installed, it is left out"; } && touch .installed

.state/foreign/.fetched: requirements/foreign.txt
	@rm -rf .state/foreign && mkdir -p .state/foreign
	@$(PYTHON) -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes -r requirements/foreign.txt -d .state/foreign && touch $@

# `sam build` calls these; ARTIFACTS_DIR is where a function's or a layer's content goes.
define bundle
	@mkdir -p "$(ARTIFACTS_DIR)/functions" && cp functions/__init__.py "$(ARTIFACTS_DIR)/functions/" && cp -R functions/$(1) "$(ARTIFACTS_DIR)/functions/" && find "$(ARTIFACTS_DIR)" -name __pycache__ -prune -exec rm -rf {} +
endef
build-Auth%: ; $(call bundle,auth)
build-Project%: ; $(call bundle,project)
build-Analysis%: ; $(call bundle,analysis)
build-Ai%: ; $(call bundle,ai)
build-Version%: ; $(call bundle,version)
build-Comparison%: ; $(call bundle,comparison)
build-Provider%: ; $(call bundle,provider)
