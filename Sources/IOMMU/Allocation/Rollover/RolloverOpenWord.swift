public import Synchronization

/// What handing out single pages of one word of 64 needs; half a cache line.
@usableFromInline
struct RolloverOpenWord: ~Copyable, Sendable {
  /// The pages that a processor has taken out of the chunk to hand out one by one.
  ///
  /// Handing out clears bits without the chunk's lock; only under it are they set.
  @usableFromInline let bits = Atomic<UInt64>(0)

  /// The entries of the word's pages, as a ``LeafHandle``, while the chunk holds their lease.
  ///
  /// Written under the chunk's lock. Who was handed a page finds the lease, if any, that lasts at
  /// least as long as the page is live.
  @usableFromInline let leaf = Atomic<UInt64>(0)

  /// The first address of the word.
  @usableFromInline let first: UInt64

  /// The chunk, for those who give its pages back.
  @usableFromInline let line: RolloverChunkLine

  init(first: UInt64, line: RolloverChunkLine) {
    self.first = first
    self.line = line
  }

  /// Takes the lowest page that is left; `nil` where none is, or somebody else was faster.
  ///
  /// `log2` is the granule's; `name` is what yield points call the word.
  @inlinable
  @inline(__always)
  borrowing func takePage(log2: UInt64, _ name: SharedObject) -> OpenPage? {
    guard let index = lowest(name) else { return nil }
    if !take(index) { return nil }
    YieldPoint.reached(.load, name)
    // The lease is read only now: before, the chunk could have ended it. Acquiring pairs with the
    // store that published it, and so with the entries being there.
    return page(index, log2: log2)
  }

  /// The lowest page that is left, as its number in the word, or `nil`: still anybody's.
  @inlinable
  @inline(__always)
  borrowing func lowest(_ name: SharedObject) -> UInt64? {
    YieldPoint.reached(.store, name)
    let open = bits.load(ordering: .relaxed)
    return open == 0 ? nil : UInt64(truncatingIfNeeded: open.trailingZeroBitCount)
  }

  /// Takes a page; `false` where somebody else was faster.
  ///
  /// Whoever finds the bit set as it takes it has the page: what lies in the word is free, however
  /// many pages left it or joined it since the caller looked. For x86-64 it is one instruction,
  /// which unlike a compare-and-exchange does not fail because of another page.
  @inlinable
  @inline(__always)
  borrowing func take(_ index: UInt64) -> Bool {
    let bit = UInt64(1) &<< (index & 63)
    // Acquiring pairs with the releasing store that opened the word: an invalidation has covered
    // what was stale in it.
    return bits.bitwiseAnd(~bit, ordering: .acquiring).oldValue & bit != 0
  }

  /// Page `index` of the word, which is the caller's, with the lease as it is now.
  @inlinable
  @inline(__always)
  borrowing func page(_ index: UInt64, log2: UInt64) -> OpenPage {
    OpenPage(
      first: IOVA(first &+ (index &<< log2)), index: index,
      leaf: LeafHandle(rawValue: leaf.load(ordering: .acquiring)), place: line.place)
  }
}
