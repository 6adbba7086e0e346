extension TreeAllocator {
  /// Takes back a range; it may be handed out at once.
  ///
  /// Up to 32 pages go to the magazines of `cpu`, which need not be the one that allocated. A range
  /// that is not handed out is a programmer's error; for the tree it traps, at once or when its
  /// magazine is emptied. Source: `free_iova_fast`.
  /// Complexity: O(1); O(log n) for more than 32 pages; with Linux 6.1's full depot, as much as 127
  /// removals from the tree. Context: any processor. Allocates: never.
  @inlinable
  @inline(__always)
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    if range.byteCountMinusOne == offsetMask {
      // One page: its end follows from its beginning, and its class is known.
      let first = range.first.rawValue
      precondition(first & offsetMask == 0, "range is not pages of the aperture")
      precondition(aperture.contains(range), "range is not pages of the aperture")
      if cache.putTop(first &>> UInt64(granule.log2), 0, on: cpu) { return }
      return freeSlowly(range, on: cpu)
    }
    let run = checked(range)
    guard let sizeClass = MagazineCache.sizeClass(of: run.count) else {
      return tree.free(runAt: run.page)
    }
    if cache.putTop(run.page, sizeClass, on: cpu) { return }
    freeSlowly(range, on: cpu)
  }

  /// Takes back one range after the other, until `next` has no more.
  ///
  /// What fits into the processor's loaded magazine goes there under one hold of its lock.
  /// Complexity: for each range as ``free(_:on:)``. Context: any processor. Allocates: never.
  @inlinable
  @inline(__always)
  public borrowing func freeAll(on cpu: CPUIndex, _ next: () -> IOVARange?) {
    var pending = next()
    while var range = pending {
      var run = checked(range)
      guard let sizeClass = MagazineCache.sizeClass(of: run.count) else {
        tree.free(runAt: run.page)
        pending = next()
        continue
      }
      let slot = cache.slots.slot(of: cpu)
      cache.slots[slot, sizeClass].lock.lock()
      let loaded = Int(cache.slots[slot, sizeClass].loaded)
      var fits = true
      while true {
        fits = cache.store.magazines[loaded].push(run.page)
        if !fits { break }
        pending = next()
        guard let following = pending else { break }
        run = checked(following)
        if MagazineCache.sizeClass(of: run.count) != sizeClass { break }
        range = following
      }
      cache.slots[slot, sizeClass].lock.unlock()
      if fits { continue }
      freeSlowly(range, on: cpu)
      pending = next()
    }
  }

  /// The first page of `range` and the number of its pages, which must be those of the aperture.
  @inlinable
  @inline(__always)
  borrowing func checked(_ range: IOVARange) -> (page: UInt64, count: UInt64) {
    let shift = UInt64(granule.log2)
    // Both ends at once: the first has no low bit set, the last all of them.
    let crooked = (range.first.rawValue | ~range.last.rawValue) & offsetMask
    precondition(crooked == 0, "range is not pages of the aperture")
    precondition(aperture.contains(range), "range is not pages of the aperture")
    return (range.first.rawValue &>> shift, (range.byteCountMinusOne &>> shift) &+ 1)
  }

  /// Everything but the top of the loaded magazine.
  @usableFromInline
  @inline(never)
  borrowing func freeSlowly(_ range: IOVARange, on cpu: CPUIndex) {
    let shift = UInt64(granule.log2)
    let page = range.first.rawValue &>> shift
    if let sizeClass = MagazineCache.sizeClass(of: (range.byteCountMinusOne &>> shift) &+ 1),
      cache.put(page, sizeClass, on: cpu, tree: tree)
    {
      return
    }
    tree.free(runAt: page)
  }

  /// The time at which ``upkeep(now:)`` should be called, or `nil` for no need.
  ///
  /// The delay of 100 ms after a magazine has gone to a depot counts from the first call of this
  /// function after that, because frees do not tell the time: call it whenever a timer might have
  /// to be set. Always `nil` for Linux 6.1.
  /// Complexity: O(1). Context: any processor. Allocates: never.
  public borrowing func nextUpkeep(now: Instant) -> Instant? {
    cache.nextReclaim(now: now)
  }

  /// Gives one magazine of each depot that is due back to the tree, unless it holds no more than
  /// there are processors.
  ///
  /// Complexity: at most 6 × 127 removals from the tree. Context: any processor.
  /// Allocates: never.
  public borrowing func upkeep(now: Instant) {
    cache.reclaim(now: now, into: tree)
  }
}
