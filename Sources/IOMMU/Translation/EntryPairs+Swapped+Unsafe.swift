#if arch(x86_64) && !InterleavingExploration
public import Synchronization

/// Runs of entries whose bytes are the other way round in memory.
///
/// SSE2 cannot turn bytes around, but it need not: as long as a step changes only the upper or the
/// lower part of one byte, entries that are turned around differ by the same number, too; and so do
/// groups of sixteen, as long as what comes after the sixteenth carries into one byte. So each pair
/// is the one before it and a constant, and only where more is carried two are turned around.
extension EntryPairs {
  /// Whether sixteen steps, from a multiple of them, stay within one byte, and a group of sixteen
  /// follows another by a change of one byte, too.
  @inlinable
  @inline(__always)
  static func staysInByte(_ step: UInt64) -> Bool {
    step & (step &- 1) == 0 && step != 0 && step < 1 &<< 56
      && step.trailingZeroBitCount & 7 <= 4
  }

  /// Stores `first`, `first + step`, … turned around, in `count` entries, 16 or more.
  ///
  /// 110 instructions and 1.2 for each entry, where one by one each takes 3.4: it pays from 48 on.
  /// Of `step`, ``staysInByte(_:)`` is true. The commonest one is a constant for what is called,
  /// which saves 25 instructions; what it makes of that is handed over, see `storeSeven`.
  @inlinable
  @inline(__always)
  static func storeSwapped(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ first: UInt64,
    _ step: UInt64
  ) {
    let changes = SwappedSteps(step)
    if step == 0x1000 {
      // SAFETY: as in `fill`.
      unsafe storePages(unsafeEntries, count, first, changes)
    } else {
      unsafe storeOthers(unsafeEntries, count, first, step, changes)
    }
  }

  /// The same for pages of 4 KiB.
  @inlinable
  @inline(never)
  static func storePages(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ first: UInt64,
    _ changes: SwappedSteps
  ) {
    // SAFETY: as in `fill`.
    unsafe storeGroups(unsafeEntries, count, first, 0x1000, changes)
  }

  @inlinable
  @inline(never)
  static func storeOthers(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ first: UInt64,
    _ step: UInt64, _ changes: SwappedSteps
  ) {
    // SAFETY: as in `fill`.
    unsafe storeGroups(unsafeEntries, count, first, step, changes)
  }

  @inlinable
  @inline(__always)
  static func storeGroups(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ first: UInt64,
    _ step: UInt64, _ changes: SwappedSteps
  ) {
    // SAFETY: as in `fill`.
    var unsafeNext = UnsafeMutableRawPointer(unsafeEntries)
    let stepLog2 = UInt64(truncatingIfNeeded: step.trailingZeroBitCount)
    // A group begins at a multiple of 16 bytes, and with the first of sixteen steps or one before:
    // whichever of the two lies there.
    let steps = first &>> stepLog2 & 15
    let parity = (UInt64(UInt(bitPattern: unsafeEntries) &>> 3) ^ steps) & 1
    let head = Int(truncatingIfNeeded: (0 &- steps &- parity) & 15)
    let one = changes.one
    // Two steps up, down, and from one group into the next, but negative.
    let up = SIMD2(repeating: 2 &* one)
    let down = SIMD2(repeating: changes.down)
    let back = SIMD2(repeating: changes.back)
    if head != 0 {
      // They are the last of their sixteen steps.
      var entry = first.byteSwapped
      var left = head
      if left & 1 != 0 {
        // SAFETY: as above.
        unsafe store(entry, unsafeNext)
        unsafe unsafeNext += 8
        entry &+= one
        left &-= 1
      }
      unsafe storeFew(&unsafeNext, left, SIMD2(entry, entry &+ one), up)
    }

    var entry = first &+ UInt64(truncatingIfNeeded: head) &<< stepLog2
    var left = count &- head
    // In a group that begins with one before, that one is over before the other.
    let (under, second) =
      parity == 0 ? (back, up) : (SIMD2(0 &- up[0], back[0]), SIMD2(0 &- back[0], up[0]))
    while left >= 2 {
      let base = (entry &+ step).byteSwapped
      // SAFETY: as above.
      unsafe store(SIMD2(entry.byteSwapped, base), unsafeNext, 0)
      unsafe unsafeNext += 16
      var pair = SIMD2(base &+ one, base &+ 2 &* one)
      if left < 16 { return unsafe storeFew(&unsafeNext, left &- 2, pair, up) }
      // As many groups as follow each other before more is carried.
      let groupLog2 = stepLog2 &+ 4
      let most = 256 &>> (groupLog2 & 7)
      let before = (entry &+ parity &<< stepLog2) &>> groupLog2 & (most &- 1)
      let groups = min(UInt64(truncatingIfNeeded: left &>> 4), most &- before)
      if groups & 1 == 0 {
        // SAFETY: as above.
        unsafe storeEight(unsafeNext, &pair, up, down, under)
        pair &+= second
        unsafe unsafeNext += 128
      }
      var twos = (groups &- 1) &>> 1
      while twos != 0 {
        // SAFETY: as above.
        unsafe storeEight(unsafeNext, &pair, up, down, under)
        pair &+= second
        unsafe storeEight(unsafeNext + 128, &pair, up, down, under)
        pair &+= second
        unsafe unsafeNext += 256
        twos &-= 1
      }
      // SAFETY: as above.
      unsafe storeSeven(unsafeNext, &pair, up, down)
      unsafe unsafeNext += 112
      entry &+= groups &<< groupLog2
      left &-= Int(truncatingIfNeeded: groups &<< 4)
    }
    // SAFETY: as above.
    if left != 0 { unsafe store(entry.byteSwapped, unsafeNext) }
  }

  /// Stores `pair` and the next seven, the last of which is the first of another group.
  @inlinable
  @inline(__always)
  static func storeEight(
    _ unsafeFirst: UnsafeMutableRawPointer, _ pair: inout SIMD2<UInt64>, _ up: SIMD2<UInt64>,
    _ down: SIMD2<UInt64>, _ under: SIMD2<UInt64>
  ) {
    // SAFETY: as in `fill`.
    unsafe storeSeven(unsafeFirst, &pair, up, down)
    pair &-= under
    unsafe store(pair, unsafeFirst, 7)
  }

  /// Stores `pair` and the next six; `down` is as much as `up`, but for the compiler another
  /// number: of two sums it would make one, which takes a copy more.
  @inlinable
  @inline(__always)
  static func storeSeven(
    _ unsafeFirst: UnsafeMutableRawPointer, _ pair: inout SIMD2<UInt64>, _ up: SIMD2<UInt64>,
    _ down: SIMD2<UInt64>
  ) {
    for index in 0..<3 {
      // SAFETY: as in `fill`.
      unsafe store(pair, unsafeFirst, 2 &* index)
      pair &-= down
      unsafe store(pair, unsafeFirst, 2 &* index &+ 1)
      pair &+= up
    }
    // SAFETY: as above.
    unsafe store(pair, unsafeFirst, 6)
  }

  /// Stores `pair`, `pair + up`, … as they are, in 0 to 15 entries, from a multiple of 16 on.
  @inlinable
  @inline(__always)
  static func storeFew(
    _ unsafeNext: inout UnsafeMutableRawPointer, _ count: Int, _ first: SIMD2<UInt64>,
    _ up: SIMD2<UInt64>
  ) {
    var pair = first
    if count & 8 != 0 {
      for index in 0..<4 {
        // SAFETY: as in `fill`.
        unsafe store(pair, unsafeNext, index)
        pair &+= up
      }
      unsafe unsafeNext += 64
    }
    if count & 4 != 0 {
      for index in 0..<2 {
        // SAFETY: as above.
        unsafe store(pair, unsafeNext, index)
        pair &+= up
      }
      unsafe unsafeNext += 32
    }
    if count & 2 != 0 {
      // SAFETY: as above.
      unsafe store(pair, unsafeNext, 0)
      pair &+= up
      unsafe unsafeNext += 16
    }
    // SAFETY: as above.
    if count & 1 != 0 { unsafe store(pair[0], unsafeNext) }
  }
}

/// By how much entries differ when they are turned around.
@frozen
@usableFromInline
struct SwappedSteps: Sendable, BitwiseCopyable {
  /// One step up.
  @usableFromInline let one: UInt64

  /// Two steps down.
  @usableFromInline let down: UInt64

  /// From the first of sixteen to the fifteenth before.
  @usableFromInline let back: UInt64

  @inlinable
  @inline(__always)
  init(_ step: UInt64) {
    one = step.byteSwapped
    down = 0 &- (2 &* step).byteSwapped
    back = 14 &* one &- (16 &* step).byteSwapped
  }
}
#endif
