/// The open words of an allocator, four for each chunk, found by number or by place.
///
/// A *place* is what a processor remembers of its word: with it the word is reached without a look
/// at anything else.
@frozen
@usableFromInline
@safe
struct RolloverOpenWords: ~Copyable, @unchecked Sendable {
  @usableFromInline let unsafeBase: UnsafeMutablePointer<RolloverOpenWord>

  /// The number of words.
  @usableFromInline let count: Int

  /// Holds `count` words, each made by `word`.
  ///
  /// Allocates: once, here; two words share a cache line.
  init(count: Int, word: (Int) -> RolloverOpenWord) {
    self.count = count
    // SAFETY: (1) the block holds all words; (2) each is initialised exactly once.
    unsafe unsafeBase = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<RolloverOpenWord>.stride, alignment: 64
    ).bindMemory(to: RolloverOpenWord.self, capacity: count)
    for number in 0..<count { unsafe (unsafeBase + number).initialize(to: word(number)) }
  }

  deinit {
    // SAFETY: (1) all words were initialised by `init`; (2) nobody borrows them now.
    unsafe unsafeBase.deinitialize(count: count)
    unsafe unsafeBase.deallocate()
  }

  /// Word `number`, 64 pages each counted from page 0.
  @inlinable
  subscript(number: Int) -> RolloverOpenWord {
    unsafeAddress {
      precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "no such word")
      // SAFETY: the number was checked against the number of words.
      return unsafe UnsafePointer(unsafeBase + number)
    }
  }

  /// The word at a place that ``place(of:)`` gave.
  @inlinable
  subscript(at place: UInt) -> RolloverOpenWord {
    unsafeAddress {
      // SAFETY: places come from `place(of:)` alone, and processors keep nothing else.
      return unsafe UnsafePointer<RolloverOpenWord>(bitPattern: place).unsafelyUnwrapped
    }
  }

  /// Where word `number` is.
  @inlinable
  func place(of number: Int) -> UInt {
    precondition(UInt(bitPattern: number) < UInt(bitPattern: count), "no such word")
    // SAFETY: the number was checked; only the address is kept.
    return unsafe UInt(bitPattern: unsafeBase + number)
  }

  /// Which word is at `place`.
  @inlinable
  func number(at place: UInt) -> Int {
    // SAFETY: only addresses are compared.
    unsafe Int(bitPattern: place &- UInt(bitPattern: unsafeBase))
      / MemoryLayout<RolloverOpenWord>.stride
  }
}
