import IOMMU

/// Counts what a plan's ordinals count, and says when something is to go wrong.
final class FaultInjector: @unchecked Sendable {
  private(set) var plan: FaultPlan
  private var random: RandomStream

  /// The number of instructions so far.
  var instructions: UInt64 { instructionCount.value }
  private let instructionCount = Cell<UInt64>(0)
  /// The number of refreshes so far.
  var refreshes: UInt64 { refreshCount.value }
  private let refreshCount = Cell<UInt64>(0)
  /// The number of attempted refreshes so far, with those that found the machine busy.
  private(set) var refreshAttempts: UInt64 = 0
  /// The number of table allocations so far.
  private(set) var tableAllocations: UInt64 = 0

  /// No instruction before this one is special.
  private let nextSpecialInstruction: Cell<UInt64>

  init(_ plan: FaultPlan, seed: UInt64) {
    self.plan = plan
    random = RandomStream(seed: seed, name: "completion delays")
    nextSpecialInstruction = Cell(Self.special(after: 0, in: plan))
  }

  /// What is to happen to an instruction.
  struct InstructionFault {
    var isBusy = false
    var unplugs: [Int] = []
    var failures: [Int] = []
    var refusal: UInt8?
  }

  /// Counts an instruction; `nil` where nothing is to happen to it, which is nearly always.
  func beginInstruction() -> InstructionFault? {
    instructionCount.value &+= 1
    if instructions < nextSpecialInstruction.value { return nil }
    nextSpecialInstruction.value = Self.special(after: instructions, in: plan)
    var fault = InstructionFault()
    fault.isBusy = plan.busyBursts.contains {
      instructions >= $0.first && instructions - $0.first < $0.count
    }
    for unplug in plan.unplugs where unplug.instruction == instructions {
      fault.unplugs.append(unplug.function)
    }
    for failure in plan.failures where failure.instruction == instructions {
      fault.failures.append(failure.function)
    }
    for refusal in plan.refusals where refusal.instruction == instructions {
      fault.refusal = refusal.status
    }
    return fault
  }

  /// Changes what is to come, after forgetting what is past.
  func change(_ body: (inout FaultPlan) -> Void) {
    plan.refusedRefreshes.removeAll { $0 <= refreshes }
    plan.busyBursts.removeAll { $0.isOver(at: instructions) }
    plan.busyRefreshes.removeAll { $0.isOver(at: refreshAttempts) }
    plan.unplugs.removeAll { $0.instruction <= instructions }
    plan.failures.removeAll { $0.instruction <= instructions }
    plan.refusals.removeAll { $0.instruction <= instructions }
    plan.failedTableAllocations.removeAll { $0 <= tableAllocations }
    body(&plan)
    nextSpecialInstruction.value = Self.special(after: instructions, in: plan)
  }

  /// Whether a planned unplug came after the instruction of that ordinal.
  func hasUnplugged(since ordinal: UInt64) -> Bool {
    if plan.unplugs.isEmpty { return false }
    return plan.unplugs.contains { $0.instruction > ordinal && $0.instruction <= instructions }
  }

  /// Counts an attempted refresh; whether it finds the machine busy.
  func answersBusyToRefresh() -> Bool {
    refreshAttempts &+= 1
    if plan.busyRefreshes.isEmpty { return false }
    return plan.busyRefreshes.contains {
      refreshAttempts >= $0.first && refreshAttempts - $0.first < $0.count
    }
  }

  /// Counts a refresh; whether it is to be refused.
  func refusesRefresh() -> Bool {
    refreshCount.value &+= 1
    return !plan.refusedRefreshes.isEmpty && plan.refusedRefreshes.contains(refreshes)
  }

  /// Counts a table allocation; whether it is to fail.
  func failsTableAllocation() -> Bool {
    tableAllocations &+= 1
    return !plan.failedTableAllocations.isEmpty
      && plan.failedTableAllocations.contains(tableAllocations)
  }

  /// Draws how much later a completion is to come, in nanoseconds; 0 for most.
  func completionDelay() -> UInt64 {
    guard let delays = plan.completionDelays else { return 0 }
    if random.next(below: max(delays.oneIn, 1)) != 0 { return 0 }
    return 1 + random.next(below: max(delays.longest.rawValue, 1))
  }

  private static func special(after ordinal: UInt64, in plan: FaultPlan) -> UInt64 {
    var next = UInt64.max
    for burst in plan.busyBursts where burst.count > 0 {
      if ordinal < burst.first {
        next = min(next, burst.first)
      } else if ordinal - burst.first < burst.count - 1 {
        next = min(next, ordinal + 1)
      }
    }
    for unplug in plan.unplugs where unplug.instruction > ordinal {
      next = min(next, unplug.instruction)
    }
    for failure in plan.failures where failure.instruction > ordinal {
      next = min(next, failure.instruction)
    }
    for refusal in plan.refusals where refusal.instruction > ordinal {
      next = min(next, refusal.instruction)
    }
    return next
  }
}

extension FaultPlan.BusyBurst {
  /// Whether all of it lies at `ordinal` or before.
  fileprivate func isOver(at ordinal: UInt64) -> Bool {
    ordinal >= first && ordinal - first >= max(count, 1) - 1
  }
}
