import IOMMU

/// A policy whose scaling can be looked at.
public struct ScalingPolicy: Sendable, Equatable {
  enum Kind: Sendable {
    case strict
    case legacy
    case queue(rings: Int?, entries: Int)
    case rollover
  }

  /// What it is called, as in `Benchmarks`.
  public let name: String

  /// The instructions of a pair of map and unmap of one page on one processor.
  ///
  /// As `Benchmarks/run --patterns random-128 --subjects mappings` counts them on x86-64: all that
  /// the processor does, refills and flushes included.
  public let instructions: UInt64

  let kind: Kind

  /// Whether the device has to be told of new translations.
  let isTold: Bool

  private init(_ name: String, _ instructions: UInt64, _ kind: Kind, isTold: Bool = false) {
    self.name = name
    self.instructions = instructions
    self.kind = kind
    self.isTold = isTold
  }

  /// All of them, in the order of tables.
  public static let all = [
    ScalingPolicy("rollover", 115, .rollover),
    ScalingPolicy("rollover-told", 360, .rollover, isTold: true),
    ScalingPolicy("strict", 343, .strict),
    ScalingPolicy("legacy", 307, .legacy),
    ScalingPolicy("queue:256", 383, .queue(rings: nil, entries: 256)),
    ScalingPolicy("single-queue:32768", 435, .queue(rings: 1, entries: 32_768)),
  ]

  /// The policy called `name`.
  public static func named(_ name: String) -> ScalingPolicy? { all.first { $0.name == name } }

  /// Only the name tells them apart.
  public static func == (left: ScalingPolicy, right: ScalingPolicy) -> Bool {
    left.name == right.name
  }
}
