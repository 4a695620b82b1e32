# The two commands a newcomer needs are `make demo` and `make test`; each sets up what it needs.
# Builds go outside the clone, so that a fresh clone on a known machine builds warm.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/qipan/target
CACHE ?= $(HOME)/.cache/qipan
PROFILE ?= ci
LISTEN ?= 127.0.0.1:8080
DATA ?= ./qipan-data/demo

.PHONY: help demo test bench lint setup web

help:
	@echo "make demo   build, run the sample half-year end to end, then serve it on $(LISTEN)"
	@echo "make test   every test: SQLite, a real PostgreSQL, the DuckDB oracle, Chromium"
	@echo "make bench  measure speed and memory, write bench/RESULTS.md"
	@echo "make lint   formatting and clippy"
	@echo "make web    build the desk into web/dist (done by demo and test as well)"

setup:
	@scripts/setup.sh base

web: setup
	scripts/web.sh

demo: setup
	scripts/web.sh
	cargo run --quiet --locked --profile $(PROFILE) -p qipan-cli --bin qipan -- --data $(DATA) demo --listen $(LISTEN) $(DEMO_ARGS)

test:
	@scripts/setup.sh base test
	scripts/test.sh

lint: setup
	cargo fmt --all -- --check
	cargo clippy --locked --profile $(PROFILE) --workspace --all-targets --features qipan-cli/oidc -- -D warnings

bench:
	@scripts/setup.sh base bench
	scripts/web.sh
	cd e2e && npm ci --no-audit --no-fund --loglevel=error
	scripts/with-postgres.sh cargo run --locked --release -p qipan-bench -- $(BENCH_ARGS)
