public import IOMMU

/// Whether the simulation crosses from selective to full where the prices say.
///
/// Runs a workload on a machine with `strict` and with single queues of several sizes, whose
/// time-out is too long to matter, and compares who wins with what ``RefreshPrices`` predicts.
/// Nothing is fitted: the prediction is made of the machine's costs alone.
public struct CrossoverCheck: Sendable {
  /// The machine.
  public let machine: MachineDescription

  /// The prices that the machine's costs come to.
  public let prices: RefreshPrices

  /// The tables that are taken to be present.
  public let tables: UInt64

  private let workload: Workload
  private let seed: UInt64

  /// A check of `machine` under `workload`, in which `tables` tables are taken to be present.
  public init(machine: MachineDescription, workload: Workload, tables: UInt64, seed: UInt64) {
    self.machine = machine
    self.workload = workload
    self.tables = tables
    self.seed = seed
    prices = RefreshPrices(machine)
  }

  /// The unmaps that one flush of a full queue of `entries` stands for.
  ///
  /// One place stays empty, to tell a full ring from an empty one, and the unmap that finds the
  /// ring full waits for the next flush. Source: Linux, drivers/iommu/dma-iommu.c, `fq_full`.
  public static func unmaps(_ entries: UInt64) -> UInt64 { max(entries, 2) - 1 }

  /// How far from the predicted border, as a factor, a queue must be for its winner to count: near
  /// the border the costs of the queue itself decide, which the prices leave out.
  public static var tolerance: UInt64 { 2 }

  /// The sizes of the queues: powers of two up to eight times below and above the border, as far
  /// as a quarter of the aperture holds them.
  public var entries: [Int] {
    guard let border = prices.breakEven(tables: tables) else { return [] }
    var entries: [Int] = []
    var size: UInt64 = 2
    let most = min(prices.aperturePages / 4, UInt64(InvalidationPolicy.entriesMax))
    while size <= most && size / 8 <= border {
      if size >= border / 8 { entries.append(Int(size)) }
      size *= 2
    }
    return entries
  }

  /// The policies to run: `strict` first, then a queue of each size.
  public var policies: [PolicyChoice] {
    // 1,000 s: longer than any measurement.
    [PolicyChoice(.strict)]
      + entries.map {
        PolicyChoice(.singleQueue(entries: $0, timeout: .milliseconds(1_000_000)))
      }
  }

  /// Runs one of the policies; calls share nothing and may go side by side.
  public func run(_ policy: PolicyChoice) throws -> ExperimentResult {
    var experiment = Experiment(machine: machine, workload: workload, seed: seed)
    var pages: UInt64 = 2_000
    if case .singleQueue(let entries, _) = policy.policy {
      // Eight flushes at the least, so that one more or less does not decide.
      pages = max(pages, UInt64(entries) * 8)
    }
    experiment.pagesMeasured = pages
    return try experiment.run(policy)
  }
}

extension CrossoverCheck {
  /// What became of one size of queue.
  public struct Point: Equatable, Sendable {
    /// The queue's entries.
    public var entries: Int
    /// What the prices predict.
    public var predicted: RefreshPrices.Side
    /// Who had more requests a second; equal rates count as selective.
    public var simulated: RefreshPrices.Side
    /// The queue's rate relative to strict: predicted from strict's rate and the prices alone.
    public var predictedRelative: Double
    /// The same as simulated.
    public var simulatedRelative: Double
    /// Whether the size is far enough from the border to count.
    public var counts: Bool
    /// Tables that a global refresh visited, on average; `nil` where there was none.
    public var tables: Double?

    /// Whether the point does not contradict the prediction.
    public var holds: Bool { !counts || predicted == simulated }
  }

  /// Compares the results of ``policies``, in their order.
  public func points(_ results: [ExperimentResult]) -> [Point] {
    guard let strict = results.first?.rate, strict > 0,
      let border = prices.breakEven(tables: tables)
    else { return [] }
    return zip(entries, results.dropFirst()).map { entries, result in
      let relative = (result.rate ?? 0) / strict
      let count = Self.unmaps(UInt64(entries))
      let single = Double(prices.range(pages: 1))
      // A request of strict takes this long, in picoseconds, of which one range refresh goes.
      let time = 1e12 / strict
      let share = Double(prices.global(tables: tables)) / Double(count)
      let refreshes = result.refreshes
      return Point(
        entries: entries, predicted: prices.side(unmaps: count, tables: tables),
        simulated: relative > 1 ? .full : .selective,
        predictedRelative: time / (time - single + share), simulatedRelative: relative,
        counts: count * Self.tolerance <= border || count >= border * Self.tolerance,
        tables: refreshes.global == 0
          ? nil : Double(refreshes.globalTablesScanned) / Double(refreshes.global))
    }
  }
}

extension Workload {
  /// The page tables that the workload keeps in use on `cpus` processors: those of its requests in
  /// flight and of the driver's queues, if they lie side by side.
  public func tablesInUse(cpus: Int) -> UInt64 {
    let pages = (longestRequest + 4_095) / 4_096 * UInt64(depth * cpus)
    // Queues and the page that names the device: two pages a queue, and a few.
    let queues = UInt64(cpus) * 2 + 4
    return (pages + queues + RefreshPrices.tablePages - 1) / RefreshPrices.tablePages
  }
}
