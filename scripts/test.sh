#!/usr/bin/env bash
# Every test: the desk, Rust on SQLite and PostgreSQL, the DuckDB oracle, the API's contract, the
# browser.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${CACHE:-$HOME/.cache/qipan}"

# Python of its own for a folder of tests/, with what its requirements.txt pins; gives its path.
python_of() {
  local venv="$cache/$1-venv" wanted="tests/$1/requirements.txt" stamp
  stamp="$venv/$(sha256sum "$wanted" | cut -c1-16)"
  if [ ! -e "$stamp" ]; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
    touch "$stamp"
  fi
  echo "$venv/bin/python"
}

# The oracle is an engine the product does not contain: DuckDB.
ORACLE_PYTHON="$(python_of oracle)"
export ORACLE_PYTHON

# The sample half-year is what its script writes, and its own count gives the article's figures.
PYTHONDONTWRITEBYTECODE=1 python3 packs/chongqing/samples/make_samples.py --check

# The desk first: the binary embeds it.
scripts/web.sh
(cd web && npm run --silent lint && npm run --silent test && npm run --silent unused)

cargo build --locked --profile "${PROFILE:-ci}" --workspace --all-targets --features qipan-cli/oidc
test=(cargo test --locked --profile "${PROFILE:-ci}" --workspace --features qipan-cli/oidc)
scripts/with-postgres.sh "${test[@]}"
# Most suites ask both databases by themselves; the API's does once more on PostgreSQL.
TEST_STORE=postgres scripts/with-postgres.sh "${test[@]}" --test web

export QIPAN_BIN="${CARGO_TARGET_DIR:-$HOME/.cache/qipan/target}/${PROFILE:-ci}/qipan"
# Generated requests, for a bounded time: no server error, no answer that is not documented.
"$(python_of contract)" tests/contract/contract.py

(cd e2e && npm ci --no-audit --no-fund --loglevel=error)
# Pages mostly wait: two files at a time keep two cores busy.
node --test --test-concurrency=2 e2e/*.test.mjs
