/// The memory that translation tables live in, as the caller lends it.
///
/// An implementation is a handle: copies name the same memory. Entry accesses are single atomic
/// 64-bit accesses in the byte order that the hardware expects.
public protocol TableMemory: Sendable {
  /// Takes `byteCount` bytes aligned to 2 to the power `alignmentLog2`; their content is undefined.
  func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress

  /// Gives back a table; an invalidation has covered everything that could still walk it.
  func freeTable(_ table: PhysicalAddress, byteCount: Int)

  /// Reads the entry at `address`, acquiring: what was written before it was published is seen.
  func loadEntry(at address: PhysicalAddress) -> UInt64

  /// Writes the entry at `address`, releasing.
  func storeEntry(_ entry: UInt64, at address: PhysicalAddress)

  /// Writes `count` consecutive entries from `address`: `first`, `first + step`, … , in order.
  func storeEntries(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64)

  /// Replaces the entry at `address` if it still is `expected`; returns what was found there.
  func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64

  /// The bits that are set in any of `count` consecutive entries from `address`; none for none.
  ///
  /// The caller is the only one to write those entries meanwhile, and is ordered behind whoever
  /// wrote them last: so they may be read in any order, without acquiring.
  func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64

  /// The bits that are set in all of them; all ones for none.
  func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64

  /// How this memory reaches ``LeafHandle/entryCount`` consecutive entries from `address` fastest.
  func leafHandle(at address: PhysicalAddress) -> LeafHandle

  /// Where those entries lie.
  func address(of leaf: LeafHandle) -> PhysicalAddress

  /// Replaces entry `index`, taken modulo ``LeafHandle/entryCount``, and returns what was there.
  ///
  /// Sequentially consistent: what is read afterwards is read after the device can see `entry`.
  /// `leaf` is one of this memory's.
  func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64
}

extension TableMemory {
  /// Reads one entry after the other.
  @inlinable
  public func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64 {
    var bits: UInt64 = 0
    var next = address
    for _ in 0..<max(count, 0) {
      bits |= loadEntry(at: next)
      next = PhysicalAddress(next.rawValue &+ 8)
    }
    return bits
  }

  /// Reads one entry after the other.
  @inlinable
  public func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64 {
    var bits: UInt64 = .max
    var next = address
    for _ in 0..<max(count, 0) {
      bits &= loadEntry(at: next)
      next = PhysicalAddress(next.rawValue &+ 8)
    }
    return bits
  }
}

/// Why no memory for a table was to be had; nothing was taken.
public enum TableMemoryError: Error, Equatable {
  /// The pool has no free block of that many bytes.
  case exhausted(byteCount: Int)
}
