import IOMMU
import MachineModel

extension ExperimentRequest {
  /// What is to be said of a machine that works in rounds.
  var roundNotes: [String] {
    if machine.pacing != .rounds { return [] }
    var notes = ["Work goes in rounds, as in the image of boot; how long it takes is not modelled."]
    let timed = policies.filter(\.goesByTime).map { PolicySpelling.spelling(of: $0) }
    if !timed.isEmpty {
      notes.append(
        "Not exact, since it depends on how long devices take: \(timed.joined(separator: ", "))")
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
}
