import Synchronization

/// Taking chunks off the lists: untouched ones, those that an invalidation has freed, and those
/// that are known to have a run.
extension RolloverAllocator {
  /// How many finished chunks a request visits before it looks at those that are known.
  var finishedVisitsMax: Int { 3 }

  /// Takes a chunk off the lists that has a run of `pages`, or may have one; with its lock, and
  /// with that of the lists.
  ///
  /// Untouched chunks come first, then those that an invalidation has freed, oldest first: so
  /// addresses ascend, and each becomes known. Then the shortest run that is long enough.
  borrowing func lockRunChunk(pages: Int, visits: Int) -> Int? {
    lists.lock.lock()
    guard
      let number = takeVirgin()
        ?? (visits < finishedVisitsMax ? takeFinished() : nil)
        ?? takeKnown(pages: pages)
    else {
      lists.lock.unlock()
      return nil
    }
    lockTaken(number)
    return number
  }

  /// Takes the lock of a chunk that was just taken off the lists, whose lock is held before and
  /// after; meanwhile too, unless somebody else has the chunk's.
  ///
  /// A chunk's lock comes before the lists', so here it may be tried and not be waited for.
  @inline(__always)
  borrowing func lockTaken(_ number: Int) {
    if !chunks.tryLock(number) { waitForTaken(number) }
  }

  /// The same where somebody has the chunk's lock: nobody else can take the chunk meanwhile.
  @inline(never)
  private borrowing func waitForTaken(_ number: Int) {
    own(number)
    lists.lock.unlock()
    chunks.lock(number)
    lists.lock.lock()
    lists.owned[number] = false
    lists.inTransit -= 1
  }

  /// Makes a chunk that was taken off the lists the caller's.
  ///
  /// Context: the lists' lock, here and below.
  borrowing func own(_ number: Int) {
    lists.owned[number] = true
    lists.inTransit += 1
  }

  /// The lowest chunk that was never used, if there is any, and if it can hold `shape`.
  borrowing func takeVirgin(for shape: RunShape? = nil) -> Int? {
    while lists.nextVirgin < chunkCount {
      let number = lists.nextVirgin
      if let shape, !shape.fits(inChunk: number) { return nil }
      lists.nextVirgin += 1
      // A search through all chunks, or a flush, may have come here before.
      if !lists.owned[number] { return number }
    }
    return nil
  }

  /// Takes the chunk off its free list whose longest run is the shortest that is long enough.
  private borrowing func takeKnown(pages: Int) -> Int? {
    guard let number = lists.firstFree(atLeast: pages) else { return nil }
    lists.removeFree(number)
    return number
  }

  /// Takes the chunk off the lists that waited longest among those that an invalidation has freed.
  @inline(__always)
  borrowing func takeFinished() -> Int? {
    var next = lists.stale.first(RolloverLists.finished)
    while let number = next {
      next = lists.stale.next(number)
      // An owner finds its free pages by itself.
      if lists.owned[number] { continue }
      lists.stale.unlink(number)
      lists.removeFree(number)
      return number
    }
    return nil
  }
}
