import IOMMU
import NVMe
import Testing
import ZPCI

@testable import MachineModel

/// What goes wrong below the driver, with everything above it: typed errors, nothing lost.
struct StackFaultTests {
  private static func rollover(
    _ description: MachineDescription = NVMeBench<RolloverScheme>.description(),
    faults: FaultPlan = FaultPlan(), modifiers: PolicyModifiers = .none
  ) throws -> NVMeBench<RolloverScheme> {
    let cost = description.invalidationCost
    return try NVMeBench(
      description, faults: faults, promise: .within(Nanoseconds(1_300_000)), modifiers: modifiers
    ) {
      RolloverScheme(
        allocator: RolloverAllocator(aperture: $0, granule: .fourKiB, cpus: 1),
        age: Nanoseconds(1_000_000), cost: cost)
    }
  }

  private static func queue(
    _ description: MachineDescription = NVMeBench<RolloverScheme>.description(),
    faults: FaultPlan = FaultPlan(), modifiers: PolicyModifiers = .none
  ) throws -> NVMeBench<QueueScheme<TreeAllocator>> {
    try NVMeBench(
      description, faults: faults, promise: .untilInvalidation, modifiers: modifiers
    ) { QueueScheme(allocator: $0.tree, rings: 1, entries: 16, timeout: Nanoseconds(10_000_000)) }
  }

  private static let modifiers = [
    PolicyModifiers.none, .batch, .batch.union(.reuse), PolicyModifiers(rawValue: 7),
  ]

  @Test(arguments: modifiers, [TranslationKind.shadowed, .direct])
  func withoutFaultsRoundsAreRightAndEverythingComesBack(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    let bench = try Self.rollover(
      NVMeBench<RolloverScheme>.description(kind), modifiers: modifiers)
    try bench.start()
    for _ in 0..<8 {
      try bench.round(isWrite: true)
      try bench.round(isWrite: false)
      #expect(bench.isRight)
    }
    bench.finish()
  }

  @Test(arguments: modifiers) func aRefreshThatIsRefusedOnceIsCountedAsAFlush(
    _ modifiers: PolicyModifiers
  ) throws {
    for ordinal in stride(from: UInt64(1), to: 40, by: 3) {
      var plan = FaultPlan()
      plan.refusedRefreshes = [ordinal]
      let bench = try Self.rollover(faults: plan, modifiers: modifiers)
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

  @Test(arguments: modifiers) func aHypervisorThatPinsFewPagesIsWorkedWith(
    _ modifiers: PolicyModifiers
  ) throws {
    var description = NVMeBench<RolloverScheme>.description()
    // What is mapped at once fits; what is stale does not fit beside it.
    description.refresh.pinnedPagesMax = 48
    let bench = try Self.queue(description, modifiers: modifiers)
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
      let bench = try Self.rollover(faults: plan)
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

  @Test(arguments: modifiers, [TranslationKind.shadowed, .direct])
  func aDeviceThatFailsAtAnyTimeIsRecoveredAndNothingIsLost(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    for step in 0..<12 {
      let bench = try Self.rollover(
        NVMeBench<RolloverScheme>.description(kind), modifiers: modifiers)
      try bench.start()
      try bench.round(isWrite: true)
      let time = bench.machine.currentTime.advanced(by: Nanoseconds(UInt64(step) * 9_000))
      bench.machine.schedule(at: time) { bench.machine.failFunction(0, code: .serviceAction) }
      var recoveries = 0
      for _ in 0..<3 {
        recoveries += try bench.insist(isWrite: false)
        #expect(bench.isRight)
        recoveries += try bench.insist(isWrite: true)
      }
      #expect(recoveries == 1)
      recoveries += try bench.insist(isWrite: false)
      #expect(bench.isRight && recoveries == 1)
      bench.finish()
    }
  }

  @Test(arguments: [TranslationKind.shadowed, .direct])
  func anAddressThatTheDriverMadeUpEndsInErrorStateAndIsRecoveredFrom(
    _ kind: TranslationKind
  ) throws {
    let bench = try StackBench(kind, format: S390ThreeLevel.self, promise: .atUnmap) {
      StrictScheme(allocator: $0.tree)
    }
    let mapping = try bench.domain.map(bench.buffer(), FromDevice.self, on: .boot)
    #expect(try !bench.write(1, at: bench.machine.aperture.first))
    #expect(bench.machine.condition(of: 0) == .error)
    #expect(bench.machine.takeErrorEvent()?.code == .translationProtection)
    #expect(throws: PCIAccessError.functionInError) {
      try bench.write(1, at: mapping.device.first)
    }
    try bench.controls[0].function.recover(on: .boot)
    try bench.controls[0].function.writeConfiguration(6, offset: 4, width: 2, on: .boot)
    #expect(try bench.write(2, at: mapping.device.first))
    bench.domain.unmap(mapping, on: .boot)
    bench.finish()
    bench.expect(broken: [])
  }

  @Test(arguments: [PolicyModifiers.none, PolicyModifiers(rawValue: 7)])
  func aCardThatIsPulledAtAnyInstructionLeavesNothingBehind(
    _ modifiers: PolicyModifiers
  ) throws {
    let whole = try Self.rollover(modifiers: modifiers)
    try whole.start()
    for _ in 0..<2 {
      try whole.round(isWrite: true)
      try whole.round(isWrite: false)
    }
    let instructions = whole.machine.faults.instructions
    whole.finish()
    var failures = 0
    for instruction in stride(from: UInt64(3), to: instructions, by: TestScale.stride(5)) {
      var plan = FaultPlan()
      plan.unplugs = [FaultPlan.Unplug(instruction: instruction, function: 0)]
      let bench = try Self.rollover(faults: plan, modifiers: modifiers)
      do {
        try bench.start()
        for _ in 0..<2 {
          try bench.round(isWrite: true)
          try bench.round(isWrite: false)
        }
      } catch let error as NVMeError {
        #expect(error == .functionGone || error == .wrongState(.gone), "at \(instruction)")
        failures += 1
      } catch let error as ZPCIError {
        #expect(error == .functionGone, "at \(instruction)")
        failures += 1
      } catch let error as AttachError {
        #expect(error == .control(.functionGone), "at \(instruction)")
        failures += 1
      }
      bench.finish()
    }
    #expect(failures > 0)
  }

  @Test(arguments: [PolicyModifiers.none, PolicyModifiers(rawValue: 7)])
  func aBusyMachineIsAskedAgain(_ modifiers: PolicyModifiers) throws {
    for first in stride(from: UInt64(5), to: 200, by: TestScale.stride(17)) {
      var plan = FaultPlan()
      plan.busyBursts = [FaultPlan.BusyBurst(first: first, count: 1 + first % 7)]
      let bench = try Self.queue(faults: plan, modifiers: modifiers)
      try bench.start()
      for _ in 0..<2 {
        try bench.round(isWrite: true)
        try bench.round(isWrite: false)
        #expect(bench.isRight, "busy from instruction \(first)")
      }
      bench.finish()
    }
  }

  @Test(arguments: modifiers) func completionsThatComeLateAreWaitedFor(
    _ modifiers: PolicyModifiers
  ) throws {
    var plan = FaultPlan()
    plan.completionDelays = FaultPlan.CompletionDelays(
      oneIn: 3, longest: Nanoseconds(3_000_000))
    let bench = try Self.rollover(faults: plan, modifiers: modifiers)
    try bench.start()
    for _ in 0..<6 {
      try bench.round(isWrite: true)
      try bench.round(isWrite: false)
      #expect(bench.isRight)
    }
    bench.finish()
  }
}
