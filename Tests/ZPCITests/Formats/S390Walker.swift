import IOMMU
import ZPCI

/// A walk as the machine does it, written from QEMU's checks and with no use of the format types.
///
/// Follows QEMU `hw/s390x/s390-pci-bus.c` (`table_translate`): an all-zero entry, a wrong table
/// type, and a region entry with another length or an offset are errors, not merely "invalid".
struct S390Walker {
  enum Fault: Error, Equatable {
    case allZeros(level: Int)
    case wrongType(level: Int)
    case wrongLength(level: Int)
  }

  let memory: HostTableMemory<BigEndian>
  let designation: UInt64

  /// The page and whether it may be written, or `nil` where an entry is invalid.
  func translate(_ address: UInt64) throws(Fault) -> (page: UInt64, isWritable: Bool)? {
    var level = Int(designation >> 2 & 3) + 1
    var table = designation & ~0xfff
    var isWritable = true
    while true {
      let shift = level == 0 ? 12 : 20 + 11 * (level - 1)
      let index = address >> UInt64(shift) & (level == 0 ? 0xff : 0x7ff)
      let entry = memory.loadEntry(at: PhysicalAddress(table + index * 8))
      if entry == 0 { throw .allZeros(level: level) }
      if entry & (level == 0 ? 0x400 : 0x20) != 0 { return nil }
      if entry & 0x200 != 0 { isWritable = false }
      if level == 0 { return (entry & ~0xfff, isWritable) }
      if entry & 0xc != UInt64(level - 1) << 2 { throw .wrongType(level: level) }
      if level > 1 && (entry & 3 != 3 || entry & 0xc0 != 0) { throw .wrongLength(level: level) }
      table = entry & (level == 1 ? ~0x7ff : ~0x3fff)
      level -= 1
    }
  }
}
