#if !hasFeature(Embedded)

/// What following another allocator's log takes beyond allocating and freeing: to give in.
extension BitmapAllocator {
  /// The place where the next search starts, counted in pages from the aperture's first.
  package var searchStart: UInt64 {
    lock.lock()
    defer { lock.unlock() }
    return state.value.nextPage
  }

  /// Undoes an allocation that is the latest: its pages are free, searches start where they did.
  ///
  /// Complexity: linear in the words that hold the range. Context: any processor.
  package borrowing func undo(_ range: IOVARange, searchStart: UInt64) {
    free(range, on: .boot)
    lock.lock()
    defer { lock.unlock() }
    state.value.nextPage = searchStart
  }

  /// Hands out exactly `range`, whatever state its pages are in, and goes on behind it.
  ///
  /// Complexity: linear in the words that hold the range. Context: any processor.
  package borrowing func claim(_ range: IOVARange) -> BitmapClaim {
    guard let inside = range.aligned(to: granule).intersection(aperture) else { return .outside }
    let first = (inside.first.rawValue &>> UInt64(granule.log2)) &- basePage
    let count = inside.pageCount(of: granule).rawValue
    var run = WordRun(first: first, count: count)
    lock.lock()
    defer { lock.unlock() }
    var claim = BitmapClaim.free
    while let piece = run.next() {
      if busy[piece.word] & piece.mask != 0, claim == .free { claim = .busy }
      busy[piece.word] |= piece.mask
      for map in 0..<3 {
        let lazy = stale[map * busy.count + piece.word] & piece.mask
        if lazy == 0 { continue }
        claim = .stale
        stale[map * busy.count + piece.word] &= ~piece.mask
        forget(UInt64(lazy.nonzeroBitCount), from: map)
      }
    }
    state.value.nextPage = first &+ count
    return claim
  }

  /// Counts stale pages that are stale no longer.
  private borrowing func forget(_ pages: UInt64, from map: Int) {
    if state.value.waiting.map == map { state.value.waiting.pages &-= pages }
    if state.value.older.map == map { state.value.older.pages &-= pages }
    if state.value.newer.map == map { state.value.newer.pages &-= pages }
  }
}

/// What the pages of a claimed range were.
package enum BitmapClaim: Sendable {
  /// Free, all of them.
  case free
  /// Handed out, at least one of them.
  case busy
  /// Waiting for an invalidation, at least one of them.
  case stale
  /// Not of this allocator.
  case outside
}

#endif
