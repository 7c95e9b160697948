# Everything a newcomer types. Nothing is needed but Python 3.11 or newer with venv, and this make.
# ARGS goes on to test (pytest), check (names of steps) and bench: make test ARGS="tests/core -x"
PYTHON ?= python3
VENV := .venv/bin/python
WORKERS ?= 2
export WORKERS
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help setup demo run sandbox test test-pg15 check bench bench-scale lock messages assets clean

help: ## this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## environment, front-end packages, Korean messages (the others do it themselves)
	@$(PYTHON) config/bootstrap.py

demo: setup ## an insurer with a year behind it, on http://127.0.0.1:8000
	@exec $(VENV) -m config.run --demo

run: setup ## web, worker and beat for development, on an empty or your own database
	@exec $(VENV) -m config.run

sandbox: setup ## the partner API to try, on a database of its own
	@exec $(VENV) -m config.run --sandbox

test: setup ## the whole suite, then the guards on PostgreSQL 15 where it is installed
	@$(VENV) -m config.suite $(ARGS)

test-pg15: setup ## only the guards, on PostgreSQL 15
	@$(VENV) -m config.suite --only-pg15

check: setup ## format, lint, imports, types, migrations, deployment, translations, spelling
	@$(VENV) -m config.check $(ARGS)

bench: setup ## speeds, side by side
	@$(VENV) -m bench $(ARGS)

bench-scale: setup ## a million contracts, what each costs and what each guard costs
	@$(VENV) -m bench.scale $(ARGS)

lock: ## renew requirements*.lock and package-lock.json
	@$(PYTHON) config/bootstrap.py lock

messages: ## merge and compile the Korean messages
	@$(PYTHON) config/bootstrap.py python
	@$(VENV) -m config.messages build

assets: ## front-end packages
	@$(PYTHON) config/bootstrap.py python assets

clean: ## stop the private servers; remove everything that was made here, the demo's data too
	@$(PYTHON) config/bootstrap.py clean
