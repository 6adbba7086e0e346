import ArgumentParser

/// How the image gets through its work: on how many processors, and how it learns of completions.
struct BootWay: Equatable, Sendable {
  /// How a processor learns that requests are done.
  enum Completion: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// It looks at its queue again and again.
    case poll
    /// It waits for an interruption of the function.
    case interrupt
  }

  /// The most processors that take part.
  static let processorsMax = 4

  /// How completions are learned of.
  var completion = Completion.poll

  /// The processors that share the requests, each with a queue of its own.
  var processors = 1

  /// What is said of it on the image's command line; nothing of one processor that polls.
  var words: [(String, UInt64)] {
    (processors > 1 ? [("processors", UInt64(processors))] : [])
      + (completion == .interrupt ? [("interrupts", 1)] : [])
  }

  /// What does not hold of the processors that told of themselves; `nil` where all is well.
  func complaint(_ told: [BootProcessor], requests: UInt64) -> String? {
    if told.map(\.number) != (0..<UInt64(processors)).map({ $0 }) {
      return "\(told.count) processors told of themselves, not \(processors)"
    }
    if told.reduce(0, { $0 + $1.requests }) != requests {
      return "the processors' requests are not those of the row"
    }
    for processor in told {
      if let complaint = processor.complaint { return complaint }
    }
    return nil
  }

  /// What the processors of a run under `policy` did, a line each; nothing of one that polls.
  func notes(_ told: [BootProcessor], policy: String) -> [String] {
    if self == BootWay() { return [] }
    return told.map { "\(policy): \($0.note(completion))" }
  }
}
