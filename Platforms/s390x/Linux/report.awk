# Makes one JSON object of each workload from what the guest prints; progress goes to standard
# error. Takes `name`, `mode`, `policy`, `package`, `parameters` and `expected`, the type that the
# controller's group has to have. Exits with 1 where the guest failed or counters contradict each
# other.

function tell(text) { print "linux: " text >"/dev/stderr" }

function wrong(text) {
  tell(name " " mode ": " text)
  failed = 1
}

function escaped(text) {
  gsub(/["\\]/, "\\\\&", text)
  gsub(/[\001-\037]/, " ", text)
  return "\"" text "\""
}

# How much a counter grew from the reading before a workload to the one after.
function grown(label) { return count["after", label] - count["before", label] }

# What a kernel counted that tells kinds apart. Elsewhere a probe counted the refreshes by length,
# but for those that came while it was busy: one of more than any transfer is of everything. Where
# about twice the pages were refreshed that were mapped, each unmap refreshed what its map did.
function derive_kinds(    total, seen) {
  mapped = grown("Mapped pages")
  unmapped = grown("Unmapped pages")
  if (("after", "Global RPCITs") in count) {
    global = grown("Global RPCITs")
    map = grown("Sync Map RPCITs")
    unmap = grown("Sync RPCITs")
    in_force = unmap > 0 ? "strict" : "deferred"
    return
  }
  total = grown("Refresh operations")
  seen = grown("all") + grown("some") + grown("missed")
  if (seen != total) wrong("the probe counted " seen " refreshes, the machine " total)
  global = grown("all")
  map = total - global
  unmap = 0
  in_force = "deferred"
  if (grown("pages") > 1.5 * mapped) {
    in_force = "strict"
    unmap = int(map / 2)
    map -= unmap
  }
}

function print_row(    workload, at, pair, ios) {
  for (at = 4; at <= NF; at++) {
    split($at, pair, "=")
    field[pair[1]] = pair[2]
  }
  derive_kinds()
  if (in_force != mode) wrong("the mode in force is " in_force)
  if (group != expected) wrong("the group of the controller is " group ", not " expected)
  ios = field["reads"] + field["writes"]
  seconds = field["nanoseconds"] / 1e9
  printf "{\"kernel\":%s,\"package\":%s,\"parameters\":%s,", escaped(kernel), escaped(package),
    escaped(parameters)
  printf "\"mode\":%s,\"inForce\":%s,\"groupType\":%s,\"policy\":%s,", escaped(mode),
    escaped(in_force), escaped(group), escaped(policy)
  printf "\"workload\":%s,\"buffers\":%s,\"depth\":%d,", escaped($2),
    $3 == "fresh" ? "\"fresh\"" : "\"comingBack\"", field["depth"]
  printf "\"ios\":%d,\"reads\":%d,\"writes\":%d,\"bytes\":%.0f,\"submissions\":%d,", ios,
    field["reads"], field["writes"], field["bytes"], field["submissions"]
  printf "\"seconds\":%.3f,\"iops\":%.0f,", seconds, ios / seconds
  printf "\"invalidations\":{\"map\":%d,\"unmap\":%d,\"global\":%d},", map, unmap, global
  printf "\"invalidationsPerIO\":%.4f,\"globalsPerSecond\":%.2f,", (map + unmap + global) / ios,
    global / seconds
  printf "\"pages\":{\"mapped\":%d,\"unmapped\":%d}}\n", mapped, unmapped
  fflush()
  tell(sprintf("%s %s %s: %.4f a transfer, %.1f s", name, mode, $2,
    (map + unmap + global) / ios, seconds))
}

# At the end, nothing happens any more: kernel and machine must have counted the same.
function compare_totals(    total) {
  if (!(("last", "Global RPCITs") in count)) return
  total = count["last", "Global RPCITs"] + count["last", "Sync Map RPCITs"] + \
    count["last", "Sync RPCITs"]
  if (total != count["last", "Refresh operations"]) {
    wrong("the kernel counted " total " refreshes, the machine " \
      count["last", "Refresh operations"])
  }
}

{ sub(/\r$/, "") }

$1 == "counters" {
  when = $2
  count[when, "all"] = count[when, "some"] = count[when, "pages"] = count[when, "missed"] = 0
  next
}
$1 == "end" { when = ""; next }
when != "" && /hitcount:/ && $2 == "range:" {
  if ($3 > 16777216) count[when, "all"] += $6
  else {
    count[when, "some"] += $6
    count[when, "pages"] += $3 / 4096 * $6
  }
  next
}
when != "" && $1 == "refresh" && NF == 3 { count[when, "missed"] = $3; next }
when != "" {
  at = index($0, ":")
  label = substr($0, 1, at - 1)
  sub(/^[ \t]+/, "", label)
  if (at > 0) count[when, label] = substr($0, at + 1) + 0
  next
}
$1 == "kernel" { kernel = $2; next }
$1 == "group" { group = $2; next }
$1 == "outcome" { print_row(); next }
$1 == "done" { done = 1; compare_totals(); next }
$1 == "setting" { next }
$1 == "failed" || ($1 == "stop" && $2 != "ok") { wrong($0); next }
!done && NF > 0 && $1 != "KASLR" && $1 != "stop" { tell(name " " mode " says: " $0) }

END {
  if (!done) wrong("the guest did not come to its end")
  exit failed
}
