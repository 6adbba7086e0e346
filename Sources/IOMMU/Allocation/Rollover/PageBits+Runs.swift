/// Searches for runs of pages; each looks at four words at most.
extension PageBits {
  /// The lowest page of the set that is not below `start`, or 256 where there is none.
  func firstPage(from start: Int) -> Int {
    var word = start >> 6
    if word > 3 { return PageBits.capacity }
    var bits = words[word & 3] & (UInt64.max &<< UInt64(start & 63))
    while bits == 0 {
      word += 1
      if word == 4 { return PageBits.capacity }
      bits = words[word & 3]
    }
    return word * 64 + bits.trailingZeroBitCount
  }

  /// The highest page of the set, or -1 for an empty set.
  var lastPage: Int {
    var word = 3
    while word >= 0 {
      let bits = words[word & 3]
      if bits != 0 { return word * 64 + 63 - bits.leadingZeroBitCount }
      word -= 1
    }
    return -1
  }

  /// Where the run of pages that begins at `start` ends: the first page that is not in the set.
  func runEnd(from start: Int) -> Int {
    var word = start >> 6
    if word > 3 { return PageBits.capacity }
    var gaps = ~words[word & 3] & (UInt64.max &<< UInt64(start & 63))
    while gaps == 0 {
      word += 1
      if word == 4 { return PageBits.capacity }
      gaps = ~words[word & 3]
    }
    return word * 64 + gaps.trailingZeroBitCount
  }

  /// The lowest page at which a run of `count` pages begins, 1…256, or `nil` where there is none.
  ///
  /// Complexity: a step for each binary digit of `count`: the pages at which 2, 4, 8 and so on
  /// pages of the set begin.
  func firstRun(of count: Int) -> Int? {
    var starts = self
    var length = 1
    while length < count {
      let step = min(length, count &- length)
      starts = starts.intersection(starts.moved(downBy: step))
      if starts.isEmpty { return nil }
      length &+= step
    }
    let first = starts.firstPage(from: 0)
    return first < PageBits.capacity ? first : nil
  }

  /// The pages that lie `distance`, 1…128, below those of this set.
  private func moved(downBy distance: Int) -> PageBits {
    var result = self
    if distance == 128 {
      result.words = [words[2], words[3], 0, 0]
    } else if distance >= 64 {
      result.words = [words[1], words[2], words[3], 0]
    }
    let shift = UInt64(distance & 63)
    if shift == 0 { return result }
    let (a, b, c, d) = (result.words[0], result.words[1], result.words[2], result.words[3])
    result.words = [
      a &>> shift | b &<< (64 &- shift), b &>> shift | c &<< (64 &- shift),
      c &>> shift | d &<< (64 &- shift), d &>> shift,
    ]
    return result
  }

  /// The run of pages that page `page`, which is in the set, lies in.
  func run(around page: Int) -> Range<Int> {
    var word = page >> 6
    var gaps = ~words[word & 3] & ~(UInt64.max &<< UInt64(page & 63))
    while gaps == 0, word > 0 {
      word -= 1
      gaps = ~words[word & 3]
    }
    let start = gaps == 0 ? 0 : word * 64 + 64 - gaps.leadingZeroBitCount
    return start..<runEnd(from: page)
  }

  /// The first of the longest runs of pages in the set, an empty one for an empty set.
  ///
  /// Complexity: a few steps for each word; fewer for the full set and for the empty one.
  var longestRun: Range<Int> {
    if isEmpty { return 0..<0 }
    if isFull { return 0..<PageBits.capacity }
    var (length, end) = (0, 0)
    // The run that reaches up to the word's start.
    var reaching = 0
    for word in 0..<4 {
      let bits = words[word & 3]
      if bits == .max {
        reaching += 64
        continue
      }
      let low = (~bits).trailingZeroBitCount
      reaching += low
      if reaching > length { (length, end) = (reaching, word * 64 + low) }
      reaching = (~bits).leadingZeroBitCount
      let inner =
        bits & (UInt64.max &<< UInt64(low & 63)) & (UInt64.max &>> UInt64(reaching & 63))
      if inner != 0 { PageBits.raise(&length, &end, to: inner, at: word * 64) }
    }
    if reaching > length { (length, end) = (reaching, PageBits.capacity) }
    return (end - length)..<end
  }

  /// Looks at the runs of one word, none of which touches an end of it.
  ///
  /// One by one; but where there are many, at all of those together that are longer.
  @inline(__always)
  private static func raise(
    _ length: inout Int, _ end: inout Int, to inner: UInt64, at base: Int
  ) {
    var bits = inner
    var page = base
    for _ in 0..<3 {
      let gap = bits.trailingZeroBitCount
      bits &>>= UInt64(gap & 63)
      let run = (~bits).trailingZeroBitCount
      bits &>>= UInt64(run & 63)
      page &+= gap &+ run
      if run > length { (length, end) = (run, page) }
      if bits == 0 { return }
    }
    raise(&length, &end, toAny: bits, at: page)
  }

  /// The same for many runs.
  ///
  /// Complexity: a step for each binary digit of `length`, and one for each page more.
  @inline(never)
  private static func raise(
    _ length: inout Int, _ end: inout Int, toAny bits: UInt64, at base: Int
  ) {
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
    (length, end) = (covered, base &+ starts.trailingZeroBitCount &+ covered)
  }
}
