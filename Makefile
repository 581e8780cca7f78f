# dcconform: `make certify` and `make test` do all set-up by themselves.
# Needs Go, and for `make ci` a C compiler (race detector).

GO        ?= go
TEMPLATES ?=
FLAGS     ?=
EXE       := $(if $(filter Windows_NT,$(OS)),.exe,)
BIN       := bin/dcconform$(EXE)
MAIN      := ./suites/cmd/dcconform
PKGS      ?= ./...
# What selftest has said of this source, killed/faults: reports carry it.
SCORE     ?=

# Tools are pinned here and nowhere else.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOTESTSUM     := gotest.tools/gotestsum@v1.13.0

# testsum prints a line per package, and at the end what failed and what was
# skipped, with the reasons: a skip is never silent.
TESTSUM = "$(GO)" run $(GOTESTSUM) --format pkgname --

.PHONY: help build browser browser-wanted certify selftest proven test lint bench race ci clean go-check
.DEFAULT_GOAL := help

help:
	@echo "make certify                  certify the embedded templates; report in reports/latest"
	@echo "make certify TEMPLATES=path   certify a template file, or a folder of them"
	@echo "make certify FLAGS='...'      further flags, see bin/dcconform certify --help"
	@echo "make selftest                 prove the provider cases by every fault of the mock"
	@echo "make proven                   the same, and a $(BIN) that knows its score"
	@echo "make test                     all tests; a browser is installed where that is possible"
	@echo "make build                    $(BIN)"
	@echo "make lint                     gofmt, go vet, golangci-lint (pinned)"
	@echo "make bench                    benchmarks"
	@echo "make ci                       what CI runs: lint, race detector, browser required, certify, selftest"
	@echo "make clean                    delete bin and reports/latest"

# One sentence for a Go that is missing or too old, before anything else can
# fail in a hundred lines. `go version` speaks for the toolchain that go.mod
# selects, so a Go that fetches a newer one by itself passes.
go-check:
	@need=$$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod); \
	if ! command -v "$(GO)" >/dev/null 2>&1; then \
	  echo "dcconform needs Go $$need or newer, and there is no \"$(GO)\" here: install it from https://go.dev/dl/." >&2; exit 2; fi; \
	have=$$("$(GO)" version 2>/dev/null | sed -n 's/.*go\([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p'); \
	if [ -z "$$have" ]; then have=$$(GOTOOLCHAIN=local "$(GO)" version 2>/dev/null | sed -n 's/.*go\([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p'); old=1; fi; \
	if [ -n "$$old" ] || [ "$${have%%.*}" -lt "$${need%%.*}" ] || { [ "$${have%%.*}" -eq "$${need%%.*}" ] && [ "$${have#*.}" -lt "$${need#*.}" ]; }; then \
	  echo "dcconform needs Go $$need or newer, and \"$(GO)\" is Go $${have:-of an unknown version}: install a newer one from https://go.dev/dl/." >&2; exit 2; fi

build: go-check
	@mkdir -p bin
	@version=$$(git describe --tags --always --dirty 2>/dev/null || echo unknown); \
	"$(GO)" build -trimpath -buildvcs=false -ldflags "-X main.version=$$version -X main.score=$(SCORE)" -o $(BIN) $(MAIN)

# browser installs one where that needs no prompt, and says what to do where
# not; what needs it then skips aloud or is inconclusive.
browser: build
	@$(BIN) browser --install >/dev/null || true

browser-wanted: build
	@$(BIN) browser --install

certify: browser
	@$(BIN) certify --out reports/latest $(FLAGS) $(if $(TEMPLATES),"$(TEMPLATES)",)

selftest: build
	@$(BIN) selftest --out bin/selftest.json $(FLAGS)

# proven builds anew with the score that the whole selftest has just given this
# source; bundles of that build carry it.
proven: selftest
	@score=$$(sed -n -e 's/^  "scope": "full".*/full/p' -e 's/^    "faults": \([0-9]*\),$$/\1/p' -e 's/^    "killed": \([0-9]*\),$$/\1/p' bin/selftest.json | tr '\n' ' '); \
	set -- $$score; \
	if [ "$$1" != full ] || [ $$# -ne 3 ]; then echo "bin/selftest.json is not of a whole selftest: leave the filters out." >&2; exit 2; fi; \
	$(MAKE) --no-print-directory build SCORE="$$3/$$2"

test: browser
	@$(TESTSUM) $(PKGS)

lint: go-check
	@unformatted=$$("$$("$(GO)" env GOROOT)/bin/gofmt" -l fixtures mockprovider reports suites); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w is due in:" $$unformatted >&2; exit 1; fi
	@"$(GO)" vet $(PKGS)
	@"$(GO)" run $(GOLANGCI_LINT) run $(PKGS)

bench: go-check
	@"$(GO)" test -run '^$$' -bench . -benchmem $(PKGS)

race: browser-wanted
	@CGO_ENABLED=1 $(TESTSUM) -race $(PKGS)

ci: lint race
	@$(MAKE) --no-print-directory certify selftest

clean:
	@rm -rf bin reports/latest
