public import IOMMU

/// All checkers of one domain on one machine: it listens to both sides and compares them.
///
/// The domain says what it mapped, announced and took back; the machine says what devices reached
/// and what was refreshed, stored and freed. Runs on the machine's one thread. Add it to the
/// machine before the domain is made, so that it learns of every table and registration.
public final class CheckerSuite: DomainObserver, MachineObserver, @unchecked Sendable {
  /// What was found.
  public let log = ViolationLog()

  let ledger: MappingLedger
  let functions: [Int]
  var failedRanges: UInt64 = 0
  private let isIdentity: Bool
  unowned let probe: any TranslationProbe
  private let promisedGone: PromisedGoneChecker
  private let staleReuse: StaleReuseChecker
  private var exactReach: ExactReachChecker
  var blockedReach: BlockedReachChecker
  var tableLifetime: TableLifetimeChecker
  let quarantineChecker: QuarantineChecker
  private var openInvalidations: [OpenInvalidation] = []
  /// The domain's table, as the last function that took it up was told.
  private var designation: UInt64?

  /// Checkers for a domain over `aperture`, used by `functions`, whose policy promises `promise`.
  ///
  /// With `isIdentity` no translation is expected, and only the blocked state counts.
  public init(
    aperture: IOVARange, functions: [Int], promise: StalePromise, isIdentity: Bool = false,
    probe: any TranslationProbe
  ) {
    self.functions = functions
    self.isIdentity = isIdentity
    self.probe = probe
    ledger = MappingLedger(aperture: aperture)
    promisedGone = PromisedGoneChecker(promise: promise, log: log)
    staleReuse = StaleReuseChecker(log: log)
    exactReach = ExactReachChecker(log: log)
    blockedReach = BlockedReachChecker(functions: functions, log: log)
    tableLifetime = TableLifetimeChecker(functions: functions, log: log, aperture: aperture)
    quarantineChecker = QuarantineChecker(log: log)
  }

  /// The stale times since the last ``restartWindow()``.
  public var window: StaleWindowSum { ledger.window }

  /// Starts the stale window anew, at the start of a measurement.
  public func restartWindow() {
    ledger.restartWindow(at: now.nanoseconds)
  }

  /// Counts what is still stale into the window, at the end of a measurement.
  public func closeWindow() {
    ledger.closeWindow(at: now.nanoseconds)
  }

  var now: Instant { probe.probeTime }

  // MARK: The domain's side

  /// Checks that the pages were free to hand out.
  public func allocated(_ device: IOVARange) {
    for index in ledger.indices(device) {
      quarantineChecker.allocated(ledger, index, probe)
      staleReuse.allocated(ledger, index, blockedReach.active, probe)
    }
  }

  /// Makes the pages live.
  public func mapped(
    _ device: IOVARange, to memory: PhysicalRange, _ permission: DevicePermission
  ) {
    var frame = memory.first.rawValue >> 12
    for index in ledger.indices(device) {
      ledger.makeLive(index, frame: frame, allowsWrite: permission.allowsWrite)
      frame += 1
    }
  }

  /// A function is about to join the domain: it may reach what is mapped, and need not yet.
  ///
  /// Several paths may try at once; each has its ``endAttaching(_:)``.
  public func beginAttaching(_ function: Int) {
    exactReach.joining[function, default: 0] += 1
  }

  /// The attempt is over: if the function translates by the domain, it reaches all that is usable.
  public func endAttaching(_ function: Int) {
    exactReach.joining[function, default: 1] -= 1
    guard !exactReach.isJoining(function), blockedReach.active.contains(function) else { return }
    for index in ledger.pages.indices
    where ledger.pages[index].state == .live && ledger.pages[index].isUsable {
      exactReach.usable(ledger, index, [function], probe)
    }
  }

  /// Checks that the device reaches what was mapped.
  public func usable(_ device: IOVARange) {
    for index in ledger.indices(device) where ledger.pages[index].state == .live {
      exactReach.usable(ledger, index, blockedReach.active, probe)
      ledger.makeUsable(index)
    }
  }

  /// Makes the pages stale.
  public func unmapped(_ device: IOVARange) {
    let time = now.nanoseconds
    for index in ledger.indices(device) { ledger.makeStale(index, at: time) }
  }

  /// Notes that the driver has control again.
  public func unmapReturned(_ device: IOVARange) {
    for index in ledger.indices(device) { ledger.markReturned(index) }
  }

  /// Checks that the old translation stands, and makes the pages live again.
  public func reused(_ device: IOVARange) {
    for index in ledger.indices(device) {
      staleReuse.reused(ledger, index, probe)
      ledger.makeLiveAgain(index, at: now.nanoseconds)
      // One that was never announced is only now, at the next doorbell.
      if !ledger.pages[index].isUsable { continue }
      exactReach.usable(ledger, index, blockedReach.active, probe)
    }
  }

  /// Notes what was stale when the invalidation began.
  ///
  /// Those that one caller begins end in the opposite order; several callers that take turns keep
  /// what ``beginInvalidation()`` gives them.
  public func invalidationBegan(_ range: IOVARange?) {
    openInvalidations.append(beginInvalidation())
  }

  /// Ends the staleness of what the invalidation covered and no device can reach any more.
  public func invalidationEnded(_ range: IOVARange?, succeeded: Bool) {
    guard let began = openInvalidations.popLast() else { return }
    endInvalidation(began, of: range, succeeded: succeeded)
  }

  /// What was stale when an invalidation began.
  public struct OpenInvalidation: Sendable {
    fileprivate let epoch: UInt32
  }

  /// Notes what is stale now that an invalidation begins.
  public func beginInvalidation() -> OpenInvalidation {
    OpenInvalidation(epoch: ledger.beginInvalidation())
  }

  /// Ends the staleness of what `range`, or with `nil` everything, had of it when `began` was made.
  public func endInvalidation(
    _ began: OpenInvalidation, of range: IOVARange?, succeeded: Bool
  ) {
    if !succeeded { return }
    let ended = now.nanoseconds
    guard let range else {
      ledger.settleAll(began: began.epoch, ended: ended, isGone: isGone)
      return
    }
    for index in ledger.indices(range) {
      ledger.settle(index, began: began.epoch, ended: ended, isGone: isGone)
    }
  }

  private func isGone(_ index: Int) -> Bool {
    let iova = ledger.address(index)
    for function in blockedReach.active where probe.reachable(iova, function: function) != nil {
      return false
    }
    // Where no device can be asked, the table tells: what stands there is taken up by the next one.
    guard blockedReach.active.isEmpty, let designation else { return true }
    return !probe.translates(iova, by: designation)
  }

  /// Takes the pages out of use.
  public func quarantined(_ device: IOVARange) {
    failedRanges += 1
    for index in ledger.indices(device) { ledger.quarantine(index) }
  }

  // MARK: The machine's side

  /// Holds the access against the ledger.
  public func deviceAccessed(_ access: DeviceAccess) {
    guard blockedReach.watches(access.function) else { return }
    blockedReach.accessed(access)
    guard !isIdentity, let index = ledger.index(access.iova) else { return }
    promisedGone.accessed(access, ledger.pages[index])
    exactReach.accessed(
      access, ledger.pages[index], isRegistered: blockedReach.isRegistered(access.function))
  }

  /// Notes what was covered.
  public func translationsRefreshed(_ refresh: TranslationRefresh) {
    if !isIdentity { tableLifetime.refreshed(refresh) }
  }

  /// Follows links between tables.
  public func entriesStored(
    at address: PhysicalAddress, count: Int, first: UInt64, step: UInt64, time: Instant
  ) {
    tableLifetime.stored(at: address, count: count, first: first)
  }

  /// Notes a table.
  public func tableAllocated(_ table: PhysicalRange, time: Instant) {
    tableLifetime.allocated(table)
  }

  /// Checks that the table could go.
  public func tableFreed(_ table: PhysicalRange, time: Instant) {
    tableLifetime.freed(table, at: time)
  }

  /// Notes whether the function translates.
  public func translationRegistered(
    function: Int, designation: UInt64?, range: IOVARange?, time: Instant
  ) {
    guard blockedReach.watches(function) else { return }
    blockedReach.registered(function: function, isOn: designation != nil, at: time)
    if isIdentity { return }
    tableLifetime.registered(function: function, designation: designation)
    self.designation = designation ?? self.designation
  }

  /// Notes whether the function may do DMA at all.
  public func functionConditionChanged(
    function: Int, from: FunctionCondition, to: FunctionCondition, time: Instant
  ) {
    guard blockedReach.watches(function) else { return }
    blockedReach.conditionChanged(function: function, to: to)
    tableLifetime.conditionChanged(function: function, to: to)
  }
}
