import Synchronization

/// How the age of the oldest stale page and the share of stale pages are kept within bounds.
extension RolloverScheme {
  /// Arms the timer for a page that became stale at `since`, unless it runs already.
  ///
  /// The running timer was armed for a page that is older, so it fires early enough for this one.
  @usableFromInline
  func armAge<Issuer: InvalidationIssuer>(
    _ age: Nanoseconds, since: Instant, issuer: Issuer
  ) {
    if ageTimerIsArmed.load(ordering: .relaxed) { return }
    if ageTimerIsArmed.exchange(true, ordering: .acquiringAndReleasing) { return }
    let due = since.advanced(by: age)
    issuer.arm(.age, after: due.since(issuer.now()), .precise)
  }

  /// Invalidates all that is stale when the oldest stale page has come of age.
  public func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer
  ) {
    guard purpose == .age, let age,
      ageTimerIsArmed.exchange(false, ordering: .acquiringAndReleasing)
    else { return }
    guard let oldest = allocator.oldestStale else { return }
    if issuer.now().since(oldest) >= age { clean(.age, on: cpu, issuer: issuer) }
    // What became stale meanwhile, or could not be invalidated, needs the next timer.
    if let oldest = allocator.oldestStale {
      let due = oldest.advanced(by: age).since(issuer.now())
      if !ageTimerIsArmed.exchange(true, ordering: .acquiringAndReleasing) {
        issuer.arm(.age, after: max(due, Nanoseconds(age.rawValue / 16)), .precise)
      }
    }
  }

  /// Invalidates all that is stale when there is more of it than the limit.
  @usableFromInline
  func enforceStaleLimit<Issuer: InvalidationIssuer>(on cpu: CPUIndex, issuer: Issuer) {
    if allocator.stalePages < staleLimit { return }
    cleaning.lock()
    defer { cleaning.unlock() }
    if allocator.stalePages >= staleLimit { clean(.staleShare, on: cpu, issuer: issuer) }
  }

  /// How far a map-side invalidation is widened: four chunks at least, so that the stale pages
  /// behind everything in flight are reached, and up to what an instruction of its own would be
  /// worth.
  private var piggybackPages: UInt64 {
    min(max(cost.pagesPerInstruction, 1_024), 4_096)
  }

  /// Widens `range` over the stale pages beside it and takes those up.
  public func beginPiggyback(_ range: IOVARange) -> Piggyback {
    let widened = allocator.staleNeighbourhood(of: range, limitPages: PageCount(piggybackPages))
    if widened == range {
      if range.pageCount(of: allocator.granule).rawValue == 1 { return Piggyback(range: range) }
      return piggyback(widened)
    }
    // Also reach for those that were in flight when their neighbours were freed: they lie close
    // behind, and left alone they would stay stale until the next flush.
    if let span = allocator.nextStaleSpan(olderThan: nil, maxPages: PageCount(piggybackPages)),
      span.union(widened).pageCount(of: allocator.granule).rawValue <= piggybackPages
    {
      return piggyback(span.union(widened))
    }
    return piggyback(widened)
  }

  private func piggyback(_ range: IOVARange) -> Piggyback {
    let oldest = allocator.oldestStale ?? Instant(nanoseconds: .max)
    return Piggyback(range: range, work: allocator.beginRangeInvalidation(range), oldest: oldest)
  }

  /// Frees the stale pages that the widened range covered, or leaves them stale.
  public func endPiggyback(_ piggyback: Piggyback, succeeded: Bool) {
    guard let work = piggyback.work else { return }
    allocator.endRangeInvalidation(work, succeeded: succeeded)
  }
}
