# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# The table that is converted, in a database of its own for each run.

# to_database NAME: where sql and the commands connect.
to_database() {
  DATABASE_URL=${server_url/partition_demo/$1}
}

# A database `source` with so many rows; it is left alone, and each run has a copy.
make_source() {
  say "  making $1 rows …"
  new_database source
  sql -v rows="$1" -f "$bench/convert/source.sql"
}

new_database() {
  to_database partition_demo
  sql -c 'SET client_min_messages = warning' -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" \
    -c "CREATE DATABASE $1 ${2:-}"
  to_database "$1"
}

# A run's own database. Everything is read once, so that no way has to warm the cache for the next.
fresh_copy() {
  new_database run 'TEMPLATE source STRATEGY file_copy'
  sql -c CHECKPOINT -c 'SELECT count(*), sum(length(payload)) FROM events' >/dev/null
}

drop_databases() {
  to_database partition_demo
  sql -c 'SET client_min_messages = warning' \
    -c 'DROP DATABASE IF EXISTS run WITH (FORCE)' -c 'DROP DATABASE IF EXISTS source WITH (FORCE)'
}
