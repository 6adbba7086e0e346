import IOMMU
import NVMe
import enum TestSupport.TestScale
import Testing
import ZPCI

@testable import MachineModel

/// What goes wrong below the driver, with everything above it: typed errors, nothing lost.
struct StackFaultTests {
  @Test(arguments: FaultBenches.modifiers, [TranslationKind.shadowed, .direct])
  func withoutFaultsRoundsAreRightAndEverythingComesBack(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    let bench = try FaultBenches.rollover(
      NVMeBench<RolloverScheme>.description(kind), modifiers: modifiers)
    try bench.start()
    for _ in 0..<8 {
      try bench.round(isWrite: true)
      try bench.round(isWrite: false)
      #expect(bench.isRight)
    }
    bench.finish()
  }

  @Test(arguments: FaultBenches.modifiers) func aRefreshThatIsRefusedOnceIsCountedAsAFlush(
    _ modifiers: PolicyModifiers
  ) throws {
    for ordinal in stride(from: UInt64(1), to: 40, by: 3) {
      var plan = FaultPlan()
      plan.refusedRefreshes = [ordinal]
      let bench = try FaultBenches.rollover(faults: plan, modifiers: modifiers)
      try bench.start()
      for _ in 0..<4 {
        try bench.round(isWrite: true)
        try bench.round(isWrite: false)
        #expect(bench.isRight)
      }
      if bench.machine.faults.refreshes >= ordinal {
        #expect(bench.function.refreshCounters.outOfResources == 1)
        // A global one that is refused is not tried again by itself.
        #expect(bench.domain.counters.globals > 0)
      }
      bench.finish()
    }
  }

  @Test(arguments: FaultBenches.modifiers) func aHypervisorThatPinsFewPagesIsWorkedWith(
    _ modifiers: PolicyModifiers
  ) throws {
    var description = NVMeBench<RolloverScheme>.description()
    // What is mapped at once fits; what is stale does not fit beside it.
    description.refresh.pinnedPagesMax = 48
    let bench = try FaultBenches.queue(description, modifiers: modifiers)
    try bench.start()
    for _ in 0..<12 {
      try bench.round(isWrite: true)
      try bench.round(isWrite: false)
      #expect(bench.isRight)
    }
    // A batch is announced by one range, which finds the stale pages in between.
    if modifiers == .none {
      #expect(bench.domain.counters[.outOfResources] > 0)
      #expect(bench.function.refreshCounters.outOfResources > 0)
    }
    #expect(bench.machine.pinnedPages(of: 0) <= 48)
    bench.finish()
  }

  @Test func tablesThatCannotBeHadAreATypedErrorAndNothingChanges() throws {
    for ordinal in UInt64(2)...6 {
      var plan = FaultPlan()
      plan.failedTableAllocations = [ordinal]
      let bench = try FaultBenches.rollover(faults: plan)
      var failure: NVMeError?
      do {
        try bench.start()
        try bench.round(isWrite: true)
      } catch let error as NVMeError {
        failure = error
      }
      if bench.machine.faults.tableAllocations >= ordinal {
        guard case .map(.noMemory(.exhausted)) = try #require(failure) else {
          Issue.record("\(String(describing: failure))")
          continue
        }
      }
      bench.finish()
    }
  }

  @Test(arguments: [PolicyModifiers.none, PolicyModifiers(rawValue: 7)])
  func aBusyMachineIsAskedAgain(_ modifiers: PolicyModifiers) throws {
    for first in stride(from: UInt64(5), to: 200, by: TestScale.stride(17)) {
      var plan = FaultPlan()
      plan.busyBursts = [FaultPlan.BusyBurst(first: first, count: 1 + first % 7)]
      let bench = try FaultBenches.queue(faults: plan, modifiers: modifiers)
      try bench.start()
      for _ in 0..<2 {
        try bench.round(isWrite: true)
        try bench.round(isWrite: false)
        #expect(bench.isRight, "busy from instruction \(first)")
      }
      bench.finish()
    }
  }

  @Test(arguments: FaultBenches.modifiers) func completionsThatComeLateAreWaitedFor(
    _ modifiers: PolicyModifiers
  ) throws {
    var plan = FaultPlan()
    plan.completionDelays = FaultPlan.CompletionDelays(
      oneIn: 3, longest: Nanoseconds(3_000_000))
    let bench = try FaultBenches.rollover(faults: plan, modifiers: modifiers)
    try bench.start()
    for _ in 0..<6 {
      try bench.round(isWrite: true)
      try bench.round(isWrite: false)
      #expect(bench.isRight)
    }
    bench.finish()
  }

  /// Found by a simulation: a hypervisor that could pin no more was asked again every sixteenth of
  /// the age, for as long as that lasted.
  @Test func anAgeThatCannotBeKeptIsTriedForOnceInItsTimeAndKeptAgainAfterwards() throws {
    let age = Nanoseconds(1_000_000)
    let bench = try StackBench(
      format: S390ThreeLevel.self, promise: .untilInvalidation
    ) {
      RolloverScheme(
        allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 1), age: age)
    }
    let address = try bench.mapAndUnmap(try bench.buffer())
    bench.controls[0].refusal = .outOfResources
    let before = bench.domain.counters[.failures]
    let start = bench.machine.currentTime
    bench.machine.run(until: start.advanced(by: Nanoseconds(50 * age.rawValue)))
    // Each attempt is a range and then everything.
    let failures = bench.domain.counters[.failures] - before
    #expect(failures >= 2 * 40 && failures <= 2 * 51, "\(failures)")
    #expect(try bench.write(1, at: address))
    bench.controls[0].refusal = nil
    bench.machine.run(until: bench.machine.currentTime.advanced(by: Nanoseconds(3_000_000)))
    bench.machine.charge(Nanoseconds(3_000_000))
    #expect(try !bench.write(2, at: address))
    bench.finish()
    bench.expect(broken: [])
  }
}
