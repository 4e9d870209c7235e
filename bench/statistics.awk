# Runs become a Markdown table. A run is a line: label, bar, limit, rows a second, CPU µs a row (tabs between);
# race.sh says what they mean. Lines come in turns; the n-th runs of two labels are a pair. Exits 1 when a bar is missed.
# Needs numbers.awk.

!($1 in runs) { label[++labels] = $1; bar[$1] = $2; limit[$1] = $3 }
{ n = ++runs[$1]; rate[$1, n] = $4; cpu[$1, n] = $5 }

END {
  print "| client | rows a second | min–max | × | × of pairs | min–max | CPU a row | bars |"
  print "|---|--:|--:|--:|--:|--:|--:|---|"
  base = label[1]
  for (l = 1; l <= labels; l++) {
    name = label[l]; each = ""
    for (i = 1; i <= runs[name]; i++) {
      each = each " " commas(rate[name, i])
      ratio[name, i] = rate[name, i] / rate[base, i]
    }
    sort(cpu, name); cpu_median = median()
    sort(rate, name); rate_median = median()
    row = sprintf("| %s | %s | %s–%s |", name, commas(rate_median), commas(sorted[1]), commas(sorted[last]))
    if (l == 1) { base_rate = rate_median; base_cpu = cpu_median; row = row " 1 | 1 | |" }
    sort(ratio, name); paired = median()
    if (l > 1) row = row sprintf(" %.2f | %.2f | %.2f–%.2f |", rate_median / base_rate, paired, sorted[1], sorted[last])
    row = row sprintf(" %.1f µs |", cpu_median)
    if (bar[name] != "-") row = row sprintf(" ≥ %s × %s", bar[name], verdict(rate_median >= bar[name] * base_rate))
    if (limit[name] != "-") row = row sprintf(" CPU ≤ %.1f µs %s", base_cpu * limit[name], verdict(cpu_median <= base_cpu * limit[name]))
    print row " |"
    all = all sprintf("\n- %s:%s", name, each)
  }
  print "\nEach run:\n" all
  exit missed
}
