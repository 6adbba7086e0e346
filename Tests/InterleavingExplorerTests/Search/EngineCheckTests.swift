import InterleavingExplorer
import Synchronization
import Testing

/// What the engine finds by itself, and what it says about it.
@Suite struct EngineCheckTests {
  private func found(
    _ bound: Int = .max, _ body: @escaping @Sendable (Execution) -> Void
  ) -> Report {
    explore(
      Scenario("checked", "what the test says", checks: "the engine", body),
      ExplorationOptions(.exhaustive(preemptions: bound)))
  }

  @Test("a deadlock is told with who holds what and waits where")
  func deadlock() throws {
    let report = found { run in
      let a = ExploredMutex("a")
      let b = ExploredMutex("b")
      run.task("left") { a.withLock { b.withLock {} } }
      run.task("right") { b.withLock { a.withLock {} } }
    }
    let finding = try #require(report.violations.first { $0.checker == "deadlock" })
    #expect(finding.preemptions == 1)
    #expect(finding.schedule.count == 2)
    for text in ["left waits at lock b", "held by right since", "right waits at lock a"] {
      #expect(finding.message.contains(text), "\(finding.message)")
    }
    // The cycle in the order is seen without any preemption.
    let order = try #require(report.violations.first { $0.checker == "lock-order" })
    #expect(order.preemptions == 0)
    #expect(order.message.contains("left takes one at EngineCheckTests.swift:"))
    #expect(order.message.contains("right takes one at EngineCheckTests.swift:"))
  }

  @Test("a cycle through three locks is found, though each pair is in order")
  func threeLocks() {
    let report = found(0) { run in
      let locks = (0..<3).map { ExploredMutex("\($0)") }
      for index in 0..<3 {
        run.task("\(index)") { locks[index].withLock { locks[(index + 1) % 3].withLock {} } }
      }
    }
    #expect(report.violations.map(\.checker) == ["lock-order"])
    #expect(report.isExhaustive)
  }

  @Test("a task that ends with a lock held is reported")
  func neverReleased() {
    let report = found { run in
      let lock = ExploredMutex("lock")
      run.task("keeper") { lock.lock() }
    }
    #expect(report.violations.map(\.checker) == ["lock-never-released"])
  }

  @Test("a report ends its task's run there, and the end is not run")
  func reportEndsTheRun() {
    let after = Atomic(0)
    let afters = found { run in
      run.task("a") {
        step("one")
        run.report("mine", "here")
        after.add(1, ordering: .relaxed)
      }
      run.atEnd { after.add(1, ordering: .relaxed) }
    }
    let late = after.load(ordering: .relaxed)
    #expect(late == 0)
    #expect(afters.violations.map(\.message) == ["here"])
    #expect(afters.violations.first?.schedule.count == 1)
    #expect(afters.violations.first?.schedule.first?.what.hasPrefix("one  Engine") == true)
  }

  @Test("violations of set-up and end are reported, the end's after all steps")
  func outsideOfTasks() {
    let ran = Atomic(false)
    let early = found { run in
      run.task("never") { ran.store(true, ordering: .relaxed) }
      run.report("set-up", "at once")
    }
    #expect(early.violations.map(\.checker) == ["set-up"])
    #expect(early.violations.first?.schedule.isEmpty == true)
    let hasRun = ran.load(ordering: .relaxed)
    #expect(!hasRun)
    let late = found { run in
      run.task("a") { step("one") }
      run.atEnd { run.report("end", "late") }
    }
    #expect(late.violations.first?.schedule.map(\.task) == ["a"])
  }

  @Test("sharing that is learned late is searched all the same")
  func learnedLate() {
    // `hidden` is touched by the second task only if it gets between two steps of the first.
    let report = found { run in
      let window = ExploredVariable("window", 0)
      let hidden = ExploredVariable("hidden", 0)
      run.task("owner") {
        hidden.store(1)
        window.store(1)
        window.store(0)
        let before = hidden.load()
        hidden.store(before + 1)
        if hidden.load() != before + 1 { run.report("hidden", "changed") }
        window.store(0)
      }
      run.task("other") {
        if window.load() == 1 {
          hidden.store(7)
          hidden.store(8)
        }
      }
    }
    #expect(report.violations.map(\.checker) == ["hidden"])
    #expect(report.violations.first?.preemptions == 3)
    #expect(report.preemptions == 2)
  }

  @Test("fewest preemptions come first, whatever the order of the tasks")
  func fewestPreemptions() {
    let report = found { run in
      let word = ExploredVariable("word", 0)
      run.task("long") { for _ in 0..<6 { word.store(1) } }
      run.task("short") {
        word.store(2)
        if word.load() != 2 { run.report("word", "changed") }
      }
    }
    // With two, three steps would do; with one the other task runs to its end.
    #expect(report.violations.first?.preemptions == 1)
    #expect(report.violations.first?.schedule.count == 8)
    #expect(report.preemptions == 0)
    #expect(!report.isExhaustive)
  }

  @Test("a condition may depend on anything, and waiting for it costs no preemption")
  func waitsForAnything() {
    let report = found(0) { run in
      let one = ExploredVariable("one", 0)
      let two = ExploredVariable("two", 0)
      run.task("waiter") {
        waitUntil("both") { one.value == 1 && two.value == 1 }
        run.outcome("both")
      }
      run.task("first") { one.store(1) }
      run.task("second") { two.store(1) }
    }
    #expect(report.violations.isEmpty)
    #expect(report.isExhaustive)
    #expect(Array(report.outcomes.keys) == ["both"])
  }

  @Test("a scenario without tasks is one schedule")
  func noTasks() {
    let report = found { run in run.atEnd { run.outcome("end") } }
    #expect(report.schedules == 1)
    #expect(report.isExhaustive)
    #expect(report.outcomes == ["end": 1])
  }
}
