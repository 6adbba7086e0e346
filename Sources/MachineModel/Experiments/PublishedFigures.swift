public import IOMMU

/// What Niklas Schnelle measured in September 2022, relative to the scheme that `legacy` copies.
///
/// Source: his mail to Robin Murphy of 2022-09-01, "Re: [PATCH v4 1/2] iommu/s390: Fix race with
/// release_device ops": NVMe, 4 KiB, with a virtualised IOMMU. "About twice the IOPS" against
/// strict gives 0.50; the default queue was told as an upper bound, "less than 8 %".
public enum PublishedFigures {
  /// The figure for a policy, or `nil` where none was published.
  public static func relativeIOPS(of policy: PolicyChoice) -> Double? {
    if policy.modifiers != .none { return nil }
    switch policy.policy {
    case .legacy: return 1
    case .strict: return 0.5
    case .queue(entries: 256, timeout: .milliseconds(10)): return 0.08
    case .queue(entries: 8_192, timeout: .milliseconds(100)): return 0.76
    case .queue(entries: 32_768, timeout: .milliseconds(4_000)): return 0.91
    default: return nil
    }
  }

  /// Whether the figure is a bound that the measurement stayed below.
  public static func isUpperBound(_ policy: PolicyChoice) -> Bool {
    policy.policy == .queue(entries: 256, timeout: .milliseconds(10))
  }
}
