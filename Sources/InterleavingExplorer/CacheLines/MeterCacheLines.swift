import IOMMU

/// What the cache lines of a run on many processors cost; see ``meterCacheLines(_:setUp:)``.
public struct LineReport: Sendable, Equatable {
  /// The operations of all processors together that counted.
  public var operations: UInt64 = 0
  /// Operations per second, of all processors together.
  public var rate = 0.0
  /// Lines that were moved from one processor to another.
  public var transfers: UInt64 = 0
  /// What they were, those first that took most time.
  public var lines: [Line] = []

  /// Lines of one name.
  public struct Line: Sendable, Equatable {
    /// What lies in them.
    public var name: String
    /// How often one was moved.
    public var transfers: UInt64
    /// The time that processors spent on it, waiting for it or its lock included, in nanoseconds.
    public var nanoseconds: UInt64
  }
}

/// The processor of a metered run that the calling thread stands for.
public enum MeteredProcessor {
  /// From here on what the processor does counts, once all others have come as far.
  public static func begin() {
    change { meter, processor in
      meter.processors[processor].hasBegunCounting = true
      if meter.window.begin == nil, meter.processors.allSatisfy(\.hasBegunCounting) {
        meter.window.begin = meter.processors[processor].clock
      }
    }
  }

  /// Nothing counts any more, on any processor: from here on this one does nothing.
  public static func end() {
    change { meter, processor in
      if meter.window.isOpen { meter.window.end = meter.processors[processor].clock }
    }
  }

  /// Passes the time of so many instructions, the moves of cache lines apart.
  public static func work(instructions: UInt64) {
    change { $0.processors[$1].clock += instructions * $0.prices.instruction }
  }

  /// Counts an operation that has ended.
  public static func countOperation() {
    change { meter, _ in if meter.window.isOpen { meter.window.operations += 1 } }
  }

  private static func change(_ body: (LineMeter, Int) -> Void) {
    guard let context = ThreadContext.current, let meter = context.meter, context.task >= 0 else {
      return
    }
    body(meter, context.task)
  }
}

/// Runs what `setUp` gives, one body for each of up to 64 processors that exist in name only, and
/// prices the cache lines that move between them.
///
/// Everything that the core tells at its yield points counts: locks, what they are labelled to
/// guard, and atomic words. What it does not tell costs nothing but what
/// ``MeteredProcessor/work(instructions:)`` says. Without the package trait
/// `InterleavingExploration` that is everything; see ``coreYieldPointsAreObserved``.
///
/// Context: one thread, with nobody else in the core. The same call gives the same report.
public func meterCacheLines(
  _ prices: LinePrices, setUp: () -> [() -> Void]
) -> LineReport {
  prepareForExploration()
  let meter = LineMeter(prices)
  let context = ThreadContext(meter, task: -1)
  let before = context.enter()
  defer { ThreadContext.leave(before) }
  let bodies = setUp()
  precondition(!bodies.isEmpty && bodies.count <= 64, "1 to 64 processors")
  ProcessorClaim.with { meter.run(bodies) }
  return LineReport(meter)
}

extension LineReport {
  init(_ meter: LineMeter) {
    operations = meter.window.operations
    let end = meter.window.end ?? meter.processors.map(\.clock).max() ?? 0
    // Picoseconds.
    if let begin = meter.window.begin, end > begin {
      rate = Double(operations) / Double(end - begin) * 1e12
    }
    for (number, usage) in meter.lines.usage.enumerated() where usage.time > 0 {
      transfers += usage.transfers
      lines.append(
        Line(
          name: meter.names.texts[number], transfers: usage.transfers,
          nanoseconds: usage.time / 1_000))
    }
    lines.sort { ($1.nanoseconds, $0.name) < ($0.nanoseconds, $1.name) }
  }
}
