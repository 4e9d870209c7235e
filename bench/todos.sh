# shellcheck shell=bash disable=SC2154 # what is set in one file is used in another
# The store of todos: growing under load, and lists beside those of one big table.

# make_todos TODOS USERS
make_todos() {
  say "  making $1 todos of $2 users …"
  new_database run
  local step
  for step in "seed --users $2 --todos $1" partition 'migrate --batch-size 10000' indexes; do
    # shellcheck disable=SC2086 # words
    "$todos" $step </dev/null >/dev/null 2>"$work/err" || die "todos $step: $(tail -n 5 "$work/err")"
  done
}

# Each run doubles what the one before it made; the data stays as it is.
todos-grow() {
  local pair began took partitions=16
  keep_segments
  make_todos "$todos_rows" 10000
  "$todos" cutover </dev/null >/dev/null 2>"$work/err" || die "$(tail -n 5 "$work/err")"
  sql -c 'VACUUM ANALYZE' -c CHECKPOINT >/dev/null
  printf '\n### todos grow: eight writers through the view, %s transactions a second, on %s todos\n\n' "$todos_rate" "$todos_rows"
  echo '| run | took | transactions | p50 | p99 | p99 of the median second | longest | longest lock of a swap |'
  echo '|---|--:|--:|--:|--:|--:|--:|--:|'
  : >"$work/quiet"
  : >"$work/busy"
  for ((pair = 1; pair <= pairs && partitions < 128; pair++)); do
    start_todo_writers
    began=$(now)
    timed "$todos" grow --partitions $((partitions * 2)) --format json
    sleep 0.5 # who waited when the last swap ended has its answer by then
    took=$(awk "BEGIN { printf \"%.1f\", $WALL + 0.5 }")
    stop_todo_writers
    writers_row "$partitions to $((partitions * 2))" "$began" "$took" "$(printf '%.1f' "$(field longest_lock_ms)") ms" \
      | tee -a "$work/busy"
    partitions=$((partitions * 2))
    start_todo_writers
    began=$(now)
    sleep "$took"
    stop_todo_writers
    writers_row "alone on $partitions" "$began" "$took" '' | tee -a "$work/quiet"
  done
  printf '\n| | growing | alone | bar |\n|---|--:|--:|---|\n'
  judge "$(most 8 "$work/busy") < 150"
  echo "| longest wait of any writer | $(most 8 "$work/busy") ms | $(most 8 "$work/quiet") ms | < 150 ms $verdict |"
  echo "| p99, the runs' median | $(middle 6 "$work/busy") ms | $(middle 6 "$work/quiet") ms | |"
  drop_databases
}

start_todo_writers() {
  before=$(sql -c "SELECT count(*) FROM todo_app.todos WHERE title = 'written meanwhile'")
  start_clients --client=8 --rate="$todos_rate" --define=todos="$todos_rows" --define=users=10000 \
    --file="$bench/todos/insert.sql@4" --file="$bench/todos/update.sql@5" --file="$bench/todos/complete.sql@1"
}

# What the writers were told is there, is there.
stop_todo_writers() {
  local counted told
  stop_clients
  counted=$(sql -c "SELECT count(*) FROM todo_app.todos WHERE title = 'written meanwhile'")
  told=$((before + $(transactions_of 0)))
  [ "$counted" = "$told" ] || die "the todos hold $counted new ones, the writers were told of $told"
}

# Lists, dashboard, archive, room and backup of the one big table beside the new ones, `todos bench` each time.
todos-list() {
  local pair documents='' p99
  make_todos "$todos_large" "$todos_users"
  "$todos" cutover </dev/null >/dev/null 2>"$work/err" || die "$(tail -n 5 "$work/err")"
  sql -c 'VACUUM ANALYZE' -c CHECKPOINT >/dev/null
  for ((pair = 1; pair <= pairs; pair++)); do
    say "  run $pair of $pairs"
    timed "$todos" bench --rounds 5000 --format json
    documents+=${documents:+,}$(cat "$work/out")
  done
  printf '\n### todos bench: %s todos of %s users, the runs'"'"' medians\n\n' "$todos_large" "$todos_users"
  echo '| | one table | active and archive | × |'
  echo '|---|--:|--:|--:|'
  echo "[$documents]" >"$work/documents"
  sql -v file="$work/documents" -f - >"$work/lines" <<'SQL'
\set documents `cat :'file'`
WITH medians AS (
    SELECT min(n) AS n, measure, CASE unit WHEN 'bytes' THEN 'MB' ELSE 'ms' END AS unit,
           CASE unit WHEN 'bytes' THEN 1e6 ELSE 1 END AS by,
           (percentile_disc(0.5) WITHIN GROUP (ORDER BY before))::numeric AS before,
           (percentile_disc(0.5) WITHIN GROUP (ORDER BY after))::numeric AS after
    FROM json_array_elements(:'documents'::json) AS run, json_array_elements(run) WITH ORDINALITY AS line (line, n),
         json_to_record(line) AS figure (measure text, unit text, before float8, after float8)
    GROUP BY measure, unit
)
SELECT format('| %s | %s %s | %s %s | %s |', measure, round(before / by, 2), unit, round(after / by, 2), unit, round(before / after, 1))
FROM medians ORDER BY n;
SQL
  cat "$work/lines"
  for p99 in 'newest first' 'most urgent first'; do
    judge "$(sed -n "s/^| a user's list, $p99, p99 |[^|]*| \([0-9.]*\) ms .*/\1/p" "$work/lines") < 10"
    echo
    echo "p99 of a list, $p99: < 10 ms $verdict"
  done
  drop_databases
}
