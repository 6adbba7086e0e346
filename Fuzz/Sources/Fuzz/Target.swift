/// What is fuzzed; `Fuzz/run` names one of them in the environment variable `FUZZ_TARGET`.
enum Target: String, CaseIterable {
  /// The trace parser and the reconciliation of its events.
  case trace
  /// Whatever is made of a trace: summary, parts, other forms, timeline.
  case outputs
  /// A planted mistake, which must be found: what finds it can find others.
  case canary

  /// Looks at one input; a promise that does not hold ends the process.
  func test(_ bytes: [UInt8]) {
    switch self {
    case .trace: TraceTarget.test(bytes)
    case .outputs: OutputTarget.test(bytes)
    case .canary: CanaryTarget.test(bytes)
    }
  }
}

/// Ends the process where something promised does not hold; libFuzzer then keeps the input.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
  if !holds { fatalError("does not hold: \(what())") }
}
