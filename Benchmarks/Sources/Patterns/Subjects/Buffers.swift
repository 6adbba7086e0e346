import IOMMU

/// The memory that is mapped: addresses that nobody reads.
enum Buffers {
  /// Number `number` of buffers of `pages` pages, somewhere below the memory of tables.
  @inline(__always)
  static func buffer(_ number: UInt64, pages: UInt64) -> PhysicalRange? {
    PhysicalRange(first: PhysicalAddress((number & 0x0fff_ffff) &<< 12), byteCount: pages &<< 12)
  }
}
