import IOMMU

/// Tells the checkers of several domains on one machine apart: each hears of its own domain only.
///
/// Tables and registrations belong to the domain that the simulation is at work for, accesses and
/// refreshes to the domain in which the function is registered. Verified here: a function that is
/// registered for no domain reaches nothing.
final class CheckerRouter: MachineObserver {
  /// The checkers of the domain that is at work.
  var current: CheckerSuite?

  /// What none of the suites can report.
  let log = ViolationLog()

  /// Whether a function may be refused what its domain maps: one that is stuck, or on its way in.
  var mayBeRefused: ((Int) -> Bool)?

  private var suites: [CheckerSuite] = []
  private var owners: [CheckerSuite?]

  init(functions: Int) {
    owners = Array(repeating: nil, count: functions)
  }

  func add(_ suite: CheckerSuite) { suites.append(suite) }

  func remove(_ suite: CheckerSuite) {
    suites.removeAll { $0 === suite }
    for function in owners.indices where owners[function] === suite { owners[function] = nil }
  }

  /// Whether `function` is registered for the domain of `suite`.
  func isRegistered(_ function: Int, for suite: CheckerSuite) -> Bool {
    owners[function] === suite
  }

  func deviceAccessed(_ access: DeviceAccess) {
    if let owner = owners[access.function] {
      if access.physical == nil, mayBeRefused?(access.function) == true { return }
      owner.deviceAccessed(access)
    } else if let physical = access.physical {
      log.report(
        .blockedReach, at: access.time,
        "function \(access.function), which no domain has, reached \(physical.hex) "
          + "at \(access.iova.hex)")
    }
  }

  func translationsRefreshed(_ refresh: TranslationRefresh) {
    owners[refresh.function]?.translationsRefreshed(refresh)
  }

  func entriesStored(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64, time: Instant
  ) {
    current?.entriesStored(at: address, count: count, first: first, step: step, time: time)
  }

  func tableAllocated(_ table: PhysicalRange, time: Instant) {
    current?.tableAllocated(table, time: time)
  }

  func tableFreed(_ table: PhysicalRange, time: Instant) {
    current?.tableFreed(table, time: time)
  }

  func translationRegistered(
    function: Int, designation: UInt64?, range: IOVARange?, time: Instant
  ) {
    let suite = designation == nil ? owners[function] : current
    suite?.translationRegistered(
      function: function, designation: designation, range: range, time: time)
    owners[function] = designation == nil ? nil : current
  }

  func functionConditionChanged(
    function: Int, from: FunctionCondition, to: FunctionCondition, time: Instant
  ) {
    for suite in suites {
      suite.functionConditionChanged(function: function, from: from, to: to, time: time)
    }
    // Only deconfiguring ends that, which takes the registration away before anything can be
    // reached: to software the function is gone, and cannot be told anything.
    if to == .permanentError {
      translationRegistered(function: function, designation: nil, range: nil, time: time)
    }
  }
}
