/// Words as sets of bits, gone over without a check of each index.
extension FixedStorage where Element == UInt64 {
  /// The first bit from `first` on that is set once each word is combined with `inversion` by an
  /// exclusive or, or `limit` where there is none below that; adds the words read to `read`.
  ///
  /// All bits below `limit` are ours: a programmer's error to break.
  /// Complexity: linear in the words read.
  @inline(__always)
  func firstBit(
    from first: UInt64, below limit: UInt64, inverting inversion: UInt64, _ read: inout UInt64
  ) -> UInt64 {
    if first >= limit { return limit }
    let end = Int(truncatingIfNeeded: (limit &- 1) &>> 6) &+ 1
    precondition(UInt(bitPattern: end) <= UInt(bitPattern: count), "bits beyond storage")
    let start = Int(truncatingIfNeeded: first &>> 6)
    var word = start
    // SAFETY: `word` stays below `end`, which was checked.
    var bits = unsafe (unsafeBase[word] ^ inversion) & (UInt64.max &<< (first & 63))
    while bits == 0 {
      word &+= 1
      if word == end {
        read &+= UInt64(truncatingIfNeeded: end &- start)
        return limit
      }
      // SAFETY: as above.
      bits = unsafe unsafeBase[word] ^ inversion
    }
    read &+= UInt64(truncatingIfNeeded: word &- start &+ 1)
    let found =
      UInt64(truncatingIfNeeded: word) &<< 6
      &+ UInt64(truncatingIfNeeded: bits.trailingZeroBitCount)
    return min(found, limit)
  }

  /// The first and last words of a run of bits, which may be the same, and which of their bits
  /// belong to it; the words between belong to it whole.
  ///
  /// The run is not empty and lies in the storage: a programmer's error to break.
  @inline(__always)
  private func ends(of run: WordRun) -> (first: WordPiece, last: WordPiece) {
    let last = run.first &+ (run.count &- 1)
    let (top, bottom) = (run.first &>> 6, last &>> 6)
    precondition(bottom < UInt64(truncatingIfNeeded: count), "bits beyond storage")
    precondition(top <= bottom, "bits beyond storage")
    var masks = (first: UInt64.max &<< (run.first & 63), last: UInt64.max &>> (63 &- last & 63))
    if top == bottom {
      masks.first &= masks.last
      masks.last = masks.first
    }
    return (
      WordPiece(word: Int(truncatingIfNeeded: top), mask: masks.first),
      WordPiece(word: Int(truncatingIfNeeded: bottom), mask: masks.last)
    )
  }

  /// Whether all bits of a run, changed by `inversion`, are
  /// clear; words are counted from number `start` on.
  @inline(__always)
  func isClear(_ run: WordRun, inverting inversion: UInt64, from start: Int = 0) -> Bool {
    let (first, last) = ends(of: run)
    precondition(start >= 0 && start <= count &- 1 &- last.word, "bits beyond storage")
    // SAFETY: all words up to the last of the run were checked to be ours.
    let unsafeWords = unsafe unsafeBase + start
    if unsafe (unsafeWords[first.word] ^ inversion) & first.mask != 0 { return false }
    if unsafe (unsafeWords[last.word] ^ inversion) & last.mask != 0 { return false }
    var word = first.word &+ 1
    while word < last.word {
      // SAFETY: it is less than the last word.
      if unsafe unsafeWords[word] != inversion { return false }
      word &+= 1
    }
    return true
  }

  /// Sets all bits of a run.
  @inline(__always)
  func set(_ run: WordRun, from start: Int = 0) {
    let (first, last) = ends(of: run)
    precondition(start >= 0 && start <= count &- 1 &- last.word, "bits beyond storage")
    // SAFETY: all words up to the last of the run were checked to be ours.
    let unsafeWords = unsafe unsafeBase + start
    unsafe unsafeWords[first.word] |= first.mask
    unsafe unsafeWords[last.word] |= last.mask
    var word = first.word &+ 1
    while word < last.word {
      // SAFETY: it is less than the last word.
      unsafe unsafeWords[word] = .max
      word &+= 1
    }
  }

  /// Clears all bits of a run.
  @inline(__always)
  func clear(_ run: WordRun) {
    let (first, last) = ends(of: run)
    // SAFETY: all words up to the last of the run were checked to be ours.
    unsafe unsafeBase[first.word] &= ~first.mask
    unsafe unsafeBase[last.word] &= ~last.mask
    var word = first.word &+ 1
    while word < last.word {
      // SAFETY: it is less than the last word.
      unsafe unsafeBase[word] = 0
      word &+= 1
    }
  }

  /// Clears the bits that are set in as many words of `other` from number `start` on, and those
  /// words with them.
  ///
  /// Complexity: linear in the words; about three instructions for each.
  func subtract(emptying other: borrowing FixedStorage<UInt64>, from start: Int) {
    precondition(start >= 0 && count <= other.count &- start, "words beyond storage")
    // SAFETY: as many words lie in the other storage from there on, as was checked; the two are
    // apart, as each storage owns its words.
    let unsafeOther = unsafe other.unsafeBase + start
    for word in 0..<count {
      // SAFETY: both have this word.
      unsafe unsafeBase[word] &= ~unsafeOther[word]
      unsafe unsafeOther[word] = 0
    }
  }
}
