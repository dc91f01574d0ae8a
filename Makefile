# Everything a person types. Each target is a script in dev/ that can be read and run by itself.
.PHONY: run logging-backends test build conformance bench fuzz install format lint clean help
.DEFAULT_GOAL := help
DIST ?= dist
PREFIX ?= /usr/local

run: ## build, start the demo gateway on 127.0.0.1:8080 and say what to try
	@dev/bootstrap --demo
	@dev/build-dist $(DIST)
	@dev/demo $(DIST)

logging-backends: ## one gateway, its access log in six backends, each asked for every request (ARGS="--stay")
	@dev/bootstrap --backends
	@dev/build-dist $(DIST)
	@examples/logging-backends/run --postern $(DIST)/bin/postern $(ARGS)

test: ## lint, build, run every test, and the data path's under two sanitizers
	@dev/test

build: ## the release tree, in dist/ (it can be moved)
	@dev/bootstrap
	@dev/build-dist $(DIST)

conformance: ## the long suites: HTTP/2 case by case and under attack, real clients, reloads, CEL (ARGS="http2")
	@dev/bootstrap --test
	@dev/build-dist $(DIST)
	@dev/conformance --dist $(DIST) $(ARGS)

bench: ## Postern beside nginx, HAProxy and Envoy; writes benchmarks/README.md (ARGS="--only small")
	@dev/bootstrap --bench
	@dev/build-dist $(DIST)
	@benchmarks/run --dist $(DIST) $(ARGS)

fuzz: ## every fuzz target, SECONDS=120 each
	@dev/bootstrap
	@dev/fuzz $(SECONDS)

install: build ## copy dist/ to PREFIX (default /usr/local)
	@dev/install $(DIST) $(PREFIX)

format: ## lay out all Swift files
	@dev/format

lint: ## what dev/test checks before it builds
	@dev/lint

clean: ## remove everything built
	rm -rf .build* $(DIST) SDK/.build*

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
