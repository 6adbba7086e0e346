import IOMMU
import Testing
import ZPCI

@testable import MachineModel

/// Every operation of the life cycle, with a fault before each of its instructions in turn.
///
/// Afterwards the promises hold, devices are where the group says, and the group can be used on.
struct FaultSweepTests {
  enum Fault: CaseIterable {
    case unplug, bothUnplugged, deviceError, outOfResources, refused, busy, busyForLong

    func plan(at instruction: UInt64) -> FaultPlan {
      var plan = FaultPlan()
      switch self {
      case .unplug: plan.unplugs = [.init(instruction: instruction, function: 0)]
      case .bothUnplugged:
        plan.unplugs = (0..<2).map { .init(instruction: instruction, function: $0) }
      case .deviceError: plan.failures = [.init(instruction: instruction, function: 0)]
      case .outOfResources: plan.refusals = [.init(instruction: instruction, status: 16)]
      // A status that none of the instructions has a meaning for.
      case .refused: plan.refusals = [.init(instruction: instruction, status: 200)]
      // As often as an instruction is tried; and nearly as often again after that.
      case .busy: plan.busyBursts = [.init(first: instruction, count: 4)]
      case .busyForLong: plan.busyBursts = [.init(first: instruction, count: 7)]
      }
      return plan
    }
  }

  /// Runs with a fault before instruction `ordinal` of the operation, from 1; the number of
  /// instructions that the operation took.
  private static func run(
    _ operation: LifeCycleOperation, _ kind: TranslationKind, _ fault: Fault?, ordinal: UInt64,
    before: UInt64
  ) throws -> (before: UInt64, count: UInt64, error: AttachError?) {
    let plan = fault.map { $0.plan(at: before + ordinal) } ?? FaultPlan()
    let rig = try LifeCycleRig(kind, faults: plan)
    let place = "\(operation), \(fault.map { "\($0)" } ?? "no fault") at \(ordinal)"
    try operation.prepare(rig)
    var start: UInt64 = 0
    var failure: AttachError?
    do throws(AttachError) {
      try operation.run(rig) { start = $0.machine.faults.instructions }
    } catch {
      failure = error
    }
    let count = rig.machine.faults.instructions - start
    rig.expectConsistent(place)
    rig.checkers.expectNothingReachable(where: rig.devices.map { !$0.state.mayReach })
    try rig.goOn(place)
    rig.finish(place)
    return (start, count, failure)
  }

  @Test(arguments: LifeCycleOperation.allCases, [TranslationKind.shadowed, .direct])
  func aFaultAtAnyInstructionLeavesTheGroupUsable(
    _ operation: LifeCycleOperation, _ kind: TranslationKind
  ) throws {
    let whole = try Self.run(operation, kind, nil, ordinal: 0, before: 0)
    #expect(whole.error == nil)
    for fault in Fault.allCases {
      var noticed = 0
      var ordinal: UInt64 = 1
      while true {
        let run = try Self.run(operation, kind, fault, ordinal: ordinal, before: whole.before)
        #expect(run.before == whole.before)
        if run.error != nil { noticed += 1 }
        // The operation ended before the fault came.
        if run.count < ordinal { break }
        ordinal += 1
      }
      #expect(ordinal > 1)
      if fault == .refused, operation != .detach, operation != .release {
        #expect(noticed > 0, "\(operation)")
      }
    }
  }
}

extension DeviceState {
  /// Whether a device in this state may reach memory.
  var mayReach: Bool { self == .attached || self == .stuck }
}

extension CheckerSuite {
  /// Checks that those functions reach nothing whose flag is set.
  func expectNothingReachable(where isBlocked: [Bool]) {
    for (function, isBlocked) in isBlocked.enumerated() where isBlocked {
      blockedReach.expectNothingReachable(function, ledger, probe)
    }
  }
}
