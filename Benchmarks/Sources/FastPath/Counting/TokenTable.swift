import IOMMU

/// Tokens that are out, by number.
struct TokenTable<Token: ~Copyable>: ~Copyable {
  private let slots: FixedStorage<Token?>

  /// Room for `count` tokens, none of them there.
  init(count: Int) {
    slots = FixedStorage(count: count) { _ in nil }
  }

  /// The number of places.
  var count: Int { slots.count }

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
