# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# The clients. Each runs once and sets ROWS, RATE (rows a second) and CPU (its own seconds, user and system).

# Runs a command; its output goes to $work/out. Sets WALL and CPU, in seconds.
timed() {
  local user system TIMEFORMAT='%R %U %S'
  { time "$@" >"$work/out" 2>"$work/err"; } 2>"$work/time" \
    || die "this failed: $*"$'\n'"$(tail -n 5 "$work/err")"
  read -r WALL user system <"$work/time"
  CPU=$(awk "BEGIN { print $user + $system }")
}

# A value in load's document, such as latency_ms.p99. psql reads JSON, so nothing else has to.
field() {
  sql -v file="$work/out" -v path="$1" -f - <<'SQL'
\set document `cat :'file'`
SELECT :'document'::json #>> string_to_array(:'path', '.');
SQL
}

load_inserts() {
  timed "$load" "$@" --format json
  ROWS=$(field inserted) RATE=$(field rate_per_s)
}

# pgbench_inserts returning|plain CONNECTIONS [OPTION...]: the four inserts in the weights of the mix.
pgbench_inserts() {
  local variant=$1 connections=$2 script
  shift 2
  for script in events users orders sales; do
    sed "$([ "$variant" = returning ] && echo 's/;$/ RETURNING tableoid;/')" \
      "$bench/pgbench/$script.sql" >"$work/$script.sql"
  done
  timed pgbench --no-vacuum --protocol=prepared --jobs=1 --client="$connections" --time="$seconds" \
    --define='data={"page": "/products", "ms": 120}' --define=address=10.1.2.3 \
    --file="$work/events.sql@30" --file="$work/users.sql@25" \
    --file="$work/orders.sql@25" --file="$work/sales.sql@20" "$@" "$DATABASE_URL"
  ROWS=$(sed -n 's/^number of transactions actually processed: //p' "$work/out")
  RATE=$(sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$work/out")
}

# Whole runs, from the start of the process to its end.
load_copies() {
  load_inserts "$@"
  RATE=$(awk "BEGIN { print $ROWS / $WALL }")
}

psql_copies() {
  timed psql --no-psqlrc -c "$1" "$DATABASE_URL"
  ROWS=$(sed -n 's/^COPY //p' "$work/out")
  RATE=$(awk "BEGIN { print $ROWS / $WALL }")
}
