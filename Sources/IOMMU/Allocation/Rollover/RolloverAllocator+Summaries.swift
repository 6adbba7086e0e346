import Synchronization

/// Keeping the tree of runs true for the chunks that were looked at.
///
/// A chunk is *summarised* while its leaf tells what it has, and follows every page that comes
/// back; that ends when all of the chunk can be had. The others' leaves say that everything can,
/// and nothing has to be done for them: so the tree costs nothing while there is room.
extension RolloverAllocator {
  /// Writes what a chunk has free and stale into its leaf, and has the leaf follow it from now on.
  ///
  /// `longestFree` is the length of its longest free run, where the caller knows it. Who retires
  /// without the lock sets the bits and then looks at the stamp again: the stamp goes first here,
  /// so that either the bits are found below, or the other sees the stamp gone and comes to
  /// ``followSummary(_:)``. Context: the chunk's and the lists' lock.
  borrowing func summarise(_ number: Int, longestFree: Int? = nil) {
    if !chunks[number].isSummarised {
      chunks[number].isSummarised = true
      openRetiring(number, stamp: RolloverChunkState.never)
      atomicMemoryFence(ordering: .sequentiallyConsistent)
    }
    let stale = stalePages(ofChunk: number)
    var available = chunks[number].free
    available.formUnion(stale)
    let longest = stale.isEmpty ? longestFree : nil
    lists.runs.update(number, to: RunSummary(available, longest: longest))
    // The next page retired here opens the stamp again.
    if available.isFull { chunks[number].isSummarised = false }
  }

  /// Writes what a chunk has into its leaf, and returns it; `nil` where the leaf told more.
  ///
  /// Context: the chunk's lock.
  borrowing func correctSummary(_ number: Int) -> RunSummary? {
    lists.lock.lock()
    defer { lists.lock.unlock() }
    let told = lists.runs[number]
    summarise(number)
    return lists.runs[number] == told ? told : nil
  }

  /// Writes what a chunk has into its leaf, where that follows it: pages came back.
  ///
  /// Context: the chunk's lock, here and below.
  @inline(__always)
  borrowing func followSummary(_ number: Int) {
    if chunks[number].isSummarised { rewriteSummary(number) }
  }

  @inline(never)
  private borrowing func rewriteSummary(_ number: Int) {
    lists.lock.lock()
    summarise(number)
    lists.lock.unlock()
  }

  /// Adds pages, which lie side by side and were retired since the chunk's lock was taken, to its
  /// leaf, where that follows it; `page` is one of them, 0…255.
  @inline(__always)
  borrowing func followRetired(_ page: Int, ofChunk number: Int) {
    if chunks[number].isSummarised { addToSummary(page, ofChunk: number) }
  }

  @inline(never)
  private borrowing func addToSummary(_ page: Int, ofChunk number: Int) {
    let available = availablePages(ofChunk: number)
    if available.isFull { return rewriteSummary(number) }
    let run = available.run(around: page)
    lists.lock.lock()
    lists.runs.update(number, to: lists.runs[number].including(run))
    lists.lock.unlock()
  }

  /// The pages of a chunk that could be had after an invalidation.
  borrowing func availablePages(ofChunk number: Int) -> PageBits {
    var pages = chunks[number].free
    pages.formUnion(stalePages(ofChunk: number))
    return pages
  }

  /// The lowest chunk from `first` to `last` in which a run of `pages` may begin that could be had
  /// after an invalidation.
  borrowing func nextBeginning(ofRun pages: UInt64, from first: Int, to last: Int) -> Int? {
    if first > last { return nil }
    lists.lock.lock()
    defer { lists.lock.unlock() }
    guard let number = lists.runs.firstBeginning(ofRun: pages, from: first), number <= last else {
      return nil
    }
    return number
  }
}
