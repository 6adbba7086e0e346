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
    state[0].lastEpoch &+= 1
    let epoch = state[0].lastEpoch
    if state[0].waiting.pages > 0 { assignWaiting(to: epoch) }
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
    precondition(number > 0 && number <= state[0].lastEpoch, "invalidation was never begun")
    if isCovered(state[0].older, by: number) { state[0].older = swept(state[0].older) }
    if isCovered(state[0].newer, by: number) { state[0].newer = swept(state[0].newer) }
    if state[0].older.epoch == 0 && state[0].newer.epoch != 0 {
      let empty = state[0].older
      state[0].older = state[0].newer
      state[0].newer = empty
    }
    if state[0].wrapEpoch != 0 && number >= state[0].wrapEpoch {
      state[0].wrapEpoch = 0
      state[0].isWrapped = true
    }
  }

  /// Hands the waiting pages to the invalidation `epoch`: the maps change places, no bit moves.
  private borrowing func assignWaiting(to epoch: UInt64) {
    var full = state[0].waiting
    full.epoch = epoch
    if state[0].older.epoch == 0 {
      state[0].waiting = state[0].older
      state[0].older = full
    } else if state[0].newer.epoch == 0 {
      state[0].waiting = state[0].newer
      state[0].newer = full
    } else {
      merge(full)
    }
  }

  /// Adds the waiting pages to ``BitmapState/newer``, all of which then wait for the later one.
  private borrowing func merge(_ full: StaleSet) {
    var word = 0
    while word < busy.count {
      stale[state[0].newer.map * busy.count + word] |= stale[full.map * busy.count + word]
      stale[full.map * busy.count + word] = 0
      word &+= 1
    }
    state[0].wordsSwept &+= UInt64(busy.count)
    state[0].newer.pages &+= full.pages
    state[0].newer.epoch = full.epoch
    state[0].waiting.pages = 0
  }

  private borrowing func isCovered(_ set: StaleSet, by epoch: UInt64) -> Bool {
    set.epoch != 0 && set.epoch <= epoch
  }

  /// Frees the pages of `set` and gives its map back empty.
  private borrowing func swept(_ set: StaleSet) -> StaleSet {
    var word = 0
    while word < busy.count {
      busy[word] &= ~stale[set.map * busy.count + word]
      stale[set.map * busy.count + word] = 0
      word &+= 1
    }
    state[0].wordsSwept &+= UInt64(busy.count)
    return StaleSet(map: set.map)
  }
}
