import Synchronization

/// Getting a processor another chunk, and giving chunks up.
extension RolloverAllocator {
  /// How many chunks a request for several pages tries before it searches them all.
  private var probesMax: Int { 16 }

  /// A run from chunks that the lists offer; the one that has more room left becomes the current.
  ///
  /// `room` is what the current chunk has behind its cursor. Complexity: `probesMax` visits; for a
  /// single page, as many as there are listed chunks that other processors have emptied meanwhile.
  borrowing func takeFromLists(_ shape: RunShape, slot: Int, room: Int) -> UInt64? {
    if shape.isAnyPage { return takePageFromLists(shape, slot: slot) }
    var probes = 0
    while let number = nextCandidate(shape, probes: probes) {
      probes += 1
      chunks.lock(number)
      prepareTaken(number)
      reclaimIfFinished(number)
      let free = chunks[number].free
      guard let page = shape.place(in: free, ofChunk: number, from: 0) else {
        giveUp(number)
        chunks.unlock(number)
        continue
      }
      occupy(number, from: page, shape, movingCursor: true)
      let end = page + Int(shape.pages)
      let isRoomier =
        room == 0 || free.subtracting(PageBits(from: 0, to: end)).count >= room
      if !isRoomier { giveUp(number) }
      chunks.unlock(number)
      if isRoomier { makeCurrent(number, slot: slot) }
      return (UInt64(number) << 8) + UInt64(page)
    }
    return nil
  }

  /// A page from a word that is opened in a chunk that the lists offer; it becomes the current one.
  ///
  /// The lists' lock is held from taking that chunk to giving up the one before: one visit.
  private borrowing func takePageFromLists(_ shape: RunShape, slot: Int) -> UInt64? {
    while true {
      lists.lock.lock()
      guard let number = takeCandidate(shape, isSweeping: true) else {
        lists.lock.unlock()
        return nil
      }
      lockTaken(number)
      freeFinished(number)
      prepareTaken(number)
      if let page = openWord(inChunk: number) {
        lists.owned[number] = true
        exchangeCurrent(for: number, slot: slot)
        makeCurrent(word: number << 2 | page >> 6, slot: slot)
        return (UInt64(number) << 8) + UInt64(page)
      }
      updateTracking(number)
      lists.lock.unlock()
      chunks.unlock(number)
    }
  }

  /// A chunk that was taken off the lists is looked at from its first page on.
  @inline(__always)
  private borrowing func prepareTaken(_ number: Int) {
    chunks[number].isTracked = true
    chunks[number].listed = 0
    chunks[number].cursor = 0
  }

  /// Makes a chunk the current one, and gives up the one before.
  ///
  /// Context: the chunk's and the lists' lock, which are given back.
  private borrowing func exchangeCurrent(for number: Int, slot: Int) {
    let old = exchangeCurrentNumber(for: number, slot: slot)
    // As with the next one, its lock may be tried here and not be waited for.
    let isLocked = chunks.tryLock(old)
    if isLocked { letGo(old) } else { lists.inTransit += 1 }
    lists.lock.unlock()
    chunks.unlock(number)
    if !isLocked {
      chunks.lock(old)
      giveUp(old)
    }
    chunks.unlock(old)
  }

  /// The exchange hands each chunk to one thread, even if two name the same processor.
  @inline(__always)
  private borrowing func exchangeCurrentNumber(for number: Int, slot: Int) -> Int {
    YieldPoint.reached(.store, shared.part(RolloverPart.current(slot)))
    let old = processors[slot].current.exchange(number, ordering: .relaxed)
    processors[slot].room.store(PageBits.capacity + 1, ordering: .relaxed)
    return old
  }

  /// Makes a chunk that the caller owns the current one, and gives up the one before.
  borrowing func makeCurrent(_ number: Int, slot: Int) {
    let old = exchangeCurrentNumber(for: number, slot: slot)
    chunks.lock(old)
    giveUp(old)
    chunks.unlock(old)
  }

  /// Lets go of an owned chunk, whose lock is held: what it has free goes on a free list.
  borrowing func giveUp(_ number: Int) {
    lists.lock.lock()
    lists.inTransit -= 1
    letGo(number)
    lists.lock.unlock()
  }

  /// The same with the lists' lock, of a chunk that was not counted as being in transit.
  private borrowing func letGo(_ number: Int) {
    // What a processor has at first is no chunk of the aperture.
    if number == chunkCount { return }
    lists.owned[number] = false
    updateTracking(number)
  }

  /// Puts a chunk on the free list where its longest run belongs, or on none.
  ///
  /// Context: the chunk's and the lists' lock. Owned and untouched chunks are found without a list.
  ///
  /// `longestFree` is the length of its longest run, where the caller knows it.
  borrowing func updateTracking(_ number: Int, longestFree: Int? = nil) {
    chunks[number].listed = 0
    if lists.owned[number] || number >= lists.nextVirgin {
      chunks[number].isTracked = true
      return
    }
    lists.removeFree(number)
    let longest = longestFree ?? chunks[number].free.longestRun.count
    chunks[number].isTracked = longest > 0
    if longest > 0 {
      chunks[number].listed = UInt16(longest)
      lists.addFree(number, longestRun: longest)
    }
  }

  /// Takes ownership of a chunk that may have room, or tells that there is none to be had.
  ///
  /// Untouched chunks come first, then those that an invalidation has freed, oldest first: so
  /// addresses ascend. Then the free lists: for one page the longest run, for several the list
  /// whose runs are surely long enough and nearest in size, at last those that may be.
  private borrowing func nextCandidate(_ shape: RunShape, probes: Int) -> Int? {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    if probes >= probesMax { return nil }
    guard let number = takeCandidate(shape, isSweeping: probes < finishedVisitsMax) else {
      return nil
    }
    own(number)
    return number
  }

  /// Takes a chunk off the lists that may have room.
  ///
  /// Context: the lists' lock.
  private borrowing func takeCandidate(_ shape: RunShape, isSweeping: Bool) -> Int? {
    takeVirgin(for: shape) ?? (isSweeping ? takeFinished() : nil) ?? takeListed(shape)
  }

  private borrowing func takeListed(_ shape: RunShape) -> Int? {
    let found =
      shape.isAnyPage
      ? lists.firstLongestFree
      : lists.firstFree(atLeast: shape.sureRun) ?? lists.firstFree(atLeast: Int(shape.pages))
    guard let number = found else { return nil }
    lists.removeFree(number)
    return number
  }
}
