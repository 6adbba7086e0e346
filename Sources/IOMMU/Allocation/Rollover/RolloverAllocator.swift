public import Synchronization

/// An IOVA allocator in which unmapped pages wait, and one global invalidation frees them all.
///
/// It hands out addresses in ascending order and comes back to the lowest when all were used. A
/// retired page is stale: it stays taken, marked in its chunk of 256 pages, until an invalidation
/// that began later has finished. Nothing goes through the stale pages when that happens. Each
/// chunk carries a *stamp*, the number of global invalidations that had begun when its stale pages
/// were retired; the pages are free as soon as more than that have finished, and whoever visits the
/// chunk next makes them so. The structure and its costs:
/// Docs/decisions/0002-rollover-structure.md.
///
///     let allocator = RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: 4)
///     let range = try allocator.allocate(IOVARequest(pages: PageCount(1)), on: cpu)
///     allocator.retire(range, at: clock.now(), on: cpu)
///     let epoch = allocator.beginGlobalInvalidation()
///
/// A processor hands out single pages from an open word of 64, and ranges from an open run; neither
/// takes a lock (Docs/decisions/0010-ranges.md). Chunks are found through lists behind one lock,
/// which is taken twice for 256 pages. Lock order: a chunk, then the lists; no two chunks at once.
/// Who has the lists' lock may try a chunk's, and takes it the other way round where that fails.
///
/// Context: any processor, several at once; not from an interrupt handler that may interrupt
/// another call on the same processor. Allocates: in `init` alone, about 380 bytes for 256 pages.
@frozen
public struct RolloverAllocator: ~Copyable, Sendable {
  @usableFromInline let space: RolloverSpace

  /// The chunks in the order of their addresses, and one without free pages behind them: what a
  /// processor's current chunk is before it has one.
  @usableFromInline let chunkMemory: RolloverChunkMemory

  /// Four for each of those.
  @usableFromInline let openWords: RolloverOpenWords
  @usableFromInline let processors: PerProcessor<1, RolloverProcessor>
  @usableFromInline let lists: RolloverLists

  /// Pages that each processor retired, by stale list.
  ///
  /// The list's generation above, their number below bit 32; four words of a pair of cache lines.
  @usableFromInline let retired: PerProcessor<16, Atomic<UInt64>>

  @usableFromInline let shared = SharedObject("rollover")

  /// The number of global invalidations that have begun, and the highest that has ended.
  @usableFromInline let flushStarted = Atomic<UInt64>(0)
  @usableFromInline let flushFinished = Atomic<UInt64>(0)

  @usableFromInline let flushTotal = Atomic<UInt64>(0)

  /// The longest range that was retired since an invalidation began: see `noteRetiredRun`.
  let retiredRun = Atomic<UInt64>(0)

  /// Pages inside chunks that are never handed out: reserved, or outside the aperture.
  @usableFromInline let permanentPages: Atomic<UInt64>

  /// Whether the number of stale pages is kept at every step.
  @usableFromInline let countsStale: Bool

  /// What is written more often than invalidations begin: apart from the counters above, which all
  /// processors read at each retire.
  @usableFromInline let turns = FixedStorage<RolloverTurns>(count: 1) { _ in RolloverTurns() }

  /// Where the next search through all chunks begins.
  @usableFromInline let scanStart = Atomic<Int>(0)

  /// An allocator of which every page is free.
  ///
  /// `aperture` is narrowed to whole granules and holds one at least, and no more than 2^32; `cpus`
  /// is the number of processors that have a current chunk of their own. A higher `CPUIndex`
  /// shares. With `countsStale` the number of stale pages is known at any time for the price of the
  /// chunk's lock at each retire; without, ``stalePages`` goes through the chunks.
  public init(
    aperture: IOVARange, granule: Granule, cpus: Int, countsStale: Bool = false
  ) {
    precondition(cpus > 0 && cpus <= 1 << 16, "the number of processors is out of range")
    let space = RolloverSpace(aperture: aperture, granule: granule)
    let count = space.chunkCount
    self.space = space
    self.countsStale = countsStale
    chunkMemory = RolloverChunkMemory(count: count + 1) { number in
      number == count
        ? PageBits() : space.bits(of: space.firstPage...space.lastPage, inChunk: number)
    }
    let chunks = chunkMemory.view
    openWords = RolloverOpenWords(count: (count + 1) * 4) { word in
      RolloverOpenWord(
        first: space.base &+ UInt64(word) &<< (6 + UInt64(granule.log2)),
        line: chunks.line(word >> 2))
    }
    let noWord = openWords.place(of: count << 2)
    processors = PerProcessor(processors: cpus) {
      RolloverProcessor(current: count, word: noWord)
    }
    retired = PerProcessor(processors: cpus) { Atomic(0) }
    lists = RolloverLists(chunkCount: count)
    permanentPages = Atomic(UInt64(count) * 256 - space.pageCount)
  }

  /// Which processor's fields serve `cpu`.
  @inlinable
  func slot(of cpu: CPUIndex) -> Int {
    processors.slot(of: cpu)
  }

  /// The chunks, by number.
  @inlinable
  var chunks: RolloverChunks { chunkMemory.view }

  /// The number of chunks.
  @inlinable
  var chunkCount: Int { chunks.count - 1 }

  /// The chunks that the pages `pages` lie in.
  func chunkNumbers(of pages: ClosedRange<UInt64>) -> ClosedRange<Int> {
    Int(pages.lowerBound >> 8)...Int(pages.upperBound >> 8)
  }
}

extension RolloverAllocator: StaleTrackingAllocator {
  /// The addresses that can be handed out: what `init` was given, narrowed to whole granules.
  @inlinable
  public var aperture: IOVARange { space.aperture }

  /// The page size.
  @inlinable
  public var granule: Granule { space.granule }
}
