import IOMMU

@testable import MachineModel

/// Settings with figures that a test chooses.
enum Settings {
  static let machine = MachineDescription(name: "any")

  /// A result under `policy` in which one page was stale for `longest` nanoseconds.
  static func result(
    _ policy: PolicyChoice, rate: Double?, longest: UInt64, isOpen: Bool = false
  ) -> ExperimentResult {
    var window = StaleWindowSum()
    window.add(from: 0, to: longest, isOpen: isOpen)
    return ExperimentResult(
      policy: policy, resolution: PolicyResolution(unrestricted: policy.policy),
      rate: rate, requests: 1, invalidations: .none, window: window,
      latency: ComparisonRow.Latency(p50: nil, p99: nil, p999: nil), violations: [],
      badRequests: 0, audit: RefreshAudit(domain: 0, driver: 0, machine: 0))
  }

  /// A setting with a rate and a longest window in milliseconds.
  static func setting(
    _ policy: InvalidationPolicy, _ modifiers: PolicyModifiers = .none, rate: Double,
    milliseconds: Double, isOpen: Bool = false
  ) -> TunedSetting {
    TunedSetting(
      result(
        PolicyChoice(policy, modifiers), rate: rate, longest: UInt64(milliseconds * 1e6),
        isOpen: isOpen),
      .longest, on: machine)
  }

  static func queue(_ entries: Int = 256, milliseconds: UInt32 = 10) -> InvalidationPolicy {
    .queue(entries: entries, timeout: .milliseconds(milliseconds))
  }

  static func rollover(milliseconds: UInt32) -> InvalidationPolicy {
    .rollover(age: .milliseconds(milliseconds), stale: nil)
  }
}
