# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# A server of this benchmark's own, as `setup` leaves it and with PostgreSQL's own durability.

sql() { psql --no-psqlrc --quiet --tuples-only --no-align -v ON_ERROR_STOP=1 "$@" "$DATABASE_URL"; }

start_server() {
  local variable
  for variable in "${!PG@}" "${!POSTGRES_@}"; do
    [ "$variable" = PG_BIN ] || unset "$variable"
  done
  # Debian's psql and pgbench in /usr/bin are Perl scripts, whose time is not pgbench's.
  PATH=${PG_BIN:-$(pg_config --bindir)}:$PATH
  say 'Building …'
  cargo build --quiet --release --manifest-path "$repository/Cargo.toml" --bins
  work=$(mktemp -d)
  cd "$work" || die "no folder" # where there is no .env
  export PARTITION_LAB_HOME=$work/home
  trap stop_server EXIT
  unset DATABASE_URL
  "$repository/target/release/server" start >&2
  DATABASE_URL=$("$repository/target/release/server" url)
  export DATABASE_URL
  server_url=$DATABASE_URL
  if [ -n "$shared_buffers" ]; then
    sql -c "ALTER SYSTEM SET shared_buffers = '$shared_buffers'"
    "$repository/target/release/server" stop >&2
    "$repository/target/release/server" start >&2
  fi
  server_log=$(dirname "$(sql -c 'SHOW data_directory')")/log
  "$repository/target/release/setup" >/dev/null
}

stop_server() {
  jobs -p | xargs --no-run-if-empty kill 2>/dev/null || true
  "$repository/target/release/server" destroy --yes >&2 || true
  rm -rf "$work"
}

# Both sides begin with the same: nothing in the tables, nothing left to write for the checkpointer.
empty_tables() {
  sql -c 'TRUNCATE event_logs, users_distributed, orders_by_region, sales_data RESTART IDENTITY' \
    -c CHECKPOINT
}

count_rows() {
  sql -c 'SELECT (SELECT count(*) FROM event_logs) + (SELECT count(*) FROM users_distributed)
    + (SELECT count(*) FROM orders_by_region) + (SELECT count(*) FROM sales_data)'
}

# Nobody writes for two seconds in the middle of what the arguments run.
frozen() {
  sql -c "SELECT pg_sleep($seconds / 2.0 - 1)" -c "BEGIN;
    LOCK TABLE event_logs, users_distributed, orders_by_region, sales_data IN SHARE MODE;
    SELECT pg_sleep(2); COMMIT" >/dev/null &
  "$@"
  wait $!
}

# What and where it was: the head of the results.
describe() {
  cat <<TEXT
- date: $(date -u +%F)
- machine: $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sort -u | paste -sd,)
- versions: PostgreSQL $(sql -c 'SHOW server_version'); $(pgbench --version); $(rustc --version)
- settings: $(sql -c "SELECT string_agg(name || ' ' || current_setting(name), ', ') FROM pg_settings WHERE name
    IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method', 'shared_buffers')")
- commit: $(git -C "$repository" describe --always --dirty)
- runs: $seconds s each, $pairs of each client in turns
- command: \`$invocation\`
TEXT
}
