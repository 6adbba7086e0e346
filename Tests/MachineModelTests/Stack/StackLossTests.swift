import IOMMU
import NVMe
import enum TestSupport.TestScale
import Testing
import ZPCI

@testable import MachineModel

/// Functions that fail or vanish in the middle of everything: work goes on, or ends with nothing
/// lost.
struct StackLossTests {
  @Test(arguments: FaultBenches.modifiers, [TranslationKind.shadowed, .direct])
  func aDeviceThatFailsAtAnyTimeIsRecoveredAndNothingIsLost(
    _ modifiers: PolicyModifiers, _ kind: TranslationKind
  ) throws {
    for step in 0..<12 {
      let bench = try FaultBenches.rollover(
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
    let whole = try FaultBenches.rollover(modifiers: modifiers)
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
      let bench = try FaultBenches.rollover(faults: plan, modifiers: modifiers)
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
}
