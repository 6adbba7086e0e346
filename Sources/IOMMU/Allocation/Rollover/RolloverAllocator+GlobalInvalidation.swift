public import Synchronization

extension RolloverAllocator {
  /// Marks the start of a global invalidation; issue it after this returned.
  ///
  /// Pages retired before this call become free with the ``endGlobalInvalidation(_:)`` that is
  /// given the returned epoch. An invalidation that fails is simply never ended. One that happens
  /// for another reason counts as well, if it is told here before it is issued.
  /// Complexity: constant. Context: any processor; several may be under way. Allocates: never.
  /// Invalidates: nothing by itself.
  public borrowing func beginGlobalInvalidation() -> InvalidationEpoch {
    YieldPoint.reached(.store, shared.part(RolloverPart.started))
    let started = flushStarted.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    // Pairs with the fence in `startedInvalidations`.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    return InvalidationEpoch(started)
  }

  /// The number of the last global invalidation that has succeeded.
  @inlinable
  @inline(__always)
  var finishedInvalidations: UInt64 {
    YieldPoint.reached(.load, shared.part(RolloverPart.finished))
    return flushFinished.load(ordering: .relaxed)
  }

  /// Says that the invalidation that `epoch` began has succeeded on every device.
  ///
  /// Complexity: constant in the number of pages: four lists at most are moved whole, and as many
  /// counters reset on each processor. Context: any processor. Allocates: never.
  public borrowing func endGlobalInvalidation(_ epoch: InvalidationEpoch) {
    precondition(
      epoch.rawValue <= flushStarted.load(ordering: .relaxed), "the epoch never began")
    flushTotal.wrappingAdd(1, ordering: .relaxed)
    lists.lock.lock()
    defer { lists.lock.unlock() }
    YieldPoint.reached(.store, shared.part(RolloverPart.finished))
    if epoch.rawValue <= flushFinished.load(ordering: .relaxed) { return }
    // Pairs with the acquiring load in `reclaimIfFinished`.
    flushFinished.store(epoch.rawValue, ordering: .releasing)
    lists.reclaims += 1
    let finished = lists.finish(before: epoch.rawValue)
    for list in 0..<RolloverLists.staleListCount where finished[list] {
      lists.moved[list].store(0, ordering: .relaxed)
      let empty = UInt64(lists.generation(of: list)) << 32
      for slot in 0..<processors.count {
        YieldPoint.reached(.store, shared.part(RolloverPart.retired(slot)))
        retired[slot, list].store(empty, ordering: .relaxed)
      }
    }
  }
}
