public import IOMMU
public import ZPCI

/// RPCIT: refreshing what the hypervisor shadows, or the hardware caches, of a table.
extension Machine {
  /// Refreshes `byteCount` bytes from `address`.
  ///
  /// Under a hypervisor the instruction traps; the hypervisor serves one refresh at a time, of all
  /// processors. It costs the trap, the comparison of each page of the range, or of those that have
  /// a page table, the visit to each page table, and the pinning or unpinning of each page that
  /// changed. Where pages had to be left out for lack of room the answer is condition code 1 with
  /// status 16, and everything else was refreshed.
  ///
  /// On a machine without a shadow it costs a fixed time and drops what is cached.
  public func refreshTranslations(
    _ request: UInt64, address: UInt64, byteCount: UInt64, on cpu: CPUIndex
  ) -> InstructionResult {
    if let answer = begin(on: cpu, picoseconds: 0) { return answer }
    if faults.answersBusyToRefresh() { return .busy }
    let isShadowed = description.translation == .shadowed
    let asked = timeline.localTime
    if isShadowed {
      // The devices go on while the processor waits for the hypervisor.
      hypervisor.value.forget(before: timeline.horizon)
      timeline.wait(until: hypervisor.value.firstFree(from: asked))
      timeline.synchronizeDevices()
    }
    guard let function = function(of: RequestWord(rawValue: request)) else {
      return chargeRefused(.invalidHandle)
    }
    switch function.condition {
    case .reserved, .standby, .configured, .permanentError: return chargeRefused(.invalidHandle)
    case .error: return chargeRefused(.error(RefreshStatus.errorRecovery))
    case .enabled, .blocked: break
    }
    guard let registration = function.registration, let walk = registration.walk else {
      function.fail(.invalidAddressSpace, address: address)
      return chargeRefused(.error(RefreshStatus.inError))
    }
    // A range that would pass the top of the address space ends there.
    let (end, overflow) = address.addingReportingOverflow(byteCount)
    let last = overflow || byteCount == 0 ? .max : end - 1
    guard let range = IOVARange(first: IOVA(address), last: IOVA(last)),
      let part = range.aligned(to: .fourKiB).intersection(registration.range)
    else {
      function.fail(.outOfRange, address: address)
      return chargeRefused(.error(RefreshStatus.inError))
    }
    if byteCount == 0 { return chargeRefused(.success) }
    let refresh = Refresh(
      function: function, range: part, isGlobal: part == registration.range, asked: asked)
    return isShadowed
      ? refreshShadow(refresh, by: walk) : dropCached(refresh)
  }

  /// One refresh that is under way.
  private struct Refresh {
    let function: MachineFunction
    let range: IOVARange
    let isGlobal: Bool
    /// When the processor issued it.
    let asked: UInt64
  }

  private func refreshShadow(_ refresh: Refresh, by walk: TableWalk) -> InstructionResult {
    let function = refresh.function
    let isRefused = faults.refusesRefresh()
    let outcome = function.shadow.value.refresh(
      first: pageIndex(refresh.range.first), count: Int(pages(refresh.range)), by: walk,
      pinning: isRefused ? .refused : .allowed)
    let costs = description.refresh
    let looks =
      costs.absentTables == .scanned ? outcome.scanned : outcome.scanned &- outcome.absent
    let spent =
      refreshFraction.value &+ costs.trapNanoseconds &* 1_000
      &+ looks &* costs.pageScannedPicoseconds
      &+ outcome.tables &* costs.tableScannedPicoseconds
      &+ outcome.changed &* costs.pageChangedPicoseconds
    let duration = spent / 1_000
    refreshFraction.value = spent % 1_000
    let began = hypervisor.value.take(duration, from: timeline.localTime)
    timeline.wait(until: began &+ duration)
    function.totals.value.refreshes.pagesScanned &+= looks
    function.totals.value.refreshes.tablesScanned &+= outcome.tables
    if refresh.isGlobal {
      function.totals.value.refreshes.globalTablesScanned &+= outcome.tables
    }
    var result = InstructionResult.success
    if let fault = outcome.fault {
      function.fail(.invalidTableEntry, address: fault.address)
      result = .error(RefreshStatus.inError)
    } else if outcome.isShort || isRefused {
      result = .error(RefreshStatus.insufficientResources)
    }
    finish(refresh, result, changed: outcome.changed, began: began, duration: duration)
    return result
  }

  private func dropCached(_ refresh: Refresh) -> InstructionResult {
    let function = refresh.function
    let isRefused = faults.refusesRefresh()
    var dropped: UInt64 = 0
    if refresh.isGlobal {
      function.cache.value.removeAll()
    } else {
      dropped = function.cache.value.remove(
        first: pageIndex(refresh.range.first), count: Int(pages(refresh.range)))
    }
    let duration = description.refresh.flushNanoseconds
    let began = timeline.localTime
    timeline.charge(picoseconds: duration &* 1_000)
    let result = isRefused ? .error(RefreshStatus.insufficientResources) : InstructionResult.success
    finish(refresh, result, changed: dropped, began: began, duration: duration)
    return result
  }

  private func finish(
    _ refresh: Refresh, _ result: InstructionResult, changed: UInt64, began: UInt64,
    duration: UInt64
  ) {
    let function = refresh.function
    function.totals.value.refreshes.pagesChanged &+= changed
    function.totals.value.refreshes.nanoseconds &+= duration
    function.totals.value.refreshes.nanosecondsWaited &+= began &- refresh.asked
    if result != .success {
      function.totals.value.refreshes.failed &+= 1
      if result.status == RefreshStatus.insufficientResources {
        function.totals.value.refreshes.outOfResources &+= 1
      }
    } else if refresh.isGlobal {
      function.totals.value.refreshes.global &+= 1
    } else {
      function.totals.value.refreshes.range &+= 1
    }
    if observers.isEmpty { return }
    let event = TranslationRefresh(
      function: function.number, range: refresh.range, isGlobal: refresh.isGlobal,
      cpu: CPUIndex(timeline.currentCPU), began: Instant(nanoseconds: began),
      ended: Instant(nanoseconds: timeline.localTime), pagesChanged: changed,
      conditionCode: result.conditionCode, status: result.status)
    for observer in observers.all { observer.translationsRefreshed(event) }
  }

  /// An instruction that ends without a refresh costs the trap, or nothing more where there is
  /// none.
  private func chargeRefused(_ result: InstructionResult) -> InstructionResult {
    let costs = description.refresh
    let isShadowed = description.translation == .shadowed
    timeline.charge(
      picoseconds: (isShadowed ? costs.trapNanoseconds : costs.flushNanoseconds) &* 1_000)
    return result
  }

  private func pageIndex(_ address: IOVA) -> Int {
    Int((address.rawValue &- description.apertureFirst) &>> 12)
  }

  private func pages(_ range: IOVARange) -> UInt64 {
    range.pageCount(of: .fourKiB).rawValue
  }
}
