public import Synchronization

/// Entries one at a time.
extension HostTableMemory {
  /// Reads the entry at `address`, acquiring.
  @inlinable
  @inline(__always)
  public func loadEntry(at address: PhysicalAddress) -> UInt64 {
    // SAFETY: `index` was checked to lie in the memory; `block` keeps that alive.
    let entry = unsafe unsafeEntries[index(of: address)].load(ordering: .acquiring)
    return ByteOrder.isSwapped ? entry.byteSwapped : entry
  }

  /// Writes the entry at `address`, releasing.
  @inlinable
  @inline(__always)
  public func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    let value = ByteOrder.isSwapped ? entry.byteSwapped : entry
    // SAFETY: as in `loadEntry`.
    unsafe unsafeEntries[index(of: address)].store(value, ordering: .releasing)
  }

  /// Replaces the entry at `address` if it still is `expected`; returns what was found.
  @inlinable
  public func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    // SAFETY: as in `loadEntry`.
    let (_, found) = unsafe unsafeEntries[index(of: address)].compareExchange(
      expected: ByteOrder.isSwapped ? expected.byteSwapped : expected,
      desired: ByteOrder.isSwapped ? desired.byteSwapped : desired, ordering: .acquiringAndReleasing
    )
    return ByteOrder.isSwapped ? found.byteSwapped : found
  }

  /// A pointer to the first of the entries.
  @inlinable
  public func leafHandle(at address: PhysicalAddress) -> LeafHandle {
    let first = index(of: address, count: Int(LeafHandle.entryCount))
    // SAFETY: all of the entries lie in the memory.
    return LeafHandle(rawValue: UInt64(UInt(bitPattern: unsafe unsafeEntries + first)))
  }

  /// Back from the pointer.
  @inlinable
  public func address(of leaf: LeafHandle) -> PhysicalAddress {
    // SAFETY: only a number is made of the pointer.
    let start = unsafe UInt64(UInt(bitPattern: unsafeEntries))
    return PhysicalAddress(leaf.rawValue &- start &+ base)
  }

  /// Exchanges through the pointer.
  @inlinable
  @inline(__always)
  public func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64 {
    let value = ByteOrder.isSwapped ? entry.byteSwapped : entry
    let place = leaf.rawValue &+ (index & (LeafHandle.entryCount &- 1)) &<< 3
    // SAFETY: (1) `leafHandle` checked that this many entries lie in the memory, and the index
    // is one of them; (2) `block` keeps that alive; (3) only this module makes handles.
    let unsafeEntry = unsafe UnsafePointer<Atomic<UInt64>>(
      bitPattern: UInt(truncatingIfNeeded: place)
    ).unsafelyUnwrapped
    let old = unsafe unsafeEntry.pointee.exchange(value, ordering: .sequentiallyConsistent)
    return ByteOrder.isSwapped ? old.byteSwapped : old
  }

  /// Which entry of the memory lies at `address`; anything else is a programmer's error.
  @inlinable
  @inline(__always)
  func index(of address: PhysicalAddress) -> Int {
    let offset = address.rawValue &- base
    // A rotation: low bits that are not zero make it larger than any index, so that one comparison
    // finds them and what lies beyond the memory.
    let index = offset &>> 3 | offset &<< 61
    precondition(index < entryCount, "an entry beyond table memory, or not aligned")
    return Int(truncatingIfNeeded: index)
  }

  /// The same for the first of `count` entries, 1 or more, all of which lie in the memory.
  @inlinable
  @inline(__always)
  func index(of address: PhysicalAddress, count: Int) -> Int {
    let start = index(of: address)
    precondition(
      UInt64(truncatingIfNeeded: count &- 1) < entryCount &- UInt64(truncatingIfNeeded: start),
      "entries beyond table memory")
    return start
  }
}
