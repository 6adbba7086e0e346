import IOMMU

/// Promise 5: after detach, release, unplug or error the device reaches nothing; nothing leaks.
///
/// Verified: no access of a device succeeds while its function has no translation registered or is
/// not enabled; a function's translation is never registered twice without being taken away; on
/// request, that no page of the aperture can be reached.
/// Not verified: interleavings that the run at hand did not produce.
struct BlockedReachChecker {
  let log: ViolationLog
  private var registered: Set<Int> = []
  private var stopped: Set<Int> = []
  private var identity: Set<Int> = []

  init(log: ViolationLog) {
    self.log = log
  }

  mutating func registered(function: Int, isOn: Bool, at time: Instant) {
    if !isOn {
      registered.remove(function)
      identity.remove(function)
    } else if !registered.insert(function).inserted {
      log.report(
        .blockedReach, at: time, "function \(function) was registered twice: double initialisation")
    }
  }

  mutating func stateChanged(function: Int, to state: FunctionCondition) {
    if state == .enabled {
      stopped.remove(function)
    } else {
      stopped.insert(function)
      // A function that is disabled or gone has lost its registration with its handle.
      if state == .configured || state == .standby || state == .reserved {
        registered.remove(function)
      }
    }
  }

  func accessed(_ access: DeviceAccess) {
    guard let physical = access.physical else { return }
    if stopped.contains(access.function) || !registered.contains(access.function) {
      log.report(
        .blockedReach, at: access.time,
        "function \(access.function), which is blocked, reached \(physical.hex) "
          + "at \(access.iova.hex)")
    }
  }

  /// Probes every page of the ledger's aperture: `function` must reach none.
  func expectNothingReachable(
    _ function: Int, _ ledger: MappingLedger, _ probe: any TranslationProbe
  ) {
    for index in ledger.pages.indices {
      let iova = ledger.address(index)
      guard let found = probe.reachable(iova, function: function) else { continue }
      log.report(
        .blockedReach, at: probe.probeTime,
        "function \(function) was detached and still reaches \(found.physical.hex) at \(iova.hex)")
      return
    }
  }
}
