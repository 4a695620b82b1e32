#!/usr/bin/env bash
# Runs a command with TEST_DATABASE_URL pointing at a PostgreSQL of its own, which it starts in a
# temporary folder and removes afterwards. initdb refuses root, so root borrows the postgres user.
set -euo pipefail

bin=/usr/lib/postgresql/15/bin
dir=$(mktemp -d "${TMPDIR:-/tmp}/qipan-pg.XXXXXX")
as=()
if [ "$(id -u)" = 0 ]; then
  as=(runuser -u postgres --)
  chown postgres "$dir"
fi
stop() {
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1) || true
  rm -rf "$dir"
}
trap stop EXIT

port=$(python3 - <<'P' 2>/dev/null || echo 54329
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])
P
)
cd_back=$PWD
cd /
"${as[@]}" "$bin/initdb" -D "$dir/data" -U qipan --auth=trust --encoding=UTF8 --locale=C.UTF-8 >/dev/null
# A test cluster has nothing to lose, so it need not wait for the disk; benches set PG_FSYNC=on.
"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" start -o \
  "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$dir -c fsync=${PG_FSYNC:-off} -c max_connections=200" >/dev/null
cd "$cd_back"
export TEST_DATABASE_URL="postgres://qipan@127.0.0.1:$port/postgres"
"$@"
