public import Synchronization

/// Telling devices of new translations, where they must be told.
extension PagingDomain {
  /// Notes a mapping for the next ``synchronize(on:)``.
  @inlinable
  func postpone(_ device: IOVARange, on cpu: CPUIndex) {
    let index = processor(cpu)
    processors[index].lock.lock()
    processors[index].pending.add(device, bridging: bridgedGap)
    processors[index].lock.unlock()
  }

  /// Announces all that the processor has postponed; on failure the rest is announced all the same.
  ///
  /// What failed is postponed again: once unmapped it may be parked, and whoever takes it back from
  /// there relies on its announcement.
  @inlinable
  func announcePending(on cpu: CPUIndex) throws(MapError) {
    let index = processor(cpu)
    processors[index].lock.lock()
    let pending = processors[index].pending
    processors[index].pending.count = 0
    processors[index].lock.unlock()
    var failure: ControlError?
    for position in 0..<pending.count {
      do throws(ControlError) {
        try announce(pending.ranges[position], on: cpu)
      } catch {
        postpone(pending.ranges[position], on: cpu)
        failure = error
      }
    }
    if let failure { throw .control(failure) }
  }

  /// Makes `device` usable; where that fails, takes the mapping back.
  @inlinable
  @inline(__always)
  func announceOrTakeBack(_ device: IOVARange, on cpu: CPUIndex) throws(MapError) {
    if !requiresAnnouncement { return observer.usable(device) }
    try tellOrTakeBack(device, on: cpu)
  }

  @inlinable
  @inline(never)
  func tellOrTakeBack(_ device: IOVARange, on cpu: CPUIndex) throws(MapError) {
    do throws(ControlError) {
      if options.modifiers.contains(.piggyback) {
        try tell(device, on: cpu)
      } else {
        try tellAlone(device, on: cpu)
      }
    } catch {
      // A hypervisor may have taken up some of the pages before it gave up.
      observer.unmapped(device)
      retire(device, since: now(), on: cpu)
      throw .control(error)
    }
  }

  /// Invalidates `device` on every device that needs to be told of new translations.
  @inlinable
  func announce(_ device: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    if !requiresAnnouncement { return observer.usable(device) }
    try tell(device, on: cpu)
  }

  /// The same where at least one device needs to be told, and of nothing else.
  @inlinable
  @inline(__always)
  func tellAlone(_ device: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    try invalidateForMap(device, .told, on: cpu)
    observer.usable(device)
  }

  /// The same where at least one device needs to be told.
  @inlinable
  func tell(_ device: IOVARange, on cpu: CPUIndex) throws(ControlError) {
    // Stale pages are worth taking up only if the invalidation reaches every device as it is.
    let count = population.count
    guard options.modifiers.contains(.piggyback), count.announcing == count.attached else {
      return try tellAlone(device, on: cpu)
    }
    let piggyback = scheme.beginPiggyback(device)
    do throws(ControlError) {
      // A device that need not be told may have joined since, and have used what is stale by now.
      let reach: InvalidationReach = piggyback.stalePages > 0 ? .everyDevice : .told
      try invalidateForMap(piggyback.range, reach, on: cpu)
    } catch {
      scheme.endPiggyback(piggyback, succeeded: false)
      throw error
    }
    scheme.endPiggyback(piggyback, succeeded: true)
    if piggyback.stalePages > 0 {
      counters.count(.piggybacks, on: cpu)
      counters.count(.piggybackedPages, piggyback.stalePages, on: cpu)
      account(freed: piggyback.stalePages, oldest: piggyback.oldest)
    }
    observer.usable(device)
  }

  /// Whether any device needs to be told of new translations.
  @inlinable
  var requiresAnnouncement: Bool {
    // Pairs with the fence of a device that joins: either it is seen here, or it sees the table.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return population.count.announcing != 0
  }

  /// Invalidates on every device; once more after a global one where a device had no resources.
  @inlinable
  @inline(__always)
  func invalidateForMap(
    _ range: IOVARange, _ reach: InvalidationReach, on cpu: CPUIndex
  ) throws(ControlError) {
    do throws(ControlError) {
      try invalidate(range, .map, reach, on: cpu)
    } catch .outOfResources {
      // The hypervisor finds what became invalid and gives back what it had pinned.
      guard flushAll(.outOfResources, on: cpu) else { throw .outOfResources }
      try invalidate(range, .map, reach, on: cpu)
    } catch {
      throw error
    }
  }

  /// Issues a range invalidation to the devices; one that reaches nothing counts as done.
  @inlinable
  @inline(__always)
  func invalidate(
    _ range: IOVARange, _ cause: InvalidationCause, _ reach: InvalidationReach, on cpu: CPUIndex
  ) throws(ControlError) {
    observer.invalidationBegan(range)
    var failure: ControlError?
    attachments.forEach { control in
      if reach == .told && !control.requiresMapSideInvalidation { return }
      counters.count(cause, on: cpu)
      do throws(ControlError) {
        try control.invalidate(range, on: cpu)
      } catch {
        failure = note(error, on: cpu) ?? failure
      }
    }
    observer.invalidationEnded(range, succeeded: failure == nil)
    if let failure { throw failure }
  }

  /// Tells whether a device may still hold translations after `error`, and counts either way.
  @inlinable
  func note(_ error: ControlError, on cpu: CPUIndex) -> ControlError? {
    switch error {
    case .functionGone, .functionInError:
      counters.count(.absentDevices, on: cpu)
      return nil
    default:
      counters.count(.failures, on: cpu)
      return error
    }
  }
}

/// Which devices of a domain an invalidation goes to.
@usableFromInline
enum InvalidationReach {
  /// Those that have to be told of new translations.
  case told
  /// All of them, since the range has stale pages.
  case everyDevice
}
