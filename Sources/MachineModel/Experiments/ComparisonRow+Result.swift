import IOMMU

extension ComparisonRow {
  /// A run's result as a row; `base` is the rate of the reference.
  public init(
    _ result: ExperimentResult, named name: String, relativeTo base: Double?, published: Double?
  ) {
    let sum = result.invalidations.map + result.invalidations.unmap + result.invalidations.global
    let window = result.window
    let hasStale = window.pages > 0
    // How long rounds wait is not modelled.
    let hasTimes = result.work == nil
    self.init(
      policy: name, iops: result.rate,
      relative: base.flatMap { base in result.rate.map { $0 / base } }, published: published,
      invalidations: result.invalidations,
      invalidationsPerIO: result.requests == 0 ? nil : Double(sum) / Double(result.requests),
      staleWindow: StaleWindow(
        maxMilliseconds: hasTimes ? Double(window.longestNanoseconds) / 1e6 : nil,
        meanMilliseconds: !hasTimes
          ? nil
          : hasStale ? Double(window.pageNanoseconds) / Double(window.pages) / 1e6 : 0,
        pageSeconds: hasTimes ? Double(window.pageNanoseconds) / 1e9 : nil),
      latencyMicroseconds: result.latency)
    instructionsPerIO = result.instructions.map { $0 / Double(max(result.requests, 1)) }
  }
}
