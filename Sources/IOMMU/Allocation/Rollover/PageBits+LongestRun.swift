/// The longest run of a set of pages.
extension PageBits {
  /// The first of the longest runs of pages in the set, an empty one for an empty set.
  ///
  /// Complexity: a few steps for each word; fewer for the full set and for the empty one.
  @inline(__always)
  var longestRun: Range<Int> { longestRuns.first }

  /// The same, and how long the longest of all other runs is; `nil` where that was not found on the
  /// way.
  @inline(__always)
  var longestRuns: (first: Range<Int>, second: Int?) {
    if isEmpty { return (0..<0, 0) }
    if isFull { return (0..<PageBits.capacity, 0) }
    let (length, end, second) = longestOfSome
    return ((end - length)..<end, second == RunSearch.unknown ? nil : second)
  }

  @inline(never)
  private var longestOfSome: (length: Int, end: Int, second: Int) {
    var search = RunSearch()
    search.add(words[0], at: 0)
    search.add(words[1], at: 64)
    search.add(words[2], at: 128)
    search.add(words[3], at: 192)
    search.add(search.reaching, endingAt: PageBits.capacity)
    return (search.length, search.end, search.second)
  }
}

/// The longest runs in the words that were looked at so far.
private struct RunSearch {
  /// The longest run, and where it ends.
  var (length, end) = (0, 0)

  /// The length of the longest but one, or ``unknown``.
  var second = 0

  /// The pages just before the next word that belong to one run.
  var reaching = 0

  /// More than any run has: nothing is put in its place but what was the longest.
  static var unknown: Int { 512 }

  @inline(__always)
  mutating func add(_ count: Int, endingAt end: Int) {
    if count > length {
      (second, length, self.end) = (length, count, end)
    } else if count > second {
      second = count
    }
  }

  @inline(__always)
  mutating func add(_ bits: UInt64, at base: Int) {
    if bits == .max {
      reaching &+= 64
      return
    }
    let low = (~bits).trailingZeroBitCount
    add(reaching &+ low, endingAt: base &+ low)
    reaching = (~bits).leadingZeroBitCount
    let inner =
      bits & (UInt64.max &<< UInt64(low & 63)) & (UInt64.max &>> UInt64(reaching & 63))
    if inner != 0 {
      (length, end, second) = RunSearch.adding(inner, at: base, length, end, second)
    }
  }

  /// Looks at the runs of one word, none of which touches an end of it.
  ///
  /// One by one; but where there are many, at all of those together that are longer.
  @inline(never)
  private static func adding(
    _ inner: UInt64, at base: Int, _ length: Int, _ end: Int, _ second: Int
  ) -> (length: Int, end: Int, second: Int) {
    var search = RunSearch(length: length, end: end, second: second)
    // Where the fourth run and those behind it begin.
    var starts = inner & ~(inner &<< 1)
    for _ in 0..<3 { starts &= starts &- 1 }
    if starts != 0 {
      search.add(many: inner, at: base)
      return (search.length, search.end, search.second)
    }
    var bits = inner
    var page = base
    while bits != 0 {
      let gap = bits.trailingZeroBitCount
      bits &>>= UInt64(gap & 63)
      let run = (~bits).trailingZeroBitCount
      bits &>>= UInt64(run & 63)
      page &+= gap &+ run
      search.add(run, endingAt: page)
    }
    return (search.length, search.end, search.second)
  }

  /// The same for many runs, of which only the longest is found.
  ///
  /// Complexity: a step for each binary digit of `length`, and one for each page more.
  private mutating func add(many bits: UInt64, at base: Int) {
    if second < length { second = RunSearch.unknown }
    if length >= 62 { return }
    // Where a run of `covered` pages begins.
    var (starts, covered) = (bits, 1)
    while covered <= length {
      let step = min(covered, length &+ 1 &- covered)
      starts &= starts &>> UInt64(step & 63)
      covered &+= step
    }
    if starts == 0 { return }
    while starts & starts &>> 1 != 0 {
      starts &= starts &>> 1
      covered &+= 1
    }
    second = RunSearch.unknown
    (length, end) = (covered, base &+ starts.trailingZeroBitCount &+ covered)
  }
}
