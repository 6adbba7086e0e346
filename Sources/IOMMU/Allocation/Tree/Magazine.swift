/// A stack of up to 127 page numbers, which with their count fill 1 KiB (`struct iova_magazine`).
@frozen
@usableFromInline
struct Magazine: ~Copyable, Sendable {
  /// How many page numbers it takes (`IOVA_MAG_SIZE`, 127 since Linux 6.1).
  @inlinable
  static var size: Int { 127 }

  /// The numbers from the bottom up, and in the last place how many there are: a power of two of
  /// words, so that a masked index needs no check.
  @usableFromInline var words: [128 of UInt64] = InlineArray(repeating: 0)

  /// An empty magazine.
  init() {}

  /// The number of page numbers in it, 0 to ``size``.
  @inlinable
  var count: Int {
    get { Int(truncatingIfNeeded: words[127] & 127) }
    set { words[127] = UInt64(truncatingIfNeeded: newValue) & 127 }
  }

  /// Whether no number fits any more.
  @inlinable
  var isFull: Bool { count == Self.size }

  /// The number at `place`, counted from the bottom: below ``count`` for one that is there.
  @inlinable
  subscript(place: Int) -> UInt64 {
    get { words[place & 127] }
    set {
      precondition(place < Self.size, "no such place in a magazine")
      words[place & 127] = newValue
    }
  }

  /// Puts `page` on top; `false`, and no change, where it is full.
  @inlinable
  @inline(__always)
  mutating func push(_ page: UInt64) -> Bool {
    let count = count
    if count == Self.size { return false }
    words[count & 127] = page
    words[127] = UInt64(truncatingIfNeeded: count &+ 1)
    return true
  }

  /// Takes the top number if it is one that `limit` allows, or any without; else changes nothing.
  @inlinable
  @inline(__always)
  mutating func popTop(_ limit: PageLimit?) -> UInt64? {
    let place = count &- 1
    if place < 0 { return nil }
    let page = words[place & 127]
    if let limit, !limit.allows(page) { return nil }
    words[127] = UInt64(truncatingIfNeeded: place)
    return page
  }

  /// How many numbers on top are above `highest`.
  ///
  /// Complexity: linear in them.
  func entries(above highest: UInt64) -> Int {
    let top = count &- 1
    var place = top
    while place >= 0 && self[place] > highest { place &-= 1 }
    return top &- place
  }

  /// Takes the number below the `passed` topmost, if there is one; the top fills its place.
  ///
  /// Source: `iova_magazine_pop`, which looks for it first (``entries(above:)``).
  mutating func pop(passing passed: Int = 0) -> UInt64? {
    let top = count &- 1
    let place = top &- passed
    if place < 0 { return nil }
    let page = self[place]
    self[place] = self[top]
    count = top
    return page
  }
}

/// What a run must not reach beyond: its last byte is compared, so that nothing wraps around.
@frozen
@usableFromInline
struct PageLimit: Sendable, BitwiseCopyable {
  /// The highest byte that will do.
  @usableFromInline let last: UInt64
  /// The pages of the run.
  @usableFromInline let pages: UInt64
  /// The binary logarithm of the bytes of a page.
  @usableFromInline let granuleLog2: UInt64

  @inlinable
  init(last: UInt64, pages: UInt64, granuleLog2: UInt64) {
    self.last = last
    self.pages = pages
    self.granuleLog2 = granuleLog2
  }

  /// Whether a run that begins with `page`, one of an aperture, ends within the limit.
  @inlinable
  @inline(__always)
  func allows(_ page: UInt64) -> Bool {
    // At the top of all addresses the sum wraps to 0, and one less than that is the last byte.
    ((page &+ pages) &<< granuleLog2) &- 1 <= last
  }
}
