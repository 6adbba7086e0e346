import IOMMU
import MachineModel

/// What is told of one machine's border between selective and full refreshes.
struct CrossoverReport: Sendable {
  /// Linux's usual queues: the default, and that of s390 since 6.7.
  ///
  /// Source: Linux 6.12, drivers/iommu/dma-iommu.c, `IOVA_DEFAULT_FQ_SIZE`, `IOVA_SINGLE_FQ_SIZE`,
  /// `IOVA_DEFAULT_FQ_TIMEOUT` and `IOVA_SINGLE_FQ_TIMEOUT`: 256 and 32768, 10 ms and 1,000 ms.
  static let queues: [(entries: UInt64, milliseconds: UInt64)] = [(256, 10), (32_768, 1_000)]

  let machine: MachineDescription
  let prices: RefreshPrices

  /// The page tables that are in use.
  let tables: UInt64

  /// What the simulation said, once it was asked.
  private(set) var points: [CrossoverCheck.Point]?

  init(_ machine: MachineDescription, tables: UInt64) {
    self.machine = machine
    self.tables = tables
    prices = RefreshPrices(machine)
  }

  var breakEven: UInt64? { prices.breakEven(tables: tables) }

  /// Which side a queue of `entries` lies on.
  func side(_ entries: UInt64) -> RefreshPrices.Side {
    prices.side(unmaps: CrossoverCheck.unmaps(entries), tables: tables)
  }

  /// The largest aperture, in pages, that a queue of `entries` would be full for; `nil` for any.
  func largestAperture(_ entries: UInt64) -> UInt64? {
    prices.largestAperture(unmaps: CrossoverCheck.unmaps(entries), tables: tables)
  }

  /// The most tables in use that a queue of `entries` would be full for; `nil` for any number.
  func largestTables(_ entries: UInt64) -> UInt64? {
    prices.largestTables(unmaps: CrossoverCheck.unmaps(entries))
  }

  /// The unmaps a second below which a time-out of `milliseconds` drains a queue too early.
  func unmapsPerSecond(_ milliseconds: UInt64) -> UInt64? {
    breakEven.map { ($0 * 1_000 + milliseconds - 1) / milliseconds }
  }

  /// Whether simulation and prediction agree: `nil` where nothing was simulated.
  var holds: Bool? {
    points.map { points in points.contains(where: \.counts) && points.allSatisfy(\.holds) }
  }

  /// On which side the machine lies, in one sentence.
  ///
  /// A table translates a mebibyte.
  var verdict: String {
    guard let breakEven else { return "\(machine.name): refreshes cost nothing, either will do." }
    let sides = Self.queues.map { side($0.entries) }
    let border =
      breakEven <= 2
      ? "one full refresh costs no more than two selective ones"
      : "one full refresh costs as much as \(breakEven - 1) selective ones"
    switch (sides[0], sides[1]) {
    case (.full, _):
      return "\(machine.name): full, for \(border): deferring pays with any usual queue\(limit)."
    case (_, .full):
      return "\(machine.name): selective with a queue of \(Self.queues[0].entries), full with one "
        + "of \(Self.queues[1].entries), for \(border): not to defer is right with the one, to "
        + "defer with the other."
    default:
      return "\(machine.name): selective, for \(border): deferring pays with no usual queue."
    }
  }

  /// What would put a machine on the other side that is full with Linux's default queue.
  private var limit: String {
    guard let most = largestTables(Self.queues[0].entries) else { return "" }
    return ", until more than \(most) tables are in use, \(most) MiB of addresses: then not with "
      + "one of \(Self.queues[0].entries)"
  }

  /// Simulates queues on either side of the border.
  mutating func verify(seed: UInt64, _ progress: Progress) async throws(ToolError) {
    let check = CrossoverCheck(
      machine: machine, workload: .randomRead, tables: tables, seed: seed)
    let work = PreparedExperiment(run: { policy in try check.run(policy) })
    let policies = check.policies
    let outcomes = await PolicyRuns.outcomes(of: policies, work) { done in
      progress.show("\(done) of \(policies.count) policies")
    }
    points = check.points(try PolicyRuns.results(outcomes))
  }
}
