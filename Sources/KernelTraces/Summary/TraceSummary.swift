/// What a trace's mappings look like as a whole: sizes, lifetimes, reuse, concurrency.
///
///     var summary = TraceSummary()
///     try await TraceFile.read(path) { event, parser in
///       summary.consume(event, from: parser)
///     }
///     summary.finish()
///
/// Verified by `TraceSummaryTests` against plain loops over the same operations.
public struct TraceSummary: Sendable {
  /// A mapping of more pages than this is left out of the reuse, which looks at each page.
  public let reusePagesMax: UInt64

  /// How the events added up to mappings, and what was repaired.
  public var reconciliation: ReconciliationSummary { mappings.summary }
  /// Pages of each mapping.
  public private(set) var sizes = ExactDistribution()
  /// Nanoseconds from each map to its unmap, where the trace has both.
  public private(set) var lifetimes = ExactDistribution()
  /// Mappings whose end the trace lost; their lifetime is not known.
  public private(set) var unknownLifetimes = 0
  /// Pages of each invalidation of a range.
  public private(set) var invalidatedPages = ExactDistribution()
  /// How soon pages are used again, as the device sees them.
  public private(set) var deviceReuse = PageReuse()
  /// How soon pages of memory are mapped again, where the trace tells where they lie.
  public private(set) var memoryReuse = PageReuse()
  /// Mappings in flight.
  public private(set) var mappingsInFlight = Level()
  /// Pages in flight.
  public private(set) var pagesInFlight = Level()
  /// Pages unmapped and not yet invalidated by the recorded kernel.
  public private(set) var stalePages = Level()
  /// The same in flight by the processor that mapped, in the order of their numbers.
  public var processors: [ProcessorLevels] {
    byProcessor.sorted { $0.key < $1.key }.map(\.value)
  }

  private var mappings = RecordedMappings()
  private var work = RecordedWork()
  private var live = LiveMappings()
  private var stale = StalePages()
  private var byProcessor: [Int: ProcessorLevels] = [:]

  /// A summary of nothing.
  public init(reusePagesMax: UInt64 = 1 << 18) {
    self.reusePagesMax = reusePagesMax
  }

  /// Takes in the event that `parser` gave last.
  ///
  /// Complexity: O(log n) in the pages ever mapped, for each page mapped.
  public mutating func consume(_ event: TraceEvent, from parser: borrowing TraceParser) {
    mappings.consume(event, from: parser, into: &work)
    if !work.operations.isEmpty { takeOperations() }
  }

  /// Ends the trace.
  public mutating func finish() {
    mappings.finish(into: &work)
    takeOperations()
    let end = mappings.summary.timeLast
    mappingsInFlight.pass(to: end)
    pagesInFlight.pass(to: end)
    stalePages.pass(to: end)
    for cpu in byProcessor.keys {
      byProcessor[cpu]?.mappings.pass(to: end)
      byProcessor[cpu]?.pages.pass(to: end)
    }
  }

  private mutating func takeOperations() {
    for operation in work.operations {
      let time = operation.time
      switch operation.kind {
      case .map(let map): take(map, work.segments(of: map), operation)
      case .unmap(let mapping, let cause):
        guard let ended = live.end(mapping) else { continue }
        for range in ended.ranges { stale.add(range) }
        if cause == .recorded {
          lifetimes.add(time - ended.time)
        } else {
          unknownLifetimes += 1
        }
        change(ended.cpu, mappings: -1, pages: -Int64(clamping: ended.pages), time)
      case .unmapPart(let mapping, let first, let last):
        guard let part = live.take(first, last, from: mapping) else { continue }
        for range in part.ranges { stale.add(range) }
        change(part.cpu, mappings: 0, pages: -Int64(clamping: part.pages), time)
      case .invalidate(let invalidation):
        stale.take(invalidation)
        if invalidation.scope != .global {
          invalidatedPages.add(RecordedMappings.pageCount(invalidation.first, invalidation.last))
        }
      case .mark: break
      }
      stalePages.set(stale.count, at: time)
    }
    work.removeAll()
  }

  private mutating func take(
    _ map: RecordedMap, _ segments: ArraySlice<RecordedSegment>, _ operation: RecordedOperation
  ) {
    sizes.add(map.pageCount)
    live.map(map, segments, at: operation.time, cpu: operation.cpu)
    deviceReuse.beginMapping()
    memoryReuse.beginMapping()
    for segment in segments {
      if map.pageCount > reusePagesMax {
        deviceReuse.leaveOut(segment)
        memoryReuse.leaveOut(segment)
        continue
      }
      deviceReuse.use(segment.first, segment)
      switch segment.physical {
      case .address(let address), .pseudo(let address): memoryReuse.use(address, segment)
      case .unknown: memoryReuse.leaveOut(segment)
      }
    }
    change(
      operation.cpu, mappings: 1, pages: Int64(clamping: map.pageCount), operation.time)
  }

  /// Moves the levels of all and of the processor `cpu`.
  private mutating func change(_ cpu: Int, mappings: Int64, pages: Int64, _ time: UInt64) {
    mappingsInFlight.set(UInt64(live.count), at: time)
    pagesInFlight.set(live.pages, at: time)
    var levels = byProcessor[cpu] ?? ProcessorLevels(cpu: cpu)
    levels.mappings.set(levels.mappings.value &+ UInt64(bitPattern: mappings), at: time)
    levels.pages.set(levels.pages.value &+ UInt64(bitPattern: pages), at: time)
    byProcessor[cpu] = levels
  }
}

/// What is in flight of the mappings that one processor made.
public struct ProcessorLevels: Equatable, Sendable {
  /// The processor.
  public var cpu: Int
  /// Mappings in flight.
  public internal(set) var mappings = Level()
  /// Pages in flight.
  public internal(set) var pages = Level()

  init(cpu: Int) { self.cpu = cpu }
}
