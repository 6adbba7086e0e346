import IOMMU

/// Promise 2: an address is never handed out while a stale translation for it can still be cached.
///
/// Verified: whenever a page's address is handed out, no device's cache or shadow holds a
/// translation for it, and the ledger has it neither live nor stale nor quarantined. A translation
/// that is taken back by reuse is the same translation, and is checked to be that. The page of a
/// token that was dropped counts as live, so this reports it when it is handed out again.
/// Not verified: caches that the machine does not model, such as a device's own.
struct StaleReuseChecker {
  let log: ViolationLog

  /// `functions` are those that can reach anything now: what one in error has cached is dropped
  /// before it comes back, and is checked when it is used.
  func allocated(
    _ ledger: MappingLedger, _ index: Int, _ functions: [Int], _ probe: any TranslationProbe
  ) {
    let iova = ledger.address(index)
    switch ledger.pages[index].state {
    case .free: break
    case .live:
      log.report(.staleReuse, at: probe.probeTime, "\(iova.hex) was handed out twice")
    case .stale:
      log.report(
        .staleReuse, at: probe.probeTime,
        "\(iova.hex) was handed out before an invalidation covered its unmap")
    case .quarantined: return  // promise 7 reports it
    }
    for function in functions {
      guard let cached = probe.cached(iova, function: function) else { continue }
      log.report(
        .staleReuse, at: probe.probeTime,
        "\(iova.hex) was handed out while function \(function) caches it as "
          + cached.physical.hex)
    }
  }

  func reused(
    _ ledger: MappingLedger, _ index: Int, _ probe: any TranslationProbe
  ) {
    let page = ledger.pages[index]
    let iova = ledger.address(index)
    if page.state == .stale { return }
    log.report(
      .staleReuse, at: probe.probeTime, "\(iova.hex) was taken back though it is \(page.state)")
  }
}
