public import Synchronization

/// The modifier `+reuse`: translations that stand for their memory to come back.
extension PagingDomain {
  /// Takes back the translation of `pages`, if it still stands.
  @inlinable
  func takeParked(
    _ pages: PhysicalRange, _ permission: DevicePermission, on cpu: CPUIndex
  ) -> IOVARange? {
    let index = processor(cpu)
    processors[index].lock.lock()
    let slot = processors[index].parked.take(
      pages.first, byteCountMinusOne: pages.byteCountMinusOne, permission)
    processors[index].lock.unlock()
    guard let slot else {
      counters.count(.reuseMisses, on: cpu)
      return nil
    }
    counters.count(.reuseHits, on: cpu)
    let count = slot.device.pageCount(of: Platform.Format.granule).rawValue
    account(freed: count, oldest: slot.since)
    observer.reused(slot.device)
    return slot.device
  }

  /// Whether a mapping that one processor made needs no announcement of that processor's.
  ///
  /// With `+batch` it may still wait for its maker's doorbell, and whoever took it back on another
  /// processor would ring a doorbell of their own that announces nothing: so there it is not kept.
  /// No fence: a device that joins after this was read takes up the whole table.
  @inlinable
  var isAnnouncedByEveryone: Bool {
    !options.modifiers.contains(.batch) || population.count.announcing == 0
  }

  /// Keeps the translation standing, in place of one that was kept longer.
  @inlinable
  func park(
    _ device: IOVARange, _ memory: PhysicalAddress, _ permission: DevicePermission,
    since: Instant, on cpu: CPUIndex
  ) {
    account(stale: Table.pages(device), since: since)
    var slot = ReuseCache.Slot()
    slot.device = device
    slot.memory = memory
    slot.since = since
    slot.allowsWrite = permission.allowsWrite
    slot.state = .parked
    let index = processor(cpu)
    processors[index].lock.lock()
    let evicted = processors[index].parked.park(slot)
    processors[index].lock.unlock()
    if let evicted { giveUp(evicted, on: cpu) }
    armParkedTimer(since: since)
  }

  /// Clears the entries of what was parked and leaves the addresses to the scheme.
  @inlinable
  @inline(never)
  func giveUp(_ slot: ReuseCache.Slot, on cpu: CPUIndex) {
    do throws(TableError) {
      try table.unmap(slot.device)
    } catch {
      quarantine(slot.device)
      return
    }
    scheme.retireParked(slot.device, since: slot.since, on: cpu, issuer: self)
    limitEmptyTables(on: cpu)
  }

  /// Whether any translation stands for its memory to come back.
  var hasParked: Bool {
    for index in 0..<processors.count {
      processors[index].lock.lock()
      let oldest = processors[index].parked.oldest
      processors[index].lock.unlock()
      if oldest != nil { return true }
    }
    return false
  }

  /// Gives up everything parked that was unmapped at `limit` or before; true where there was any.
  func evictParked(notAfter limit: Instant, on cpu: CPUIndex) -> Bool {
    var found = false
    for index in 0..<processors.count {
      var position = 0
      while true {
        processors[index].lock.lock()
        let slot = processors[index].parked.takeParked(notAfter: limit, from: &position)
        processors[index].lock.unlock()
        guard let slot else { break }
        found = true
        giveUp(slot, on: cpu)
      }
    }
    return found
  }

  /// Clears the entries of everything parked, so that the invalidation to come drops them.
  func clearParked() {
    for index in 0..<processors.count {
      processors[index].lock.lock()
      for position in 0..<processors[index].parked.slots.count {
        guard processors[index].parked.slots[position].state == .parked else { continue }
        let device = processors[index].parked.slots[position].device
        do throws(TableError) {
          try table.unmap(device)
          processors[index].parked.slots[position].state = .cleared
        } catch {
          processors[index].parked.slots[position].state = .empty
          quarantine(device)
        }
      }
      processors[index].lock.unlock()
    }
  }

  /// Frees the addresses of what ``clearParked()`` cleared: an invalidation has covered it.
  func freeCleared(on cpu: CPUIndex) {
    for index in 0..<processors.count {
      processors[index].lock.lock()
      for position in 0..<processors[index].parked.slots.count
      where processors[index].parked.slots[position].state == .cleared {
        processors[index].parked.slots[position].state = .empty
        scheme.cancel(processors[index].parked.slots[position].device, on: cpu)
      }
      processors[index].lock.unlock()
    }
  }

  /// Gives up what was parked for half as long as the scheme lets pages be stale.
  ///
  /// Half, because the timer goes off at three quarters: it then runs at most four times in that
  /// time, however much is parked, and nothing is parked for longer than three quarters of it.
  func expireParked(on cpu: CPUIndex) {
    guard let limit = scheme.parkingLimit else { return }
    parkedTimerIsArmed.store(false, ordering: .releasing)
    let now = now()
    let half = limit.rawValue / 2
    if now.nanoseconds >= half {
      _ = evictParked(notAfter: Instant(nanoseconds: now.nanoseconds - half), on: cpu)
    }
    var oldest: Instant?
    for index in 0..<processors.count {
      processors[index].lock.lock()
      let candidate = processors[index].parked.oldest
      processors[index].lock.unlock()
      if let candidate { oldest = min(oldest ?? candidate, candidate) }
    }
    if let oldest { armParkedTimer(since: oldest) }
  }

  /// Has the timer go off before what was parked at `since` has been stale for too long.
  @inlinable
  func armParkedTimer(since: Instant) {
    guard let limit = scheme.parkingLimit,
      !parkedTimerIsArmed.load(ordering: .relaxed),
      !parkedTimerIsArmed.exchange(true, ordering: .acquiringAndReleasing)
    else { return }
    let due = since.advanced(by: Nanoseconds(limit.rawValue - limit.rawValue / 4))
    timer.arm(.parked, after: due.since(now()), .precise)
  }
}
