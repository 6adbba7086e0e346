import IOMMU

/// One way for threads to work on the same domain, under one policy.
package struct ThreadMeasurement: Sendable {
  /// What each of the threads does.
  package enum Work: String, CaseIterable, Sendable {
    /// Takes a page and gives it back.
    case depth1 = "depth-1"
    /// Has 128 pages out, and replaces any of them.
    case random128 = "random-128"
    /// Takes pages, and gives back those that the thread before it took.
    case crossing
  }

  /// What each does.
  package let work: Work
  /// The measurement whose subject they share.
  let base: Measurement
  /// How many threads there are.
  package let threads: [Int]
  /// How often one thread and several are compared.
  let rounds: Int

  /// All the ways, under the plain ones of `policies`, if any were named, on `subjects`.
  package static func all(of selection: Selection, rounds: Int) -> [ThreadMeasurement] {
    var found: [ThreadMeasurement] = []
    for work in Work.allCases {
      let pattern = work == .depth1 ? "depth-1" : "random-128"
      for base in selection.measurements where base.pattern.name == pattern {
        if base.policy.isModified, !selection.namesPolicies { continue }
        found.append(
          ThreadMeasurement(work: work, base: base, threads: [2, 4], rounds: rounds))
      }
    }
    return found
  }

  /// Prints, for each number of threads: the cores, the median of the ratios to one thread's rate
  /// with the least and the greatest, the nanoseconds of a pair on one thread and with all of them
  /// at work, and in how many of the rounds nobody else used the cores.
  package func run() { base.accept(ThreadRun(measurement: self)) }

  /// Of the rounds without disturbance, if there were three; otherwise of all.
  func print(_ threads: Int, _ rounds: [Round]) {
    let undisturbed = rounds.filter(\.isUndisturbed)
    let sorted = (undisturbed.count < 3 ? rounds : undisturbed).sorted { $0.ratio < $1.ratio }
    let median = sorted[sorted.count / 2]
    let busy = sorted.map(\.busyRatio).sorted()
    let least = sorted.first ?? median
    let most = sorted.last ?? median
    Swift.print(
      work.rawValue, base.policy.name, base.subject.rawValue, threads, Threads.cores,
      Self.hundredths(median.ratio), Self.hundredths(least.ratio), Self.hundredths(most.ratio),
      Self.hundredths(median.one), Self.hundredths(median.several), undisturbed.count,
      rounds.count, Self.hundredths(busy[busy.count / 2]), separator: "\t")
  }

  private static func hundredths(_ value: Double) -> Double {
    (value * 100).rounded() / 100
  }

  /// One thread and several, one right after the other.
  struct Round {
    /// Nanoseconds of a pair with one thread, and with several.
    let one: Double
    let several: Double
    /// The part of the cores' time that the threads had, with one or with several.
    let share: Double
    /// The ratio of rates if the threads' processor time were all the time that passed.
    let busyRatio: Double
    /// Whether nobody else had much of it.
    var isUndisturbed: Bool { share > 0.93 }
    var ratio: Double { one / several }
  }
}

/// The comparison, specialised for a subject.
private struct ThreadRun: SubjectVisitor {
  let measurement: ThreadMeasurement

  func visit<S: Subject>(_ make: () -> S) {
    // A few milliseconds, so that some rounds pass without anyone else on these cores. The time
    // decides about nothing but how long is measured.
    var pairs = 2_000
    var wall = time(make(), 1, pairs).wall
    while wall < Self.wallNanoseconds, pairs < 4_000_000 {
      pairs *= 2
      wall = time(make(), 1, pairs).wall
    }
    for threads in measurement.threads {
      var rounds: [ThreadMeasurement.Round] = []
      var undisturbed = 0
      while undisturbed < measurement.rounds, rounds.count < 5 * measurement.rounds {
        rounds.append(round(make, threads, pairs))
        if rounds.last?.isUndisturbed == true { undisturbed += 1 }
      }
      measurement.print(threads, rounds)
    }
  }

  /// How long one thread is measured, at the least.
  private static var wallNanoseconds: UInt64 { 4_000_000 }

  private func round<S: Subject>(
    _ make: () -> S, _ threads: Int, _ pairs: Int
  ) -> ThreadMeasurement.Round {
    let one = time(make(), 1, pairs)
    let several = time(make(), threads, pairs)
    let cores = Double(min(threads, Threads.cores))
    return ThreadMeasurement.Round(
      one: Double(one.wall) / Double(pairs),
      several: Double(several.wall) / Double(pairs * threads),
      share: min(
        Double(one.busy) / Double(one.wall),
        Double(several.busy) / Double(several.wall) / cores),
      busyRatio: Double(one.busy) * cores * Double(threads) / Double(max(several.busy, 1)))
  }

  private func time<S: Subject>(_ subject: S, _ threads: Int, _ pairs: Int) -> Threads.Time {
    switch measurement.work {
    case .depth1, .random128:
      let churns = ThreadChurns(subject, measurement.base.pattern, threads)
      let time = Threads.run(threads) { churns.run($0, pairs) }
      churns.finish()
      return time
    case .crossing:
      let crossing = Crossing(subject, threads: threads, pairs: pairs)
      return Threads.run(threads) { crossing.run($0) }
    }
  }
}

/// A churn for each thread.
private final class ThreadChurns<S: Subject>: @unchecked Sendable {
  private let churns: FixedStorage<Churn<S>?>

  init(_ subject: S, _ pattern: Pattern, _ threads: Int) {
    churns = FixedStorage(count: threads) {
      var churn = Churn(subject, pattern, on: CPUIndex($0))
      churn.fill()
      churn.run(1_000)
      return .some(consume churn)
    }
  }

  /// Does `pairs` pairs as thread `index`, in memory of that thread.
  func run(_ index: Int, _ pairs: Int) {
    guard var churn = churns[index].take() else { return }
    churn.run(pairs)
    churns[index] = .some(consume churn)
  }

  func finish() {
    for index in 0..<churns.count {
      if let churn = churns[index].take() { churn.finish() }
    }
  }
}
