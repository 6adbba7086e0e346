extension BitmapAllocator {
  /// The first free run from page `first` of the aperture on, or `nil`; it changes no page.
  ///
  /// Source: lib/iommu-helper.c `iommu_area_alloc` over lib/bitmap.c
  /// `bitmap_find_next_zero_area_off`: the first free page, moved up to the alignment; on a busy
  /// page inside the run, on behind that; on a crossed boundary, on from the boundary. Alignment
  /// counts from address zero.
  ///
  /// Complexity: each word is read about twice at most. Context: the lock is held.
  borrowing func find(_ wanted: PageRequest, from first: UInt64) -> UInt64? {
    let size = wanted.end &- basePage &- 1
    var start = first
    while true {
      let index = wanted.aligned(basePage &+ nextFree(from: start, below: size)) &- basePage
      let end = index &+ wanted.pages
      if end > size { return nil }
      let obstacle = nextBusy(from: index, below: end)
      if obstacle < end {
        start = obstacle &+ 1
      } else if wanted.crossesBoundary(from: basePage &+ index) {
        start = ((basePage &+ index &+ wanted.boundaryMask) & ~wanted.boundaryMask) &- basePage
      } else {
        return index
      }
    }
  }

  /// The first free page from `first` on, or `limit` where all up to there are busy.
  private borrowing func nextFree(from first: UInt64, below limit: UInt64) -> UInt64 {
    next(from: first, below: limit, inverting: .max)
  }

  /// The first busy page from `first` on, or `limit` where all up to there are free.
  private borrowing func nextBusy(from first: UInt64, below limit: UInt64) -> UInt64 {
    next(from: first, below: limit, inverting: 0)
  }

  /// The first page whose bit differs from that of `inversion`, or `limit`, a word at a time.
  private borrowing func next(
    from first: UInt64, below limit: UInt64, inverting inversion: UInt64
  ) -> UInt64 {
    if first >= limit { return limit }
    var word = Int(truncatingIfNeeded: first &>> 6)
    var read: UInt64 = 1
    defer { state[0].wordsScanned &+= read }
    var bits = (busy[word] ^ inversion) & (UInt64.max &<< (first & 63))
    while bits == 0 {
      word &+= 1
      if UInt64(truncatingIfNeeded: word) &<< 6 >= limit { return limit }
      bits = busy[word] ^ inversion
      read &+= 1
    }
    let found =
      UInt64(truncatingIfNeeded: word) &<< 6
      &+ UInt64(truncatingIfNeeded: bits.trailingZeroBitCount)
    return min(found, limit)
  }
}

/// A run of bits cut at the words that hold it.
struct WordRun {
  private var first: UInt64
  private var count: UInt64

  /// `count` bits from number `first`.
  init(first: UInt64, count: UInt64) {
    self.first = first
    self.count = count
  }

  /// The next word and the bits of the run in it, or `nil` at the end.
  mutating func next() -> (word: Int, mask: UInt64)? {
    if count == 0 { return nil }
    let bit = first & 63
    let here = min(count, 64 &- bit)
    let piece = (
      word: Int(truncatingIfNeeded: first &>> 6), mask: (UInt64.max &>> (64 &- here)) &<< bit
    )
    first &+= here
    count &-= here
    return piece
  }
}
