import IOMMU

extension Measurement {
  /// Has callgrind count the pairs, with and without giving back and taking.
  package func countPairs() { accept(PairCount(measurement: self)) }

  /// Has callgrind count the operations with these `numbers`, each for itself.
  package func countSingle(_ numbers: [Int]) {
    accept(SingleCount(measurement: self, numbers: numbers))
  }

  /// Prints what was refused, what was taken from the heap, and the memory.
  package func examine() {
    accept(RefusalCount(measurement: self))
    accept(MemoryCount(measurement: self))
  }

  /// Prints the numbers of the operations that took longest.
  ///
  /// The same is done three times with a clock read around each operation; what counts is the
  /// shortest time that an operation took.
  package func findSlow() { accept(SlowSearch(measurement: self)) }
}

/// The instructions of pairs, under callgrind.
private struct PairCount: SubjectVisitor {
  let measurement: Measurement

  func visit<S: Subject>(_ make: () -> S) {
    let pairs = measurement.pattern.pairs(measurement.pairs, measurement.policy)
    var churn = Churn.filled(make(), measurement.pattern)
    churn.run(min(pairs, 1_000))
    Counting.underCallgrind {
      Counting.begin("\(measurement.name)\tpairs\t\(pairs)")
      churn.run(pairs)
      Counting.end()
      Counting.begin("\(measurement.name)\tidle\t\(pairs)")
      churn.idle(pairs)
      Counting.end()
    }
    churn.finish()
  }
}

/// What was refused.
private struct RefusalCount: SubjectVisitor {
  let measurement: Measurement

  func visit<S: Subject>(_ make: () -> S) {
    let pairs = measurement.pattern.pairs(measurement.pairs, measurement.policy)
    let refusals = Refusals(make(), measurement.pattern, pairs, in: measurement.aperture)
    measurement.print("pairs", pairs)
    measurement.print("refused", refusals.refused)
    measurement.print("refused-examined", refusals.examined)
    measurement.print("refused-wrong", refusals.wrong)
  }
}

/// What is taken from the heap during pairs, and the bytes that are in use with all ranges out.
private struct MemoryCount: SubjectVisitor {
  let measurement: Measurement

  func visit<S: Subject>(_ make: () -> S) {
    let pairs = measurement.pattern.pairs(measurement.pairs, measurement.policy)
    let before = Counting.heapBytes
    let subject = make()
    let state = Counting.heapBytes &- before &- subject.arenaBytes
    var churn = Churn.filled(subject, measurement.pattern)
    let calls = Counting.heapCalls
    churn.run(pairs)
    let taken = Counting.heapCalls &- calls
    let live = churn.live.count
    if Counting.countsHeap {
      measurement.print("heap", taken)
      measurement.print("state-bytes", state)
    }
    measurement.print("live", live)
    measurement.print("table-bytes", subject.tableBytes)
    measurement.print("token-bytes", MemoryLayout<S.Token>.size)
    churn.finish()
  }
}

/// Finds the operations that take longest.
private struct SlowSearch: SubjectVisitor {
  let measurement: Measurement

  /// How many are looked at, of each kind.
  private static let operations = 30

  func visit<S: Subject>(_ make: () -> S) {
    let pattern = measurement.pattern
    let pairs = pattern.worstPairs(measurement.pairs, measurement.policy)
    var times = ShortestTimes(count: pattern.operations(pairs))
    for _ in 0..<3 { Churn.probe(make(), pattern, pairs, &times) }
    let numbers = times.longest(Self.operations).map { String($0) }
    measurement.print("slow", numbers.joined(separator: ","))
  }
}

/// The instructions of single operations, under callgrind.
private struct SingleCount: SubjectVisitor {
  let measurement: Measurement
  let numbers: [Int]

  func visit<S: Subject>(_ make: () -> S) {
    let pattern = measurement.pattern
    let pairs = pattern.worstPairs(measurement.pairs, measurement.policy)
    // What happens once in a process, such as looking up a type, is no part of any operation.
    var nobody = NoProbe()
    Churn.probe(make(), pattern, min(pairs, 2_000), &nobody)
    let subject = make()
    Counting.underCallgrind {
      var counts = SingleCounts(name: measurement.name, chosen: numbers)
      counts.countNothing()
      Churn.probe(subject, pattern, pairs, &counts)
    }
  }
}
