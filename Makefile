# Thin targets: the work is in kintohub/standalone, which needs nothing but Python.
PYTHON ?= python3
COMMAND = @$(PYTHON) -m kintohub.standalone $@

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-postgres test-languages test-faults bench-switch bench-proxy bench-deploy bench-diagnosis bench-logs bench-consoles lint lock screenshots clean

help: ## Show this list
	$(COMMAND)

run: ## Set up what is missing and run KintoHub until Ctrl-C
	$(COMMAND)

test: ## Run every check and every test
	$(COMMAND)

test-fast: ## Run the unit tests only
	$(COMMAND)

test-postgres: ## Run the tests (without the browser's) on a PostgreSQL server of their own
	$(COMMAND)

test-languages: ## Build and run an application in every language
	$(COMMAND)

test-faults: ## Break everything at every stage of a deploy and print what came of it (restarts Docker)
	$(COMMAND)

bench-switch: ## Measure 50 switches under load, and what a switch costs with many routes
	$(COMMAND)

bench-proxy: ## Measure requests through the proxy against requests to the container
	$(COMMAND)

bench-deploy: ## Measure deploys beside a shell script that does the same, and the memory of an idle platform
	$(COMMAND)

bench-diagnosis: ## Deploy broken repositories and print which causes were found and which clicks repaired them
	$(COMMAND)

bench-logs: ## Measure logs from print to browser: delay, loss, cost
	$(COMMAND)

bench-consoles: ## Measure consoles from print to browser, and what the agent costs
	$(COMMAND)

lint: ## Run the linters, the type checker and the layer rules
	$(COMMAND)

lock: ## Resolve pyproject.toml anew into requirements/*.txt
	$(COMMAND)

screenshots: ## Take the README's pictures again
	$(COMMAND)

clean: ## Remove the virtual environment and caches; data stays
	$(COMMAND)
