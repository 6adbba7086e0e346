import Foundation
import IOMMU
import Synchronization
import TestSupport
import Testing

@Suite("Translation table, Concurrent use")
struct TranslationTableConcurrentTests {
  /// What the threads share.
  final class Shared: Sendable {
    let memory = TestTableMemory(byteCount: 1 << 18)
    let table: TranslationTable<WideFormat, TestTableMemory>
    let isDone = Atomic<Bool>(false)
    let faults = Atomic<Int>(0)

    init() throws {
      table = try TranslationTable(
        aperture: IOVARange(first: IOVA(0), byteCount: 4 << 20)!, memory: memory)
    }

    func expect(_ condition: Bool) {
      if !condition { faults.wrappingAdd(1, ordering: .relaxed) }
    }
  }

  /// Runs the bodies on threads of their own until all are done.
  private func together(_ bodies: [@Sendable () -> Void]) {
    let group = DispatchGroup()
    for body in bodies {
      group.enter()
      Thread {
        body()
        group.leave()
      }.start()
    }
    group.wait()
  }

  /// A page's memory tells the page, so that a translation of another page is recognised.
  private static func physical(_ page: UInt64, round: UInt64) -> PhysicalAddress {
    PhysicalAddress(((round % 64) << 16 | page) << 12)
  }

  private static func range(_ page: UInt64, pages: UInt64 = 1) -> IOVARange {
    IOVARange(first: IOVA(page << 12), byteCount: pages << 12)!
  }

  /// Maps, checks and unmaps blocks of pages that are this worker's alone, in tables of everybody.
  private static func work(_ shared: Shared, worker: UInt64, rounds: UInt64) {
    var random = SplitMix64(seed: 31 + worker)
    var live: [(page: UInt64, pages: UInt64, round: UInt64)] = []
    for round in 0..<rounds {
      // Blocks of 32 pages go round the workers; the last one's cross into the next leaf table.
      let block = UInt64.random(in: 0..<7, using: &random) * 128 + worker * 32 + 16
      let isLong = worker == 3 && UInt64.random(in: 0..<8, using: &random) == 0
      let pages = isLong ? 32 : UInt64.random(in: 1...4, using: &random)
      let page = isLong ? block : block + UInt64.random(in: 0...28, using: &random)
      if !live.contains(where: { $0.page < page + pages && page < $0.page + $0.pages }) {
        do {
          try shared.table.map(
            range(page, pages: pages), to: physical(page, round: round), .readWrite)
        } catch {
          shared.expect(false)
        }
        live.append((page, pages, round))
      }
      for mapped in live {
        let found = shared.table.lookup(IOVA((mapped.page + mapped.pages - 1) << 12))
        let first = physical(mapped.page, round: mapped.round).rawValue
        shared.expect(found?.physical.rawValue == first + (mapped.pages - 1) << 12)
      }
      // Down to nothing now and then, so that leaf tables do become empty.
      let keep = round % 16 == 0 ? 0 : 3
      while live.count > keep {
        let mapped = live.removeFirst()
        do {
          try shared.table.unmap(range(mapped.page, pages: mapped.pages))
        } catch {
          shared.expect(false)
        }
        shared.expect(shared.table.lookup(IOVA(mapped.page << 12)) == nil)
      }
      // Besides the collector, which may get no processor while anything is empty.
      if keep == 0 { shared.table.free(shared.table.unlinkEmptyTables(limit: 2)) }
    }
    for mapped in live {
      do { try shared.table.unmap(range(mapped.page, pages: mapped.pages)) } catch {
        shared.expect(false)
      }
    }
  }

  @Test("Mappers in the same leaf tables keep their translations while empty tables are removed")
  func mappersAndCollector() throws {
    let shared = try Shared()
    let workers: UInt64 = 4
    let left = Atomic<UInt64>(workers)
    withExtendedLifetime(left) {
      var bodies: [@Sendable () -> Void] = (0..<workers).map { worker in
        {
          Self.work(shared, worker: worker, rounds: 6_000)
          if left.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            shared.isDone.store(true, ordering: .releasing)
          }
        }
      }
      bodies.append {
        while !shared.isDone.load(ordering: .acquiring) {
          shared.table.free(shared.table.unlinkEmptyTables(limit: 4))
        }
      }
      bodies.append {
        // Looks at pages of others: what it finds is a translation of that very page, or none.
        var random = SplitMix64(seed: 41)
        while !shared.isDone.load(ordering: .acquiring) {
          let page = UInt64.random(in: 0..<1024, using: &random)
          if let found = shared.table.lookup(IOVA(page << 12)) {
            shared.expect(found.physical.rawValue >> 12 & 0xffff == page)
          }
        }
      }
      together(bodies)
    }
    #expect(shared.faults.load(ordering: .relaxed) == 0)
    // Everything was unmapped: what is left after a collection is the root.
    shared.table.free(shared.table.unlinkEmptyTables(limit: .max))
    #expect(shared.table.tablesLive == 1)
    #expect(shared.table.tablesUnlinked == 0)
  }

  @Test("Mappers that need the same upper tables at once agree on one each")
  func upperTables() throws {
    for _ in 0..<200 {
      let memory = TestTableMemory(byteCount: 1 << 20)
      let aperture = IOVARange(first: IOVA(1 << 40), byteCount: 1 << 20)!
      let oracle = try TableOracle<DeepFormat>(aperture, memory: memory)
      let box = Box(oracle)
      together(
        (UInt64(0)..<4).map { worker in
          {
            let first = IOVA(1 << 40 + worker * 0x2000)
            let range = IOVARange(first: first, byteCount: 0x2000)!
            try? box.oracle.table.map(range, to: PhysicalAddress(worker << 20), .readWrite)
          }
        })
      for worker: UInt64 in 0..<4 {
        let found = oracle.walk(1 << 40 + worker * 0x2000 + 0x1800)?.physical
        #expect(found == worker << 20 + 0x1800)
      }
      // Root, one table of each of four levels, four leaf tables.
      #expect(oracle.table.tablesLive == 9)
    }
  }

  /// Lets threads use the table in an oracle, whose dictionary they leave alone.
  final class Box: @unchecked Sendable {
    let oracle: TableOracle<DeepFormat>
    init(_ oracle: TableOracle<DeepFormat>) { self.oracle = oracle }
  }
}
