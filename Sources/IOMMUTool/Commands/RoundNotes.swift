import IOMMU
import MachineModel
import Workloads

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
    let rounds = RoundSpread(work, on: machine, seed: seed, requests: requests)
    let ordered = names { $0.goesByOrder(in: rounds) }
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
  /// round.
  ///
  /// Magazines hand out last what was freed first, and `rollover` chunks in the order in which they
  /// came free, so `+batch` finds neighbours or does not; a bound on the stale share may be met in
  /// the middle of a round, when pages in flight are gaps.
  func goesByOrder(in rounds: RoundSpread) -> Bool {
    if !rounds.haveAnOrder { return false }
    let isBatched = modifiers.contains(.batch)
    switch policy {
    case .strict: return isBatched && rounds.areSpread
    // What waits in a queue lies between what comes back from it.
    case .queue, .singleQueue: return isBatched
    case .rollover(_, .some): return rounds.areSpread
    case .rollover(_, nil): return isBatched && rounds.areSpread && rounds.turnTheAperture
    case .identity, .legacy, .legacyStrict: return false
    }
  }
}

/// How far apart the pages of rounds lie.
struct RoundSpread {
  /// Whether a round has more requests than one.
  let haveAnOrder: Bool
  /// Whether the pages of a round may lie further apart than what is bridged anyway.
  let areSpread: Bool
  /// Whether all requests together map more pages than the aperture has.
  let turnTheAperture: Bool

  init(_ workload: Workload, on machine: MachineDescription, seed: UInt64, requests: UInt64) {
    haveAnOrder = workload.depth > 1
    var slot: UInt64 = 1
    while slot * 4_096 < workload.longestRequest { slot *= 2 }
    let depth = UInt64(workload.depth)
    areSpread = slot * depth > machine.invalidationCost.pagesPerInstruction
    var pages: UInt64 = 0
    if let plan = RoundPlan(workload, seed: seed) {
      for number in 0..<(requests + depth * UInt64(RoundPlan.warmUp)) {
        pages += (UInt64(plan.request(number).blocks) * BlockPattern.blockBytes + 4_095) / 4_096
      }
    }
    turnTheAperture = pages > machine.apertureBytes / 4_096
  }
}
