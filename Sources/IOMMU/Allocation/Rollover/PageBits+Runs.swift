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
}
