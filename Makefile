# Everything a person types. Each target brings what it needs and is quick when nothing changed.
.DEFAULT_GOAL := help
.PHONY: help serve test test-long check format generate docs lock bench clean

# More words for the command behind a target: make serve ARGS="--port 4200", make test ARGS="-k refresh"
ARGS ?=
export PYTHON

##@ Run
serve: ## Start Gatelodge in development mode on http://127.0.0.1:4100
	@tools/environment serve
	@exec .venv/bin/gatelodge serve --dev $(ARGS)

##@ Test
test: ## Run every test, on SQLite and PostgreSQL, with the official clients
	@tools/environment test
	@exec tools/test $(ARGS)

test-long: ## Run the tests that take minutes: kill -9 rounds, soak, slow disks
	@tools/environment test
	@exec tools/test -m long $(ARGS)

check: ## Lint, check types, hold the house rules, see that generated files are fresh
	@tools/environment check
	@exec tools/check

bench: ## Measure Gatelodge against this machine's own limits
	@tools/environment test
	@exec .venv/bin/python -m benchmarks $(ARGS)

##@ Write
format: ## Format the code and mend what the linter can
	@tools/environment check
	@.venv/bin/ruff check --fix --quiet || true
	@.venv/bin/ruff format

generate: ## Write the generated files again
	@tools/environment test
	@exec .venv/bin/python -m tools.generate

docs: ## Build the docs site in var/site, and fail on a link that leads nowhere
	@tools/environment docs
# Quiet, it would not count the warnings that --strict is about.
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict
	@echo "var/site/index.html (with a search when it is served: python3 -m http.server --directory var/site)"

lock: ## Remake the lock files (ARGS=--upgrade for the newest versions; needs uv)
	@tools/lock $(ARGS)

##@ Other
clean: ## Remove everything that these commands made, data in var/ excepted
	@rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache build dist src/*.egg-info

help: ## Say what can be typed
	@awk 'BEGIN { FS = ":.*##"; print "Type: make <target>" } \
	/^##@/ { printf "\n%s\n", substr($$0, 5) } \
	/^[a-zA-Z_-]+:.*##/ { printf "  %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
