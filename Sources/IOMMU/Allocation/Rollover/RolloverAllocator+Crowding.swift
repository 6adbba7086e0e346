import Synchronization

/// Telling plenty of room from little, and getting ready for the latter.
///
/// While there is room, a visited chunk has the run that is asked for. Where that fails often the
/// aperture is *crowded*: from then on every chunk that is taken from is summarised, and some that
/// are not. By the time that little is left the tree of runs knows it all.
extension RolloverAllocator {
  /// How much a visit in vain counts, against one for a visit that found a run.
  private static var failureWeight: Int { 16 }

  /// From where on the aperture is crowded, and how far it goes.
  private static var crowdedMin: Int { 64 }
  private static var crowdingMax: Int { 1_024 }

  /// How many chunks are summarised with each run that is opened, until all are.
  private static var sweepLength: Int { 2 }

  /// Whether visits to chunks have often been in vain.
  ///
  /// Context: the lists' lock, here and in the next.
  @inline(__always)
  var isCrowded: Bool { lists.crowding >= RolloverAllocator.crowdedMin }

  /// Counts a visit to a chunk.
  @inline(__always)
  borrowing func noteVisit(found: Bool) {
    if !found {
      if !isCrowded { lists.swept = 0 }
      lists.crowding = min(
        lists.crowding + RolloverAllocator.failureWeight, RolloverAllocator.crowdingMax)
    } else if lists.crowding > 0 {
      lists.crowding -= 1
    }
  }

  /// Looks at some chunks more, and summarises those that are not wholly free or stale.
  ///
  /// In a crowded aperture, until all were looked at; and once when the aperture is being used up
  /// for the first time: so what the turn will find is known ahead. Complexity: two visits.
  borrowing func sweep() {
    for _ in 0..<RolloverAllocator.sweepLength {
      guard let number = nextToSweep() else { return }
      chunks.lock(number)
      if !chunks[number].isSummarised, !availablePages(ofChunk: number).isFull {
        lists.lock.lock()
        summarise(number)
        lists.lock.unlock()
      }
      chunks.unlock(number)
    }
  }

  /// Whether there are chunks that ``sweep()`` should look at.
  ///
  /// Those used last stay behind at first: what is mapped in them for a moment would only be in the
  /// way. Context: the lists' lock.
  @inline(__always)
  var mustSweep: Bool {
    if isCrowded || lists.nextVirgin == chunkCount { return lists.swept < lists.nextVirgin }
    return lists.nextVirgin > chunkCount / 2 && lists.swept < lists.nextVirgin - chunkCount / 16
  }

  private borrowing func nextToSweep() -> Int? {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    if !mustSweep { return nil }
    lists.swept += 1
    return lists.swept - 1
  }
}
