public import Synchronization

extension RolloverAllocator {
  /// Takes back a range whose translations were removed from the table but may still be cached.
  ///
  /// The pages are handed out again after a global invalidation that began after this call began,
  /// or a range invalidation that began after it returned. `range` is exactly what `allocate` gave;
  /// a page that is not live is a programmer's error. `now` is the present, as the caller read it.
  /// Complexity: a visit to each chunk; the first page retired in a chunk since it had no stale
  /// page or since a global invalidation began takes the lists' lock. Context: any processor; the
  /// entries are cleared. Allocates: never. Invalidates: nothing; the device may still reach the
  /// pages.
  @inlinable
  public borrowing func retire(_ range: IOVARange, at now: Instant, on cpu: CPUIndex) {
    if range.byteCountMinusOne != space.pageMask {
      return retireRange(range, at: now, on: cpu)
    }
    guard let page = space.page(at: range.first) else {
      preconditionFailure("the range is not the allocator's")
    }
    let number = Int(truncatingIfNeeded: page &>> 8)
    let line = chunks.line(within: number)
    let started = startedInvalidations()
    let name = shared.part(RolloverPart.chunk(number))
    YieldPoint.reached(.load, name)
    if line[.stamp].load(ordering: .relaxed) != started {
      return retireSlowly(page, at: now, on: cpu)
    }
    markStale(page, in: line, name, while: started) { settle(page, at: now, on: cpu) }
  }

  /// The number of global invalidations that have begun, read after the entries were cleared.
  ///
  /// The fence pairs with the one in `beginGlobalInvalidation`: if this does not see that one's
  /// number, then that invalidation sees the entries cleared. Nothing weaker will do, because the
  /// clearing is a write and this is a read (Linux has the same fence: drivers/iommu/dma-iommu.c,
  /// queue_iova, smp_mb).
  @inlinable
  @inline(__always)
  borrowing func startedInvalidations() -> UInt64 {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    YieldPoint.reached(.load, shared.part(RolloverPart.started))
    return flushStarted.load(ordering: .relaxed)
  }

  /// Counts pages that were just marked stale in a chunk whose lock is held.
  ///
  /// Where the chunk's list has been finished meanwhile its count is void, and so is this.
  @inlinable
  @inline(__always)
  borrowing func countStale(_ pages: UInt64, ofChunk number: Int, slot: Int) {
    YieldPoint.reached(.store, shared.part(RolloverPart.retired(slot)))
    let list = Int(truncatingIfNeeded: chunks[number].list) & 3
    let old = retired[slot, list].wrappingAdd(pages, ordering: .relaxed).oldValue
    if UInt32(truncatingIfNeeded: old &>> 32) != chunks[number].generation {
      uncountStale(pages, list: list, slot: slot, generation: old &>> 32)
    }
  }

  /// Takes back what was counted for a generation that it does not belong to.
  @usableFromInline
  @inline(never)
  borrowing func uncountStale(_ pages: UInt64, list: Int, slot: Int, generation: UInt64) {
    while true {
      YieldPoint.reached(.store, shared.part(RolloverPart.retired(slot)))
      let value = retired[slot, list].load(ordering: .relaxed)
      // A later generation has begun, and with it the count: nothing of ours is left in it.
      if value >> 32 != generation { return }
      let (done, _) = retired[slot, list].weakCompareExchange(
        expected: value, desired: value - pages, ordering: .relaxed)
      if done { return }
    }
  }

  /// Retires one page, which may be the first in its chunk since an invalidation began.
  @usableFromInline
  @inline(never)
  borrowing func retireSlowly(_ page: UInt64, at now: Instant, on cpu: CPUIndex) {
    retireLocked(from: page, to: page, at: now, on: cpu)
  }

  /// Puts the chunk of a page, whose stale bit was set without its lock, on a list, unless the page
  /// was made free or the chunk is on one.
  @usableFromInline
  @inline(never)
  borrowing func settle(_ page: UInt64, at now: Instant, on cpu: CPUIndex) {
    settle(from: page, to: page, at: now, on: cpu)
  }
}
