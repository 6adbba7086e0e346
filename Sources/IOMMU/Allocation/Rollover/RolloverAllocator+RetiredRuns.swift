import Synchronization

/// What is known of runs of stale pages without looking at any chunk.
///
/// One word has the longest range, within one chunk, that was retired since the last invalidation
/// began, above the number of those that had begun by then. Until the next ends, those pages are
/// stale, and a request for as many is sure to be met by invalidating everything.
extension RolloverAllocator {
  private static var retiredLengthBits: UInt64 { 9 }

  /// Notes that `count` pages in sequence were retired in one chunk while `started` invalidations
  /// had begun.
  ///
  /// Complexity: a look, as a rule: the word changes when a range is the longest so far.
  @inline(__always)
  borrowing func noteRetiredRun(of count: UInt64, started: UInt64) {
    YieldPoint.reached(.load, shared.part(RolloverPart.retiredRun))
    let noted = retiredRun.load(ordering: .relaxed)
    let word = started &<< RolloverAllocator.retiredLengthBits | count
    if word > noted { raiseRetiredRun(to: word) }
  }

  @inline(never)
  private borrowing func raiseRetiredRun(to word: UInt64) {
    YieldPoint.reached(.store, shared.part(RolloverPart.retiredRun))
    retiredRun.max(word, ordering: .relaxed)
  }

  /// Forgets the runs: a range invalidation has freed some of them.
  ///
  /// One that is noted at the same moment may be among those: then an invalidation is asked for
  /// that frees other pages or none, once.
  borrowing func forgetRetiredRuns() {
    YieldPoint.reached(.store, shared.part(RolloverPart.retiredRun))
    retiredRun.store(0, ordering: .relaxed)
  }

  /// Whether `count` pages in sequence are known to be stale in some chunk.
  borrowing func hasRetiredRun(of count: UInt64) -> Bool {
    YieldPoint.reached(.load, shared.part(RolloverPart.retiredRun))
    let noted = retiredRun.load(ordering: .relaxed)
    YieldPoint.reached(.load, shared.part(RolloverPart.finished))
    return noted & (1 << RolloverAllocator.retiredLengthBits - 1) >= count
      && noted >> RolloverAllocator.retiredLengthBits >= flushFinished.load(ordering: .relaxed)
  }
}
