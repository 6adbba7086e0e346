extension MagazineCache {
  /// Takes the top of the loaded magazine if it is within `limit`, `nil` for none; changes nothing
  /// otherwise.
  ///
  /// This is what ``take(_:notAbove:on:)`` would do first. Complexity: O(1).
  @inlinable
  @inline(__always)
  borrowing func takeTop(_ sizeClass: Int, _ limit: PageLimit?, on cpu: CPUIndex) -> UInt64? {
    let slot = slots.slot(of: cpu)
    slots[slot, sizeClass].lock.lock()
    let page = store.magazines[Int(slots[slot, sizeClass].loaded)].popTop(limit)
    slots[slot, sizeClass].lock.unlock()
    return page
  }

  /// Takes a run of the class that does not start above `highest`, or gives `nil`.
  ///
  /// The loaded magazine serves if it holds anything, else the previous one, else one from the
  /// depot; only that one is looked through. Source: `__iova_rcache_get`.
  /// Complexity: at most the pages of a magazine.
  borrowing func take(
    _ sizeClass: Int, notAbove highest: UInt64, on cpu: CPUIndex
  ) -> UInt64? {
    let slot = slots.slot(of: cpu)
    slots[slot, sizeClass].lock.lock()
    defer { slots[slot, sizeClass].lock.unlock() }
    if store.magazines[Int(slots[slot, sizeClass].loaded)].count == 0 {
      if store.magazines[Int(slots[slot, sizeClass].previous)].count != 0 {
        swap(&slots[slot, sizeClass].loaded, &slots[slot, sizeClass].previous)
      } else if !reload(slot, from: sizeClass) {
        return nil
      }
    }
    let loaded = Int(slots[slot, sizeClass].loaded)
    let passed = store.magazines[loaded].entries(above: highest)
    if passed > 0 {
      slots[slot, sizeClass].passed &+= UInt64(passed)
      slots[slot, sizeClass].searches &+= 1
    }
    return store.magazines[loaded].pop(passing: passed)
  }

  /// Replaces the empty loaded magazine by a full one from the depot, if it has one.
  private borrowing func reload(_ slot: Int, from sizeClass: Int) -> Bool {
    depots[sizeClass].lock.lock()
    let full = popDepot(sizeClass)
    depots[sizeClass].lock.unlock()
    if full == MagazineStore.none { return false }
    store.putSpare(slots[slot, sizeClass].loaded)
    slots[slot, sizeClass].loaded = full
    return true
  }

  /// Takes the last magazine put into the depot, or ``MagazineStore/none``; its lock is held.
  borrowing func popDepot(_ sizeClass: Int) -> MagazineStore.Number {
    let top = depots[sizeClass].top
    if top == MagazineStore.none { return top }
    depots[sizeClass].top = store.below[Int(top)]
    depots[sizeClass].count &-= 1
    return top
  }
}
