public import IOMMU

/// A kernel's work as its trace tells it, read once and ready to be compared with the model.
///
///     var kernel = RecordedKernel()
///     let statistics = try await TraceFile.read(path) { event, parser in
///       kernel.consume(event, from: parser)
///     }
///     let report = kernel.verify(statistics)
///
/// Memory: about 100 bytes for each event of a trace with RPCITs, and as much for each step.
public struct RecordedKernel: Sendable {
  /// What the caller knows better than the trace.
  public struct Overrides: Sendable {
    /// The kernel.
    public var kernel: KernelModel?
    /// The policy.
    public var policy: InvalidationPolicy?
    /// The addresses that are handed out.
    public var aperture: IOVARange?
    /// Ticks in a second.
    public var hertz: UInt64?

    /// Nothing is known.
    public init() {}
  }

  /// The events of a trace with RPCITs, whose steps need a look ahead.
  private var events: [TraceEvent] = []
  private var rule = GlobalRefreshRule()
  private var hasProbes = false
  private var hasRefreshes = false
  /// Whether so many lines had no RPCIT that none will be looked at.
  private var isWithoutRefreshes = false

  private var mappings = RecordedMappings()
  private var work = RecordedWork()
  private var mappingSteps = MappingSteps()

  /// A kernel of which nothing is known yet.
  public init() {}

  /// Takes in the event that `parser` gave last.
  public mutating func consume(_ event: TraceEvent, from parser: borrowing TraceParser) {
    switch event.kind {
    case .mapCall, .mapReturn, .mapScatterGatherCall, .unmapCall:
      hasProbes = !isWithoutRefreshes
      keep(event)
    case .refresh:
      hasRefreshes = !isWithoutRefreshes
      keep(event)
    case .mapPages, .unmapPages: keep(event)
    default: break
    }
    if hasProbes || hasRefreshes { return }
    mappings.consume(event, from: parser, into: &work)
    drain()
  }

  private mutating func keep(_ event: TraceEvent) {
    if isWithoutRefreshes { return }
    if !hasProbes && !hasRefreshes && events.count == Self.linesWithoutRefreshMax {
      isWithoutRefreshes = true
      events = []
      return
    }
    events.append(event)
    rule.note(event)
  }

  /// How many lines without an RPCIT mean that the trace does not have them: on s390 each mapping
  /// has one.
  private static let linesWithoutRefreshMax = 4_096

  private mutating func drain() {
    if work.operations.isEmpty { return }
    mappingSteps.consume(work)
    work.removeAll()
  }

  /// Compares the kernel with the model; `statistics` are those of the whole trace.
  ///
  /// Complexity: O(n log n) in the events.
  public mutating func verify(
    _ statistics: TraceStatistics, _ overrides: Overrides = Overrides()
  ) -> VerificationReport {
    let steps = steps(statistics)
    let setting = VerificationSetting(
      steps, statistics, hasProbes: hasProbes, hasRefreshes: hasRefreshes, overrides)
    var verifier = Verifier(steps, setting)
    return verifier.run()
  }

  private mutating func steps(_ statistics: TraceStatistics) -> KernelSteps {
    if !hasProbes && !hasRefreshes {
      mappings.finish(into: &work)
      drain()
      mappingSteps.finish(mappings.summary)
      return mappingSteps.result
    }
    var steps: KernelSteps
    if hasProbes {
      steps = read(ProbeSteps(aperture: rule.aperture))
    } else {
      steps = read(TracepointSteps(aperture: rule.aperture))
    }
    events = []
    steps.cpus = max(steps.cpus, Int(clamping: statistics.processors ?? 1))
    return steps
  }

  private func read(_ reader: some StepReader) -> KernelSteps {
    var reader = reader
    for event in events { reader.consume(event) }
    reader.finish()
    return reader.result
  }
}
