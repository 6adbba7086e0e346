#if arch(x86_64) && !InterleavingExploration
public import Synchronization

/// Two entries at a time, as they lie in memory, on x86-64: half an instruction to fill or to look
/// at one, little more than one to write one of a long run.
///
/// What is relied on: a store of 16 bytes to a multiple of 16 by an instruction of SSE2, which all
/// of these processors have, is seen as a whole, and both of its entries are. Intel and AMD promise
/// that where there is AVX; older ones may show two halves, each of them one whole entry. Stores
/// are seen in the order of the program, as all are on x86-64. A fence, which is no instruction
/// there, keeps the compiler from moving one up and from making several into a call of `memset`. So
/// each pair is stored as if it were two entries, each releasing.
///
/// Not where interleavings are explored: the thread sanitizer knows only what the language
/// promises, and would see lookups race with these stores.
///
/// Everything here gets entries that the caller knows to lie in its memory, which it keeps alive.
@usableFromInline
enum EntryPairs {
  /// Stores `value` in `count` entries, 1 or more.
  @inlinable
  @inline(never)
  static func fill(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ value: UInt64
  ) {
    // SAFETY: (1) here and in what follows, all entries lie in the memory, as the caller knows;
    // (2) `unsafeNext` is made a multiple of 16, and stays one.
    var unsafeNext = UnsafeMutableRawPointer(unsafeEntries)
    var left = count
    if unsafe isBetweenPairs(unsafeNext) {
      unsafe store(value, unsafeNext)
      unsafe unsafeNext += 8
      left &-= 1
    }
    let pair = SIMD2(repeating: value)
    // Counted down to zero, which is found without a comparison.
    var blocks = left &>> 5
    while blocks != 0 {
      // SAFETY: as above.
      for index in 0..<16 { unsafe store(pair, unsafeNext, index) }
      unsafe unsafeNext += 256
      blocks &-= 1
    }
    // What is left, by halves, without a loop.
    if left & 16 != 0 {
      // SAFETY: as above.
      for index in 0..<8 { unsafe store(pair, unsafeNext, index) }
      unsafe unsafeNext += 128
    }
    if left & 15 == 0 { return }
    if left & 8 != 0 {
      for index in 0..<4 { unsafe store(pair, unsafeNext, index) }
      unsafe unsafeNext += 64
    }
    if left & 4 != 0 {
      // SAFETY: as above.
      for index in 0..<2 { unsafe store(pair, unsafeNext, index) }
      unsafe unsafeNext += 32
    }
    if left & 2 != 0 {
      // SAFETY: as above.
      unsafe store(pair, unsafeNext, 0)
      unsafe unsafeNext += 16
    }
    if left & 1 != 0 { unsafe store(value, unsafeNext) }
  }

  /// What `combine` makes of `count` entries, 1 or more, and of `none`, whatever their order;
  /// nobody else writes them.
  @inlinable
  @inline(__always)
  static func united(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ none: UInt64,
    _ combine: (SIMD2<UInt64>, SIMD2<UInt64>) -> SIMD2<UInt64>
  ) -> UInt64 {
    // SAFETY: (1) and (2) as in `fill`; (3) plain loads do, because the entries of one call belong
    // to the caller alone: the caller ordered itself behind whoever wrote them.
    var unsafeNext = UnsafeRawPointer(unsafeEntries)
    var left = count
    // Two, which need not wait for each other.
    var (bits, others) = (SIMD2(repeating: none), SIMD2(repeating: none))
    if unsafe isBetweenPairs(unsafeNext) {
      bits = SIMD2(repeating: unsafe unsafeNext.load(as: UInt64.self))
      unsafe unsafeNext += 8
      left &-= 1
    }
    var blocks = left &>> 5
    while blocks != 0 {
      // SAFETY: as above.
      for index in 0..<8 {
        bits = unsafe combine(bits, pair(unsafeNext, 2 &* index))
        others = unsafe combine(others, pair(unsafeNext, 2 &* index &+ 1))
      }
      unsafe unsafeNext += 256
      blocks &-= 1
    }
    if left & 16 != 0 {
      // SAFETY: as above.
      for index in 0..<4 {
        bits = unsafe combine(bits, pair(unsafeNext, 2 &* index))
        others = unsafe combine(others, pair(unsafeNext, 2 &* index &+ 1))
      }
      unsafe unsafeNext += 128
    }
    if left & 8 != 0 {
      for index in 0..<2 {
        bits = unsafe combine(bits, pair(unsafeNext, 2 &* index))
        others = unsafe combine(others, pair(unsafeNext, 2 &* index &+ 1))
      }
      // SAFETY: as above.
      unsafe unsafeNext += 64
    }
    if left & 4 != 0 {
      bits = unsafe combine(bits, pair(unsafeNext, 0))
      others = unsafe combine(others, pair(unsafeNext, 1))
      unsafe unsafeNext += 32
    }
    if left & 2 != 0 {
      bits = unsafe combine(bits, pair(unsafeNext, 0))
      unsafe unsafeNext += 16
    }
    // SAFETY: as above.
    if left & 1 != 0 {
      others = combine(others, SIMD2(repeating: unsafe unsafeNext.load(as: UInt64.self)))
    }
    bits = combine(bits, others)
    return combine(bits, SIMD2(repeating: bits[1]))[0]
  }

  /// The bits that are set in any of `count` entries, 1 or more.
  @inlinable
  @inline(never)
  static func bitsInAny(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int
  ) -> UInt64 {
    // SAFETY: as the caller promised.
    unsafe united(unsafeEntries, count, 0) { $0 | $1 }
  }

  /// The bits that are set in all of `count` entries, 1 or more.
  @inlinable
  @inline(never)
  static func bitsInAll(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int
  ) -> UInt64 {
    // SAFETY: as the caller promised.
    unsafe united(unsafeEntries, count, .max) { $0 & $1 }
  }

  /// Whether an entry is the second of the 16 bytes that it lies in.
  @inlinable
  @inline(__always)
  static func isBetweenPairs(_ unsafeEntry: UnsafeRawPointer) -> Bool {
    UInt(bitPattern: unsafeEntry) & 8 != 0
  }

  @inlinable
  @inline(__always)
  static func store(_ value: UInt64, _ unsafePlace: UnsafeMutableRawPointer) {
    // SAFETY: an entry that lies in the memory, where each is an atomic.
    let unsafeEntry = unsafe unsafePlace.assumingMemoryBound(to: Atomic<UInt64>.self)
    unsafe unsafeEntry.pointee.store(value, ordering: .releasing)
  }

  /// Stores `pair`, the `index`-th from `unsafeFirst`, which is a multiple of 16.
  @inlinable
  @inline(__always)
  static func store(
    _ pair: SIMD2<UInt64>, _ unsafeFirst: UnsafeMutableRawPointer, _ index: Int
  ) {
    atomicMemoryFence(ordering: .releasing)
    // SAFETY: (1) both entries lie in the memory, and the first at a multiple of 16, as the caller
    // knows; (2) an atomic has the layout of its value, and a pair that of two; (3) see above.
    let unsafePlace = unsafe unsafeFirst + 16 &* index
    unsafe unsafePlace.assumingMemoryBound(to: SIMD2<UInt64>.self).pointee = pair
  }

  @inlinable
  @inline(__always)
  static func pair(_ unsafeFirst: UnsafeRawPointer, _ index: Int) -> SIMD2<UInt64> {
    // SAFETY: as for `store`.
    unsafe unsafeFirst.load(fromByteOffset: 16 &* index, as: SIMD2<UInt64>.self)
  }
}
#endif
