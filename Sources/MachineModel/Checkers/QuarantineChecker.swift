import IOMMU

/// Promise 7: what was dropped is quarantined and reported, never silently used again.
///
/// Verified: no page that the domain quarantined is mapped again (promise 2 sees those of dropped
/// tokens, which the domain is not told of); at the end of a run the mappings that
/// were made and neither taken back nor held by anyone are exactly those in the record.
/// Not verified: that a program holds no token it has forgotten; it must say how many it holds.
struct QuarantineChecker {
  let log: ViolationLog

  func allocated(_ ledger: MappingLedger, _ index: Int, _ probe: any TranslationProbe) {
    if ledger.pages[index].state != .quarantined { return }
    log.report(
      .quarantine, at: probe.probeTime,
      "\(ledger.address(index).hex) was handed out again though it is quarantined")
  }

  /// Compares the domain's books with the tokens that the caller still holds.
  ///
  /// `quarantined` counts dropped tokens: what a failed invalidation left was unmapped before.
  func expectBalance(
    live: UInt64, held: UInt64, quarantined: UInt64, at time: Instant
  ) {
    if live == held + quarantined { return }
    log.report(
      .quarantine, at: time,
      "\(live) mappings are open, \(held) tokens are held, \(quarantined) are in quarantine")
  }
}
