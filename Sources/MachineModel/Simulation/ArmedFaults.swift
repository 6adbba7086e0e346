import IOMMU

/// Faults that may still show, and so explain errors.
struct ArmedFaults {
  /// Refreshes may find no resources.
  var resources = false
  /// Instructions may find the machine busy for longer than the driver asks.
  var refusals = false
  /// Tables may not be had.
  var tables = false
  /// Functions may vanish.
  var unplugs = false
}

extension Simulation {
  /// Lets something go wrong; false where it has no sense now.
  func arm(_ kind: SimulatedKind, _ random: inout StepRandom) -> Bool {
    let faults = machine.faults
    switch kind {
    case .outOfResources:
      let first = faults.refreshes + 1 + UInt64(random.below(6))
      let count = UInt64(1 + random.below(4))
      faults.change { $0.refusedRefreshes += Array(first..<first + count) }
      armed.resources = true
      note("refreshes \(first) to \(first + count - 1) find no resources")
    case .busy:
      let first = faults.instructions + 1 + UInt64(random.below(20))
      let burst = FaultPlan.BusyBurst(first: first, count: UInt64(1 + random.below(6)))
      faults.change { $0.busyBursts = [burst] }
      note("instructions from \(first) on are busy \(burst.count) times")
    case .refuse:
      armRefusal(&random)
    case .noTable:
      let first = faults.tableAllocations + 1 + UInt64(random.below(3))
      let count = UInt64(1 + random.below(3))
      faults.change { $0.failedTableAllocations += Array(first..<first + count) }
      armed.tables = true
      note("table allocations \(first) to \(first + count - 1) fail")
    case .scarcity:
      scarceTables.isEmpty ? takeTables(leaving: random.below(12)) : giveTables()
    case .unplug:
      return armUnplug(&random)
    case .fail:
      guard let function = random.element(of: functions) else { return false }
      machine.failFunction(
        function.number, code: random.oneIn(8) ? .permanent : .serviceAction)
      note("function \(function.number) fails: \(machine.condition(of: function.number))")
    case .delay:
      let isOn = faults.plan.completionDelays == nil
      faults.change {
        $0.completionDelays =
          isOn
          ? FaultPlan.CompletionDelays(oneIn: 3, longest: Nanoseconds(3_000_000)) : nil
      }
    default: return false
    }
    return true
  }

  private func armRefusal(_ random: inout StepRandom) {
    let faults = machine.faults
    armed.refusals = true
    if random.oneIn(2) {
      let first = faults.refreshAttempts + 1 + UInt64(random.below(6))
      let burst = FaultPlan.BusyBurst(first: first, count: UInt64(9 + random.below(60)))
      faults.change { $0.busyRefreshes = [burst] }
      note("refreshes from attempt \(first) on are busy \(burst.count) times")
    } else {
      // Long enough for one instruction to fail, and not for two.
      let first = faults.instructions + 1 + UInt64(random.below(20))
      let count = UInt64(plan.busyRetryLimit + 1)
      faults.change { $0.busyBursts = [FaultPlan.BusyBurst(first: first, count: count)] }
      note("instructions from \(first) on are busy \(count) times")
    }
  }

  private func armUnplug(_ random: inout StepRandom) -> Bool {
    guard let function = random.element(of: functions) else { return false }
    let number = function.number
    if machine.condition(of: number) == .reserved { return false }
    armed.unplugs = true
    if random.oneIn(3) {
      machine.unplug(number)
      note("function \(number) is pulled")
    } else {
      let ordinal = machine.faults.instructions + 1 + UInt64(random.below(40))
      machine.faults.change {
        $0.unplugs.append(FaultPlan.Unplug(instruction: ordinal, function: number))
      }
      note("function \(number) is pulled at instruction \(ordinal)")
    }
    return true
  }

  /// Takes all table memory but for so many of the smallest tables.
  private func takeTables(leaving rest: Int) {
    machine.faults.change { $0.failedTableAllocations.removeAll() }
    // Large ones first: the machine does not join small blocks again when they come back.
    for byteCount in [16_384, 2_048] {
      while let table = spareTable(byteCount) {
        scarceTables.append(ScarceTable(address: table, byteCount: byteCount))
      }
    }
    for _ in 0..<rest {
      guard let last = scarceTables.last, last.byteCount == 2_048 else { break }
      machine.memory.freeTable(last.address, byteCount: last.byteCount)
      scarceTables.removeLast()
    }
    armed.tables = true
    note("\(rest) tables are left")
  }

  private func spareTable(_ byteCount: Int) -> PhysicalAddress? {
    do throws(TableMemoryError) {
      return try machine.memory.allocateTable(byteCount: byteCount, alignmentLog2: 11)
    } catch {
      return nil
    }
  }

  func giveTables() {
    for table in scarceTables {
      machine.memory.freeTable(table.address, byteCount: table.byteCount)
    }
    scarceTables.removeAll()
    note("tables are plenty again")
  }

  /// Nothing goes wrong any more, but for what has gone wrong already.
  func disarm() {
    machine.faults.change { $0 = FaultPlan() }
    giveTables()
    armed = ArmedFaults()
  }
}

/// A table that others have.
struct ScarceTable {
  let address: PhysicalAddress
  let byteCount: Int
}
