/// Invalidating on behalf of the scheme, and freeing tables under the cover of an invalidation.
extension PagingDomain {
  /// Invalidates `range` on every device; false where a device may still hold old translations.
  ///
  /// Devices that are gone or in error reach nothing and do not count as failures. One that is out
  /// of resources is invalidated globally instead. Complexity: an instruction to each device.
  @inlinable
  @inline(__always)
  public func flush(
    _ range: IOVARange, _ cause: InvalidationCause, on cpu: CPUIndex
  ) -> Bool {
    do throws(ControlError) {
      try invalidate(range, cause, .everyDevice, on: cpu)
      return true
    } catch .outOfResources {
      return flushAll(.outOfResources, on: cpu)
    } catch {
      return false
    }
  }

  /// Invalidates everything on every device; false where a device may still hold old translations.
  ///
  /// On success the scheme's stale pages and what was parked for reuse are free. So are up to
  /// ``tablesPerFlush`` of the tables that were empty before; the other ones that had been unlinked
  /// follow as further tables become empty. On failure nothing is freed. Complexity: one
  /// instruction per device, O(parked slots).
  @inlinable
  public func flushAll(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    if options.modifiers.contains(.reuse) { return flushWithParked(cause, on: cpu) }
    return flushEverything(cause, on: cpu)
  }

  /// Everything, and what is parked for reuse with it.
  @usableFromInline
  func flushWithParked(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    // One at a time: what another flush clears meanwhile is not covered by this one.
    return flushing.withLock {
      clearParked()
      let succeeded = flushEverything(cause, on: cpu)
      if succeeded { freeCleared(on: cpu) }
      return succeeded
    }
  }

  @inlinable
  func flushEverything(_ cause: InvalidationCause, on cpu: CPUIndex) -> Bool {
    let unlinked = table.unlinkEmptyTables(limit: Self.tablesPerFlush)
    let mark = staleWindow.beginGlobal()
    let epoch = scheme.beginGlobalInvalidation()
    observer.invalidationBegan(nil)
    var succeeded = true
    attachments.forEach { control in
      counters.count(cause, on: cpu)
      do throws(ControlError) {
        try control.invalidateAll(on: cpu)
      } catch {
        if note(error, on: cpu) != nil { succeeded = false }
      }
    }
    observer.invalidationEnded(nil, succeeded: succeeded)
    staleWindow.endGlobal(mark, succeeded: succeeded, at: now())
    // On failure the unlinked tables stay quarantined until the domain ends.
    guard succeeded else { return false }
    scheme.endGlobalInvalidation(epoch, on: cpu)
    table.cover(unlinked)
    table.freeCovered(limit: Self.tablesPerFlush)
    return true
  }

  /// Handles a timer that this domain armed: call it on any processor, never from within a call of
  /// the domain on the same processor.
  ///
  /// Complexity: at most one ``flushAll(_:on:)`` and what the scheme's own timer takes: of the
  /// queues, their entries; of an age, the chunks with pages that are too old.
  public func timerFired(_ purpose: TimerPurpose, on cpu: CPUIndex) {
    if purpose == .parked {
      expireParked(on: cpu)
    } else {
      scheme.timerFired(purpose, on: cpu, issuer: self)
    }
  }
}
