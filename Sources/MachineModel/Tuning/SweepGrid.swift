public import IOMMU

/// The settings that a sweep starts with.
public struct SweepGrid: Equatable, Sendable {
  /// A part of the grid.
  public enum Part: String, CaseIterable, Sendable {
    /// `strict`, `legacy` and `legacy-strict`, which have no parameters.
    case fixed
    /// A flush queue for each processor.
    case queue
    /// One flush queue for all.
    case singleQueue = "single-queue"
    /// `rollover` with bounds on age and share, with and without `+piggyback`.
    case rollover
    /// Queues and `rollover` with `+batch`, which needs drivers that tell of their doorbells.
    case batch
    /// The same with `+batch+reuse`.
    case reuse
  }

  /// The parts to sweep.
  public var parts: [Part]

  /// Whether a few settings of each part will do.
  public var isQuick: Bool

  /// A grid of `parts`, in their own order.
  public init(parts: [Part] = Part.allCases, isQuick: Bool = false) {
    self.parts = Part.allCases.filter { parts.contains($0) }
    self.isQuick = isQuick
  }

  /// All settings, each once, in the order of the parts.
  public var policies: [PolicyChoice] { parts.flatMap(policies) }

  private func policies(_ part: Part) -> [PolicyChoice] {
    switch part {
    case .fixed: [.strict, .legacy, .legacyStrict].map { PolicyChoice($0) }
    case .queue: rings(timeouts).map { PolicyChoice(.queue(entries: $0, timeout: $1)) }
    case .singleQueue:
      rings(timeouts).map { PolicyChoice(.singleQueue(entries: $0, timeout: $1)) }
    case .rollover: bounds
    case .batch: mapSide(.batch)
    case .reuse: mapSide(.batch.union(.reuse))
    }
  }

  /// Sizes from Linux's default on, four or eight times as many each; 32768 is its single queue's.
  private var entries: [Int] { isQuick ? [256, 32_768] : [256, 1_024, 8_192, 32_768, 131_072] }

  /// Linux's are 10 ms and 1 s; the thread of September 2022 tried 100 ms and 4 s.
  private var timeouts: [Nanoseconds] {
    milliseconds(isQuick ? [10, 1_000] : [1, 10, 100, 1_000, 4_000])
  }

  private var ages: [Nanoseconds] {
    if isQuick { return milliseconds([1, 10, 100]) }
    return [.microseconds(100)] + milliseconds([1, 10, 100, 1_000, 4_000])
  }

  private var bounds: [PolicyChoice] {
    let shares = isQuick ? [] : [10, 100, 500].compactMap { StaleShare(perMille: $0) }
    return aged(ages, .none)
      + shares.map { PolicyChoice(.rollover(age: nil, stale: $0)) }
      // A share that holds earlier than the age does under load.
      + shares.prefix(1).map { PolicyChoice(.rollover(age: .milliseconds(1_000), stale: $0)) }
  }

  /// Coarser, since these families are swept beside the one without modifiers.
  private func mapSide(_ modifiers: PolicyModifiers) -> [PolicyChoice] {
    let queues = rings(milliseconds(isQuick ? [1_000] : [10, 1_000])).map {
      PolicyChoice(.queue(entries: $0, timeout: $1), modifiers)
    }
    let ages = [Nanoseconds.microseconds(100)] + milliseconds([2, 100, 4_000])
    return queues + aged(isQuick ? milliseconds([1]) : ages, modifiers)
  }

  /// Without an age and with each of `ages`, by themselves and with `+piggyback`.
  private func aged(_ ages: [Nanoseconds], _ modifiers: PolicyModifiers) -> [PolicyChoice] {
    ([nil] + ages).flatMap { age in
      [modifiers, modifiers.union(.piggyback)].map {
        PolicyChoice(.rollover(age: age, stale: nil), $0)
      }
    }
  }

  private func rings(_ timeouts: [Nanoseconds]) -> [(Int, Nanoseconds)] {
    entries.flatMap { entries in timeouts.map { (entries, $0) } }
  }

  private func milliseconds(_ values: [UInt64]) -> [Nanoseconds] {
    values.map { Nanoseconds($0 * 1_000_000) }
  }
}
