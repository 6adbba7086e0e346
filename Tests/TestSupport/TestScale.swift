import Foundation

/// How much of the long tests is run: `SWIFT_IOMMU_TEST_SCALE` per cent, 100 if it is not set.
package enum TestScale {
  private static let percent: Int = {
    let text = ProcessInfo.processInfo.environment["SWIFT_IOMMU_TEST_SCALE"]
    return min(max(text.flatMap { Int($0) } ?? 100, 1), 100)
  }()

  /// `count` of something, scaled, at least one.
  package static func count(_ count: Int) -> Int { max(count * percent / 100, 1) }

  /// The step between samples of which every `step`th is looked at on a full run.
  package static func stride(_ step: Int) -> Int { step * 100 / percent }
}
