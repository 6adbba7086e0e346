/// What one policy came to in an experiment.
///
/// `nil` says that the run cannot tell: no input or output was completed, or nothing ever went
/// stale. An infinite window, one that no bound ends, is `.infinity`; both print as `null` in JSON.
public struct ComparisonRow: Equatable, Sendable {
  /// The policy, in its canonical spelling.
  public var policy: String

  /// Inputs and outputs completed per second of the machine's time.
  public var iops: Double?

  /// `iops` divided by those of the reference.
  public var relative: Double?

  /// The same ratio as the reference's authors measured it, where they published one.
  public var published: Double?

  /// Whether `published` is a bound that the authors' measurement stayed below.
  public var publishedIsUpperBound = false

  /// How often translations were invalidated, by cause.
  public var invalidations: Invalidations

  /// Invalidations of any cause for each completed input or output.
  public var invalidationsPerIO: Double?

  /// Instructions of the stack for each completed input or output, waiting not counted; `nil` where
  /// they were not counted, or the machine does not tell what things cost in instructions.
  public var instructionsPerIO: Double?

  /// How long unmapped pages stayed within the device's reach.
  public var staleWindow: StaleWindow

  /// Time from doorbell to completion, in microseconds.
  public var latencyMicroseconds: Latency

  /// A row of numbers as a run gave them.
  public init(
    policy: String, iops: Double?, relative: Double?, published: Double?,
    invalidations: Invalidations, invalidationsPerIO: Double?, staleWindow: StaleWindow,
    latencyMicroseconds: Latency
  ) {
    self.policy = policy
    self.iops = iops
    self.relative = relative
    self.published = published
    self.invalidations = invalidations
    self.invalidationsPerIO = invalidationsPerIO
    self.staleWindow = staleWindow
    self.latencyMicroseconds = latencyMicroseconds
  }

  /// Numbers of invalidations.
  public struct Invalidations: Equatable, Sendable {
    /// Of ranges, because something was mapped.
    public var map: UInt64
    /// Of ranges, because something was unmapped.
    public var unmap: UInt64
    /// Of everything.
    public var global: UInt64

    /// Counts of the three causes.
    public init(map: UInt64, unmap: UInt64, global: UInt64) {
      self.map = map
      self.unmap = unmap
      self.global = global
    }
  }

  /// Exposure of unmapped memory.
  public struct StaleWindow: Equatable, Sendable {
    /// The longest that any page was stale, in milliseconds; infinite where nothing ended it.
    public var maxMilliseconds: Double?
    /// The mean over all pages that went stale, in milliseconds.
    public var meanMilliseconds: Double?
    /// Stale pages, summed over the time they were stale, in pages times seconds.
    public var pageSeconds: Double?

    /// A window as a run measured it.
    public init(maxMilliseconds: Double?, meanMilliseconds: Double?, pageSeconds: Double?) {
      self.maxMilliseconds = maxMilliseconds
      self.meanMilliseconds = meanMilliseconds
      self.pageSeconds = pageSeconds
    }
  }

  /// Percentiles of a latency, in microseconds.
  public struct Latency: Equatable, Sendable {
    /// Half of all were at most this.
    public var p50: Double?
    /// 99 of 100 were at most this.
    public var p99: Double?
    /// 999 of 1000 were at most this.
    public var p999: Double?

    /// Percentiles as a run measured them.
    public init(p50: Double?, p99: Double?, p999: Double?) {
      self.p50 = p50
      self.p99 = p99
      self.p999 = p999
    }
  }
}

/// One experiment: the same work on the same machine under several policies.
public struct Comparison: Equatable, Sendable {
  /// The machine's name.
  public var machine: String

  /// The workload's name, or the trace's path.
  public var workload: String

  /// The policy that `relative` refers to, in its canonical spelling.
  public var reference: String

  /// One row for each policy, in the order asked for.
  public var rows: [ComparisonRow]

  /// Lines for people about the work, such as what a trace had lost.
  public var notes: [String]

  /// Lines of the recorded trace that were passed over, where there are any.
  public var malformed: MalformedLines?

  /// An experiment's result.
  public init(
    machine: String, workload: String, reference: String, rows: [ComparisonRow],
    notes: [String] = []
  ) {
    self.machine = machine
    self.workload = workload
    self.reference = reference
    self.rows = rows
    self.notes = notes
  }
}

/// Lines of an input that do not parse and were passed over.
public struct MalformedLines: Equatable, Sendable {
  /// How many there are.
  public var count: Int
  /// The first one's number, from 1.
  public var line: Int
  /// The byte of that line at which it stops making sense, from 1.
  public var column: Int
  /// What is wrong there.
  public var problem: String

  /// So many lines, and what is wrong with the first.
  public init(count: Int, line: Int, column: Int, problem: String) {
    self.count = count
    self.line = line
    self.column = column
    self.problem = problem
  }
}
