extension Litmus {
  /// What tasks see of each other's writes.
  static let memory = [
    Litmus(
      "store-buffering", "each task writes one word and reads the other",
      outcomes: ["0 1", "1 0", "1 1"]
    ) { run in
      let x = ExploredVariable("x", 0)
      let y = ExploredVariable("y", 0)
      var (first, second) = (0, 0)
      run.task("left") {
        x.store(1)
        first = y.load()
      }
      run.task("right") {
        y.store(1)
        second = x.load()
      }
      run.atEnd { run.outcome("\(first) \(second)") }
    },
    Litmus(
      "message-passing", "data and then a flag are written; the flag and then the data are read",
      outcomes: ["0 0", "0 1", "1 1"]
    ) { run in
      let data = ExploredVariable("data", 0)
      let flag = ExploredVariable("flag", 0)
      var (seenFlag, seenData) = (0, 0)
      run.task("writer") {
        data.store(1)
        flag.store(1)
      }
      run.task("reader") {
        seenFlag = flag.load()
        seenData = data.load()
      }
      run.atEnd { run.outcome("\(seenFlag) \(seenData)") }
    },
    Litmus(
      "load-buffering", "each task reads one word and writes the other",
      outcomes: ["0 0", "0 1", "1 0"]
    ) { run in
      let x = ExploredVariable("x", 0)
      let y = ExploredVariable("y", 0)
      var (first, second) = (0, 0)
      run.task("left") {
        first = x.load()
        y.store(1)
      }
      run.task("right") {
        second = y.load()
        x.store(1)
      }
      run.atEnd { run.outcome("\(first) \(second)") }
    },
    Litmus(
      "iriw", "two words are written; two readers read them in opposite order",
      // Everything but that the readers see the two writes in different orders.
      outcomes: Set((0..<16).filter { $0 != 0b1010 }.map(bits))
    ) { run in
      let x = ExploredVariable("x", 0)
      let y = ExploredVariable("y", 0)
      var seen = 0
      run.task("writes x") { x.store(1) }
      run.task("writes y") { y.store(1) }
      run.task("reads x, y") {
        seen |= x.load() << 3
        seen |= y.load() << 2
      }
      run.task("reads y, x") {
        seen |= y.load() << 1
        seen |= x.load()
      }
      run.atEnd { run.outcome(bits(seen)) }
    },
    Litmus(
      "lost-update", "two tasks add 1 by reading and then writing", outcomes: ["1", "2"]
    ) { run in
      let counter = ExploredVariable("counter", 0)
      for name in ["first", "second"] {
        run.task(name) { counter.store(counter.load() + 1) }
      }
      run.atEnd { run.outcome("\(counter.value)") }
    },
    Litmus(
      "atomic-update", "three tasks add 1, each in one step", outcomes: ["3"]
    ) { run in
      let counter = ExploredVariable("counter", 0)
      for name in ["first", "second", "third"] {
        run.task(name) { counter.update { $0 += 1 } }
      }
      run.atEnd { run.outcome("\(counter.value)") }
    },
  ]

  @Sendable
  private static func bits(_ number: Int) -> String {
    let digits = String(number, radix: 2)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
