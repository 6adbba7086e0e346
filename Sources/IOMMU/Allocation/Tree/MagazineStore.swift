/// All the magazines of a ``MagazineCache``: stacks of page numbers, allocated at creation.
@frozen
@usableFromInline
struct MagazineStore: ~Copyable, Sendable {
  /// The index of a magazine; a negative one is none.
  @usableFromInline
  typealias Magazine = Int32

  /// How many page numbers a magazine takes (`IOVA_MAG_SIZE`, 127 since Linux 6.1, so that with its
  /// count it fills 1 KiB).
  @inlinable
  static var magazineSize: Int { 127 }

  /// No magazine.
  @inlinable
  static var none: Magazine { -1 }

  @usableFromInline let pages: FixedStorage<UInt64>
  @usableFromInline let counts: FixedStorage<Int32>

  /// What lies below a magazine in its depot, or in the list of spare ones.
  let below: FixedStorage<Magazine>

  private let lock = SpinLock()
  private let spare: FixedStorage<Magazine>

  /// Holds `count` spare, empty magazines.
  @usableFromInline
  init(count: Int) {
    pages = FixedStorage(count: count * Self.magazineSize) { _ in 0 }
    counts = FixedStorage(count: count) { _ in 0 }
    below = FixedStorage(count: count) { Int32($0) - 1 }
    spare = FixedStorage(count: 1) { _ in Int32(count) - 1 }
  }

  /// Gives an empty magazine, or ``none``.
  ///
  /// Context: any processor; takes its own lock.
  borrowing func takeSpare() -> Magazine {
    lock.lock()
    defer { lock.unlock() }
    let magazine = spare[0]
    if magazine != Self.none { spare[0] = below[Int(magazine)] }
    return magazine
  }

  /// Takes back an empty magazine.
  ///
  /// Context: any processor; takes its own lock.
  borrowing func putSpare(_ magazine: Magazine) {
    lock.lock()
    defer { lock.unlock() }
    below[Int(magazine)] = spare[0]
    spare[0] = magazine
  }

  borrowing func isFull(_ magazine: Magazine) -> Bool {
    Int(counts[Int(magazine)]) == Self.magazineSize
  }

  borrowing func isEmpty(_ magazine: Magazine) -> Bool {
    counts[Int(magazine)] == 0
  }

  /// Puts `page` on top; the magazine is not full.
  @inlinable
  borrowing func push(_ page: UInt64, on magazine: Magazine) {
    let index = Int(magazine)
    pages[index &* Self.magazineSize &+ Int(counts[index])] = page
    counts[index] &+= 1
  }

  /// How many pages on top are above `highest`.
  ///
  /// Complexity: linear in them.
  borrowing func entries(of magazine: Magazine, above highest: UInt64) -> Int {
    let index = Int(magazine)
    let base = index &* Self.magazineSize
    let top = Int(counts[index]) &- 1
    var place = top
    while place >= 0 && pages[base &+ place] > highest { place &-= 1 }
    return top &- place
  }

  /// Takes the page below the `passed` topmost, if there is one; the top fills its place.
  ///
  /// Source: `iova_magazine_pop`, which looks for it first (``entries(of:above:)``).
  borrowing func pop(from magazine: Magazine, passing passed: Int = 0) -> UInt64? {
    let index = Int(magazine)
    let base = index &* Self.magazineSize
    let top = Int(counts[index]) &- 1
    let place = top &- passed
    if place < 0 { return nil }
    let page = pages[base &+ place]
    pages[base &+ place] = pages[base &+ top]
    counts[index] &-= 1
    return page
  }
}
