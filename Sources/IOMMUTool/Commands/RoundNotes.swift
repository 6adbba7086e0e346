import IOMMU
import MachineModel

extension ExperimentRequest {
  /// What is to be said of a machine that works in rounds.
  var roundNotes: [String] {
    guard machine.pacing == .rounds, case .named(let name) = workload,
      let work = Workload.all.first(where: { $0.name == name })
    else { return [] }
    var notes = ["Work goes in rounds, as in the image of boot; how long it takes is not modelled."]
    func names(_ condition: (PolicyChoice) -> Bool) -> String {
      policies.filter(condition).map { PolicySpelling.spelling(of: $0) }.joined(separator: " ")
    }
    let timed = names(\.goesByTime)
    if !timed.isEmpty {
      notes.append("Not exact if a time-out passes, as devices take what they take: \(timed)")
    }
    let bridged = machine.invalidationCost.pagesPerInstruction
    let ordered = names { $0.goesByOrder(in: work, bridging: bridged) }
    if !ordered.isEmpty {
      notes.append("Not exact, as it depends on which request is done first: \(ordered)")
    }
    return notes
  }
}

extension PolicyChoice {
  /// Whether what it invalidates depends on the time that passes, not on the requests alone.
  var goesByTime: Bool {
    switch policy {
    case .queue, .singleQueue, .rollover(.some, _): true
    case .identity, .strict, .legacy, .legacyStrict, .rollover(nil, _): false
    }
  }

  /// Whether what it invalidates depends on the order in which a device completes the requests of a
  /// round, where `pages` pages between two ranges are bridged.
  ///
  /// Magazines hand out last what was freed first, so `+batch` finds neighbours or does not; a
  /// bound on the stale share may be met in the middle of a round, when pages in flight are gaps.
  /// Neither matters while all pages of a round lie so close together that gaps are bridged.
  func goesByOrder(in workload: Workload, bridging pages: UInt64) -> Bool {
    if workload.depth == 1 { return false }
    var slot: UInt64 = 1
    while slot * 4_096 < workload.longestRequest { slot *= 2 }
    let isSpread = slot * UInt64(workload.depth) > pages
    switch policy {
    case .strict: return modifiers.contains(.batch) && isSpread
    // What waits in a queue lies between what comes back from it.
    case .queue, .singleQueue: return modifiers.contains(.batch)
    case .rollover(_, .some): return isSpread
    case .identity, .legacy, .legacyStrict, .rollover(_, nil): return false
    }
  }
}
