# What the tables have in common. Input has tabs between its fields.
BEGIN { FS = "\t" }

# Sorts the runs of `name` in `values` into sorted[1 .. last].
function sort(values, name,    i, j, value) {
  for (i = 1; i <= runs[name]; i++) {
    value = values[name, i]
    for (j = i - 1; j >= 1 && sorted[j] > value; j--) sorted[j + 1] = sorted[j]
    sorted[j + 1] = value
  }
  last = runs[name]
}
function median() { return (sorted[int((last + 1) / 2)] + sorted[int((last + 2) / 2)]) / 2 }
function verdict(holds) { if (!holds) missed = 1; return holds ? "✓" : "✗" }
function commas(number) {
  number = sprintf("%.0f", number)
  while (number ~ /[0-9][0-9][0-9][0-9]/) sub(/[0-9][0-9][0-9]($|,)/, ",&", number)
  return number
}
