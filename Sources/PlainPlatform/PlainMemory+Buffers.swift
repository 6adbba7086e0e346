public import IOMMU

/// There is no memory behind a buffer's address: it is mapped, and neither read nor written.
extension PlainMemory: BufferMemory {
  /// Throws: always.
  @inlinable
  public func allocateBuffer(byteCount: Int) throws(TableMemoryError) -> PhysicalRange {
    throw .exhausted(byteCount: byteCount)
  }

  /// Ignores it.
  @inlinable
  public func freeBuffer(_ range: PhysicalRange) {}

  /// Zero.
  @inlinable
  public func loadLittle32(at address: PhysicalAddress) -> UInt32 { 0 }

  /// Ignores it.
  @inlinable
  public func storeLittle32(_ value: UInt32, at address: PhysicalAddress) {}

  /// Zero.
  @inlinable
  public func loadLittle64(at address: PhysicalAddress) -> UInt64 { 0 }

  /// Ignores it.
  @inlinable
  public func storeLittle64(_ value: UInt64, at address: PhysicalAddress) {}

  /// Ignores it.
  @inlinable
  public func copy(
    from source: PhysicalAddress, to target: PhysicalAddress, byteCount: UInt64
  ) {}
}
