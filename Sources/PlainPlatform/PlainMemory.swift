public import IOMMU

/// Tables in memory of this process; buffers are numbers that nobody reads.
///
/// A handle: copies name the same memory. It only passes on to ``tables``.
@frozen
public struct PlainMemory: TableMemory {
  /// The tables.
  public let tables: HostTableMemory<BigEndian>

  /// Where they are said to lie: beyond the lowest terabyte, which is left for buffers.
  public static var base: PhysicalAddress { PhysicalAddress(1 << 40) }

  /// Memory of its own for `tableBytes` bytes of tables.
  ///
  /// Allocates: once, here.
  public init(tableBytes: Int) {
    tables = HostTableMemory(byteCount: tableBytes, base: Self.base)
  }

  /// Takes a table.
  @inlinable
  @inline(__always)
  public func allocateTable(
    byteCount: Int, alignmentLog2: UInt8
  ) throws(TableMemoryError) -> PhysicalAddress {
    try tables.allocateTable(byteCount: byteCount, alignmentLog2: alignmentLog2)
  }

  /// Gives a table back.
  @inlinable
  @inline(__always)
  public func freeTable(_ table: PhysicalAddress, byteCount: Int) {
    tables.freeTable(table, byteCount: byteCount)
  }

  /// Reads an entry.
  @inlinable
  @inline(__always)
  public func loadEntry(at address: PhysicalAddress) -> UInt64 { tables.loadEntry(at: address) }

  /// Writes an entry.
  @inlinable
  @inline(__always)
  public func storeEntry(_ entry: UInt64, at address: PhysicalAddress) {
    tables.storeEntry(entry, at: address)
  }

  /// Writes a run of entries.
  @inlinable
  @inline(__always)
  public func storeEntries(at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64) {
    tables.storeEntries(at: address, count: count, first: first, step: step)
  }

  /// Replaces an entry that is as expected.
  @inlinable
  @inline(__always)
  public func compareExchangeEntry(
    at address: PhysicalAddress, expected: UInt64, desired: UInt64
  ) -> UInt64 {
    tables.compareExchangeEntry(at: address, expected: expected, desired: desired)
  }

  /// The bits that any of a run of entries has.
  @inlinable
  @inline(__always)
  public func bitsInAny(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAny(at: address, count: count)
  }

  /// The bits that all of a run of entries have.
  @inlinable
  @inline(__always)
  public func bitsInAll(at address: PhysicalAddress, count: Int) -> UInt64 {
    tables.bitsInAll(at: address, count: count)
  }

  /// A leaf table by its first entry.
  @inlinable
  @inline(__always)
  public func leafHandle(at address: PhysicalAddress) -> LeafHandle {
    tables.leafHandle(at: address)
  }

  /// Where that leaf table lies.
  @inlinable
  @inline(__always)
  public func address(of leaf: LeafHandle) -> PhysicalAddress { tables.address(of: leaf) }

  /// Exchanges an entry of a leaf table.
  @inlinable
  @inline(__always)
  public func exchangeEntry(_ entry: UInt64, in leaf: LeafHandle, index: UInt64) -> UInt64 {
    tables.exchangeEntry(entry, in: leaf, index: index)
  }
}
