/// A set of pages of one chunk: 256 bits in four words, page 0 in the lowest bit of the first.
@usableFromInline
struct PageBits: Sendable, BitwiseCopyable {
  /// The pages, 64 in each word.
  ///
  /// Fast paths index it by `page >> 6 & 3`, which needs no check at run time.
  @usableFromInline
  var words: [4 of UInt64]

  /// The number of pages that a set can hold.
  @usableFromInline
  static var capacity: Int { 256 }

  /// No page.
  @usableFromInline
  init() {
    words = [0, 0, 0, 0]
  }

  /// The pages `first..<end`; both lie in 0…256, and `first` is not above `end`.
  @usableFromInline
  init(from first: Int, to end: Int) {
    words = [0, 0, 0, 0]
    insert(first..<end)
  }

  /// Adds the pages of `run`, which lies in 0..<256.
  @inline(__always)
  mutating func insert(_ run: Range<Int>) {
    update(run) { $0 | $1 }
  }

  /// Takes out the pages of `run`, which lies in 0..<256.
  @inline(__always)
  mutating func remove(_ run: Range<Int>) {
    update(run) { $0 & ~$1 }
  }

  /// Gives the words that `run` lies in, and in each the pages of `run`, to `change`.
  @inline(__always)
  private mutating func update(_ run: Range<Int>, _ change: (UInt64, UInt64) -> UInt64) {
    if run.isEmpty { return }
    let end = run.upperBound &- 1
    let (first, last) = (run.lowerBound &>> 6, end &>> 6)
    let above = UInt64.max &<< UInt64(run.lowerBound & 63)
    let below = UInt64.max &>> UInt64(63 &- end & 63)
    if first == last {
      words[first & 3] = change(words[first & 3], above & below)
      return
    }
    words[first & 3] = change(words[first & 3], above)
    words[last & 3] = change(words[last & 3], below)
    // Without a loop, of which the compiler would make one for very many words.
    if last &- first == 1 { return }
    words[(first &+ 1) & 3] = change(words[(first &+ 1) & 3], .max)
    if last &- first == 2 { return }
    words[(first &+ 2) & 3] = change(words[(first &+ 2) & 3], .max)
  }

  /// Adds page `page`, 0…255.
  @inline(__always)
  mutating func insert(_ page: Int) {
    words[page >> 6 & 3] |= 1 &<< UInt64(page & 63)
  }

  /// Takes out page `page`, 0…255.
  @inline(__always)
  mutating func remove(_ page: Int) {
    words[page >> 6 & 3] &= ~(1 &<< UInt64(page & 63))
  }

  /// Every page.
  static var all: PageBits { PageBits(from: 0, to: capacity) }

  /// Whether no page is in the set.
  @inline(__always)
  var isEmpty: Bool {
    words[0] | words[1] | words[2] | words[3] == 0
  }

  /// Whether every page is in the set.
  @inline(__always)
  var isFull: Bool {
    words[0] & words[1] & words[2] & words[3] == .max
  }

  /// The number of pages in the set.
  var count: Int {
    words[0].nonzeroBitCount + words[1].nonzeroBitCount
      + words[2].nonzeroBitCount + words[3].nonzeroBitCount
  }

  /// The pages that are not in the set.
  @inline(__always)
  var inverted: PageBits {
    var result = self
    result.words = [~words[0], ~words[1], ~words[2], ~words[3]]
    return result
  }

  /// The pages that are in this set and in `other`.
  @inline(__always)
  func intersection(_ other: PageBits) -> PageBits {
    var result = self
    result.words = [
      words[0] & other.words[0], words[1] & other.words[1],
      words[2] & other.words[2], words[3] & other.words[3],
    ]
    return result
  }

  /// The pages that are in this set and not in `other`.
  @inline(__always)
  func subtracting(_ other: PageBits) -> PageBits {
    intersection(other.inverted)
  }

  /// Adds the pages of `other`.
  @inline(__always)
  mutating func formUnion(_ other: PageBits) {
    words = [
      words[0] | other.words[0], words[1] | other.words[1],
      words[2] | other.words[2], words[3] | other.words[3],
    ]
  }

  /// Whether every page of `other` is in this set.
  @inline(__always)
  func isSuperset(of other: PageBits) -> Bool {
    other.subtracting(self).isEmpty
  }
}
