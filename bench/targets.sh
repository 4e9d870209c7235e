# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# What is measured, and what is asked of it: the bars of "How it is judged".

# Whether the awk condition holds: sets verdict, and missed when it does not.
judge() { if awk "BEGIN { exit !($1) }"; then verdict=✓; else verdict=✗ missed=1; fi; }

# One insert a transaction, on equal terms: with the statement that load sends, then without RETURNING.
single() {
  local n statement flags
  for n in $connections; do
    for statement in returning plain; do
      flags=(--workers "$n")
      [ "$statement" = plain ] && flags+=(--untracked)
      race "$(on "$n"), $statement"
      enter pgbench              -   -   pgbench_inserts "$statement" "$n"
      enter load                 1.0 1.0 load_inserts 0 "$seconds" "${flags[@]}" --in-flight 1
      enter 'load --in-flight 8' 1.1 1.0 load_inserts 0 "$seconds" "${flags[@]}" --in-flight 8
      go
    done
  done
}

# A hundred rows a statement.
batch() {
  local n
  for n in $connections; do
    race "Batches, $(on "$n")"
    enter load               -   - load_inserts 0 "$seconds" --workers "$n"
    enter 'load --batch 100' 4.0 - load_inserts 0 "$seconds" --workers "$n" --batch 100
    go
  done
}

# As many rows into event_logs, which psql reads from a file that was exported from it before.
copy() {
  local invented=(0 --copy --mix events=100 --rows "$copy_rows" --seed 1)
  local columns='event_type, user_id, event_data, ip_address, created_at'
  local to="\\copy (SELECT $columns FROM event_logs) TO" from="\\copy event_logs ($columns) FROM"
  empty_tables
  load_copies "${invented[@]}" --workers 2
  sql -c "$to '$work/rows.text'" -c "$to '$work/rows.binary' BINARY"
  race "COPY of $copy_rows rows"
  enter 'psql \copy'                -   - psql_copies "$from '$work/rows.text'"
  enter 'psql \copy, binary'        -   - psql_copies "$from '$work/rows.binary' BINARY"
  enter 'load --copy --workers 2'   1.5 - load_copies "${invented[@]}" --workers 2
  go
}

# Rows invented and thrown away: what the generator costs without a server.
generate() {
  local mix rows
  printf '\n### Inventing rows, one core\n\n| table | rows a second | bar |\n|---|--:|---|\n'
  for mix in events=1 users=1 orders=1 sales=1 events=30,users=25,orders=25,sales=20; do
    say "Inventing $mix …"
    "$load" --dry-run --rows 5000000 --mix "$mix" --format json >"$work/out"
    rows=$(field rate_per_s)
    judge "$rows >= 1e6"
    printf '| %s | %.0f | ≥ 1,000,000 %s |\n' "$mix" "$rows" "$verdict"
  done
}

# Open loop: as many as were asked for, at any speed of the server.
rate() {
  local run
  printf '\n### 2,000 inserts a second, open loop\n\n'
  printf '| run | a second | off | p50 | p99 | max | bar: within 0.5 %% |\n|--:|--:|--:|--:|--:|--:|---|\n'
  for ((run = 1; run <= pairs; run++)); do
    empty_tables
    load_inserts 0 "$seconds" --rate 2000 --workers 8
    judge "($RATE - 2000) ^ 2 <= 10 ^ 2"
    printf '| %d | %.1f | %+.2f %% | %s ms | %s ms | %s ms | %s |\n' "$run" "$RATE" \
      "$(awk "BEGIN { print ($RATE - 2000) / 20 }")" \
      "$(field latency_ms.p50)" "$(field latency_ms.p99)" "$(field latency_ms.max)" "$verdict"
  done
}

# Nobody can write for two seconds: who tells?
freeze() {
  local open closed
  printf '\n### Two seconds of a lock, in a run of %s\n\n' "$seconds"
  printf '| client | p50 | p99 | max | bar |\n|---|--:|--:|--:|---|\n'
  empty_tables
  frozen load_inserts 0 "$seconds" --rate 2000 --workers 8
  open="$(field latency_ms.p50) ms | $(field latency_ms.p99) ms | $(field latency_ms.max) ms"
  judge "$(field latency_ms.p99) >= 1000 && $(field latency_ms.max) >= 1900"
  echo "| load --rate 2000 | $open | p99 and max show it $verdict |"
  empty_tables
  frozen pgbench_inserts returning 8 --log --log-prefix="$work/transactions"
  closed=$(cut -d' ' -f3 "$work"/transactions.* | sort -n | awk '
    { ms[NR] = $1 / 1000 }
    function at(share) { return ms[int((NR - 1) * share) + 1] }
    END { printf "%.3f ms | %.3f ms | %.3f ms", at(0.5), at(0.99), at(1) }')
  rm "$work"/transactions.*
  judge "$(cut -d' ' -f4 <<<"$closed") < 1000"
  echo "| pgbench | $closed | p99 hides it $verdict |"
}

# The most that a long run ever occupied.
memory() {
  local peak=0 line
  say "$memory_rows rows …"
  printf '\n### Memory, %s rows\n\n' "$memory_rows"
  empty_tables
  "$load" 0 --copy --workers 2 --rows "$memory_rows" --format json >"$work/out" 2>"$work/err" &
  while line=$(grep VmHWM "/proc/$!/status" 2>/dev/null); do
    peak=$(awk '{ print $2 / 1024 }' <<<"$line")
    sleep 0.2
  done
  wait $! || die "load failed: $(<"$work/err")"
  judge "$peak > 0 && $peak < 64"
  printf '| peak | bar |\n|--:|---|\n| %.1f MB | < 64 MB %s |\n' "$peak" "$verdict"
}

on() { [ "$1" = 1 ] && echo '1 connection' || echo "$1 connections"; }
