import IOMMU
import TestSupport
import Testing

/// Entries of table memory many at a time, against one at a time.
@Suite("Ranges of entries")
struct EntryRangeTests {
  private func address(_ table: PhysicalAddress, _ index: Int) -> PhysicalAddress {
    PhysicalAddress(table.rawValue + UInt64(index) * 8)
  }

  @Test(
    "Runs of every length are written as one by one, and their neighbours stay",
    arguments: byteOrders, [0, 0x1000, 0xfedc_ba98_7654_3211] as [UInt64])
  func stores(order: any EntryByteOrder.Type, step: UInt64) throws {
    try storeRuns(in: order, step: step)
  }

  private func storeRuns<Order: EntryByteOrder>(in order: Order.Type, step: UInt64) throws {
    let memory = HostTableMemory<Order>(byteCount: 0x4000, base: PhysicalAddress(0x4000))
    let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
    for count in 0...256 {
      // At the front, at the back, and somewhere between.
      for start in Set([0, 256 - count, (256 - count) / 2]) {
        memory.storeEntries(at: table, count: 256, first: 7, step: 0)
        let first = 0xffff_ffff_ffff_f000 &+ UInt64(start)
        memory.storeEntries(at: address(table, start), count: count, first: first, step: step)
        for index in 0..<256 {
          let inside = index >= start && index < start + count
          let wanted = inside ? first &+ UInt64(index - start) &* step : 7
          let found = memory.loadEntry(at: address(table, index))
          if found != wanted {
            Issue.record("\(count) from \(start): entry \(index) is \(found), not \(wanted)")
            return
          }
        }
      }
    }
  }

  @Test("Runs are written right wherever a step carries", arguments: byteOrders)
  func carries(order: any EntryByteOrder.Type) throws {
    try storeAcrossCarries(in: order)
  }

  private func storeAcrossCarries<Order: EntryByteOrder>(in order: Order.Type) throws {
    let memory = HostTableMemory<Order>(byteCount: 0x4000, base: PhysicalAddress(0x4000))
    let table = try memory.allocateTable(byteCount: 0x4000, alignmentLog2: 14)
    for step in [0x1000, 0x100, 0x4_0000, 1 &<< 52] as [UInt64] {
      for before in [0, 1, 2, 14, 15, 16, 17, 31, 239, 240, 255, 300] as [UInt64] {
        for (start, count) in [(0, 256), (1, 256), (3, 255), (2, 64), (5, 33), (1, 700)] {
          // Everything above is carried into after as many steps.
          let first = 0x0123_ffff_ffff_ffff &- step &* before
          memory.storeEntries(at: address(table, start), count: count, first: first, step: step)
          let wrong = (0..<count).first { index in
            memory.loadEntry(at: address(table, start + index)) != first &+ UInt64(index) &* step
          }
          #expect(wrong == nil, "\(count) from \(start), steps of \(step), carry at \(before)")
        }
      }
    }
  }

  @Test(
    "Bits of runs of every length are those of its entries",
    arguments: byteOrders)
  func bits(order: any EntryByteOrder.Type) throws {
    try lookAtRuns(in: order)
  }

  private func lookAtRuns<Order: EntryByteOrder>(in order: Order.Type) throws {
    // Which has nothing of its own for ranges of bits.
    let plain = CountingTableMemory<Order>(byteCount: 0x4000)
    let memory = plain.host
    let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
    var random = SplitMix64(seed: 11)
    for round in 0..<4 {
      for index in 0..<256 {
        // Dense, sparse, and one that differs from all others.
        let value = random.next()
        let entry =
          switch round {
          case 0: value
          case 1: value & random.next() & random.next() & random.next() & random.next()
          case 2: value | random.next() | random.next() | random.next() | random.next()
          default: index == 100 ? ~(1 << 40) : UInt64.max
          }
        memory.storeEntry(entry, at: address(table, index))
      }
      for count in 0...256 {
        for start in Set([0, 256 - count, (256 - count) / 3]) {
          let first = address(table, start)
          let entries = (start..<start + count).map { memory.loadEntry(at: address(table, $0)) }
          let (any, all) = (entries.reduce(0, |), entries.reduce(.max, &))
          let fast = (
            memory.bitsInAny(at: first, count: count), memory.bitsInAll(at: first, count: count)
          )
          let slow = (
            plain.bitsInAny(at: first, count: count), plain.bitsInAll(at: first, count: count)
          )
          if fast != (any, all) || slow != (any, all) {
            Issue.record("\(count) from \(start): \(fast), \(slow), not \((any, all))")
            return
          }
        }
      }
    }
  }

  @Test(
    "Each start and length around blocks of sixteen and of thirty-two is written as one by one",
    arguments: byteOrders,
    // Sixteen of them stay in one byte, reach over its edge, or are no power of two.
    [0, 1, 0x10, 0x20, 0x800, 0x1000, 0x4000, 0x1_0000, 0x3000, 1 << 52, 1 << 60] as [UInt64])
  func blocks(order: any EntryByteOrder.Type, step: UInt64) throws {
    try storeBlocks(in: order, step: step)
  }

  private func storeBlocks<Order: EntryByteOrder>(in order: Order.Type, step: UInt64) throws {
    let memory = HostTableMemory<Order>(byteCount: 0x4000, base: PhysicalAddress(0x4000))
    let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
    var random = SplitMix64(seed: step)
    for count in [1, 2, 15, 16, 17, 31, 32, 33, 34, 46, 47, 48, 49, 63, 64, 65] {
      for start in 0..<17 {
        // Each place within the sixteen, under bits that are carried into and that wrap around.
        for place in 0..<17 as Range<UInt64> {
          let high = place % 3 == 0 ? UInt64.max : random.next()
          let first = (high &- (step &<< 4) &+ 1) &+ place &* step
          memory.storeEntries(at: table, count: 96, first: 7, step: 0)
          memory.storeEntries(at: address(table, start), count: count, first: first, step: step)
          for index in 0..<96 {
            let inside = index >= start && index < start + count
            let wanted = inside ? first &+ UInt64(index - start) &* step : 7
            if memory.loadEntry(at: address(table, index)) != wanted {
              Issue.record("\(count) from \(start), first \(first): entry \(index) is wrong")
              return
            }
          }
        }
      }
    }
  }

  @Test("One entry that differs is found in each place of runs of each start and length")
  func differences() throws {
    let memory = HostTableMemory<BigEndian>(byteCount: 0x4000, base: PhysicalAddress(0x4000))
    let table = try memory.allocateTable(byteCount: 0x800, alignmentLog2: 11)
    memory.storeEntries(at: table, count: 256, first: 0xf0, step: 0)
    for count in 1...70 {
      for start in 1...4 {
        for odd in start - 1...start + count {
          memory.storeEntry(0x33, at: address(table, odd))
          let first = address(table, start)
          let (any, all) = (
            memory.bitsInAny(at: first, count: count), memory.bitsInAll(at: first, count: count)
          )
          memory.storeEntry(0xf0, at: address(table, odd))
          // Before the run and behind it, it makes no difference.
          let isInside = odd >= start && odd < start + count
          let wantedAll: UInt64 = !isInside ? 0xf0 : count == 1 ? 0x33 : 0x30
          let wantedAny: UInt64 = !isInside ? 0xf0 : count == 1 ? 0x33 : 0xf3
          if any != wantedAny || all != wantedAll {
            Issue.record("\(count) from \(start), with one at \(odd): \(any), \(all)")
            return
          }
        }
      }
    }
  }

  @Test("Entries beyond the memory, or between two of them, are refused")
  func refusals() async {
    await #expect(processExitsWith: .failure) {
      let memory = HostTableMemory<BigEndian>(
        byteCount: 0x4000, base: PhysicalAddress(0x4000))
      memory.storeEntries(at: PhysicalAddress(0x7ff8), count: 2, first: 0, step: 0)
    }
    await #expect(processExitsWith: .failure) {
      let memory = HostTableMemory<BigEndian>(
        byteCount: 0x4000, base: PhysicalAddress(0x4000))
      _ = memory.bitsInAny(at: PhysicalAddress(0x7ff0), count: 3)
    }
    await #expect(processExitsWith: .failure) {
      let memory = HostTableMemory<BigEndian>(
        byteCount: 0x4000, base: PhysicalAddress(0x4000))
      _ = memory.loadEntry(at: PhysicalAddress(0x4004))
    }
    await #expect(processExitsWith: .failure) {
      let memory = HostTableMemory<BigEndian>(
        byteCount: 0x4000, base: PhysicalAddress(0x4000))
      _ = memory.loadEntry(at: PhysicalAddress(0x3ff8))
    }
  }
}
