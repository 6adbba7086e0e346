import Synchronization

/// Choosing between one global invalidation and several of ranges, by what they cost.
extension RolloverScheme {
  /// The most groups of stale chunks that are weighed at once.
  static var groupsMax: Int { 64 }

  /// The longest gap, in pages, across which chunks are looked for to be invalidated together.
  static var bridgeMax: UInt64 { 1 << 16 }

  /// Invalidates the pages that are stale now, in the cheapest way.
  ///
  /// First everything stale is begun on, without an instruction, and the cheapest set of ranges
  /// that covers it is added up; only then is anything issued: those ranges, or one global
  /// invalidation where that costs no more. A global one is a range over everything: it is cheaper
  /// where tables are few, and as cheap where the ranges would be joined into one from end to end,
  /// or where looking at pages costs nothing.
  /// The choice is exact for up to ``groupsMax`` groups of chunks with stale pages, which in
  /// sequence are one or two. Beyond, they are taken that many at a time, and the sum of all is
  /// held against the global one: twice the cheaper cost at most.
  ///
  /// Returns false where an invalidation failed, so that pages are as stale as before.
  @usableFromInline
  @discardableResult
  func clean<Issuer: InvalidationIssuer>(
    _ cause: InvalidationCause, on cpu: CPUIndex, issuer: Issuer
  ) -> Bool {
    let global = cost.ofAll(pages: aperturePages, tables: issuer.tablesInUse)
    let deadline = issuer.now()
    var spent: UInt64 = 0
    while true {
      var plan = CleaningPlan()
      while plan.count < Self.groupsMax, spent < global,
        let work = beginNextGroup(olderThan: deadline)
      {
        add(work, to: &plan, &spent)
      }
      if plan.count == 0 && spent < global { return true }
      if spent >= global {
        release(plan, from: 0)
        return issuer.flushAll(cause.isGlobal ? cause : .timeout, on: cpu)
      }
      if !issue(plan, on: cpu, issuer: issuer) { return false }
    }
  }

  /// Begins on the next group of chunks with stale pages; `nil` where there is none.
  private func beginNextGroup(olderThan deadline: Instant) -> RangeInvalidation? {
    // Two tables more than a gap that is worth bridging anywhere: no gap worth it is missed, as the
    // tables between two pages are fewer than the pages between them suggest.
    let tables: UInt64 = 2 &<< UInt64(cost.tablePagesLog2)
    let gap = PageCount(min(cost.pagesPerInstruction &+ tables, Self.bridgeMax))
    guard
      let span = allocator.nextStaleSpan(
        olderThan: deadline, maxPages: PageCount(aperturePages), bridging: gap)
    else { return nil }
    let work = allocator.beginRangeInvalidation(span)
    if work.pages.rawValue > 0 { return work }
    // Somebody else has just begun on all of it.
    allocator.endRangeInvalidation(work, succeeded: false)
    return nil
  }

  /// Notes a group and adds what its ranges cost to `spent`.
  private func add(
    _ work: RangeInvalidation, to plan: inout CleaningPlan, _ spent: inout UInt64
  ) {
    plan.groups[plan.count] = work
    plan.count += 1
    var pieces = StalePieces(work)
    while let piece = pieces.next(in: allocator, cost) {
      let (sum, overflow) = spent.addingReportingOverflow(cost.of(pages: piece.pages))
      spent = overflow ? .max : sum
    }
  }

  /// Issues the ranges of every group; false where one failed: it and the rest are left stale.
  private func issue<Issuer: InvalidationIssuer>(
    _ plan: CleaningPlan, on cpu: CPUIndex, issuer: Issuer
  ) -> Bool {
    for index in 0..<plan.count {
      let work = plan.groups[index]
      var succeeded = true
      var pieces = StalePieces(work)
      while succeeded, let piece = pieces.next(in: allocator, cost) {
        let oldest = allocator.oldestStale ?? issuer.now()
        succeeded = issuer.flush(
          Self.range(piece.pages, allocator.granule), .age, on: cpu)
        if succeeded {
          issuer.account(freed: piece.stale, oldest: oldest)
        } else {
          allocator.giveUp(work, from: piece.pages.lowerBound)
        }
      }
      allocator.endRangeInvalidation(work, succeeded: true)
      if !succeeded {
        release(plan, from: index + 1)
        return false
      }
    }
    return true
  }

  private static func range(_ pages: ClosedRange<UInt64>, _ granule: Granule) -> IOVARange {
    let log2 = UInt64(granule.log2)
    let first = pages.lowerBound << log2
    let last = pages.upperBound << log2 | (granule.byteCount - 1)
    return IOVARange(ordered: IOVA(first), IOVA(last))
  }

  /// Leaves the groups from `first` on as stale as they were.
  private func release(_ plan: CleaningPlan, from first: Int) {
    for index in first..<plan.count {
      allocator.endRangeInvalidation(plan.groups[index], succeeded: false)
    }
  }
}

/// Groups of chunks that were begun on and not yet invalidated.
private struct CleaningPlan {
  var groups: [64 of RangeInvalidation] = InlineArray(repeating: .none)
  var count = 0
}
