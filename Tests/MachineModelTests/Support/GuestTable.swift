import IOMMU
@testable import MachineModel

/// A translation table that a test writes entry by entry, with formats of its own.
struct GuestTable {
  let memory: MachineMemory
  let root: PhysicalAddress

  init(_ memory: MachineMemory) throws {
    self.memory = memory
    root = try memory.allocateTable(byteCount: 16_384, alignmentLog2: 14)
    memory.storeEntries(at: root, count: 2_048, first: 0x20, step: 0)
  }

  var designation: UInt64 { root.rawValue | 0x804 }

  func place(_ table: PhysicalAddress, _ index: UInt64) -> PhysicalAddress {
    PhysicalAddress(table.rawValue + index * 8)
  }

  /// The segment table of `iova`, made if there is none.
  func segmentTable(_ iova: UInt64) throws -> PhysicalAddress {
    let slot = place(root, iova >> 31 & 0x7ff)
    let entry = memory.loadEntry(at: slot)
    if entry & 0x20 == 0 { return PhysicalAddress(entry & ~0x3fff) }
    let table = try memory.allocateTable(byteCount: 16_384, alignmentLog2: 14)
    memory.storeEntries(at: table, count: 2_048, first: 0x20, step: 0)
    memory.storeEntry(table.rawValue | 0x7, at: slot)
    return table
  }

  /// Where the segment entry of `iova` stands.
  func segmentSlot(_ iova: UInt64) throws -> PhysicalAddress {
    place(try segmentTable(iova), iova >> 20 & 0x7ff)
  }

  /// Where the leaf of `iova` stands; its page table is made if there is none.
  func leafSlot(_ iova: UInt64) throws -> PhysicalAddress {
    let slot = try segmentSlot(iova)
    let entry = memory.loadEntry(at: slot)
    var table = PhysicalAddress(entry & ~0x7ff)
    if entry & 0x20 != 0 {
      table = try memory.allocateTable(byteCount: 2_048, alignmentLog2: 11)
      memory.storeEntries(at: table, count: 256, first: 0x400, step: 0)
      memory.storeEntry(table.rawValue, at: slot)
    }
    return place(table, iova >> 12 & 0xff)
  }

  func map(_ iova: UInt64, to physical: UInt64, isProtected: Bool = false) throws {
    memory.storeEntry(physical | (isProtected ? 0x200 : 0), at: try leafSlot(iova))
  }

  func unmap(_ iova: UInt64) throws {
    memory.storeEntry(0x400, at: try leafSlot(iova))
  }
}
