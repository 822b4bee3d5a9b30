# Two commands do everything on a fresh Debian machine, as root:
#   make up      builds Apex and starts ApexAI CRM's whole architecture here
#   make test    lints, builds and runs every test
# Each installs what the machine lacks (scripts/setup.sh).

export PATH := /usr/local/go/bin:$(PATH)
export CGO_ENABLED ?= 0

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X apex/internal/region.Version=$(VERSION)
GOTOOL  := go tool -modfile=tools/lint.mod
TIMEOUT ?= 45m

.PHONY: up down build test race lint fmt gen gen-check support bench bench-balancer setup setup-test clean

up: setup build ## start the region and the stack of apex.yaml
	bin/apex up

down: ## stop everything that `make up` started; data stay
	bin/apex down

build: ## bin/apex, with the small program that runs beside tasks inside
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/apex-task ./cmd/apex-task
	gzip -9nc bin/apex-task >internal/region/apex-task.gz
	go build -trimpath -tags companion -ldflags '$(LDFLAGS)' -o bin/apex ./cmd/apex

test: setup-test lint gen-check build ## everything CI checks
	$(MAKE) -C crm test
	go test -timeout $(TIMEOUT) ./...

race: setup-test build ## the tests under the race detector
	CGO_ENABLED=1 go test -race -timeout $(TIMEOUT) ./internal/...

lint: ## vet, staticcheck, gofumpt
	go vet ./...
	$(GOTOOL) staticcheck ./...
	cd crm && go vet ./... && go tool -modfile=../tools/lint.mod staticcheck ./...
	@out=$$($(GOTOOL) gofumpt -l cmd internal tests tools crm | grep -v -e '^internal/api/.*api/' -e testdata/ || true); \
	 if [ -n "$$out" ]; then echo "not gofumpt'ed (run: make fmt):"; echo "$$out"; exit 1; fi

fmt: ## rewrite the code in gofumpt's form
	$(GOTOOL) gofumpt -w $$(git ls-files '*.go' | grep -v -e '^internal/api/.*api/' -e testdata/)

gen: ## internal/api from the AWS API models, docs/support.md, docs/apex.schema.json
	go -C tools/awsgen run .
	go run ./cmd/apex schema >docs/apex.schema.json
	$(MAKE) support

support: ## docs/support.md from the services' routes
	go test ./internal/region -run TestSupportTable -update

gen-check: ## the generated files are what the generator writes
	go -C tools/awsgen run . -check

bench: setup-test build ## bench/README.md says what each figure is held against
	bench/run.sh

bench-balancer: ## the balancer against nginx, HAProxy and Caddy; about 25 minutes
	@scripts/setup.sh bench
	@go build -trimpath -o bin/bench-balancer ./bench/balancer
	@bin/bench-balancer

setup: ; @scripts/setup.sh
setup-test: ; @scripts/setup.sh test

clean: ; rm -rf bin internal/region/apex-task.gz
