extension BitmapAllocator {
  /// Marks the start of a global invalidation; what is stale now is freed when it ends.
  ///
  /// One that nothing asked for, because the hardware ran out of resources, frees stale pages as
  /// well but leaves the place to go on from as it is (pci_dma.c `__dma_purge_tlb`).
  ///
  /// Two invalidations may be under way at once. Of three or more, the pages of a middle one may
  /// wait for the newest to end.
  /// Complexity: O(1); with two others under way, linear in the words of the aperture.
  /// Context: any processor. Allocates: never.
  public borrowing func beginGlobalInvalidation() -> InvalidationEpoch {
    lock.lock()
    defer { lock.unlock() }
    state.value.lastEpoch &+= 1
    let epoch = state.value.lastEpoch
    if state.value.waiting.pages > 0 { assignWaiting(to: epoch) }
    return InvalidationEpoch(epoch)
  }

  /// Frees every page that was retired before the invalidation `epoch` began.
  ///
  /// If an allocation had thrown ``IOVAAllocationError/needsInvalidation(pages:)`` before that, the
  /// next one searches from the first page. An invalidation that failed on a device must not be
  /// ended: its pages then wait for a later one.
  /// Complexity: linear in the words of the aperture where pages were stale.
  /// Context: any processor. Allocates: never.
  public borrowing func endGlobalInvalidation(_ epoch: InvalidationEpoch) {
    lock.lock()
    defer { lock.unlock() }
    let number = epoch.rawValue
    precondition(number > 0 && number <= state.value.lastEpoch, "invalidation was never begun")
    if isCovered(state.value.older, by: number) { state.value.older = swept(state.value.older) }
    if isCovered(state.value.newer, by: number) { state.value.newer = swept(state.value.newer) }
    if state.value.older.epoch == 0 && state.value.newer.epoch != 0 {
      let empty = state.value.older
      state.value.older = state.value.newer
      state.value.newer = empty
    }
    if state.value.wrapEpoch != 0 && number >= state.value.wrapEpoch {
      state.value.wrapEpoch = 0
      state.value.isWrapped = true
    }
  }

  /// Hands the waiting pages to the invalidation `epoch`: the maps change places, no bit moves.
  private borrowing func assignWaiting(to epoch: UInt64) {
    var full = state.value.waiting
    full.epoch = epoch
    if state.value.older.epoch == 0 {
      state.value.waiting = state.value.older
      state.value.older = full
    } else if state.value.newer.epoch == 0 {
      state.value.waiting = state.value.newer
      state.value.newer = full
    } else {
      merge(full)
    }
  }

  /// Adds the waiting pages to ``BitmapState/newer``, all of which then wait for the later one.
  private borrowing func merge(_ full: StaleSet) {
    var word = 0
    while word < busy.count {
      stale[state.value.newer.map * busy.count + word] |= stale[full.map * busy.count + word]
      stale[full.map * busy.count + word] = 0
      word &+= 1
    }
    state.value.wordsSwept &+= UInt64(busy.count)
    state.value.newer.pages &+= full.pages
    state.value.newer.epoch = full.epoch
    state.value.waiting.pages = 0
  }

  private borrowing func isCovered(_ set: StaleSet, by epoch: UInt64) -> Bool {
    set.epoch != 0 && set.epoch <= epoch
  }

  /// Frees the pages of `set` and gives its map back empty.
  private borrowing func swept(_ set: StaleSet) -> StaleSet {
    busy.subtract(emptying: stale, from: set.map &* busy.count)
    state.value.wordsSwept &+= UInt64(busy.count)
    return StaleSet(map: set.map)
  }
}
