# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# Ways to get a table's rows into monthly partitions. Each has two parts: prepare_… is not timed, the other is. The latter
# sets WALL, and `arrived`: the table in which the rows then are. README.md says what each one does and does not.

months="generate_series(date_trunc('month', localtimestamp) - interval '5 months',
  date_trunc('month', localtimestamp), interval '1 month') AS month"

prepare_insert() {
  sql -v target=events_new -v source=events -f "$bench/convert/target.sql" -f - <<SQL
SELECT format('CREATE TABLE events_new_%s PARTITION OF events_new FOR VALUES FROM (%L) TO (%L)',
  to_char(month, 'YYYYMM'), month, month + interval '1 month') FROM $months \gexec
SQL
}

insert() {
  timed psql --no-psqlrc -c 'INSERT INTO events_new SELECT * FROM events' "$DATABASE_URL"
  arrived=events_new
}

# Ruby's URI has no empty host; libpq prefers the socket that the parameter names.
pgslice() { command "$pgslice" "$@" --url "${DATABASE_URL/@\//@localhost/}"; }

prepare_pgslice() {
  { pgslice prep events created_at month \
    && pgslice add_partitions events --intermediate --past 5 --future 0; } >"$work/out" 2>&1 \
    || die "pgslice failed: $(tail -n 5 "$work/out")"
}

pgslice_fills() {
  timed pgslice fill events
  arrived=events_intermediate
}

prepare_partman() {
  sql -c 'SET client_min_messages = warning' -c 'ALTER TABLE events RENAME TO events_old' \
    -c 'CREATE SCHEMA partman' -c 'CREATE EXTENSION pg_partman SCHEMA partman'
  sql -v target=events -v source=events_old -f "$bench/convert/target.sql"
  sql >/dev/null -c "SELECT partman.create_parent('public.events', 'created_at', 'native', 'monthly', p_premake := 1,
    p_start_partition := (date_trunc('month', localtimestamp) - interval '5 months')::text)"
}

partman_moves() {
  timed psql --no-psqlrc -c "CALL partman.partition_data_proc('public.events', p_wait := 0,
    p_source_table := 'public.events_old')" "$DATABASE_URL"
  arrived=events
}

prepare_convert() { :; }

convert_runs() {
  timed "$convert" run events "${monthly[@]}" --format json
  arrived=events_new
}

monthly=(--range created_at --every month --ahead 0)
