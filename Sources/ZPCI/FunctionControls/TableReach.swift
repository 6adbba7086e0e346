/// How far a translation table reaches.
///
/// A page holds 12 bits of the address, a page table indexes 8, each table above it 11: Linux
/// arch/s390/include/asm/pci_dma.h, `ZPCI_PT_BITS`, `ZPCI_TABLE_BITS` and `ZPCI_TABLE_SIZE_RT`.
enum TableReach {
  /// The highest device address that a table of `rootLevel`, 1 to 4, translates.
  static func last(rootLevel: Int) -> UInt64 {
    rootLevel >= 4 ? .max : 1 << UInt64(20 + 11 * rootLevel) - 1
  }
}
