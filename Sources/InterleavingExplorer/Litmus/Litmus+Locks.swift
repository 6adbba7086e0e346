extension Litmus {
  /// Locks, taken rightly and wrongly.
  static let locks = [
    Litmus("lock-protects", "two tasks add 1 under a lock", outcomes: ["2"]) { run in
      let lock = ExploredMutex("lock")
      let counter = ExploredVariable("counter", 0)
      for name in ["first", "second"] {
        run.task(name) { lock.withLock { counter.store(counter.load() + 1) } }
      }
      run.atEnd { run.outcome("\(counter.value)") }
    },
    Litmus(
      "abba", "two tasks take two locks in opposite order", checkers: ["deadlock", "lock-order"]
    ) { run in
      let a = ExploredMutex("a")
      let b = ExploredMutex("b")
      run.task("a then b") { a.withLock { b.withLock {} } }
      run.task("b then a") { b.withLock { a.withLock {} } }
    },
    Litmus(
      "gated-abba", "the same under a third lock, so that no schedule deadlocks",
      checkers: ["lock-order"]
    ) { run in
      let gate = ExploredMutex("gate")
      let a = ExploredMutex("a")
      let b = ExploredMutex("b")
      run.task("a then b") { gate.withLock { a.withLock { b.withLock {} } } }
      run.task("b then a") { gate.withLock { b.withLock { a.withLock {} } } }
    },
    Litmus(
      "philosophers", "three philosophers, each with the left fork first",
      checkers: ["deadlock", "lock-order"]
    ) { run in
      let forks = (1...3).map { ExploredMutex("fork \($0)") }
      for index in 0..<3 {
        run.task("philosopher \(index + 1)") {
          forks[index].withLock { forks[(index + 1) % 3].withLock {} }
        }
      }
    },
    Litmus(
      "ordered-philosophers", "three philosophers, each with the lower fork first",
      outcomes: ["3"]
    ) { run in
      let forks = (1...3).map { ExploredMutex("fork \($0)") }
      let meals = ExploredVariable("meals", 0)
      for index in 0..<3 {
        let next = (index + 1) % 3
        run.task("philosopher \(index + 1)") {
          forks[min(index, next)].withLock {
            forks[max(index, next)].withLock { meals.update { $0 += 1 } }
          }
        }
      }
      run.atEnd { run.outcome("\(meals.value)") }
    },
    Litmus(
      "recursive-lock", "a task takes a lock that it holds", checkers: ["recursive-lock"]
    ) { run in
      let lock = ExploredMutex("lock")
      run.task("twice") { lock.withLock { lock.withLock {} } }
    },
    Litmus(
      "unlock-not-held", "a task gives back another's lock", checkers: ["unlock-not-held"]
    ) { run in
      let lock = ExploredMutex("lock")
      run.task("holder") { lock.withLock {} }
      run.task("thief") { lock.unlock() }
    },
  ]
}
