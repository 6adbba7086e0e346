/// All the magazines of a ``MagazineCache``: stacks of page numbers, allocated at creation.
@frozen
@usableFromInline
struct MagazineStore: ~Copyable, Sendable {
  /// The number of a magazine; a negative one is none.
  @usableFromInline
  typealias Number = Int32

  /// No magazine.
  @inlinable
  static var none: Number { -1 }

  @usableFromInline let magazines: FixedStorage<Magazine>

  /// What lies below a magazine in its depot, or in the list of spare ones.
  let below: FixedStorage<Number>

  private let lock = SpinLock("spare magazines", lines: 1)
  private let spare: FixedStorage<Number>

  /// Holds `count` spare, empty magazines.
  @usableFromInline
  init(count: Int) {
    magazines = FixedStorage(count: count) { _ in Magazine() }
    below = FixedStorage(count: count) { Int32($0) - 1 }
    spare = FixedStorage(count: 1) { _ in Int32(count) - 1 }
  }

  /// Gives an empty magazine, or ``none``.
  ///
  /// Context: any processor; takes its own lock.
  borrowing func takeSpare() -> Number {
    lock.lock()
    defer { lock.unlock() }
    let magazine = spare[0]
    if magazine != Self.none { spare[0] = below[Int(magazine)] }
    return magazine
  }

  /// Takes back an empty magazine.
  ///
  /// Context: any processor; takes its own lock.
  borrowing func putSpare(_ magazine: Number) {
    lock.lock()
    defer { lock.unlock() }
    below[Int(magazine)] = spare[0]
    spare[0] = magazine
  }
}
