import IOMMU
import Testing

@testable import MachineModel

struct MachineMemoryTests {
  @Test func valuesStandInMemoryInTheOrderThatTheirNamesSay() throws {
    let rig = try Rig()
    let memory = rig.machine.memory
    let place = rig.buffer.first
    memory.storeLittle32(0x0403_0201, at: place)
    memory.storeEntry(0x0102_0304_0506_0708, at: PhysicalAddress(place.rawValue + 8))
    var bytes: [UInt8] = Array(repeating: 0, count: 16)
    var span = bytes.mutableSpan
    memory.read(at: place, into: &span)
    #expect(bytes == [1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
  }

  @Test func buffersAreZeroedEachTimeAndPoisonedWhenAskedTo() throws {
    var description = Rig.small()
    description.freedBuffers = .poisoned
    let memory = try Machine(description, seed: 1).memory
    let range = try memory.allocateBuffer(byteCount: 5_000)
    #expect(range.byteCount == 8_192)
    memory.storeLittle64(.max, at: range.first)
    memory.freeBuffer(range)
    #expect(memory.loadLittle64(at: range.first) == 0xdbdb_dbdb_dbdb_dbdb)
    let again = try memory.allocateBuffer(byteCount: 8_192)
    #expect(again == range)
    #expect(memory.loadLittle64(at: range.first) == 0)
  }

  @Test func tablesAreAlignedCountedAndRunOut() throws {
    let memory = try Machine(Rig.small(), seed: 1).memory
    var tables: [PhysicalAddress] = []
    #expect(throws: TableMemoryError.exhausted(byteCount: 16_384)) {
      while true {
        tables.append(try memory.allocateTable(byteCount: 16_384, alignmentLog2: 14))
      }
    }
    #expect(tables.count == 256)
    #expect(tables.allSatisfy { $0.isAligned(log2: 14) })
    #expect(memory.tableBytesInUse == 4 << 20)
    for table in tables { memory.freeTable(table, byteCount: 16_384) }
    #expect(memory.tableBytesInUse == 0)
    #expect(memory.tableBytesInUseMax == 4 << 20)
  }

  @Test func blocksOfAPoolNeverOverlap() {
    var random = RandomStream(seed: 5, name: "pool")
    var pool = BlockPool(base: 1 << 20, byteCount: 1 << 20, unitLog2: 11)
    var live: [(first: UInt64, count: UInt64)] = []
    for _ in 0..<5_000 {
      if random.next(below: 3) != 0 {
        let bytes = 1 + random.next(below: 40_000)
        let alignment = random.next(below: 16)
        guard let block = pool.allocate(byteCount: bytes, alignmentLog2: alignment) else {
          continue
        }
        #expect(block.byteCount >= bytes && block.address % (1 << alignment) == 0)
        #expect(block.address >= 1 << 20 && block.address + block.byteCount <= 2 << 20)
        #expect(
          live.allSatisfy {
            $0.first + $0.count <= block.address || block.address + block.byteCount <= $0.first
          })
        live.append((block.address, block.byteCount))
      } else if !live.isEmpty {
        let block = live.remove(at: Int(random.next(below: UInt64(live.count))))
        #expect(pool.release(block.first) == block.count)
        #expect(pool.release(block.first) == nil)
      }
      #expect(UInt64(pool.unitsInUse) * 2_048 == live.reduce(0) { $0 + $1.count })
    }
  }

  @Test func aPlannedTableAllocationFails() throws {
    var plan = FaultPlan()
    plan.failedTableAllocations = [2]
    let memory = try Machine(Rig.small(), seed: 1, faults: plan).memory
    _ = try memory.allocateTable(byteCount: 2_048, alignmentLog2: 11)
    #expect(throws: TableMemoryError.exhausted(byteCount: 2_048)) {
      try memory.allocateTable(byteCount: 2_048, alignmentLog2: 11)
    }
    _ = try memory.allocateTable(byteCount: 2_048, alignmentLog2: 11)
  }

  @Test func pollingMemoryTakesTimeSoThatDevicesGetOn() throws {
    let rig = try Rig()
    rig.machine.schedule(at: Instant(nanoseconds: 50_000)) {
      rig.machine.memory.bytes.store64(UInt64(7).littleEndian, rig.buffer.first.rawValue)
    }
    var turns = 0
    while rig.word(0) != 7 && turns < 100_000 { turns += 1 }
    #expect(turns == 9_999)
  }
}
