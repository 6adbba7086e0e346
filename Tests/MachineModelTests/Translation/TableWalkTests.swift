import IOMMU
import Testing

@testable import MachineModel

struct TableWalkTests {
  private static let iova: UInt64 = (1 << 32) + 0x12_3000

  private static func walk(_ table: GuestTable) -> TableWalk {
    TableWalk(designation: table.designation, memory: table.memory)
  }

  @Test func aWalkFollowsThreeLevels() throws {
    let table = try Rig().table
    try table.map(Self.iova, to: 0x70_4000)
    #expect(
      Self.walk(table).page(of: Self.iova)
        == .translation(CachedTranslation(physical: 0x70_4000, isWritable: true)))
    #expect(Self.walk(table).page(of: Self.iova + 0x1000) == .none(0x400, level: 0))
    #expect(Self.walk(table).page(of: Self.iova + (1 << 20)) == .none(0x20, level: 1))
    #expect(Self.walk(table).page(of: Self.iova + (1 << 31)) == .none(0x20, level: 2))
  }

  @Test(arguments: 0..<4)
  func protectionOfAnyLevelForbidsWriting(level: Int) throws {
    let table = try Rig().table
    try table.map(Self.iova, to: 0x70_4000, isProtected: level == 0)
    if level == 1 {
      let slot = try table.segmentSlot(Self.iova)
      table.memory.storeEntry(table.memory.loadEntry(at: slot) | 0x200, at: slot)
    }
    if level == 2 {
      let slot = table.place(table.root, Self.iova >> 31)
      table.memory.storeEntry(table.memory.loadEntry(at: slot) | 0x200, at: slot)
    }
    let designation = table.designation | (level == 3 ? 0x200 : 0)
    let walk = TableWalk(designation: designation, memory: table.memory)
    #expect(
      walk.page(of: Self.iova)
        == .translation(CachedTranslation(physical: 0x70_4000, isWritable: false)))
  }

  @Test func aSegmentEntryMayNameAFrame() throws {
    let table = try Rig().table
    table.memory.storeEntry(0x70_0000 | 0x400, at: try table.segmentSlot(Self.iova))
    #expect(
      Self.walk(table).page(of: Self.iova)
        == .translation(CachedTranslation(physical: 0x72_3000, isWritable: true)))
  }

  @Test(
    arguments: [
      (2, 0), (2, 0x10_4003), (2, 0x10_4006), (2, 0x10_4047), (2, 0x7),
      (1, 0), (1, 0x10_0804), (1, 0x100), (0, 0), (0, 0x70_4800),
    ] as [(Int, UInt64)])
  func malformedEntriesAreFaults(level: Int, entry: UInt64) throws {
    let table = try Rig().table
    let slots = [
      try table.leafSlot(Self.iova), try table.segmentSlot(Self.iova),
      table.place(table.root, Self.iova >> 31),
    ]
    table.memory.storeEntry(entry, at: slots[level])
    #expect(Self.walk(table).page(of: Self.iova) == .fault(.malformedEntry(entry, level: level)))
  }

  @Test func aTableOutsideMemoryIsAFault() throws {
    let table = try Rig().table
    let slot = table.place(table.root, Self.iova >> 31)
    table.memory.storeEntry(1 << 40 | 0x7, at: slot)
    let place = 1 << 40 + (Self.iova >> 20 & 0x7ff) * 8
    #expect(
      Self.walk(table).page(of: Self.iova)
        == .fault(.tableOutsideMemory(PhysicalAddress(place))))
  }

  @Test func onlyTranslatingRegionThirdDesignationsAreTaken() {
    #expect(TableWalk.designationFault(0x10_4804) == nil)
    for designation: UInt64 in [0x10_4004, 0x10_4800, 0x10_4808, 0x10_480c, 0x804] {
      #expect(TableWalk.designationFault(designation) == .designation(designation))
    }
  }
}
