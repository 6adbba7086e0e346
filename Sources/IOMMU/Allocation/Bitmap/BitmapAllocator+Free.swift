extension BitmapAllocator {
  /// Takes back a range that no device can reach any more: its pages are free at once.
  ///
  /// Source: `dma_free_address` in strict mode. A range that is not handed out is a programmer's
  /// error and traps. Complexity: linear in the words that hold the range.
  /// Context: any processor. Allocates: never.
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    var run = wordRun(range)
    lock.lock()
    defer { lock.unlock() }
    while let piece = run.next() {
      precondition(busy[piece.word] & piece.mask == piece.mask, "freed pages were not handed out")
      busy[piece.word] &= ~piece.mask
    }
  }

  /// Takes back a range whose translations may still be cached: its pages stay busy until an
  /// invalidation that begins later has ended.
  ///
  /// Source: `dma_free_address` in lazy mode. The time is not used: this scheme knows no age.
  /// A range that is not handed out is a programmer's error and traps. Complexity: linear in the
  /// words that hold the range. Context: any processor. Allocates: never.
  public borrowing func retire(_ range: IOVARange, at now: Instant, on cpu: CPUIndex) {
    var run = wordRun(range)
    lock.lock()
    defer { lock.unlock() }
    let map = state[0].waiting.map * busy.count
    while let piece = run.next() {
      precondition(busy[piece.word] & piece.mask == piece.mask, "retired pages not handed out")
      precondition(stale[map + piece.word] & piece.mask == 0, "retired pages are stale already")
      stale[map + piece.word] |= piece.mask
    }
    state[0].waiting.pages &+= range.pageCount(of: granule).rawValue
  }

  /// Keeps the pages that `range` touches from ever being handed out.
  ///
  /// Pages outside the aperture are ignored. Complexity: linear in the words that hold the range.
  /// Context: set-up, before the first allocation. Allocates: never.
  public borrowing func reserve(_ range: IOVARange) {
    guard let inside = range.aligned(to: granule).intersection(aperture) else { return }
    var run = wordRun(inside)
    lock.lock()
    defer { lock.unlock() }
    while let piece = run.next() { busy[piece.word] |= piece.mask }
  }

  /// The bits of `range`, which must be whole pages of the aperture.
  private borrowing func wordRun(_ range: IOVARange) -> WordRun {
    precondition(
      aperture.contains(range) && range == range.aligned(to: granule),
      "range is not pages of the aperture")
    return WordRun(
      first: (range.first.rawValue &>> UInt64(granule.log2)) &- basePage,
      count: range.pageCount(of: granule).rawValue)
  }
}
