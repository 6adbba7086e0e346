import IOMMU
import InterleavingExplorer
import Testing

#if InterleavingExploration
/// The core's own yield points, which the package trait compiles in.
struct CoreYieldPointTests {
  private final class Guarded: Sendable {
    let lock = SpinLock()
  }

  @Test("the core's lock excludes, and tasks wait at it without spinning")
  func excludes() {
    let scenario = Scenario("core-lock", "two increments", checks: "the sum") { run in
      let guarded = Guarded()
      var sum = 0
      for name in ["first", "second"] {
        run.task(name) {
          guarded.lock.withLock {
            let before = sum
            YieldPoint.reached(.store)
            sum = before + 1
          }
        }
      }
      run.atEnd { if sum != 2 { run.report("sum", "it is \(sum)") } }
    }
    var options = ExplorationOptions(.exhaustive(preemptions: .max))
    options.checksDeterminism = true
    let report = explore(scenario, options)
    #expect(report.isExhaustive)
    #expect(report.violations.isEmpty, "\(report.violations)")
    #expect(report.longestSteps == 6)
    #expect(report.sharedObjects == 2)
  }

  @Test("a lock that is tried is not waited for, and says nothing of an order")
  func tries() {
    let scenario = Scenario("core-try", "two locks in opposite order", checks: "the sum") { run in
      let (a, b) = (Guarded(), Guarded())
      var sum = 0
      run.task("a then b") { a.lock.withLock { b.lock.withLock { sum += 1 } } }
      run.task("b, and a if it is free") {
        b.lock.withLock {
          if !a.lock.tryLock() { return }
          sum += 1
          a.lock.unlock()
        }
      }
      run.atEnd { run.outcome("\(sum)") }
    }
    let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: .max)))
    #expect(report.isExhaustive)
    #expect(report.violations.isEmpty, "\(report.violations)")
    #expect(Set(report.outcomes.keys) == ["1", "2"])
  }

  @Test("the core's locks are told apart, and a deadlock names the places")
  func deadlocks() throws {
    let scenario = Scenario("core-abba", "two locks in opposite order", checks: "nothing") { run in
      let (a, b) = (Guarded(), Guarded())
      run.task("left") { a.lock.withLock { b.lock.withLock {} } }
      run.task("right") { b.lock.withLock { a.lock.withLock {} } }
    }
    let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: 1)))
    #expect(Set(report.violations.map(\.checker)) == ["deadlock", "lock-order"])
    let finding = try #require(report.violations.first { $0.checker == "deadlock" })
    #expect(finding.schedule.count == 2)
    #expect(finding.schedule[0].what.contains("lock deadlocks()  CoreYieldPointTests.swift:"))
    let again = explore(scenario, ExplorationOptions(.replay(finding.replay)))
    #expect(again.violations.contains(finding))
  }

  @Test("devices' memory is told apart by its address")
  func memory() {
    let scenario = Scenario("core-memory", "two words", checks: "nothing") { run in
      for (index, name) in ["first", "second"].enumerated() {
        let own = SharedObject(at: PhysicalAddress(UInt64(index) * 8))
        run.task(name) { for _ in 0..<5 { YieldPoint.reached(.store, own) } }
      }
    }
    let report = explore(scenario, ExplorationOptions(.exhaustive(preemptions: .max)))
    #expect(report.isExhaustive)
    #expect(report.objects == 2)
    #expect(report.sharedObjects == 0)
  }
}
#endif
