# What a contributor runs; `make help` lists it. Everything that is fetched or
# built lands in .cache/ and bin/.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

TOOLS    := .cache/bin
GOLANGCI := $(TOOLS)/golangci-lint
STYLUA   := .cache/stylua/node_modules/@johnnymorganz/stylua/package.json
VSCODE   := editors/vscode

FUZZTIME ?= 10s
BENCH    ?= .
COUNT    ?= 6

# The race detector needs a C compiler. A machine without one may still test;
# CI may not.
RACE := $(if $(shell command -v "$$(go env CC)"),-race)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## the static binary, bin/llmls; its version comes from the module or the commit
	CGO_ENABLED=0 go build -trimpath -buildvcs=auto -o bin/ ./cmd/llmls

.PHONY: test
test: ## every test, with the race detector where there is something to race
	@[ -n "$(RACE)" ] || { echo "no C compiler: testing WITHOUT the race detector" >&2; [ -z "$${CI:-}" ]; }
	test/neovim/fetch
	test/editors/fetch
	go test $(RACE) ./cmd/... ./internal/...
	go test $(RACE) -tags jsonrpc2poison ./internal/lsp/...
	go test ./test/... # of the binary that is shipped, which has no detector
	test/vscode/run || [ $$? = 3 ] # the machine cannot, and it said so

.PHONY: test-kate
test-kate: ## a real Kate, fetched once (161 MB), on a display of its own; needs mount namespaces
	test/kate/fetch
	go test -tags kate -count=1 ./test/kate

# The script is TypeScript, which Node runs since 22.18; the tests fetch one.
.PHONY: vsix
vsix: $(VSCODE)/node_modules ## the extension for VS Code, a package for each platform, in editors/vscode/dist
	@node -e 'process.exit(process.features.typescript ? 0 : 1)' || test/vscode/fetch
	cd $(VSCODE) && PATH="$(CURDIR)/.cache/vscode/bin:$$PATH" node scripts/vsix.ts

$(VSCODE)/node_modules: $(VSCODE)/package-lock.json
	cd $(VSCODE) && npm ci
	@touch $@

.PHONY: e2e
e2e: ## the real binary against a real llama-server, which is fetched once, and a real keyring
	$(if $(LLAMA_SERVER),,test/llama-server/fetch)
	@test/keyring
	test/neovim/fetch
	go test -tags e2e -count=1 ./test/e2e
	test/vscode/run -tags vscode,e2e -run '^TestVSCode$$' ./test/e2e || [ $$? = 3 ] # as in test

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME=10s
	@FUZZTIME=$(FUZZTIME) test/fuzz

.PHONY: mutants
mutants: ## removes each defence once; fails unless its test fails then
	@test/mutate

.PHONY: bench
bench: $(TOOLS)/stamp ## what docs/performance.md tells, measured here in 9 minutes (BENCH=pattern, COUNT=6)
	go run ./test/bench
	@mkdir -p .cache
	go test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime 200ms -count $(COUNT) ./internal/... > .cache/bench.txt
	@$(MAKE) --no-print-directory bench-summary

.PHONY: secrets
secrets: ## what is taken for a secret in code that holds hardly any; the second tree needs npm
	@mkdir -p .cache/typescript
	@[ -d .cache/typescript/package ] || (cd .cache/typescript && tar xzf "$$(npm pack --silent typescript@5.9.3)")
	go run ./test/secrets "$$(go env GOROOT)/src" .cache/typescript/package

# What stands in a column of its own is a baseline, or the same work on more.
.PHONY: bench-summary
bench-summary: $(TOOLS)/stamp
	@$(TOOLS)/benchstat -filter '.name:(Delta OR Find)' -col /impl .cache/bench.txt
	@$(TOOLS)/benchstat -filter '.name:(Edit OR Append) .unit:ns/op' -col /size .cache/bench.txt
	@$(TOOLS)/benchstat -filter '.name:(Stream OR Events) .unit:ns/delta' -col /deltas .cache/bench.txt
	@echo 'all of them: $(TOOLS)/benchstat .cache/bench.txt'

.PHONY: fmt
fmt: $(TOOLS)/stamp $(STYLUA) $(VSCODE)/node_modules ## formats every file
	$(GOLANGCI) fmt
	node test/neovim/stylua.mjs
	cd $(VSCODE) && npx biome check --write

.PHONY: format
format: $(TOOLS)/stamp $(STYLUA) ## fails if fmt would change a file
	$(GOLANGCI) fmt --diff
	node test/neovim/stylua.mjs --check

.PHONY: lint
lint: $(TOOLS)/stamp $(VSCODE)/node_modules ## the linters for Go, import rules included, for Lua and for TypeScript
	$(GOLANGCI) run
	for os in darwin windows; do GOOS=$$os CGO_ENABLED=0 go build -o /dev/null ./cmd/llmls; done # they compile
	test/neovim/fetch
	"$$(command -v .cache/neovim/trixie/luacheck || echo luacheck)" -q --config editors/neovim/.luacheckrc editors/neovim
	cd $(VSCODE) && npx tsc && npx tsc -p test/screen && npx biome check

.PHONY: vuln
vuln: $(TOOLS)/stamp ## known vulnerabilities in what the binary calls
	@test/vuln $(TOOLS)/govulncheck

.PHONY: gen
gen: ## derived files: settings tables, schemas, scripted models
	go generate ./...

.PHONY: record
record: ## records `llmls demo` for the README: docs/demo.cast and docs/demo.svg
	go build -o .cache/llmls ./cmd/llmls # so that compiling is not in the recording
	go run ./test/record -columns 80 -o docs/demo -shown 'go run ./cmd/llmls demo' -- .cache/llmls demo

.PHONY: fresh
fresh: ## the README's commands in a clean clone with empty caches
	test/fresh

.PHONY: clean
clean: ## removes what was built and fetched
	rm -rf bin .cache $(VSCODE)/node_modules $(VSCODE)/dist

# npm has StyLua as WebAssembly: no binary for each system, and no script runs.
$(STYLUA):
	npm install --silent --prefix .cache/stylua --no-save --ignore-scripts @johnnymorganz/stylua@2.5.2

# All tools of tools.mod at once; golangci-lint takes about 100 s on 2 cores
# with an empty build cache.
$(TOOLS)/stamp: tools.mod tools.sum
	@mkdir -p $(TOOLS)
	CGO_ENABLED=0 go build -modfile=tools.mod -o $(TOOLS)/ tool
	@touch $@
