extension Litmus {
  /// Waiting for one another.
  static let waits = [
    Litmus(
      "hand-over", "a value is handed over twice, each side waiting for the other",
      outcomes: ["1 2"]
    ) { run in
      let slot = ExploredVariable("slot", 0)
      var seen: [Int] = []
      run.task("giver") {
        for value in 1...2 {
          slot.wait { $0 == 0 }
          slot.store(value)
        }
      }
      run.task("taker") {
        for _ in 1...2 {
          seen.append(slot.wait { $0 != 0 })
          slot.store(0)
        }
      }
      run.atEnd { run.outcome(seen.map(String.init).joined(separator: " ")) }
    },
    Litmus(
      "lost-wake-up", "a task reads, and waits for the change that came in between",
      outcomes: ["1"]
    ) { run in
      let flag = ExploredVariable("flag", 0)
      let other = ExploredVariable("other", 0)
      var seen = 0
      run.task("waiter") {
        if flag.load() == 0 {
          _ = other.load()
          seen = flag.wait { $0 != 0 }
        } else {
          seen = 1
        }
      }
      run.task("setter") { flag.store(1) }
      run.atEnd { run.outcome("\(seen)") }
    },
    Litmus(
      "wait-for-nobody", "two tasks wait for each other", checkers: ["deadlock"]
    ) { run in
      let x = ExploredVariable("x", 0)
      let y = ExploredVariable("y", 0)
      run.task("left") {
        x.wait { $0 != 0 }
        y.store(1)
      }
      run.task("right") {
        y.wait { $0 != 0 }
        x.store(1)
      }
    },
    Litmus(
      "livelock", "a task tries again and again instead of waiting", checkers: ["livelock"]
    ) { run in
      let turn = ExploredVariable("turn", 0)
      run.task("impatient") { while turn.load() == 0 {} }
      run.task("other") { turn.store(1) }
    },
  ]
}
