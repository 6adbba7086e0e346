#if arch(x86_64) && !InterleavingExploration
public import Synchronization

/// Runs of entries whose bytes are the other way round in memory.
///
/// SSE2 cannot turn bytes around, but within sixteen entries it need not: as long as a step changes
/// only the upper or the lower part of one byte, the entries that are turned around differ by the
/// same number, too. So two are turned around for each sixteen, and the others added.
extension EntryPairs {
  /// Whether sixteen steps, from a multiple of them, stay within one byte.
  @inlinable
  @inline(__always)
  static func staysInByte(_ step: UInt64) -> Bool {
    step & (step &- 1) == 0 && step != 0 && step.trailingZeroBitCount & 7 <= 4
  }

  /// Stores `first`, `first + step`, … turned around, in `count` entries, 16 or more.
  ///
  /// Of `step`, ``staysInByte(_:)`` is true.
  @inlinable
  @inline(never)
  static func storeSwapped(
    _ unsafeEntries: UnsafeMutablePointer<Atomic<UInt64>>, _ count: Int, _ first: UInt64,
    _ step: UInt64
  ) {
    // SAFETY: as in `fill`.
    var unsafeNext = UnsafeMutableRawPointer(unsafeEntries)
    // A group begins at a multiple of 16 bytes, and with the first of sixteen steps or one before:
    // whichever of the two lies there.
    let steps = (first &>> UInt64(step.trailingZeroBitCount)) & 15
    let parity = UInt64(UInt(bitPattern: unsafeEntries) &>> 3) & 1
    let head = Int(truncatingIfNeeded: (0 &- steps &- ((steps ^ parity) & 1)) & 15)
    // They are the last of their sixteen steps.
    unsafe storeFew(unsafeNext, head, first.byteSwapped, step.byteSwapped)
    unsafe unsafeNext += 8 &* head
    var entry = first &+ UInt64(truncatingIfNeeded: head) &* step
    let left = count &- head

    let one = step.byteSwapped
    // The same up and down, found in another way: of two sums the compiler would make one, which
    // takes a copy more.
    let up = SIMD2(repeating: 2 &* one)
    let down = SIMD2(
      repeating: (entry &+ step).byteSwapped &- (entry &+ 3 &* step).byteSwapped)
    // One step and two.
    let further = up &- SIMD2(one, 0)
    var groups = left &>> 4
    while groups != 0 {
      let base = SIMD2(repeating: (entry &+ step).byteSwapped)
      // SAFETY: as above.
      unsafe store(SIMD2(entry.byteSwapped, base[1]), unsafeNext, 0)
      var pair = base &+ further
      unsafe store(pair, unsafeNext, 1)
      pair &-= down
      unsafe store(pair, unsafeNext, 2)
      pair &+= up
      unsafe store(pair, unsafeNext, 3)
      pair &-= down
      // SAFETY: as above.
      unsafe store(pair, unsafeNext, 4)
      pair &+= up
      unsafe store(pair, unsafeNext, 5)
      pair &-= down
      unsafe store(pair, unsafeNext, 6)
      pair &+= up
      unsafe store(pair, unsafeNext, 7)
      entry &+= 16 &* step
      unsafe unsafeNext += 128
      groups &-= 1
    }
    // SAFETY: as above.
    var rest = left & 15
    if steps & 1 != parity, rest != 0 {
      // The one before sixteen steps: what follows it is not one step further when turned around.
      unsafe store(entry.byteSwapped, unsafeNext)
      unsafe unsafeNext += 8
      entry &+= step
      rest &-= 1
    }
    // SAFETY: as above.
    unsafe storeFew(unsafeNext, rest, entry.byteSwapped, step.byteSwapped)
  }

  /// Stores `first`, `first + step`, … as they are, in 0 to 15 entries.
  @inlinable
  @inline(__always)
  static func storeFew(
    _ unsafeFirst: UnsafeMutableRawPointer, _ count: Int, _ first: UInt64, _ step: UInt64
  ) {
    // SAFETY: as in `fill`.
    var unsafeNext = unsafe unsafeFirst
    var entry = first
    if count & 8 != 0 {
      for index in 0..<8 {
        unsafe store(entry, unsafeNext + 8 &* index)
        entry &+= step
      }
      unsafe unsafeNext += 64
    }
    if count & 4 != 0 {
      // SAFETY: as above.
      for index in 0..<4 {
        unsafe store(entry, unsafeNext + 8 &* index)
        entry &+= step
      }
      unsafe unsafeNext += 32
    }
    if count & 2 != 0 {
      // SAFETY: as above.
      unsafe store(entry, unsafeNext)
      unsafe store(entry &+ step, unsafeNext + 8)
      entry &+= 2 &* step
      unsafe unsafeNext += 16
    }
    if count & 1 != 0 { unsafe store(entry, unsafeNext) }
  }
}
#endif
