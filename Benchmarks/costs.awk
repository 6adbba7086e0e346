# Prints two tables, of costs and of memory, from linux.tsv, callgrind's totals, and the rest.

FILENAME == ARGV[1] { if (!/^#/) linux[$1, $2, $3] = $4; next }
FILENAME == ARGV[2] {
  if ($1 != "totals") { name = $1 SUBSEP $2 SUBSEP $3; kind = $4; number = $5; next }
  if (kind == "pairs") { sum[name] = $2; pairs[name] = number }
  else if (kind == "idle") idle[name] = $2
  else if ($2 > worst[name, kind]) worst[name, kind] = $2
  next
}
$4 == "skipped" { skipped[++skips] = $1 " " $2 " " $3 ": " $5; next }
$4 == "pairs" { order[++rows] = $1 SUBSEP $2 SUBSEP $3 }
{ value[$1, $2, $3, $4] = $5 }

END {
  line = "%-16s %-31s %-9s %12s %9s %10s %10s %9s %8s %6s %6s %5s\n"
  printf line, "pattern", "policy", "of", "a pair", "Linux", "worst take", "worst give", "Linux",
    "refused", "Linux", "wrong", "heap"
  for (row = 1; row <= rows; row++) {
    name = order[row]
    split(name, part, SUBSEP)
    plain = part[1] SUBSEP part[2] SUBSEP
    printf line, part[1], part[2], part[3],
      name in sum ? sprintf("%.1f", (sum[name] - idle[name]) / pairs[name]) : "-",
      or(linux[name]), single(name, "take"), single(name, "give"), part[3] == "addresses" ? or(linux[plain "worst"]) : "-",
      value[name, "refused"], part[3] == "addresses" ? or(linux[plain "refused"]) : "-",
      value[name, "refused-wrong"] "/" value[name, "refused-examined"], or(value[name, "heap"])
  }
  line = "%-16s %-31s %-9s %9s %11s %11s %9s %11s\n"
  printf "\n" line, "pattern", "policy", "of", "live", "state KiB", "tables KiB", "token B",
    "B a mapping"
  for (row = 1; row <= rows; row++) {
    name = order[row]
    split(name, part, SUBSEP)
    live = value[name, "live"]
    bytes = value[name, "state-bytes"] + value[name, "table-bytes"]
    printf line, part[1], part[2], part[3], live, kibibytes(value[name, "state-bytes"]),
      kibibytes(value[name, "table-bytes"]), value[name, "token-bytes"],
      (live > 0) ? sprintf("%.1f", bytes / live + value[name, "token-bytes"]) : "-"
  }
  for (skip = 1; skip <= skips; skip++) print "NOT RUN: " skipped[skip]
}

function or(text) { return text == "" ? "-" : text }
function kibibytes(bytes) { return bytes == "" ? "-" : sprintf("%.0f", bytes / 1024) }
function single(name, what) {
  if (!((name, "worst-" what) in worst)) return "-"
  return worst[name, "worst-" what] - worst[name, "worst-nothing"]
}
