extension MagazineCache {
  /// Takes the top of the loaded magazine if it is not above `highest`; changes nothing otherwise.
  ///
  /// This is what ``take(_:notAbove:on:)`` would do first. Complexity: O(1).
  @inlinable
  borrowing func takeTop(
    _ sizeClass: Int, notAbove highest: UInt64, on cpu: CPUIndex
  ) -> UInt64? {
    let slot = slot(cpu, sizeClass)
    slots[slot].lock.lock()
    defer { slots[slot].lock.unlock() }
    let magazine = Int(slots[slot].loaded)
    let count = Int(store.counts[magazine])
    if count == 0 { return nil }
    let page = store.pages[magazine &* MagazineStore.magazineSize &+ count &- 1]
    if page > highest { return nil }
    store.counts[magazine] &-= 1
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
    let slot = slot(cpu, sizeClass)
    slots[slot].lock.lock()
    defer { slots[slot].lock.unlock() }
    if store.isEmpty(slots[slot].loaded) {
      if !store.isEmpty(slots[slot].previous) {
        swap(&slots[slot].loaded, &slots[slot].previous)
      } else if !reload(slot, from: sizeClass) {
        return nil
      }
    }
    let passed = store.entries(of: slots[slot].loaded, above: highest)
    slots[slot].passed &+= UInt64(passed)
    return store.pop(from: slots[slot].loaded, passing: passed)
  }

  /// Replaces the empty loaded magazine by a full one from the depot, if it has one.
  private borrowing func reload(_ slot: Int, from sizeClass: Int) -> Bool {
    depots[sizeClass].lock.lock()
    let full = popDepot(sizeClass)
    depots[sizeClass].lock.unlock()
    if full == MagazineStore.none { return false }
    store.putSpare(slots[slot].loaded)
    slots[slot].loaded = full
    return true
  }

  /// Takes the last magazine put into the depot, or ``MagazineStore/none``; its lock is held.
  borrowing func popDepot(_ sizeClass: Int) -> MagazineStore.Magazine {
    let top = depots[sizeClass].top
    if top == MagazineStore.none { return top }
    depots[sizeClass].top = store.below[Int(top)]
    depots[sizeClass].count &-= 1
    return top
  }
}
