public import Synchronization

/// Where a run of leaf entries lies, in the form in which its memory reaches them fastest.
///
/// It proves nothing by itself: who uses one has to know that the table is still there.
@frozen
public struct LeafHandle: Equatable, Sendable, BitwiseCopyable {
  /// What the memory made of the address; 0 for no entries at all.
  @usableFromInline let rawValue: UInt64

  @inlinable
  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// No entries.
  @inlinable static var none: LeafHandle { LeafHandle(rawValue: 0) }

  /// The entries from number `count` on.
  @inlinable
  func advanced(by count: Int) -> LeafHandle {
    LeafHandle(rawValue: rawValue &+ UInt64(truncatingIfNeeded: count) &<< 3)
  }

  /// The number of entries, each of 8 bytes: what a chunk of addresses has pages.
  @inlinable public static var entryCount: UInt64 { 256 }
}

extension TableMemory {
  /// The address itself.
  @inlinable
  public func leafHandle(at address: PhysicalAddress) -> LeafHandle {
    LeafHandle(rawValue: address.rawValue)
  }

  /// The address itself.
  @inlinable
  public func address(of leaf: LeafHandle) -> PhysicalAddress {
    PhysicalAddress(leaf.rawValue)
  }

  /// Compares and exchanges until nobody came in between.
  @inlinable
  public func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64 {
    let offset = (index & (LeafHandle.entryCount &- 1)) &<< 3
    let address = PhysicalAddress(leaf.rawValue &+ offset)
    var expected = loadEntry(at: address)
    while true {
      let found = compareExchangeEntry(at: address, expected: expected, desired: entry)
      if found == expected { break }
      expected = found
    }
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return expected
  }
}
