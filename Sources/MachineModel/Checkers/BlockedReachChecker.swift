import IOMMU

/// Promise 5: after detach, release, unplug or error the device reaches nothing; nothing leaks.
///
/// Verified: no access of a device succeeds while its function has no translation registered or is
/// not enabled; a function's translation is never registered twice without being taken away; on
/// request, that no page of the aperture can be reached.
/// Not verified: interleavings that the run at hand did not produce.
struct BlockedReachChecker {
  private static let isWatched: UInt8 = 1
  private static let isRegistered: UInt8 = 2
  private static let isStopped: UInt8 = 4

  let log: ViolationLog
  /// What is known of each function, by its number: this is asked at every access of a device.
  private var flags: [UInt8]
  private let functions: [Int]

  /// The watched functions that can reach anything now, in their order.
  private(set) var active: [Int] = []

  init(functions: [Int], log: ViolationLog) {
    self.functions = functions
    self.log = log
    flags = Array(repeating: 0, count: (functions.max() ?? 0) + 1)
    for function in functions { flags[function] = Self.isWatched }
  }

  /// Whether the function is one of those that are checked.
  func watches(_ function: Int) -> Bool {
    function < flags.count && flags[function] & Self.isWatched != 0
  }

  /// Whether the watched `function` translates.
  func isRegistered(_ function: Int) -> Bool { flags[function] & Self.isRegistered != 0 }

  mutating func registered(function: Int, isOn: Bool, at time: Instant) {
    if !isOn {
      flags[function] &= ~Self.isRegistered
    } else if isRegistered(function) {
      log.report(
        .blockedReach, at: time, "function \(function) was registered twice: double initialisation")
    } else {
      flags[function] |= Self.isRegistered
    }
    update()
  }

  mutating func conditionChanged(function: Int, to condition: FunctionCondition) {
    if condition == .enabled {
      flags[function] &= ~Self.isStopped
    } else {
      flags[function] |= Self.isStopped
    }
    // A function that is disabled or gone has lost its registration with its handle.
    if condition == .configured || condition == .standby || condition == .reserved {
      flags[function] &= ~Self.isRegistered
    }
    update()
  }

  private mutating func update() {
    active = functions.filter { flags[$0] == Self.isWatched | Self.isRegistered }
  }

  func accessed(_ access: DeviceAccess) {
    guard let physical = access.physical,
      flags[access.function] & (Self.isRegistered | Self.isStopped) != Self.isRegistered
    else { return }
    log.report(
      .blockedReach, at: access.time,
      "function \(access.function), which is blocked, reached \(physical.hex) "
        + "at \(access.iova.hex)")
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
