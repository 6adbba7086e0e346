import IOMMU
import ZPCI

/// s390's three levels, with a mistake in the leaves.
protocol BrokenFormat: TableFormat {}

extension BrokenFormat {
  static var granule: Granule { S390ThreeLevel.granule }
  static var levels: Int { S390ThreeLevel.levels }
  static func indexBits(level: Int) -> UInt8 { S390ThreeLevel.indexBits(level: level) }
  static func alignmentLog2(level: Int) -> UInt8 { S390ThreeLevel.alignmentLog2(level: level) }
  static func invalidEntry(level: Int) -> UInt64 { S390ThreeLevel.invalidEntry(level: level) }
  static func tableEntry(level: Int, child: PhysicalAddress) -> UInt64 {
    S390ThreeLevel.tableEntry(level: level, child: child)
  }
  static func isValid(_ entry: UInt64, level: Int) -> Bool {
    S390ThreeLevel.isValid(entry, level: level)
  }
  static func child(of entry: UInt64, level: Int) -> PhysicalAddress {
    S390ThreeLevel.child(of: entry, level: level)
  }
  static func physical(of leaf: UInt64) -> PhysicalAddress { S390ThreeLevel.physical(of: leaf) }
  static func permission(of leaf: UInt64) -> DevicePermission {
    S390ThreeLevel.permission(of: leaf)
  }
  static var physicalLimit: PhysicalAddress { S390ThreeLevel.physicalLimit }
}

/// Everything may be written.
enum AlwaysWritable: BrokenFormat {
  static func leafEntry(_ physical: PhysicalAddress, _ permission: DevicePermission) -> UInt64 {
    S390ThreeLevel.leafEntry(physical, .readWrite)
  }
}

/// The page after the one that was meant.
enum NextPage: BrokenFormat {
  static func leafEntry(_ physical: PhysicalAddress, _ permission: DevicePermission) -> UInt64 {
    S390ThreeLevel.leafEntry(PhysicalAddress(physical.rawValue + 4_096), permission)
  }
}
