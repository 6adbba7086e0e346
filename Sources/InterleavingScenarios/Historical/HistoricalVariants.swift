public import InterleavingExplorer

/// Mistakes that Linux's code had, or that its people fear, made small enough to be read.
///
/// Each is written anew from what was published about it, with the explorer's own variables and
/// locks; none shares a line with the product, and none is a copy of the code that it is about. An
/// explorer that does not find all of them is worth nothing.
public enum HistoricalVariants {
  /// All of them, the thread's own first.
  public static let all: [Scenario] = [
    thread2022, unplug2024, fenced2025, duplicateAttach, apertureShrink, flushVersusDetach,
    probeVersusRelease, queueReuse,
  ]

  /// The variant called `name`.
  public static func named(_ name: String) -> Scenario? {
    all.first { $0.name == name }
  }
}
