/// A run of bits cut at the words that hold it.
@frozen
@usableFromInline
struct WordRun: Sendable, BitwiseCopyable {
  /// The first bit that is left.
  @usableFromInline var first: UInt64

  /// The number of bits that are left.
  @usableFromInline var count: UInt64

  /// `count` bits from number `first`.
  @inlinable
  init(first: UInt64, count: UInt64) {
    self.first = first
    self.count = count
  }

  /// The one word that holds all of the run, which is not empty, or `nil` where there are more.
  @inlinable
  @inline(__always)
  var only: WordPiece? {
    let bit = first & 63
    if count > 64 &- bit { return nil }
    return WordPiece(
      word: Int(truncatingIfNeeded: first &>> 6), mask: (UInt64.max &>> (64 &- count)) &<< bit)
  }

  /// The next word and the bits of the run in it, or `nil` at the end.
  @inlinable
  mutating func next() -> WordPiece? {
    if count == 0 { return nil }
    let bit = first & 63
    let here = min(count, 64 &- bit)
    let piece = WordPiece(
      word: Int(truncatingIfNeeded: first &>> 6), mask: (UInt64.max &>> (64 &- here)) &<< bit)
    first &+= here
    count &-= here
    return piece
  }
}

/// Some bits of one word.
@frozen
@usableFromInline
struct WordPiece: Sendable, BitwiseCopyable {
  /// The number of the word.
  @usableFromInline let word: Int
  /// The bits.
  @usableFromInline let mask: UInt64

  @inlinable
  init(word: Int, mask: UInt64) {
    self.word = word
    self.mask = mask
  }
}
