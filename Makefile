# The commands of this repository. `make` lists them.
GO ?= go
export CGO_ENABLED = 0

.DEFAULT_GOAL = help
.PHONY: help serve build beacon test tools fuzz nightly bench bench-build bench-beacon torture lint lint-others screenshots

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

serve: ## show the demonstration deals
	$(GO) run ./cmd/portico serve

build: ## build the program, stripped, into ./portico
	$(GO) build -trimpath -ldflags '-s -w' -o portico ./cmd/portico

beacon: ## build the collector, stripped, into ./portico-beacon
	$(GO) build -trimpath -ldflags '-s -w' -o portico-beacon ./cmd/portico-beacon

# lint has vetted everything; go test would do a part of it again, for every module.
# Thirty test programs are linked, faster without what a debugger reads. Those
# that run longest come first, so that no core waits for them in the end.
test: tools lint ## install what is missing and run every test; nothing is skipped
	PORTICO_TEST_ALL=1 $(GO) test -vet=off -ldflags=-w -timeout 30m ./internal/serve ./internal/build ./cmd/portico ./...

tools: ## install what the tests need and the machine lacks
	.ci/tools.sh

lint: ## formatting and vet
	@test -z "$$(gofmt -l cmd internal assets layouts themes content)" || { gofmt -l cmd internal assets layouts themes content; exit 1; }
	$(GO) vet ./...

# All that a mac and Windows get, which compiles every module twice more.
lint-others: ## vet for other systems, and what the nightly run alone has
	GOOS=darwin $(GO) vet ./cmd/... ./internal/...
	GOOS=windows $(GO) vet ./cmd/... ./internal/build ./internal/beacon/...
	$(GO) vet -tags nightly ./internal/serve

# Every fuzz target by itself: go test takes one at a time.
FUZZTIME ?= 60s
fuzz: ## fuzz every target, FUZZTIME each
	@$(GO) list ./internal/... | while read -r p; do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzzminimizetime 20x -fuzztime $(FUZZTIME) $$p || exit 1; \
	  done; done

# The race detector looks on at what `make test` runs: it takes ten times as
# long, and ten thousand edits race in no other way than five hundred. One
# package at a time, since some of them measure.
nightly: test lint-others fuzz ## the long runs as well
	PORTICO_TEST_ALL=1 PORTICO_TEST_LONG=1 $(GO) test -p 1 -timeout 1h -tags nightly ./...
	PORTICO_TEST_ALL=1 CGO_ENABLED=1 $(GO) test -race -p 1 -timeout 1h ./...

screenshots: tools ## take the pictures in docs/screenshots anew, and say which changed
	PORTICO_TEST_ALL=1 $(GO) test ./internal/serve -count=1 -run '^TestScreenshots$$' -update

bench: ## the benchmarks, for benchstat
	$(GO) test -run '^$$' -bench . -benchmem ./internal/...

# HUGO and STATICRYPT are the peers' programs; docs/performance.md says where to
# get them.
DEALS ?= 1000
HUGO ?= hugo
STATICRYPT ?= staticrypt
bench-build: build ## the table of budgets, beside Hugo and StatiCrypt where there are
	$(GO) run ./internal/measure -portico ./portico -hugo $(HUGO) -staticrypt $(STATICRYPT) -deals $(DEALS) $(BENCHFLAGS)

bench-beacon: beacon ## how the collector stands against its bars
	$(GO) run ./internal/beacon/torture -program ./portico-beacon -bench $(BENCHFLAGS)

ROUNDS ?= 1000
torture: beacon ## break what the collector stands on, and count what it lost; as root, for a disk that fills up
	$(GO) run ./internal/beacon/torture -program ./portico-beacon -rounds $(ROUNDS)
