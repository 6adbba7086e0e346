import IOMMU

/// Tokens that are out, by number.
struct TokenTable<Token: ~Copyable>: ~Copyable {
  private let slots: FixedStorage<Token?>

  /// The number of places.
  let count: Int

  /// Room for `count` tokens, none of them there.
  init(count: Int) {
    // Some to spare, so that no two tables share a cache line.
    slots = FixedStorage(count: count + 16) { _ in nil }
    self.count = count
  }

  /// The token at `index`, whose place becomes empty.
  @inline(__always)
  borrowing func take(_ index: Int) -> Token? {
    slots[index].take()
  }

  /// Puts a token where none is.
  @inline(__always)
  borrowing func put(_ token: consuming Token?, at index: Int) {
    slots[index] = token
  }
}
