import Synchronization

/// How the age of the oldest stale page and the share of stale pages are kept within bounds.
extension RolloverScheme {
  /// Sees to the age and the number of what is stale, of which some became so at `since`.
  @inlinable
  @inline(never)
  func keepLimits<Issuer: InvalidationIssuer>(
    since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    if let age { armAge(age, since: since, issuer: issuer) }
    if staleLimit != .max { enforceStaleLimit(on: cpu, issuer: issuer) }
  }

  /// Arms the timer for a page that became stale at `since`, unless one runs that is early enough.
  ///
  /// As a rule it is: it was armed for a page that is older. Not where pages were parked, and come
  /// here out of the order of time; then another timer is armed, and the later one does nothing.
  @inlinable
  @inline(__always)
  func armAge<Issuer: InvalidationIssuer>(
    _ age: Nanoseconds, since: Instant, issuer: Issuer
  ) {
    let due = since.advanced(by: age)
    if claimTimer(due: due, age: age) {
      issuer.arm(.age, after: due.since(issuer.now()), .precise)
    }
  }

  /// Whether a timer has to be armed for `due`, and the caller is the one who does.
  @usableFromInline
  func claimTimer(due: Instant, age: Nanoseconds) -> Bool {
    YieldPoint.reached(.load, shared)
    var armed = ageTimerDue.load(ordering: .relaxed)
    // A 64th late is early enough: the clocks of processors differ a little.
    while armed == .max || due.advanced(by: Nanoseconds(age.rawValue / 64)).nanoseconds < armed {
      YieldPoint.reached(.store, shared)
      let (isMine, found) = ageTimerDue.compareExchange(
        expected: armed, desired: due.nanoseconds, ordering: .acquiringAndReleasing)
      if isMine { return true }
      armed = found
    }
    return false
  }

  /// Invalidates all that is stale when the oldest stale page has come of age.
  public func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer
  ) {
    guard purpose == .age, let age else { return }
    let now = issuer.now()
    YieldPoint.reached(.store, shared)
    let due = ageTimerDue.load(ordering: .relaxed)
    // One that is still to come has taken the place of this one.
    guard due <= now.nanoseconds,
      ageTimerDue.compareExchange(
        expected: due, desired: .max, ordering: .acquiringAndReleasing
      ).exchanged
    else { return }
    guard let oldest = allocator.oldestStale else { return }
    let isDone = now.since(oldest) < age || clean(.age, on: cpu, issuer: issuer)
    // What became stale meanwhile, or could not be invalidated, needs the next timer. After a
    // failure not before another age has passed: the machine that lacks resources would be kept
    // busy with nothing but attempts.
    if let oldest = allocator.oldestStale {
      let now = issuer.now()
      let soonest = now.advanced(by: isDone ? Nanoseconds(age.rawValue / 16) : age)
      let due = max(oldest.advanced(by: age), soonest)
      if claimTimer(due: due, age: age) { issuer.arm(.age, after: due.since(now), .precise) }
    }
  }

  /// Invalidates all that is stale when there is more of it than the limit.
  @inlinable
  @inline(__always)
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
    let limit = PageCount(piggybackPages)
    let widened = allocator.staleNeighbourhood(of: range, limitPages: limit)
    if widened == range {
      // Several mappings that are announced as one may have stale pages between them; one has none.
      let isAlone = range.pageCount(of: allocator.granule).rawValue == 1
      if isAlone || !allocator.mayHaveStale(in: range) { return Piggyback(range: range) }
      return piggyback(widened)
    }
    // Also reach for those that were in flight when their neighbours were freed: they lie close
    // behind, and left alone they would stay stale until the next flush.
    if isWorthReaching(from: widened, beyond: range),
      let span = allocator.nextStaleSpan(olderThan: nil, maxPages: limit),
      span.union(widened).pageCount(of: allocator.granule) <= limit
    {
      return piggyback(span.union(widened))
    }
    return piggyback(widened)
  }

  /// Whether to look for stale pages behind a widened range.
  ///
  /// Not for each of the few pages that are freed at a time where little is in flight: looking
  /// costs more than freeing them, and the next border of 64 pages comes soon.
  private func isWorthReaching(from widened: IOVARange, beyond range: IOVARange) -> Bool {
    let log2 = UInt64(allocator.granule.log2)
    let below = range.first.rawValue - widened.first.rawValue
    let above = widened.last.rawValue - range.last.rawValue
    return (below + above) >> log2 >= 8
      || widened.first.rawValue >> (log2 + 6) != widened.last.rawValue >> (log2 + 6)
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
