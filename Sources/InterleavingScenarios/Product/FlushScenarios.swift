import IOMMU
import InterleavingExplorer
import MachineModel

/// Addresses that come back: none before an invalidation that covers its old translation.
extension ProductScenarios {
  static let flushing: [Scenario] = [
    strict, rollover, rolloverAge, rolloverRetire, rolloverRetireRange, rolloverSummary,
    queue, perCPUQueues, legacy, reuse, piggyback, tables, tableBatches,
  ]

  static let strict = Scenario(
    "strict",
    "two drivers on one processor, one of which maps what the other has just unmapped, and a flush",
    checks: "an address is handed out again only after its own invalidation"
  ) { execution in
    let bench = AttachedBench(execution) { bench in
      StrictScheme(allocator: bench.tree(pages: 4))
    }
    // One processor, and so one cache of addresses: what is freed first is handed out next.
    bench.raceUnmapAgainstMap(mapper: 0)
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let rollover = Scenario(
    "rollover-exhaustion",
    "two drivers on a domain of two pages, one of them stale, and a flush",
    checks: "no address is handed out while an old translation of it is cached"
  ) { execution in
    let bench = AttachedBench(execution) { bench in
      RolloverScheme(
        allocator: RolloverAllocator(
          aperture: bench.aperture(pages: 2), granule: .fourKiB, cpus: 2))
    }
    bench.transfer(on: 0)
    bench.raceUnmapAgainstMap()
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let rolloverAge = Scenario(
    "rollover-age",
    "a driver, the timer that invalidates old pages by range, and a flush",
    checks: "what the timer is cleaning is neither lost nor handed out too early"
  ) { execution in
    let bench = AttachedBench(execution) { bench in
      RolloverScheme(
        allocator: RolloverAllocator(
          aperture: bench.aperture(pages: 2), granule: .fourKiB, cpus: 2),
        age: Nanoseconds(1_000))
    }
    bench.transfer(on: 0)
    bench.timer.advance(by: Nanoseconds(2_000))
    execution.task("driver") { bench.transfer(on: 0) }
    execution.task("timer") { bench.domain.timerFires(.age) }
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let queue = Scenario(
    "single-queue",
    "two drivers on one queue of two entries, one of them used, and its timer",
    checks: "an entry is freed only by a flush that began after it was queued"
  ) { execution in
    let bench = AttachedBench(execution) { bench in
      QueueScheme(
        allocator: bench.tree(pages: 4), rings: 1, entries: 2, timeout: Nanoseconds(1_000))
    }
    bench.transfer(on: 0)
    bench.raceUnmapAgainstMap()
    execution.task("timer") { bench.domain.timerFires(.queue) }
    bench.finishAtEnd()
  }

  static let perCPUQueues = Scenario(
    "per-cpu-queues",
    "two drivers, each with a queue of its own, and the timer that drains both",
    checks: "a drain by another processor frees nothing that its flush did not cover"
  ) { execution in
    let bench = AttachedBench(execution) { bench in
      QueueScheme(
        allocator: bench.tree(pages: 4), rings: 2, entries: 2, timeout: Nanoseconds(1_000))
    }
    bench.transfer(on: 0)
    bench.raceUnmapAgainstMap()
    execution.task("timer") { bench.domain.timerFires(.queue) }
    bench.finishAtEnd()
  }

  static let legacy = Scenario(
    "legacy-wrap",
    "two drivers on a bitmap that wraps around after two pages, and a flush",
    checks: "the wrap's flush covers every bit that it clears"
  ) { execution in
    let bench = AttachedBench(execution) { bench in
      BitmapScheme(
        allocator: BitmapAllocator(
          aperture: bench.aperture(pages: 3), granule: .fourKiB, mode: .lazy))
    }
    bench.transfer(on: 0)
    bench.raceUnmapAgainstMap()
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let reuse = Scenario(
    "reuse",
    "a driver that maps the same buffer again, another that evicts it, and a flush",
    checks: "a translation that is taken back is the old one, and still stands"
  ) { execution in
    let bench = AttachedBench(execution, modifiers: .reuse) { bench in
      QueueScheme(
        allocator: bench.tree(pages: 4), rings: 1, entries: 2, timeout: Nanoseconds(1_000))
    }
    bench.transfer(on: 0)
    execution.task("driver") { bench.transfer(on: 0) }
    execution.task("other") { bench.transfer(on: 0, buffer: 1) }
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let piggyback = Scenario(
    "piggyback",
    "an announcement that is widened over stale neighbours, a driver that frees them, and a flush",
    checks: "a page counts as clean only if the widened invalidation began after it was freed"
  ) { execution in
    let bench = AttachedBench(execution, modifiers: .piggyback) { bench in
      RolloverScheme(
        allocator: RolloverAllocator(
          aperture: bench.aperture(pages: 4), granule: .fourKiB, cpus: 2))
    }
    bench.transfer(on: 0)
    bench.raceUnmapAgainstMap()
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let tables = Scenario(
    "empty-tables",
    "two drivers whose last unmap empties a table that is freed at once, and a flush",
    checks: "a table is freed only under the cover of an invalidation, and never under a mapping"
  ) { execution in
    let bench = AttachedBench(execution, emptyTableLimit: 1) { bench in
      StrictScheme(allocator: bench.tree(pages: 4))
    }
    bench.raceUnmapAgainstMap()
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }

  static let tableBatches = Scenario(
    "table-batches",
    "two drivers empty tables, which wait as one batch for an invalidation, and a flush",
    checks: "a table is freed only if its invalidation began after it was unlinked; none is lost"
  ) { execution in
    let bench = AttachedBench(execution, emptyTableLimit: 2) { bench in
      // Two pages in each of two chunks, and so of two tables.
      RolloverScheme(
        allocator: RolloverAllocator(
          aperture: bench.aperture(pages: 4, behind: 254), granule: .fourKiB, cpus: 2))
    }
    bench.transfer(on: 0)
    execution.task("driver") { bench.transfer(on: 0) }
    execution.task("other") { bench.transfer(on: 1) }
    execution.task("flush") { bench.flush() }
    bench.finishAtEnd()
  }
}
