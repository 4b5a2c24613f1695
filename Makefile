# What people and CI run. Each target installs or builds what it needs and says so.
#
#   make demo       try it: a marketplace runs forward in time, and a page shows what happened
#   make test       all tests, on SQLite and on a throw-away PostgreSQL
#   make check      everything that reads the code without running it
#
# PKG narrows a target to packages: make test PKG=./ledger/...

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# A checkout made by another user has no version stamp to read; the build does not need one.
export GOFLAGS := $(strip $(shell go env GOFLAGS) -buildvcs=false)
# Everything is pure Go: the tests run what the static binary runs. (The race detector is the exception, see `race`.)
export CGO_ENABLED := 0

PKG ?= ./...
# Test programs at the same time. Two suit two cores and keep timing-sensitive tests honest.
export JOBS ?= 2

.PHONY: help
help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: demo
demo: ## start the demo on an empty folder
	go run ./cmd/clickledger demo $(ARGS)

.PHONY: build
build: ## the static binary, in bin/
	go build -trimpath -ldflags '-s -w' -o bin/clickledger ./cmd/clickledger

.PHONY: release
release: ## a release in dist/VERSION (VERSION=1.2.3, KEY=signing key; TWICE=1 builds it again elsewhere and compares)
	@scripts/release.sh "$(VERSION)" $(if $(TWICE),--twice) $(if $(KEY),--sign "$(KEY)")

.PHONY: vuln
vuln: ## known holes in what is linked and called; asks vuln.go.dev, or the copy that GOVULNDB names
	@scripts/tools.sh govulncheck
	@.cache/bin/govulncheck $(PKG)

.PHONY: setup
setup: ## install what the tests need (PostgreSQL 15, ClickHouse, Chromium), where missing
	@scripts/setup.sh postgres chromium clickhouse

.PHONY: test
test: setup ## all tests, SQLite and PostgreSQL
	@scripts/test.sh $(PKG)

.PHONY: race
race: setup ## all tests under the race detector (needs a C compiler; slow)
	@CGO_ENABLED=1 scripts/test.sh -race $(PKG)

.PHONY: check
check: check-format check-vet check-lint check-tidy check-generated check-house ## all that reads the code without running it

.PHONY: check-format
check-format:
	@echo "== gofmt"
	@wrong=$$(scripts/files.sh '*.go' | xargs -0 -r gofmt -l); \
	if [ -n "$$wrong" ]; then echo "not gofmt'ed (run gofmt -w on them):"; echo "$$wrong"; exit 1; fi

.PHONY: check-vet
check-vet:
	@echo "== go vet"
	@go vet $(PKG)

.PHONY: check-lint
check-lint:
	@scripts/tools.sh staticcheck
	@echo "== staticcheck"
	@.cache/bin/staticcheck $(PKG)

.PHONY: check-tidy
check-tidy:
	@echo "== go mod tidy"
	@go mod tidy -diff
	@cd tools && go mod tidy -diff
	@go mod verify >/dev/null

.PHONY: check-generated
check-generated:
	@echo "== generated code"
	@scripts/check-generated.sh

# The house rules: imports, budgets, clocks, floats, migrations (see internal/arch). -count=1: a cached answer is no answer.
.PHONY: check-house
check-house:
	@echo "== house rules"
	@go test -count=1 ./internal/arch

.PHONY: generate
generate: ## regenerate the code that is generated
	@scripts/tools.sh templ
	@PATH="$(CURDIR)/.cache/bin:$$PATH" go generate ./...

.PHONY: bench
bench: ## benchmarks, PostgreSQL with fsync on (BENCH=pattern and PKG=./folder narrow them), then replay and settlement as whole processes
	@scripts/with-postgres.sh --durable go test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem -count $(or $(COUNT),1) -p 1 -timeout 60m $(PKG)
ifeq ($(BENCH)$(filter-out ./...,$(PKG)),)
	@go run ./bench/replay -clicks $(or $(CLICKS),20000000) -orders $(or $(ORDERS),1000000) -runs 3
	@scripts/with-postgres.sh --durable go run ./bench/settle -clicks 40000 -runs 3
endif

.PHONY: bench-edge
bench-edge: ## the redirect against nginx, interleaved, each on one processor (ARGS: see bench/edge)
	@scripts/setup.sh edge
	@mkdir -p bin && go build -o bin/bench-edge ./bench/edge && bin/bench-edge $(ARGS)

.PHONY: bench-pages
bench-pages: ## the console's pages, a year's reports and exports over ten million clicks and 500,000 orders on SQLite (DB=FILE keeps them; builds some ten minutes)
	@go run ./bench/pages -db "$(or $(DB),.cache/bench-pages.db)" -clicks $(or $(CLICKS),10000000) -orders $(or $(ORDERS),500000) $(ARGS)

.PHONY: torture
torture: ## a thousand kills of the click log and of the server, a million simulated power cuts (some 30 minutes; KILLS=100 CRASHES=100000 for less)
	CLICKLEDGER_KILLS=$(or $(KILLS),1000) CLICKLEDGER_CRASHES=$(or $(CRASHES),1000000) go test -count=1 -timeout 120m -run 'Kill|Crash' ./internal/clicklog
	CLICKLEDGER_KILLS=$(or $(KILLS),1000) go test -count=1 -timeout 120m -run 'Killed' ./cmd/clickledger

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (30s), every property with CHECKS (20000) cases
	@scripts/fuzz.sh $(PKG)

.PHONY: mutate
mutate: ## mutation tests of the money code: at least 80 % of the mutants must die
	@scripts/tools.sh gremlins
	@scripts/mutate.sh $(if $(filter ./...,$(PKG)),,$(PKG))

.PHONY: clean
clean: ## remove what make made
	rm -rf bin .cache demo-data
