# Prints the table of threads, from linux.tsv and what the program printed.

FILENAME == ARGV[1] { if (!/^#/) linux[$1, $2, $3] = $4; next }
{
  if (!header++) {
    printf line(), "threads do", "policy", "of", "threads", "cores", "times one", "least", "most",
      "ns, one", "ns a pair", "CPU time", "Linux ns", "undisturbed"
  }
  printf line(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $13, or(linux["threads-" $4, $2, "ns"]),
    $11 " of " $12
}
END {
  print "Times one: the rate of all threads, of that of one thread in the same round; the median."
  print "CPU time: the same if the threads had had their cores for themselves, by their own clocks."
  print "Rounds in which others had the cores do not count, unless fewer than three are left."
}

function line() { return "%-11s %-21s %-9s %7s %5s %9s %6s %6s %8s %9s %8s %8s %11s\n" }
function or(text) { return text == "" ? "-" : text }
