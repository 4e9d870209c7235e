# Conversions become a Markdown table. A run is a line: way, seconds. Lines come in turns; the n-th runs of two ways are a
# pair. The last way to come is ours: each row says how many times as long as ours its way takes. Variables: rows, and
# bars, as `way=times;…`: at least so many. Exits 1 when a bar is missed. Needs numbers.awk.
!($1 in runs) { way[++ways] = $1 }
{ n = ++runs[$1]; seconds[$1, n] = $2 }

END {
  count = split(bars, bar, ";")
  for (b = 1; b <= count; b++) { split(bar[b], part, "="); wanted[part[1]] = part[2] }
  print "| way | seconds | min–max | rows a second | × ours | × of pairs | min–max | bars |"
  print "|---|--:|--:|--:|--:|--:|--:|---|"
  ours = way[ways]
  sort(seconds, ours); our_median = median()
  for (w = 1; w <= ways; w++) {
    name = way[w]; each = ""
    for (i = 1; i <= runs[name]; i++) {
      each = each sprintf(" %.2f", seconds[name, i])
      ratio[name, i] = seconds[name, i] / seconds[ours, i]
    }
    sort(seconds, name); middle = median()
    row = sprintf("| %s | %.2f | %.2f–%.2f | %s |", name, middle, sorted[1], sorted[last], commas(rows / middle))
    if (name == ours) row = row " 1 | 1 | |"
    else {
      sort(ratio, name)
      row = row sprintf(" %.2f | %.2f | %.2f–%.2f |", middle / our_median, median(), sorted[1], sorted[last])
    }
    if (name in wanted) row = row sprintf(" ≥ %s × %s", wanted[name], verdict(middle >= wanted[name] * our_median))
    print row " |"
    all = all sprintf("\n- %s:%s", name, each)
  }
  for (name in wanted) if (!(name in runs)) print "\n" name " was not there: its bar, ≥ " wanted[name] " ×, is not measured."
  print "\nEach run, in seconds:\n" all
  exit missed
}
