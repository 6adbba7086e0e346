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

  /// The first of the longest runs of pages in the set, an empty one for an empty set.
  ///
  /// Complexity: two searches of four words for each run, of which there are 128 at most; constant
  /// for the full set.
  var longestRun: Range<Int> {
    if isFull { return 0..<PageBits.capacity }
    if isEmpty { return 0..<0 }
    var (longest, length) = (0, 0)
    var start = firstPage(from: 0)
    while start < PageBits.capacity - length {
      let end = runEnd(from: start)
      if end - start > length { (longest, length) = (start, end - start) }
      start = firstPage(from: end)
    }
    return longest..<(longest + length)
  }
}
