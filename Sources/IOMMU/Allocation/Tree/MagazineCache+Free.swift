extension MagazineCache {
  /// Puts a run of the class away; `false` means that the caller has to give it to the tree.
  ///
  /// When both magazines of the processor are full, the loaded one goes to the depot, or, where
  /// that is full, its runs go to `tree`. Source: `__iova_rcache_insert`.
  /// Complexity: O(1); with a full depot, as much as 127 removals from the tree.
  @usableFromInline
  borrowing func put(
    _ page: UInt64, _ sizeClass: Int, on cpu: CPUIndex, tree: borrowing IOVATree
  ) -> Bool {
    let slot = slot(cpu, sizeClass)
    var excess = MagazineStore.none
    slots[slot].lock.lock()
    if store.isFull(slots[slot].loaded) {
      if !store.isFull(slots[slot].previous) {
        swap(&slots[slot].loaded, &slots[slot].previous)
      } else {
        let fresh = store.takeSpare()
        if fresh == MagazineStore.none {
          slots[slot].lock.unlock()
          return false
        }
        if !pushDepot(slots[slot].loaded, sizeClass) { excess = slots[slot].loaded }
        slots[slot].loaded = fresh
      }
    }
    store.push(page, on: slots[slot].loaded)
    slots[slot].lock.unlock()

    if excess != MagazineStore.none {
      empty(excess, into: tree)
      store.putSpare(excess)
    }
    return true
  }

  /// Puts a full magazine into the depot, unless that has as many as it takes.
  private borrowing func pushDepot(
    _ magazine: MagazineStore.Magazine, _ sizeClass: Int
  ) -> Bool {
    depots[sizeClass].lock.lock()
    defer { depots[sizeClass].lock.unlock() }
    if depots[sizeClass].count >= depotLimit { return false }
    store.below[Int(magazine)] = depots[sizeClass].top
    depots[sizeClass].top = magazine
    depots[sizeClass].count &+= 1
    depots[sizeClass].awaitsClock = depots[sizeClass].reclaimAt == nil
    return true
  }

  /// Removes every run of `magazine` from the tree, under one hold of its lock, as Linux does.
  borrowing func empty(_ magazine: MagazineStore.Magazine, into tree: borrowing IOVATree) {
    let index = Int(magazine)
    tree.lock.lock()
    defer { tree.lock.unlock() }
    var place = 0
    while place < Int(store.counts[index]) {
      tree.remove(runAt: store.pages[index &* MagazineStore.magazineSize &+ place])
      place &+= 1
    }
    store.counts[index] = 0
  }
}
