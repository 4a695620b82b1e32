#!/usr/bin/env bash
# Every test: the desk, Rust on SQLite and PostgreSQL, the DuckDB oracle, the browser.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="${CACHE:-$HOME/.cache/qipan}"

# The oracle is an engine the product does not contain: DuckDB, pinned, in a venv of its own.
venv="$cache/oracle-venv"
stamp="$venv/$(sha256sum tests/oracle/requirements.txt | cut -c1-16)"
if [ ! -e "$stamp" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r tests/oracle/requirements.txt
  touch "$stamp"
fi
export ORACLE_PYTHON="$venv/bin/python"

# The sample half-year is what its script writes, and its own count gives the article's figures.
PYTHONDONTWRITEBYTECODE=1 python3 packs/chongqing/samples/make_samples.py --check

# The desk first: the binary embeds it.
scripts/web.sh
(cd web && npm run --silent lint && npm run --silent test && npm run --silent unused)

cargo build --locked --profile "${PROFILE:-ci}" --workspace --all-targets --features qipan-cli/oidc
scripts/with-postgres.sh cargo test --locked --profile "${PROFILE:-ci}" --workspace \
  --features qipan-cli/oidc

(cd e2e && npm ci --no-audit --no-fund --loglevel=error)
QIPAN_BIN="${CARGO_TARGET_DIR:-$HOME/.cache/qipan/target}/${PROFILE:-ci}/qipan" node --test e2e/*.test.mjs
