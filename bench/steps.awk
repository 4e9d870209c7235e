# Steps of runs become a Markdown table of medians. A line: step, seconds. Needs numbers.awk.
!($1 in runs) { step[++steps] = $1 }
{ seconds[$1, ++runs[$1]] = $2 }

END {
  print "| step | seconds |\n|---|--:|"
  for (s = 1; s <= steps; s++) {
    sort(seconds, step[s])
    printf "| %s | %.2f |\n", step[s], median()
  }
}
