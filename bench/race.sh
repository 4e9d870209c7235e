# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# Clients in turns: A B A B …, so that what changes on the machine meanwhile meets all of them.

race() { title=$1 labels=() bars=() limits=() commands=(); }

# enter LABEL BAR LIMIT COMMAND...: the first to enter is what the others are compared with. BAR: at
# least so many times its rate; LIMIT: at most so many times its CPU a row; -: none.
enter() {
  labels+=("$1") bars+=("$2") limits+=("$3")
  commands+=("$(printf '%q ' "${@:4}")")
}

go() {
  local pair i command
  say "$title"
  : >"$work/runs"
  for ((pair = 1; pair <= pairs; pair++)); do
    for i in "${!labels[@]}"; do
      empty_tables
      eval "command=(${commands[i]})"
      "${command[@]}"
      [ "$(count_rows)" = "$ROWS" ] || die "${labels[i]} says $ROWS rows, the tables $(count_rows)"
      printf '%s\t%s\t%s\t%s\t%s\n' "${labels[i]}" "${bars[i]}" "${limits[i]}" "$RATE" \
        "$(awk "BEGIN { print $CPU / $ROWS * 1e6 }")" | tee -a "$work/runs" \
        | awk -F'\t' -v pair="$pair" '{ printf "  %d %-24s %9.0f a second %6.1f µs\n", pair, $1, $4, $5 }' >&2
    done
  done
  printf '\n### %s\n\n' "$title"
  awk -f "$bench/numbers.awk" -f "$bench/statistics.awk" "$work/runs" || missed=1
}
