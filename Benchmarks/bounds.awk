# Compares callgrind's totals, and the rest, with bounds.tsv; prints what is broken, and exits with 1
# if anything is.

FILENAME == ARGV[1] {
  if ($1 != "totals") { name = $1 SUBSEP $2 SUBSEP $3; kind = $4; number = $5; next }
  if (kind == "pairs") { sum[name] = $2; pairs[name] = number }
  else if (kind == "idle") idle[name] = $2
  else if (!((name, kind) in value) || $2 > value[name, kind]) value[name, kind] = $2
  next
}
FILENAME == ARGV[2] { value[$1, $2, $3, $4] = $5; next }
/^#/ || !NF { next }
{
  name = $1 SUBSEP $2 SUBSEP $3
  row = $1 " " $2 " " $3 " " $4
  found = ""
  if ($4 == "pair") {
    if (name in sum) found = (sum[name] - idle[name]) / pairs[name]
  } else if ((name, $4) in value) {
    found = value[name, $4]
    if ($4 ~ /^worst-/) found -= value[name, "worst-nothing"]
  }
  checked++
  if (found == "") {
    print "not measured: " row
    broken++
  } else if (found > $5) {
    printf "broken: %s: %.1f, and at most %s is promised\n", row, found, $5
    broken++
  } else {
    printf "kept: %s: %.1f, at most %s%s\n", row, found, $5, goal()
  }
}
END {
  printf "%d bounds, %d broken, %d goals not reached\n", checked, broken, missed
  exit broken > 0
}

function goal() {
  if ($6 == "-" || $6 == "") return ""
  if (found <= $6) return "; the goal of " $6 " is reached"
  missed++
  return "; the goal is " $6
}
