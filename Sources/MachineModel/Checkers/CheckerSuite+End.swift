import IOMMU

/// What can only be told when a run is over.
extension CheckerSuite {
  /// Checks that nothing is reachable, after the last device was detached.
  public func expectNothingReachable() {
    for function in functions { blockedReach.expectNothingReachable(function, ledger, probe) }
  }

  /// Checks that one function reaches nothing of this domain's addresses.
  func expectNothingReachable(by function: Int) {
    blockedReach.expectNothingReachable(function, ledger, probe)
  }

  /// Checks that all tables came back, after the domain was destroyed.
  public func expectNoTables() {
    tableLifetime.expectNoTables(at: now)
  }

  /// Checks the domain's books: every open mapping is held by someone, or in quarantine.
  ///
  /// `quarantined` are the ranges of the domain's record: of dropped tokens, and those that a
  /// failed invalidation left, which the domain told of here.
  public func expectBalance(live: UInt64, held: UInt64, quarantined: UInt64) {
    let dropped = quarantined - min(failedRanges, quarantined)
    quarantineChecker.expectBalance(live: live, held: held, quarantined: dropped, at: now)
  }
}
