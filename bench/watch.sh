# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# Clients whose every transaction is timed, while something else happens.

# Eight of them. The id says who may touch a row, and how, so that at the end every insert and update can be counted.
start_writers() {
  local rate=()
  [ "$writers_rate" = 0 ] || rate=(--rate="$writers_rate")
  start_clients --client=8 "${rate[@]}" --define=rows="$convert_rows" --file="$bench/convert/insert.sql@4" \
    --file="$bench/convert/update.sql@4" --file="$bench/convert/move.sql@1" --file="$bench/convert/delete.sql@1"
}

# Two that read a row or update one of their own, together 1,000 times a second whatever an answer takes. The server writes
# to its log how long they waited for locks: unlike their latency, that is not what other processes did to the processor.
start_watch() {
  log_began=$(stat -c %s "$server_log")
  PGOPTIONS='-c deadlock_timeout=1ms -c log_lock_waits=on' start_clients --client=2 --rate=1000 \
    --file="$bench/convert/read.sql" --file="$bench/convert/touch.sql"
}

start_clients() {
  rm -f "$work"/transactions.*
  pgbench --no-vacuum --protocol=prepared --jobs=1 --time=86400 --log --log-prefix="$work/transactions" "$@" \
    "$DATABASE_URL" >"$work/clients.out" 2>"$work/clients.err" &
  clients=$!
  until [ "$(cat "$work"/transactions.* 2>/dev/null | wc -c)" -gt 0 ]; do
    kill -0 "$clients" 2>/dev/null || die "pgbench ended: $(<"$work/clients.err")"
    sleep 0.1
  done
}

# SIGALRM is how pgbench knows that its --time is over.
stop_clients() {
  kill -ALRM "$clients"
  wait "$clients" || die "a client met an error: $(tail -n 5 "$work/clients.err")"
  cat "$work"/transactions.* >"$work/transactions"
}

now() { date +%s.%6N; }

# Transactions that ended between two times (a wait ends after what it waited for): sets P50, P99 and LONGEST, and
# SECONDLY, the median of each whole second's p99, in ms.
latencies() {
  awk -v from="$1" -v to="$2" '{ at = $5 + $6 / 1e6 } at >= from && at <= to { print $5, $3 / 1000 }' \
    "$work/transactions" >"$work/latencies"
  read -r P50 P99 LONGEST < <(sort -k2n "$work/latencies" | awk '
    { ms[NR] = $2 }
    function at(share) { return ms[int((NR - 1) * share) + 1] }
    END { printf "%.3f %.3f %.3f\n", at(0.5), at(0.99), at(1) }')
  SECONDLY=$(sort -k1,1n -k2,2n "$work/latencies" | awk '
    function over() { if (n) print ms[int((n - 1) * 0.99) + 1]; n = 0 }
    $1 != second { over(); second = $1 }
    { ms[++n] = $2 }
    END { over() }' | sort -n | awk '{ ms[NR] = $1 } END { printf "%.3f", ms[int((NR + 1) / 2)] }')
}

# The longest wait for a lock that the server logged since start_watch, in ms.
longest_lock_wait() {
  tail -c "+$((log_began + 1))" "$server_log" \
    | sed -n 's/.*process [0-9]* acquired .* after \([0-9.]*\) ms.*/\1/p' \
    | awk '$1 > most { most = $1 } END { printf "%.1f", most }'
}

# Transactions of the n-th script.
transactions_of() { awk -v script="$1" '$4 == script' "$work/transactions" | wc -l; }
