# shellcheck shell=bash disable=SC2154,SC2034 # what is set in one file is used in another
# demo query on a table of thousands of partitions: how much longer it takes than the query itself.

xray() {
  local query run itself beyond bar
  cargo build --quiet --release --manifest-path "$repository/Cargo.toml" --package lab --example read_plan
  make_many
  printf '\n### demo query: %s partitions, beyond planning and executing the query\n\n' "$xray_partitions"
  echo '| query | itself | beyond | bar |'
  echo '|---|--:|--:|---|'
  while IFS= read -r query; do
    : >"$work/itself"
    : >"$work/beyond"
    for ((run = 1; run <= pairs; run++)); do
      timed "$demo" query "$query" --format json
      itself=$(explained "$query")
      echo "$itself" >>"$work/itself"
      awk "BEGIN { printf \"%.0f\\n\", $WALL * 1000 - $itself }" >>"$work/beyond"
    done
    beyond=$(middle 1 "$work/beyond")
    case $query in
      *many*many*) bar=none ;;
      *) judge "$beyond < 1000" && bar="< 1,000 ms $verdict" ;;
    esac
    echo "| \`$query\` | $(middle 1 "$work/itself") ms | $beyond ms | $bar |"
  done <"$bench/xray.sql"
  read_large_plan
  drop_databases
}

# The plan of enough scans of all partitions to fill 20 MB, read by the library alone.
read_large_plan() {
  local run scans=$((6 * 4096 / xray_partitions + 1))
  sql -c "EXPLAIN (ANALYZE, BUFFERS, VERBOSE, FORMAT JSON)
    $(for ((run = 0; run < scans; run++)); do echo 'UNION ALL SELECT * FROM many'; done | sed '1s/UNION ALL//')" >"$work/plan"
  [ "$(stat -c %s "$work/plan")" -ge 20000000 ] || die "the plan has only $(stat -c %s "$work/plan") bytes"
  : >"$work/reads"
  for ((run = 1; run <= pairs; run++)); do
    "$repository/target/release/examples/read_plan" <"$work/plan" | tee -a "$work/reads" >&2
  done
  judge "$(sed 's/.*, \(.*\) ms/\1/' "$work/reads" | middle 1 -) < 300"
  printf '\nA plan of %s, read by `lab::plan` alone (the median): < 300 ms for 20 MB %s\n' \
    "$(sort -t, -k3n "$work/reads" | sed -n "$(((pairs + 1) / 2))p")" "$verdict"
}

# A transaction for all of them would hold more locks than the server has room for.
make_many() {
  local from
  new_database run
  sql -c 'CREATE TABLE many (id int, v text) PARTITION BY RANGE (id)' -c 'CREATE TABLE few (id int, v text)' \
    -c "INSERT INTO few SELECT n, 'a' FROM generate_series(0, 999) AS n"
  for ((from = 0; from < xray_partitions; from += 512)); do
    sql -c "DO \$\$ BEGIN FOR i IN $from..least($from + 511, $xray_partitions - 1) LOOP
      EXECUTE format('CREATE TABLE many_%s PARTITION OF many FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 10);
      END LOOP; END \$\$"
  done
  sql -c "INSERT INTO many SELECT n, 'a' FROM generate_series(0, 10 * $xray_partitions - 1) AS n" -c 'ANALYZE many, few'
}

# Planning and execution of a query, in ms, in a session of its own, as demo's is.
explained() {
  sql -c "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) $1" >"$work/out"
  awk "BEGIN { printf \"%.0f\", $(field '0.Planning Time') + $(field '0.Execution Time') }"
}
