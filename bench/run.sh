#!/usr/bin/env bash
# Measures what bench/README.md tells of, and prints its table. Needs root and a
# machine that does nothing else for about fifteen minutes; leaves nothing running.
set -euo pipefail
cd "$(dirname "$0")/.."
export APEX_BIN=${APEX_BIN:-$PWD/bin/apex}

bench() { # PACKAGE BENCHMARKS REPEAT [FLAG…]
	go test -run '^$' -timeout 30m -bench "$2" -benchtime "$3" "${@:4}" "$1"
}

{
	bench ./internal/store '^BenchmarkCommit$' 1s -count 3
	bench ./internal/dataplane/vnet '^Benchmark(CreateInterface|GroupChange)$' 200x
	bench ./internal/dataplane/task '^BenchmarkStart$' 30x
	bench ./bench '^BenchmarkUp$' 5x
	bench ./bench '^BenchmarkIdle$' 1x
	bench ./bench '^BenchmarkBuild$' 1x
	bench ./tests/terraform '^BenchmarkExample$' 1x
	bench ./bench '^BenchmarkCalls$' 1x -count 3
	bench ./bench '^BenchmarkMemory$' 1x
	bench ./bench '^BenchmarkFlat$' 1x
} | go run ./bench
