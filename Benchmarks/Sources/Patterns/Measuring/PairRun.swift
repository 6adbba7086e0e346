/// Pairs of a measurement under way, for a timer around them.
///
/// One call that is not specialised for each run of pairs; what is within is.
package final class PairRun {
  private let body: (Int) -> Void

  /// Fills as the pattern of `measurement` wants it.
  package init(_ measurement: Measurement) {
    let maker = Maker(measurement: measurement)
    measurement.accept(maker)
    body = maker.body
  }

  /// Does `count` pairs.
  package func run(_ count: Int) { body(count) }
}

/// Makes the closure that does pairs.
private final class Maker: SubjectVisitor {
  let measurement: Measurement
  var body: (Int) -> Void = { _ in }

  init(measurement: Measurement) { self.measurement = measurement }

  func visit<S: Subject>(_ make: () -> S) {
    let run = Run(Churn.filled(make(), measurement.pattern))
    body = { run.run($0) }
  }

  /// Holds a churn, and gives everything back in the end.
  private final class Run<S: Subject> {
    private var churn: Churn<S>?

    init(_ churn: consuming Churn<S>) { self.churn = .some(churn) }

    deinit { if let churn = churn.take() { churn.finish() } }

    func run(_ count: Int) {
      guard var current = churn.take() else { return }
      current.run(count)
      churn = .some(consume current)
    }
  }
}
