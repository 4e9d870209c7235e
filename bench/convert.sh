# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# What is measured of convert, and what is asked of it: the bars of its "How it is judged".

# Nobody else there: how long until all rows are in monthly partitions.
convert() {
  local ways=(insert) names=('INSERT … SELECT') pair i
  make_source "$convert_rows"
  if command -v "$pgslice" >/dev/null; then
    ways+=(pgslice_fills) names+=('pgslice fill')
  else
    say '  no pgslice: it is skipped (gem install pgslice, or name it in BENCH_PGSLICE)'
  fi
  if [ "$(sql -c "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_partman'")" = 1 ]; then
    ways+=(partman_moves) names+=('pg_partman partition_data_proc')
  else
    say '  no pg_partman: it is skipped (apt install postgresql-15-partman, or its like)'
  fi
  ways+=(convert_runs) names+=('convert run')
  : >"$work/runs"
  : >"$work/steps"
  : >"$work/unvalidated"
  for ((pair = 1; pair <= pairs; pair++)); do
    for i in "${!ways[@]}"; do
      fresh_copy
      "prepare_${ways[i]%%_*}"
      "${ways[i]}"
      [ "$(sql -c "SELECT count(*) FROM $arrived")" = "$convert_rows" ] \
        || die "${names[i]}: not $convert_rows rows in $arrived"
      say "  $pair ${names[i]}: $WALL s"
      printf '%s\t%s\n' "${names[i]}" "$WALL" >>"$work/runs"
    done
    steps >"$work/step"
    cat "$work/step" >>"$work/steps"
    # The others compare nothing.
    awk -F '\t' -v wall="$WALL" '$1 == "validate" { printf "convert run up to validate\t%.3f\n", wall - $2 }' \
      "$work/step" >>"$work/unvalidated"
  done
  printf '\n### %s rows, four indexes, six months\n\n' "$convert_rows"
  compared 'INSERT … SELECT=3.0;pgslice fill=3.5' "$work/runs"
  printf '\nWithout the validation, which no other way has:\n\n'
  grep -v '^convert run' "$work/runs" >"$work/others"
  compared '' "$work/others" "$work/unvalidated"
  printf '\nOf which convert spent, in seconds (medians):\n\n'
  awk -f "$bench/numbers.awk" -f "$bench/steps.awk" "$work/steps"
  drop_databases
}

# compared BARS FILE…: the ways in them as a table, the last one being ours.
compared() {
  awk -v rows="$convert_rows" -v bars="$1" -f "$bench/numbers.awk" -f "$bench/convert.awk" "${@:2}" || missed=1
}

# What convert itself noted: a step and its seconds a line, in the order in which they began.
steps() {
  sql -F $'\t' -c 'SELECT step, extract(epoch FROM sum(ended_at - began_at))
    FROM partition_convert.steps GROUP BY step ORDER BY min(began_at)'
}

# Eight writers with a conversion, and for as long without one: the disk has its moments, and whoever looks for longer
# sees more of them.
convert-writers() {
  local pair began took pace="$writers_rate transactions a second"
  [ "$writers_rate" = 0 ] && pace='as fast as they can'
  keep_segments
  hold_checkpoints
  make_source "$convert_rows"
  printf '\n### Eight writers, %s, on %s rows\n\n' "$pace" "$convert_rows"
  echo '| run | took | transactions | p50 | p99 | p99 of the median second | longest | swap lock held |'
  echo '|---|--:|--:|--:|--:|--:|--:|--:|'
  : >"$work/quiet"
  : >"$work/busy"
  for ((pair = 1; pair <= pairs; pair++)); do
    fresh_copy
    start_writers
    began=$(now)
    timed "$convert" run events "${monthly[@]}" --swap --format json
    sleep 0.5 # who waited when the swap ended has its answer by then
    took=$(awk "BEGIN { printf \"%.1f\", $WALL + 0.5 }")
    stop_clients
    count_changes
    writers_row "$pair, converting" "$began" "$took" "$(held) ms" | tee -a "$work/busy"
    fresh_copy
    start_writers
    began=$(now)
    sleep "$took"
    stop_clients
    writers_row "$pair, alone" "$began" "$took" '' | tee -a "$work/quiet"
  done
  printf '\n| | converting | alone | bar |\n|---|--:|--:|---|\n'
  judge "$(most 8 "$work/busy") < 150"
  echo "| longest wait of any writer | $(most 8 "$work/busy") ms | $(most 8 "$work/quiet") ms | < 150 ms $verdict |"
  judge "$(middle 6 "$work/busy") <= 2 * $(middle 6 "$work/quiet")"
  echo "| p99, the runs' median | $(middle 6 "$work/busy") ms | $(middle 6 "$work/quiet") ms | ≤ 2 × $verdict |"
  echo "| p99 of the median second, the runs' median | $(middle 7 "$work/busy") ms | $(middle 7 "$work/quiet") ms | |"
  drop_databases
}

# Else the server makes a segment of the write-ahead log every 16 MB, for which whoever writes waits for 20 to 60 ms;
# a server that has been at work for a while has them.
keep_segments() {
  sql -c "ALTER SYSTEM SET min_wal_size = '1GB'" -c 'SELECT pg_reload_conf()' >/dev/null
}

# Else a checkpoint comes five minutes after the one that each run begins with: into one run of a pair and not, or later,
# into the other, where for half a minute whoever writes waits for whole pages.
hold_checkpoints() {
  sql -c "ALTER SYSTEM SET checkpoint_timeout = '1h'" -c "ALTER SYSTEM SET max_wal_size = '8GB'" \
    -c 'SELECT pg_reload_conf()' >/dev/null
}

# writers_row NAME FROM SECONDS HELD
writers_row() {
  latencies "$2" "$(awk "BEGIN { printf \"%.6f\", $2 + $3 }")"
  say "  $1: $3 s, p99 $P99 ms, longest $LONGEST ms"
  echo "| $1 | $3 s | $(wc -l <"$work/transactions") | $P50 ms | $P99 ms | $SECONDLY ms | $LONGEST ms | $4 |"
}

# How long the last swap says that it held its lock, in ms.
held() { printf '%.1f' "$(field lock_held_ms)"; }

# Of a column of a table.
middle() {
  cut -d'|' -f"$1" "$2" | sort -n | awk '{ sorted[NR] = $1 }
    END { print (sorted[int((NR + 1) / 2)] + sorted[int((NR + 2) / 2)]) / 2 }'
}
most() { cut -d'|' -f"$1" "$2" | awk '$1 > most { most = $1 } END { print most }'; }

# Nothing that the writers were told is done may be missing, and nothing else be there.
count_changes() {
  local counted told
  counted=$(sql -c "SELECT count(*) FILTER (WHERE id > $convert_rows), sum(changes),
    count(*) FILTER (WHERE id <= $convert_rows AND id % 10 <> 0) FROM events")
  told="$(transactions_of 0)|$(($(transactions_of 1) + $(transactions_of 2)))|$((convert_rows - convert_rows / 10))"
  [ "$counted" = "$told" ] || die "inserted, updated, untouched: the table says $counted, the writers $told"
}

# Time grows with the table, the lock doesn't.
convert-size() {
  local rows began ended least=
  printf '\n### By size\n\n'
  echo '| rows | run | a million rows | bar | swap lock held | bar | longest wait for a lock | longest statement in the swap | in the run |'
  echo '|--:|--:|--:|---|--:|---|--:|--:|--:|'
  for rows in $convert_sizes; do
    make_source "$rows"
    start_watch
    began=$(now)
    timed "$convert" run events "${monthly[@]}" --format json
    ended=$(now)
    each=$(awk "BEGIN { printf \"%.2f\", $WALL / $rows * 1e6 }") took=$WALL
    timed "$convert" swap events --format json
    sleep 0.5
    stop_clients
    [ "$(sql -c 'SELECT count(*) FROM events')" = "$rows" ] || die "not $rows rows after the swap"
    least=${least:-$each}
    latencies "$began" "$ended"
    in_run=$LONGEST
    latencies "$ended" "$(now)"
    judge "$each <= 1.5 * $least"
    printf '| %s | %s s | %s s | ≤ 1.5 × %s s %s ' "$rows" "$took" "$each" "$least" "$verdict"
    judge "$(held) < 20"
    printf '| %s ms | < 20 ms %s | %s ms | %s ms | %s ms |\n' "$(held)" "$verdict" \
      "$(longest_lock_wait)" "$LONGEST" "$in_run"
    drop_databases
  done
}

# No row moves: the old table becomes the first partition.
convert-attach() {
  local began
  printf '\n### --attach-old, %s rows\n\n' "$attach_rows"
  make_source "$attach_rows"
  start_watch
  began=$(now)
  timed "$convert" run events "${monthly[@]}" --attach-old --swap --format json
  sleep 0.5
  stop_clients
  [ "$(sql -c 'SELECT count(*) FROM events')" = "$attach_rows" ] || die "not $attach_rows rows afterwards"
  latencies "$began" "$(now)"
  judge "$(longest_lock_wait) < 20"
  echo '| took | longest wait for a lock | bar | longest statement |'
  echo '|--:|--:|---|--:|'
  echo "| $WALL s | $(longest_lock_wait) ms | < 20 ms $verdict | $LONGEST ms |"
  drop_databases
}
