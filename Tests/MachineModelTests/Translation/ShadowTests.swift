import IOMMU
import Testing

@testable import MachineModel

/// The shadow beside a comparison of every page of the range, which knows nothing of versions.
struct ShadowTests {
  private struct Oracle {
    var pages: [UInt64: CachedTranslation] = [:]
    let pinnedMax: Int
    var changed: UInt64 = 0
    var scanned: UInt64 = 0
    var isShort = false
    var faultAt: UInt64?

    mutating func refresh(_ first: UInt64, _ count: UInt64, _ walk: TableWalk) {
      (changed, scanned, isShort, faultAt) = (0, 0, false, nil)
      pass(first, count, walk)
      if isShort && faultAt == nil && pages.count < pinnedMax {
        isShort = false
        pass(first, count, walk)
      }
    }

    private mutating func pass(_ first: UInt64, _ count: UInt64, _ walk: TableWalk) {
      for page in first..<first + count {
        switch walk.page(of: page << 12) {
        case .fault:
          faultAt = page << 12
          return
        case .none:
          if pages.removeValue(forKey: page) != nil { changed += 1 }
        case .translation(let translation):
          if pages[page] == nil && pages.count >= pinnedMax {
            isShort = true
          } else if pages[page] != translation {
            pages[page] = translation
            changed += 1
          }
        }
        scanned += 1
      }
    }
  }

  /// One random change of a table, at any level, sometimes malformed.
  private static func change(
    _ table: GuestTable, _ iova: UInt64, _ random: inout RandomStream
  ) throws {
    let memory = table.memory
    switch random.next(below: 60) {
    case 40...:
      // The same page table under another protection: what was agreed with it no longer holds.
      let slot = try table.segmentSlot(iova)
      let entry = memory.loadEntry(at: slot)
      if entry != 0x20 { memory.storeEntry(entry ^ 0x200, at: slot) }
    case 0..<18:
      let physical = 0x80_0000 + random.next(below: 64) << 12
      try table.map(iova, to: physical, isProtected: random.next(below: 4) == 0)
    case 18..<30:
      try table.unmap(iova)
    case 30..<33:
      // Hidden for a while.
      let slot = try table.segmentSlot(iova)
      memory.storeEntry(memory.loadEntry(at: slot) ^ 0x20, at: slot)
    case 33..<35:
      // Two mebibytes change places.
      let slot = try table.segmentSlot(iova)
      let other = try table.segmentSlot(iova ^ (1 << 20))
      let entry = memory.loadEntry(at: slot)
      memory.storeEntry(memory.loadEntry(at: other), at: slot)
      memory.storeEntry(entry, at: other)
    case 35..<37:
      let slot = try table.segmentSlot(iova)
      let entry = memory.loadEntry(at: slot)
      memory.storeEntry(entry & 0x420 == 0 ? 0x90_0400 : 0x20, at: slot)
    case 37:
      let slot = try table.leafSlot(iova)
      memory.storeEntries(at: slot, count: 1, first: 0, step: 0)
    case 38:
      let slot = try table.leafSlot(iova)
      memory.write([1, 2, 3].span, at: slot)
    default:
      let slot = table.place(table.root, iova >> 31 & 0x7ff)
      memory.storeEntry(memory.loadEntry(at: slot) ^ 0x20, at: slot)
    }
  }

  @Test(arguments: [(1, UInt64.max), (2, 300), (3, 40), (4, 1)] as [(UInt64, UInt64)])
  func refreshesAgreeWithAComparisonOfEveryPage(seed: UInt64, pinnedMax: UInt64) throws {
    var random = RandomStream(seed: seed, name: "shadow")
    let rig = try Rig()
    let walk = TableWalk(designation: rig.table.designation, memory: rig.machine.memory)
    var shadow = Shadow(firstAddress: rig.first, byteCount: 4 << 20, pinnedMax: pinnedMax)
    var oracle = Oracle(pinnedMax: Int(clamping: pinnedMax))
    for _ in 0..<1_000 {
      // Often few changes, so that most tables stay untouched between two refreshes.
      for _ in 0..<random.next(below: 1 << random.next(below: 6)) {
        let iova = rig.first + random.next(below: 1_024) << 12
        // A page table that is out of the tree for the moment cannot be reached by these helpers,
        // and a frame's entry is not a table's.
        guard try Self.isOrdinary(rig.table, iova) else {
          try Self.restore(rig.table, iova)
          continue
        }
        try Self.change(rig.table, iova, &random)
      }
      var first: UInt64 = 0
      var count: UInt64 = 1_024
      if random.next(below: 3) != 0 {
        first = random.next(below: 1_024)
        count = 1 + random.next(below: 1_024 - first)
      }
      let outcome = shadow.refresh(first: Int(first), count: Int(count), by: walk)
      oracle.refresh(rig.first >> 12 + first, count, walk)
      #expect(outcome.changed == oracle.changed)
      #expect(outcome.scanned == oracle.scanned)
      #expect(outcome.isShort == oracle.isShort)
      #expect(outcome.fault?.address == oracle.faultAt)
      #expect(shadow.pinned == UInt64(oracle.pages.count))
      for page in 0..<1_024 {
        let expected = oracle.pages[rig.first >> 12 + UInt64(page)] ?? .none
        if shadow.translation(at: page) != expected {
          Issue.record("page \(page) differs")
          return
        }
      }
    }
  }

  private static func isOrdinary(_ table: GuestTable, _ iova: UInt64) throws -> Bool {
    let region = table.memory.loadEntry(at: table.place(table.root, iova >> 31 & 0x7ff))
    if region & 0x20 != 0 && region & ~0x3fff != 0 { return false }
    let segment = table.memory.loadEntry(at: try table.segmentSlot(iova))
    return segment == 0x20 || segment & 0x420 == 0
  }

  private static func restore(_ table: GuestTable, _ iova: UInt64) throws {
    let slot = table.place(table.root, iova >> 31 & 0x7ff)
    table.memory.storeEntry(table.memory.loadEntry(at: slot) & ~0x20, at: slot)
    let segment = try table.segmentSlot(iova)
    let entry = table.memory.loadEntry(at: segment)
    table.memory.storeEntry(entry & 0x400 != 0 ? 0x20 : entry & ~0x20, at: segment)
  }

  @Test func removingEverythingUnpinsEverything() throws {
    let rig = try Rig()
    let walk = TableWalk(designation: rig.table.designation, memory: rig.machine.memory)
    var shadow = Shadow(firstAddress: rig.first, byteCount: 4 << 20, pinnedMax: .max)
    for page in [0, 1, 300, 1_023] as [UInt64] {
      try rig.table.map(rig.first + page << 12, to: 0x80_0000)
    }
    _ = shadow.refresh(first: 0, count: 1_024, by: walk)
    #expect(shadow.pinned == 4)
    #expect(shadow.removeAll() == 4)
    #expect(shadow.pinned == 0)
    #expect(!shadow.translation(at: 300).isValid)
    #expect(shadow.refresh(first: 0, count: 1_024, by: walk).changed == 4)
  }
}
