extension MagazineCache {
  /// Puts a run of the class on top of the loaded magazine; `false`, and no change, if it is full.
  ///
  /// This is what ``put(_:_:on:tree:)`` would do first. Complexity: O(1).
  @inlinable
  @inline(__always)
  borrowing func putTop(_ page: UInt64, _ sizeClass: Int, on cpu: CPUIndex) -> Bool {
    let slot = slots.slot(of: cpu)
    slots[slot, sizeClass].lock.lock()
    let done = store.magazines[Int(slots[slot, sizeClass].loaded)].push(page)
    slots[slot, sizeClass].lock.unlock()
    return done
  }

  /// Puts a run of the class away; `false` means that the caller has to give it to the tree.
  ///
  /// When both magazines of the processor are full, the loaded one goes to the depot, or, where
  /// that is full, its runs go to `tree`. Source: `__iova_rcache_insert`.
  /// Complexity: O(1); with a full depot, as much as 127 removals from the tree.
  borrowing func put(
    _ page: UInt64, _ sizeClass: Int, on cpu: CPUIndex, tree: borrowing IOVATree
  ) -> Bool {
    let slot = slots.slot(of: cpu)
    var excess = MagazineStore.none
    slots[slot, sizeClass].lock.lock()
    if store.magazines[Int(slots[slot, sizeClass].loaded)].isFull {
      if !store.magazines[Int(slots[slot, sizeClass].previous)].isFull {
        swap(&slots[slot, sizeClass].loaded, &slots[slot, sizeClass].previous)
      } else {
        let fresh = store.takeSpare()
        if fresh == MagazineStore.none {
          slots[slot, sizeClass].lock.unlock()
          return false
        }
        let full = slots[slot, sizeClass].loaded
        if !pushDepot(full, sizeClass) { excess = full }
        slots[slot, sizeClass].loaded = fresh
      }
    }
    _ = store.magazines[Int(slots[slot, sizeClass].loaded)].push(page)
    slots[slot, sizeClass].lock.unlock()

    if excess != MagazineStore.none {
      empty(excess, into: tree)
      store.putSpare(excess)
    }
    return true
  }

  /// Puts a full magazine into the depot, unless that has as many as it takes.
  private borrowing func pushDepot(
    _ magazine: MagazineStore.Number, _ sizeClass: Int
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
  borrowing func empty(_ magazine: MagazineStore.Number, into tree: borrowing IOVATree) {
    let index = Int(magazine)
    tree.lock.lock()
    defer { tree.lock.unlock() }
    var place = 0
    while place < store.magazines[index].count {
      tree.remove(runAt: store.magazines[index][place])
      place &+= 1
    }
    store.magazines[index].count = 0
  }
}
