public import IOMMU
import Workloads

/// Which figure of the stale window is weighed against speed.
public enum WindowMeasure: String, CaseIterable, Sendable {
  /// The longest time that a page was stale, in milliseconds.
  case longest
  /// The mean over all pages that went stale, in milliseconds.
  case mean
  /// Stale pages summed over the time that they were stale, in pages times seconds.
  case pageSeconds = "page-seconds"

  /// The unit of the figure.
  public var unit: String { self == .pageSeconds ? "page s" : "ms" }
}

/// How much a policy exposed unmapped memory, as one figure that is never too low.
public struct Exposure: Equatable, Sendable {
  /// Where the figure comes from.
  public enum Source: String, Sendable {
    /// From the run.
    case measured
    /// From what the policy promises, for the run ended before the longest stale time did.
    case bound
    /// From nothing: the policy has no bound, and whether pages are freed is up to the load.
    case unbounded
  }

  /// The figure in the measure's unit; infinite where nothing bounds it.
  public var value: Double

  /// Where it comes from.
  public var source: Source

  /// What the run has shown: the figure is no less than that.
  public var atLeast: Double

  /// A figure.
  public init(value: Double, source: Source, atLeast: Double) {
    self.value = value
    self.source = source
    self.atLeast = atLeast
  }

  /// The exposure in a run under `policy` on `machine`.
  ///
  /// A longest time is infinite where the policy promises none, however short it was in this run.
  /// Means and sums are the run's, unless its longest stale time was still going on at its end:
  /// then each is taken as if every page had been stale for as long as the policy allows.
  public init(
    _ window: StaleWindowSum, _ measure: WindowMeasure, under policy: PolicyChoice,
    on machine: MachineDescription
  ) {
    let pages = Double(window.pages)
    switch measure {
    case .longest: atLeast = Double(window.longestNanoseconds) / 1e6
    case .mean:
      atLeast = window.pages == 0 ? 0 : Double(window.pageNanoseconds) / pages / 1e6
    case .pageSeconds: atLeast = Double(window.pageNanoseconds) / 1e9
    }
    let bound = policy.longestStale(on: machine).map { Double($0.rawValue) }
    if window.isLongestOver, bound != nil || measure != .longest {
      value = atLeast
      source = .measured
    } else if let bound {
      value = max(atLeast, measure == .pageSeconds ? bound * pages / 1e9 : bound / 1e6)
      source = .bound
    } else {
      value = .infinity
      source = .unbounded
    }
  }
}

extension PolicyChoice {
  /// The longest that a page may be stale on a machine, or `nil` where only the load decides.
  ///
  /// A queue's timer is late by a unit of its level in the timer wheel, of which its time-out has
  /// at least 63 eighths (see ``TimerWheel``), and by a tick at either end; then comes the global
  /// invalidation, perhaps after one that is under way, so twice its 1,024ths of a nanosecond. With
  /// `+reuse` a page can be parked for three quarters of the time-out before it is queued.
  public func longestStale(on machine: MachineDescription) -> Nanoseconds? {
    switch policy {
    case .identity, .legacy, .rollover(nil, _): return nil
    case .strict, .legacyStrict: return Nanoseconds(0)
    case .rollover(let age?, _): return SchemeChoice.longestStale(age: age)
    case .queue(_, let timeout), .singleQueue(_, let timeout):
      let parked = modifiers.contains(.reuse) ? timeout.rawValue / 4 &* 3 : 0
      return Nanoseconds(
        timeout.rawValue &+ timeout.rawValue / 7 &+ parked
          &+ 2_000_000_000 / machine.timerHertz
          &+ machine.invalidationCost.ofAll(pages: machine.apertureBytes >> 12, tables: .max)
          / 512)
    }
  }
}
