#!/usr/bin/env bash
# Installs what Apex needs and this machine lacks: Debian packages only, and for
# tests a few programs from npm. Quiet and quick when nothing is missing.
# Called by make; safe to run at any time.
#   scripts/setup.sh          what `make up` needs
#   scripts/setup.sh test     also what `make test` needs
#   scripts/setup.sh bench    what `make bench-balancer` needs
set -euo pipefail

need=()
want() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || need+=("$2"); }

want mariadbd mariadb-server-core
want mariadb mariadb-client-core
want mariadb-install-db mariadb-server-core
want redis-server redis-server
want redis-cli redis-tools
want ip iproute2
want git git
[ -e /etc/ssl/certs/ca-certificates.crt ] || need+=(ca-certificates)
if [ "${1:-}" = bench ]; then
	want nginx nginx-light
	want haproxy haproxy
	want caddy caddy
	want wrk wrk
fi
if [ "${1:-}" = test ]; then
	want chromium chromium
	[ -x /usr/bin/aws ] || need+=(awscli) # tests run Debian's own
	want nft nftables
	want nginx nginx-light
	want wrk wrk
	want gcc gcc
	want node nodejs
	want npm npm
	[ -e /usr/include/stdlib.h ] || need+=(libc6-dev)
	command -v terraform >/dev/null 2>&1 || echo "setup: Terraform is not installed: tests/terraform will check NOTHING" >&2
fi

if [ ${#need[@]} -gt 0 ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "setup: missing: ${need[*]} (as root: apt-get install ${need[*]})" >&2
		exit 1
	fi
	# Debian would start services of these packages; Apex runs its own.
	policy=/usr/sbin/policy-rc.d
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy
		chmod +x $policy
		trap 'rm -f $policy' EXIT
	fi
	echo "setup: installing ${need[*]}" >&2
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -qq >&2
	apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi

# Go 1.21 and later fetch the toolchain that go.mod asks for by themselves. An
# older one, such as Debian 12's, can still fetch it as the module that it is.
toolchain=go1.26.8
export PATH=/usr/local/go/bin:$PATH
go_minor=$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p' || true)
if [ "${go_minor:-0}" -lt 21 ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "setup: Go 1.26 or later is missing (as root, this script installs it)" >&2
		exit 1
	fi
	echo "setup: installing $toolchain" >&2
	DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends golang-go >/dev/null
	module=golang.org/toolchain@v0.0.1-$toolchain.linux-$(dpkg --print-architecture)
	tmp=$(mktemp -d)
	(cd "$tmp" && echo 'module setup' >go.mod && /usr/lib/go/bin/go mod download "$module")
	cp -r "$(/usr/lib/go/bin/go env GOMODCACHE)/$module" /usr/local/go
	chmod -R u+w /usr/local/go
	chmod -R a+x /usr/local/go/bin /usr/local/go/pkg/tool # module caches keep no execute bits
	rm -rf "$tmp"
fi

# npm's packages for tests, each in a folder of its own with a lock file.
packages() {
	local folder
	folder=$(dirname "$0")/../$1
	[ "$folder/node_modules/.package-lock.json" -nt "$folder/package-lock.json" ] && return
	echo "setup: installing $2" >&2
	npm ci --prefix "$folder" --no-audit --no-fund --silent ||
		echo "setup: npm ci failed: $1 will check NOTHING of $2" >&2
}
if [ "${1:-}" = test ]; then
	packages tests/clients/js "the SDK for JavaScript"
	packages crm/acceptance/lint "the linter of API descriptions"
fi
