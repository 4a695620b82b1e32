#!/usr/bin/env bash
# Installs what a fresh Debian 12 lacks. Arguments: which sets of needs (base, test, bench).
# Needs root or sudo only when something is missing; otherwise says what to install.
set -euo pipefail

need=()
want_command() { command -v "$1" >/dev/null 2>&1 || need+=("$2"); }
want_package() { dpkg -s "$1" >/dev/null 2>&1 || need+=("$1"); }

for set in "$@"; do
  case "$set" in
    base)
      command -v cargo >/dev/null 2>&1 || { echo "cargo not found: install Rust 1.95 or newer (https://rustup.rs)" >&2; exit 3; }
      # The desk is built by Vite, which wants a newer Node.js than Debian 12 has.
      command -v npm >/dev/null 2>&1 && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' ||
        { echo "Node.js not found or too old: install Node.js 20.19, 22.12 or newer with npm (https://nodejs.org)" >&2; exit 3; }
      want_command cc gcc
      want_package libc6-dev
      want_package fonts-noto-cjk # Chinese text in the pictures of briefs
      ;;
    test)
      [ -x /usr/lib/postgresql/15/bin/initdb ] || need+=(postgresql-15) # the second database of the store
      want_command chromium chromium # browser tests
      want_command python3 python3 # the DuckDB oracle
      python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || need+=(python3-venv)
      ;;
    bench)
      [ -x /usr/lib/postgresql/15/bin/initdb ] || need+=(postgresql-15)
      want_command chromium chromium # the desk's pages
      ;;
    *) echo "setup: unknown set of needs '$set'" >&2; exit 2 ;;
  esac
done

if [ "${#need[@]}" -gt 0 ]; then
  echo "installing Debian packages: ${need[*]}" >&2
  if [ "$(id -u)" = 0 ]; then run=(); elif command -v sudo >/dev/null 2>&1; then run=(sudo); else
    echo "neither root nor sudo: please install these Debian packages, then try again: ${need[*]}" >&2
    exit 3
  fi
  "${run[@]}" apt-get update -qq
  "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${need[@]}" >/dev/null
fi
