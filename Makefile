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
RELEASE  := .cache/release/bin

FUZZTIME ?= 10s
TURNS    ?= 1
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

# Nothing is driven here but the code itself: no race detector, no editor, and
# nothing of Lua, which is tested in Neovim alone. A machine whose Node is too
# old for TypeScript fetches one, once.
.PHONY: quick
quick: $(VSCODE)/node_modules ## the tests that need no other program, in less than a minute: Go's and TypeScript's units
	go test ./cmd/... ./internal/... ./test/docs ./test/mutants ./test/sentences
	node=$$(test/node) && cd $(VSCODE)/test && "$$node" --test --test-reporter=dot unit/*.test.ts

# Three parts, so that with make -k a failure in one does not hide those in the others.
.PHONY: test test-units test-programs test-vscode
test: test-units test-programs test-vscode ## every test, with the race detector where goroutines share memory

test-units: $(VSCODE)/node_modules
	@[ -n "$(RACE)" ] || { echo "no C compiler: testing WITHOUT the race detector" >&2; [ -z "$${CI:-}" ]; }
	test/renderers/fetch
	go test $(RACE) -tags jsonrpc2poison ./cmd/... ./internal/... # released requests are scribbled over

test-programs: $(VSCODE)/node_modules
	test/neovim/fetch
	test/editors/fetch
	test/renderers/fetch
	go test -p 1 -timeout 20m ./test/... # of the binary that is shipped, which has no detector

test-vscode:
	test/vscode/run || [ $$? = 3 ] # the machine cannot, and it said so

.PHONY: test-desktop
test-desktop: ## Kate and Geany, fetched once (179 MB), on a display of their own, and lsp-mode; needs mount namespaces
	test/desktop/fetch
	test/editors/fetch
	go test -tags desktop -count=1 ./test/desktop
	go test -tags desktop -count=1 -run '/^lsp-mode$$' ./test/editors

.PHONY: test-coc
test-coc: ## Vim and Neovim with COC=/path/to/coc.nvim, as a person installed it: no package has it
	@[ -f "$(COC)/build/index.js" ] || { echo "test-coc: name an installed coc.nvim, a directory with build/index.js: make test-coc COC=/path/to/coc.nvim" >&2; exit 1; }
	test/neovim/fetch
	test/editors/fetch
	COC="$(COC)" go test -tags coc -timeout 20m -count=1 -run '/^coc-' ./test/editors

.PHONY: test-wine
test-wine: ## tests as programs for Windows, in Wine 10, fetched once (183 MB); needs mount namespaces
	test/wine/fetch
	test/wine/run

.PHONY: vsix
vsix: $(VSCODE)/node_modules ## the extension for VS Code, a package for each platform, in editors/vscode/dist
	node=$$(test/node) && cd $(VSCODE) && VERSION='$(VERSION)' PATH="$$(dirname "$$node"):$$PATH" node scripts/vsix.ts

$(VSCODE)/node_modules: $(VSCODE)/package-lock.json
	cd $(VSCODE) && npm ci
	@touch $@

.PHONY: release
release: $(RELEASE)/stamp ## all that a release of HEAD's tag consists of, in dist/
	test/packages/fetch
	release/build

.PHONY: nvim
nvim: ## the repository of the plugin for Neovim, as vim.pack and lazy.nvim take it, in dist/llmls.nvim
	rm -rf dist/llmls.nvim
	release/neovim dist/llmls.nvim

.PHONY: packages
packages: release ## installs and removes each package of dist/ in a root of its own, and tries completions and manifests
	test/editors/fetch
	test/packages/try
	go test -tags packages -count=1 ./test/packages

.PHONY: same
same: $(RELEASE)/stamp ## builds the release of HEAD twice, in two places, the second time with an empty cache, and compares
	test/packages/fetch
	release/same

.PHONY: e2e
e2e: ## the real binary against a real llama-server, which is fetched once, and a real keyring
	$(if $(LLAMA_SERVER),,test/llama-server/fetch)
	@test/keyring
	test/gateways/fetch
	test/neovim/fetch
	go test -tags e2e -count=1 ./test/e2e
	test/vscode/run -tags vscode,e2e -run '^TestVSCode$$' ./test/e2e || [ $$? = 3 ] # as in test

.PHONY: fuzz
fuzz: $(VSCODE)/node_modules ## every fuzz target, or those that FUZZ=pattern names, or one in TURNS=n, for FUZZTIME=10s
	test/renderers/fetch
	@FUZZTIME=$(FUZZTIME) FUZZ='$(FUZZ)' TURNS=$(TURNS) test/fuzz

.PHONY: mutants
mutants: $(VSCODE)/node_modules ## removes defences in turn (MUTANTS=all: every one); fails unless their tests fail then
	test/renderers/fetch
	@test/mutate

.PHONY: bench
bench: $(TOOLS)/stamp ## the figures of docs/performance.md, measured here in 11 minutes (BENCH=pattern, COUNT=6)
	go run ./test/bench
	test/vscode/run -run '^$$' -bench Answer | sed -n 's/.*ℹ \(.* ms\)$$/\1/p' || [ $$? = 3 ] # as in test
	@mkdir -p .cache
	go test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime 200ms -count $(COUNT) ./internal/... > .cache/bench.txt
	@$(MAKE) --no-print-directory bench-summary

.PHONY: context
context: ## how many of the names that code uses its prompt defines: Go, TypeScript (npm), Python; SEED=n draws others
	@test/context/run

.PHONY: sentences
sentences: ## what llmls says to people and to models, by file and line: to be read through, or translated
	@go run ./test/sentences

.PHONY: secrets
secrets: ## false findings of secrets in two trees of code; the second one needs npm
	@mkdir -p .cache/typescript
	@[ -d .cache/typescript/package ] || (cd .cache/typescript && tar xzf "$$(npm pack --silent typescript@5.9.3)")
	go run ./test/secrets "$$(go env GOROOT)/src" .cache/typescript/package

# What stands in a column of its own is a baseline, or the same work on more.
.PHONY: bench-summary
bench-summary: $(TOOLS)/stamp
	@$(TOOLS)/benchstat -filter '.name:(Delta OR Find OR List)' -col /impl .cache/bench.txt
	@$(TOOLS)/benchstat -filter '.name:CodeAction .unit:ns/op' -col /prompts .cache/bench.txt
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
	for os in darwin freebsd windows; do \
	  GOOS=$$os CGO_ENABLED=0 go build -o /dev/null ./cmd/llmls; \
	  GOOS=$$os CGO_ENABLED=0 go vet ./cmd/... ./internal/...; \
	done
	test/neovim/fetch
	"$$(command -v .cache/neovim/trixie/luacheck || echo luacheck)" -q --config editors/neovim/.luacheckrc editors/neovim
	cd $(VSCODE) && npx tsc && npx tsc -p test/screen && npx biome check

.PHONY: vuln
vuln: $(TOOLS)/stamp ## known vulnerabilities in what the binary calls
	@test/vuln $(TOOLS)/govulncheck

.PHONY: gen
gen: ## derived files: settings tables, schemas, types of commands, scripted models
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
	rm -rf bin dist .cache $(VSCODE)/node_modules $(VSCODE)/dist

# npm has StyLua as WebAssembly: no binary for each system, and no script runs.
$(STYLUA):
	npm install --silent --prefix .cache/stylua --no-save --ignore-scripts @johnnymorganz/stylua@2.5.2

# All tools of tools.mod at once; golangci-lint takes about 100 s on 2 cores
# with an empty build cache.
$(TOOLS)/stamp: tools.mod tools.sum
	@mkdir -p $(TOOLS)
	CGO_ENABLED=0 go build -modfile=tools.mod -o $(TOOLS)/ tool
	@touch $@

# GoReleaser alone takes about 5 minutes on 2 cores with an empty build cache.
$(RELEASE)/stamp: release/tools.mod release/tools.sum
	@mkdir -p $(RELEASE)
	CGO_ENABLED=0 go build -modfile=release/tools.mod -o $(RELEASE)/ tool
	@touch $@
