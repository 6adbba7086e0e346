import Synchronization

/// What happens when a chunk gets its first stale page, or its first since an invalidation began.
extension RolloverAllocator {
  /// Sees to it that a chunk, whose lock is held, is on the stale list of the present.
  borrowing func prepareForStale(_ number: Int, at now: Instant, slot: Int) {
    let started = startedInvalidations()
    YieldPoint.reached(.load, shared.part(RolloverPart.chunk(number)))
    if chunks[openStampOf: number].load(ordering: .relaxed) == started { return }
    reclaimIfFinished(number)
    // Linking it opens the stamp.
    if !isStale(number) { return stamp(number, time: now.nanoseconds, slot: slot) }
    if chunks[number].stamp != started { raiseStamp(number) }
    noteRetireWhileCleaning(number, at: now)
  }

  /// Frees the stale pages of a chunk, whose lock is held, if an invalidation has covered them.
  ///
  /// Acquiring pairs with the releasing store in `endGlobalInvalidation`: the pages are handed out
  /// after the invalidation, as every processor sees it.
  @inline(__always)
  borrowing func reclaimIfFinished(_ number: Int) {
    if isStale(number), isFinished(number) { reclaim(number) }
  }

  /// Frees the stale pages of a chunk that an invalidation has covered.
  @inline(never)
  private borrowing func reclaim(_ number: Int) {
    lists.lock.lock()
    unlinkStale(number)
    freeAllStale(number)
    updateTracking(number)
    lists.lock.unlock()
  }

  /// The same in a chunk that is on no free list, whose lock is held, and that of the lists.
  @inline(__always)
  borrowing func freeFinished(_ number: Int) {
    if !isStale(number) || !isFinished(number) { return }
    unlinkStale(number)
    freeAllStale(number)
  }

  /// Whether an invalidation has covered whatever is stale in a chunk, whose lock is held.
  @inline(__always)
  borrowing func isFinished(_ number: Int) -> Bool {
    YieldPoint.reached(.load, shared.part(RolloverPart.finished))
    return chunks[number].stamp < flushFinished.load(ordering: .acquiring)
  }

  /// Takes a chunk out of its stale list, and its pages out of the list's count.
  ///
  /// Context: the chunk's and the lists' lock.
  borrowing func unlinkStale(_ number: Int) {
    if countsStale { moveCount(of: number, pages: -stalePages(ofChunk: number).count) }
    // Not linked: a processor took it from the finished list, and is about to visit it.
    if lists.stale.isLinked(number) { lists.stale.unlink(number) }
  }

  /// Adds to the count of a chunk's stale list, unless that list has been finished meanwhile.
  ///
  /// Context: the chunk's and the lists' lock: nobody else writes `moved`.
  borrowing func moveCount(of number: Int, pages: Int) {
    let list = Int(chunks[number].list)
    if lists.generation(of: list) != chunks[number].generation { return }
    lists.moved[list].wrappingAdd(pages, ordering: .relaxed)
  }

  /// Puts a chunk without stale pages on the stale list of the present.
  @inline(__always)
  private borrowing func stamp(_ number: Int, time: UInt64, slot: Int) {
    lists.lock.lock()
    chunks[number].firstStale = linkStale(number, time: time)
    if countsStale { foldCount(ofList: Int(chunks[number].list), slot: slot) }
    lists.lock.unlock()
  }

  /// Holds all stale pages of a chunk to be as new as those about to be added.
  ///
  /// They wait for a later invalidation than they need to. That is one word for the chunk instead
  /// of one for each page, and it happens only while an invalidation is under way.
  private borrowing func raiseStamp(_ number: Int) {
    lists.lock.lock()
    unlinkStale(number)
    let time = chunks[number].firstStale
    chunks[number].firstStale = linkStale(number, time: time)
    if countsStale { moveCount(of: number, pages: stalePages(ofChunk: number).count) }
    lists.lock.unlock()
  }

  /// Links a chunk into the stale list of the present, and returns the time that it is kept under.
  ///
  /// The counter is read again under the lists' lock: so stamps ascend from call to call, and a
  /// later stamp than needed is always right.
  @inline(__always)
  private borrowing func linkStale(_ number: Int, time: UInt64) -> UInt64 {
    YieldPoint.reached(.load, shared.part(RolloverPart.started))
    let started = flushStarted.load(ordering: .relaxed)
    let list = lists.staleList(for: started)
    chunks[number].stamp = started
    openRetiring(number, stamp: started)
    chunks[number].list = UInt8(list)
    chunks[number].generation = lists.generation(of: list)
    return lists.insert(number, intoStale: list, time: time)
  }

  /// Says that `range`, which was just retired, has been stale since `since`: perhaps for longer
  /// than what was retired in its chunks before.
  ///
  /// Without it the time of retiring is taken to be the present, and the chunks' order stands.
  /// Complexity: a visit to each chunk, and the lists' lock where it is the oldest there. Context:
  /// any processor. Allocates: never.
  public borrowing func noteStale(_ range: IOVARange, since: Instant) {
    guard let pages = space.pages(of: range) else { return }
    for number in chunkNumbers(of: pages) {
      chunks.lock(number)
      // Nothing stale: an invalidation has come first.
      if isStale(number) { noteStale(chunk: number, since: since.nanoseconds) }
      chunks.unlock(number)
    }
  }

  private borrowing func noteStale(chunk number: Int, since time: UInt64) {
    chunks[number].laterStale = min(chunks[number].laterStale, time)
    if time >= chunks[number].firstStale { return }
    lists.lock.lock()
    defer { lists.lock.unlock() }
    let list = Int(chunks[number].list)
    if lists.generation(of: list) != chunks[number].generation { return }
    lists.stale.unlink(number)
    chunks[number].firstStale = lists.insert(number, intoStale: list, time: time)
  }

  /// Remembers when the first page was retired that a range invalidation under way does not cover.
  private borrowing func noteRetireWhileCleaning(_ number: Int, at now: Instant) {
    openRetiring(number, stamp: chunks[number].stamp)
    if chunks[number].laterStale == RolloverChunkState.never {
      chunks[number].laterStale = now.nanoseconds
    }
  }

  /// Keeps a processor's count from running into its generation, between two global invalidations.
  ///
  /// Context: the lists' lock: the generation stands still.
  private borrowing func foldCount(ofList list: Int, slot: Int) {
    YieldPoint.reached(.store, shared.part(RolloverPart.retired(slot)))
    let count = retired[slot, list].load(ordering: .relaxed) & 0xffff_ffff
    if count < 1 << 30 { return }
    retired[slot, list].wrappingSubtract(count, ordering: .relaxed)
    lists.moved[list].wrappingAdd(Int(count), ordering: .relaxed)
  }
}
