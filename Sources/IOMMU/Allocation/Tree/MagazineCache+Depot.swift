extension MagazineCache {
  /// The time between two magazines that a depot gives back (`IOVA_DEPOT_DELAY`).
  static var reclaimDelay: Nanoseconds { .milliseconds(100) }

  /// Gives every cached run back to the tree, because an allocation has failed.
  ///
  /// Source: `free_cpu_cached_iovas` for each processor, then `free_global_cached_iovas`.
  /// Complexity: linear in the cached runs, times O(log n) in the tree.
  borrowing func emptyAll(into tree: borrowing IOVATree) {
    for slot in 0..<slots.count {
      for sizeClass in 0..<Self.sizeCount {
        slots[slot, sizeClass].lock.lock()
        empty(slots[slot, sizeClass].loaded, into: tree)
        empty(slots[slot, sizeClass].previous, into: tree)
        slots[slot, sizeClass].lock.unlock()
      }
    }
    var sizeClass = 0
    while sizeClass < Self.sizeCount {
      depots[sizeClass].lock.lock()
      var magazine = popDepot(sizeClass)
      while magazine != MagazineStore.none {
        empty(magazine, into: tree)
        store.putSpare(magazine)
        magazine = popDepot(sizeClass)
      }
      depots[sizeClass].lock.unlock()
      sizeClass &+= 1
    }
  }

  /// Starts the delay of depots that grew since the last call; gives the earliest time due.
  borrowing func nextReclaim(now: Instant) -> Instant? {
    if !shrinks { return nil }
    var earliest: Instant?
    var sizeClass = 0
    while sizeClass < Self.sizeCount {
      depots[sizeClass].lock.lock()
      if depots[sizeClass].awaitsClock {
        depots[sizeClass].awaitsClock = false
        depots[sizeClass].reclaimAt = now.advanced(by: Self.reclaimDelay)
      }
      if let due = depots[sizeClass].reclaimAt { earliest = min(earliest ?? due, due) }
      depots[sizeClass].lock.unlock()
      sizeClass &+= 1
    }
    return earliest
  }

  /// Gives one magazine back from each depot whose time has come and that has more than `cpus`.
  ///
  /// Source: `iova_depot_work_func`, which comes again only if it has found one to give back.
  borrowing func reclaim(now: Instant, into tree: borrowing IOVATree) {
    var sizeClass = 0
    while sizeClass < Self.sizeCount {
      reclaim(sizeClass, now: now, into: tree)
      sizeClass &+= 1
    }
  }

  private borrowing func reclaim(_ sizeClass: Int, now: Instant, into tree: borrowing IOVATree) {
    depots[sizeClass].lock.lock()
    guard let due = depots[sizeClass].reclaimAt, due <= now else {
      depots[sizeClass].lock.unlock()
      return
    }
    let isAbove = depots[sizeClass].count > cpus
    let magazine = isAbove ? popDepot(sizeClass) : MagazineStore.none
    depots[sizeClass].reclaimAt = isAbove ? now.advanced(by: Self.reclaimDelay) : nil
    depots[sizeClass].lock.unlock()
    if magazine == MagazineStore.none { return }
    empty(magazine, into: tree)
    store.putSpare(magazine)
  }
}
