import KernelTraces

/// The kernel's own counters, as its debug file tells them, to be reconciled with a trace.
///
/// Source of the names: Linux arch/s390/pci/pci_debug.c, `pci_sw_names`, shortened.
struct KernelCounters: Equatable, Sendable {
  /// A counter and what a verified trace says it should be.
  typealias Counter = (name: String, value: @Sendable (VerificationReport.Counters) -> UInt64)

  /// The counters that can be named.
  static let known: [Counter] = [
    ("mapped", { $0.mapped }), ("unmapped", { $0.unmapped }),
    ("global", { $0.globalRefreshes }), ("map", { $0.mapRefreshes }),
    ("unmap", { $0.unmapRefreshes }),
  ]

  /// Their names.
  static var names: [String] { known.map(\.name) }

  /// The counters given, in their order.
  private(set) var values: [(name: String, value: UInt64)] = []

  static func == (left: Self, right: Self) -> Bool {
    left.values.elementsEqual(right.values) { $0 == $1 }
  }

  /// Reads `mapped=12036,unmapped=12012`.
  init(_ text: String) throws(ToolError) {
    var column = 1
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let place = "counters '\(text)', column \(column)"
      guard pair.count == 2 else { throw .usage("\(place): expected a name, '=' and a number") }
      let name = String(pair[0])
      guard Self.names.contains(name) else {
        throw .usage("\(place): \(NearestName.hint(for: name, among: Self.names))")
      }
      guard let value = UInt64(pair[1]) else {
        throw .usage("\(place): '\(pair[1])' is no whole number")
      }
      if values.contains(where: { $0.name == name }) {
        throw .usage("\(place): \(name) is told twice")
      }
      values.append((name, value))
      column += part.count + 1
    }
  }

  /// The counters beside what the trace comes to.
  func compared(
    with counters: VerificationReport.Counters
  ) -> [(name: String, kernel: UInt64, trace: UInt64)] {
    values.compactMap { given in
      guard let known = Self.known.first(where: { $0.name == given.name }) else { return nil }
      return (given.name, given.value, known.value(counters))
    }
  }
}
