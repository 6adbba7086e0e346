extension TreeAllocator {
  /// Takes back a range; it may be handed out at once.
  ///
  /// Up to 32 pages go to the magazines of `cpu`, which need not be the one that allocated. A range
  /// that is not handed out is a programmer's error; for the tree it traps, at once or when its
  /// magazine is emptied. Source: `free_iova_fast`.
  /// Complexity: O(1); O(log n) for more than 32 pages; with Linux 6.1's full depot, as much as 127
  /// removals from the tree. Context: any processor. Allocates: never.
  public borrowing func free(_ range: IOVARange, on cpu: CPUIndex) {
    precondition(
      aperture.contains(range) && range == range.aligned(to: granule),
      "range is not pages of the aperture")
    let pages = range.pageCount(of: granule).rawValue
    let page = range.first.rawValue &>> UInt64(granule.log2)
    if let sizeClass = MagazineCache.sizeClass(of: pages),
      cache.put(page, sizeClass, on: cpu, tree: tree)
    {
      return
    }
    tree.free(range, on: cpu)
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
