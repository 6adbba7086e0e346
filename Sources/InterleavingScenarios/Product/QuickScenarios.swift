import IOMMU
import InterleavingExplorer
import MachineModel

/// Single pages that are mapped and unmapped through their chunk's lease.
extension ProductScenarios {
  static let quick: [Scenario] = [quickFlush, quickLease]

  static let quickFlush = Scenario(
    "quick-flush",
    "a page is unmapped without a lock while another driver needs it, and a flush",
    checks: "it is handed out again only after an invalidation that found its entry cleared"
  ) { execution in
    let bench = AttachedBench(execution, kind: .direct) { bench in
      RolloverScheme(
        allocator: RolloverAllocator(
          aperture: bench.aperture(pages: 2), granule: .fourKiB, cpus: 2))
    }
    // The first page gives the chunk its lease, and puts it on the list of stale ones.
    bench.transfer(on: 0)
    bench.raceUnmapAgainstMap()
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let quickLease = Scenario(
    "quick-lease",
    "a page is mapped through a lease that another driver would end, whose table is freed then",
    checks: "no lease ends while one of its entries is, or is about to be, valid"
  ) { execution in
    let bench = AttachedBench(execution, kind: .direct, emptyTableLimit: 1) { bench in
      // Two pages in each of two chunks, and so of two tables.
      RolloverScheme(
        allocator: RolloverAllocator(
          aperture: bench.aperture(pages: 4, behind: 254), granule: .fourKiB, cpus: 2))
    }
    bench.transfer(on: 0)
    execution.task("driver") { bench.transfer(on: 0) }
    // Has a chunk of its own, whose lease makes it look for those that are not needed.
    execution.task("other") { bench.transfer(on: 1) }
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }
}
