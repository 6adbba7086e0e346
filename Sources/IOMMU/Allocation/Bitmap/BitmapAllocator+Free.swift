extension BitmapAllocator {
  /// Takes back a range that no device can reach any more: its pages are free at once.
  ///
  /// Source: `dma_free_address` in strict mode. A range that is not handed out is a programmer's
  /// error and traps. Complexity: linear in the words that hold the range.
  /// Context: any processor. Allocates: never.
  @inlinable
  @inline(__always)
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    let run = wordRun(range)
    guard let piece = run.only else { return freeWords(run) }
    lock.lock()
    let before = busy[piece.word]
    precondition(before & piece.mask == piece.mask, "freed pages were not handed out")
    busy[piece.word] = before & ~piece.mask
    lock.unlock()
  }

  @usableFromInline
  @inline(never)
  borrowing func freeWords(_ run: WordRun) {
    lock.lock()
    precondition(busy.isClear(run, inverting: .max), "freed pages were not handed out")
    busy.clear(run)
    lock.unlock()
  }

  /// Takes back a range whose translations may still be cached: its pages stay busy until an
  /// invalidation that begins later has ended.
  ///
  /// Source: `dma_free_address` in lazy mode. The time is not used: this scheme knows no age.
  /// A range that is not handed out is a programmer's error and traps. Complexity: linear in the
  /// words that hold the range. Context: any processor. Allocates: never.
  @inlinable
  @inline(__always)
  public borrowing func retire(_ range: IOVARange, at now: Instant, on cpu: CPUIndex) {
    let run = wordRun(range)
    guard let piece = run.only else { return retireWords(run) }
    lock.lock()
    retire(piece, in: state.value.waiting.map &* busy.count)
    state.value.waiting.pages &+= run.count
    lock.unlock()
  }

  @usableFromInline
  @inline(never)
  borrowing func retireWords(_ run: WordRun) {
    lock.lock()
    let map = state.value.waiting.map &* busy.count
    precondition(busy.isClear(run, inverting: .max), "retired pages not handed out")
    precondition(stale.isClear(run, inverting: 0, from: map), "retired pages are stale already")
    stale.set(run, from: map)
    state.value.waiting.pages &+= run.count
    lock.unlock()
  }

  /// Sets the pages of one word in the map of stale pages that begins at `map`; the lock is held.
  @inlinable
  @inline(__always)
  borrowing func retire(_ piece: WordPiece, in map: Int) {
    precondition(busy[piece.word] & piece.mask == piece.mask, "retired pages not handed out")
    let before = stale[map &+ piece.word]
    precondition(before & piece.mask == 0, "retired pages are stale already")
    stale[map &+ piece.word] = before | piece.mask
  }

  /// Keeps the pages that `range` touches from ever being handed out.
  ///
  /// Pages outside the aperture are ignored. Complexity: linear in the words that hold the range.
  /// Context: set-up, before the first allocation. Allocates: never.
  public borrowing func reserve(_ range: IOVARange) {
    guard let inside = range.aligned(to: granule).intersection(aperture) else { return }
    let run = wordRun(inside)
    lock.lock()
    busy.set(run)
    lock.unlock()
  }

  /// The bits of `range`, which must be whole pages of the aperture.
  @inlinable
  @inline(__always)
  borrowing func wordRun(_ range: IOVARange) -> WordRun {
    let shift = UInt64(granule.log2)
    // Both ends at once: the first has no low bit set, the last all of them.
    let crooked = (range.first.rawValue | ~range.last.rawValue) & ((1 &<< shift) &- 1)
    precondition(crooked == 0, "range is not pages of the aperture")
    precondition(aperture.contains(range), "range is not pages of the aperture")
    return WordRun(
      first: (range.first.rawValue &>> shift) &- basePage,
      count: (range.byteCountMinusOne &>> shift) &+ 1)
  }
}
