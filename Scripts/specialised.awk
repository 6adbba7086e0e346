# The call graph of a disassembly (llvm-objdump, demangled), looked at as Scripts/check-specialised
# says. Variable `functions`: how many entry points there are for each scheme.

# The symbol that a line ends with: what is between its first < and its last >.
function symbol(text,    start) {
  start = index(text, "<")
  if (!start || text !~ />$/) return ""
  return substr(text, start + 1, length(text) - start - 1)
}

# A name without what the compiler put before it, and without modules.
function plain(name) {
  sub(/^merged /, "", name)
  while (match(name, /^(function signature specialization|generic specialization) <.*> of /)) {
    if (!cut(name)) break
    name = rest
  }
  gsub(/\(extension in IOMMU\):/, "", name)
  gsub(/(IOMMU|ZPCI|Swift|EntryPoints|PlainPlatform|Workloads)\./, "", name)
  gsub(/ in _[0-9A-F]+\)/, ")", name)
  return name
}

# Leaves what follows the angle brackets that the name begins with, and " of ", in `rest`.
function cut(name,    at, depth, c) {
  depth = 0
  for (at = index(name, "<"); at <= length(name); at++) {
    c = substr(name, at, 1)
    if (c == "<") depth++
    if (c == ">" && substr(name, at - 1, 1) != "-") depth--
    if (!depth) break
  }
  if (substr(name, at + 1, 4) != " of ") return 0
  rest = substr(name, at + 5)
  return 1
}

function isSlow(name,    i, text) {
  if (name in slowness) return slowness[name]
  text = plain(name)
  slowness[name] = 0
  for (i = 1; i <= slowCount; i++) {
    if (index(text, slowName[i]) == 1) { slowness[name] = i; break }
  }
  return slowness[name]
}

# What only hands out metadata; see `metadata` below.
function isMetadata(name) {
  return name ~ /^(__swift_instantiateConcreteTypeFromMangledName|type metadata accessor for )/ ||
    name ~ /^(lazy protocol witness table accessor for |__swift_memcpy)/
}

function isRuntime(name) { return name ~ /@plt$/ }

function allowed(name) {
  return name ~ /^(memcpy|memset|memmove|__stack_chk_fail|swift_willThrowTypedImpl)@plt$/
}

# Notes a call or jump from the present function.
function call(target) {
  edges[current] = edges[current] SUBSEP target
}

function offence(text) {
  if (!((current, text) in told)) offences[current] = offences[current] "\n      " text
  told[current, text] = 1
}

BEGIN { FS = "\t" }

FILENAME == ARGV[1] {
  if (/^#/ || !NF) next
  if (NF != 2 || $2 == "") {
    print ARGV[1] ":" FNR ": expected a name, a tab and a reason"
    bad = 1
  }
  slowName[++slowCount] = $1
  slowLine[slowCount] = FNR
  next
}

/^<.*>:$/ {
  current = substr($0, 2, length($0) - 3)
  known[current] = 1
  metadata = ""
  lazy = 0
  next
}

# What hands out a witness table may have lost its name, and stand behind another function as if it
# were a part of it: it is told by the variable that it fills.
/<lazy protocol witness table cache variable for / { lazy = 1 }

# An instruction: blanks, its name, a tab, its operands.
/^[ \t]+(call|jmp|j[a-z]+|bl|blr|br|b|cbn?z|tbn?z|b\.[a-z]+)q?[ \t]/ {
  line = $0
  sub(/^[ \t]+/, "", line)
  operation = operands = line
  sub(/[ \t].*/, "", operation)
  sub(/^[^ \t]*[ \t]+/, "", operands)
  if (operands ~ /^\*/ || operation ~ /^(blr|br)$/) {
    # A jump through a table inside the function is a switch: it is computed from the table's own
    # address, by an addition.
    if (operation ~ /^(jmp|br)/ && added) next
    offence("calls through a pointer: " line)
    next
  }
  target = symbol(operands)
  if (target == "" || target ~ /\+0x[0-9a-f]+$/ || target == current) { added = 0; next }
  if (isMetadata(target)) { metadata = target; next }
  if (lazy && target == "swift_getWitnessTable@plt") { metadata = target; next }
  if (metadata != "" && !isSlow(target)) {
    if (!(isRuntime(target) && allowed(target))) offence("needs " metadata " before " target)
  }
  metadata = ""
  call(target)
  next
}

{ added = /^[ \t]+(add|addq)[ \t]/ }

END {
  if (bad) exit 1
  for (name in known) {
    if (name ~ /static EntryPoints\.Entries\./ && name ~ /generic specialization/) {
      queue[++last] = name
      came[name] = ""
      scheme = name
      sub(/^.*generic specialization </, "", scheme)
      sub(/> of static EntryPoints\.Entries\..*/, "", scheme)
      perScheme[scheme]++
    }
  }
  for (scheme in perScheme) {
    schemes++
    if (perScheme[scheme] < 5) {
      print scheme ": " perScheme[scheme] " entry points are compiled, not 5 or more"
      failed = 1
    }
  }
  if (schemes != 4) { print "entry points for " (schemes + 0) " schemes, not 4"; failed = 1 }
  for (i = 1; i <= last; i++) {
    name = queue[i]
    if (name in offences) {
      print plain(name) offences[name]
      way = came[name]
      while (way != "") { print "    called by " plain(way); way = came[way] }
      failed = 1
    }
    count = split(edges[name], targets, SUBSEP)
    for (k = 2; k <= count; k++) {
      target = targets[k]
      if (target in came) continue
      if (isSlow(target)) { stops[isSlow(target)] = 1; continue }
      if (isRuntime(target)) {
        if (allowed(target)) continue
        print plain(name) "\n      calls " target
        way = came[name]
        while (way != "") { print "    called by " plain(way); way = came[way] }
        failed = 1
        continue
      }
      came[target] = name
      queue[++last] = target
    }
  }
  for (i = 1; i <= slowCount; i++) {
    if (!(i in stops)) { print ARGV[1] ":" slowLine[i] ": nothing calls " slowName[i]; failed = 1 }
  }
  if (failed) exit 1
  print "NOTE: " last " functions are reached from " functions * schemes " entry points, " \
    slowCount " slow ones left out; no call through a pointer, no type made"
}
