# The house's commands. Paths are relative and tools are called as modules, so that a space in the
# folder's path does no harm: a virtual environment's own scripts do not survive one.

PYTHON ?= python3
PORT ?=

.DEFAULT_GOAL := help
.PHONY: help demo up test reliability check format build bench sam-local fuzz openapi lock data \
	clean setup-local setup-dev

run := .venv/bin/python -m

# They would put other packages, or another standard library, before ours.
unexport PYTHONPATH PYTHONHOME
export SAM_CLI_TELEMETRY := 0

help: ## List these targets
	@echo "Windrow: background tasks as serverless functions. Targets:"
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: setup-local ## Start the local stack, refresh 250 countries over HTTP, show them, stop everything
	@exec $(run) windrow.cli demo $(if $(PORT),--port "$(PORT)")

up: setup-local ## Keep the local stack running at http://127.0.0.1:3000 (PORT= for another), with its logs
	@exec $(run) windrow.cli up $(if $(PORT),--port "$(PORT)")

test: check ## Run everything: the checks, then unit, function, contract, template and end-to-end tests
	@exec $(run) pytest --numprocesses auto --dist loadgroup

reliability: setup-dev ## Prove the promises under faults; PROFILE=quick, LAYER=, SEED=, RUNS=, SECONDS= choose
	@PYTHONPATH=layers/windrow/python:layers/tasks/python exec $(run) tests.reliability \
		$(if $(PROFILE),--profile "$(PROFILE)") $(if $(LAYER),--layer "$(LAYER)") \
		$(if $(SEED),--seed "$(SEED)") $(if $(RUNS),--runs "$(RUNS)") $(if $(SECONDS),--seconds "$(SECONDS)")

check: setup-dev ## Check format, lint, types and import directions (seconds)
	@$(run) ruff format --check .
	@$(run) ruff check .
	@$(run) mypy
	@PYTHONPATH=layers/tasks/python .venv/bin/python -c "from importlinter.cli import lint_imports_command; lint_imports_command()"

format: setup-dev ## Write the format, and what lint can mend by itself
	@$(run) ruff format .
	@$(run) ruff check --fix .

build: setup-dev ## Build the functions and layers for AWS, as `sam deploy` will send them (into .aws-sam)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(run) samcli build

bench: setup-local ## Measure answer times and a refresh on the local stack, against their bars
	@exec $(run) tests.bench.answer_times

sam-local: setup-dev ## Run `sam local invoke` for every function with its event, where a Docker engine answers
	@exec $(run) windrow.cli sam-local

fuzz: setup-dev ## Ask the API 5,000 made-up requests, and compare each answer with docs/openapi.json; EXAMPLES=
	@PYTHONPATH=layers/windrow/python:layers/tasks/python exec $(run) tests.fuzz \
		$(if $(EXAMPLES),--examples "$(EXAMPLES)") $(if $(SEED),--seed "$(SEED)")

openapi: setup-dev ## Write the description of the API again: docs/openapi.json
	@PYTHONPATH=layers/windrow/python:layers/tasks/python exec $(run) scripts.build_openapi

lock: setup-dev ## Lock the dependencies again and write the functions' requirements.txt
	@UV=.windrow/bin/uv exec ./scripts/lock

data: setup-dev ## Write the bundled country data again from its sources
	@exec .windrow/bin/uv run --quiet --isolated --only-group data python scripts/build_snapshot.py

clean: ## Remove everything that set-up, builds and tests have made
	@rm -rf .venv .windrow .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-local:
	@"$(PYTHON)" -E -s -m scripts.setup local

setup-dev:
	@"$(PYTHON)" -E -s -m scripts.setup dev
