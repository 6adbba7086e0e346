public import Synchronization

/// `queue` and `single-queue`: unmapped ranges wait in rings, and one global invalidation frees
/// all.
///
/// Source: Linux, `queue_iova`, `fq_flush_iotlb`, `fq_flush_timeout` and `fq_ring_free`
/// (drivers/iommu/iova.c up to 6.0, dma-iommu.c since). A ring that is full is flushed by the
/// unmap that finds it so; a timer, armed by the first unmap after it fired, flushes all rings.
/// Running out of addresses does not flush: that is Linux's gap, kept here on purpose.
public final class QueueScheme<Allocator: IOVAAllocator & ~Copyable>: InvalidationScheme {
  /// What hands out the addresses.
  public let allocator: Allocator
  @usableFromInline let rings: FixedStorage<FlushRing>
  @usableFromInline let locks: FixedStorage<FlushRingLock>
  /// Part 0 names `started`, 1 `finished`, 2 and 3 the timers' flags.
  @usableFromInline let shared = SharedObject("queue counters")
  @usableFromInline let started = Atomic<UInt64>(0)
  @usableFromInline let finished = Atomic<UInt64>(0)
  @usableFromInline let timerIsArmed = Atomic<Bool>(false)
  private let upkeepIsArmed = Atomic<Bool>(false)
  private let timeout: Nanoseconds

  /// Rings of `entries` (a power of two) each: one per processor, or one for all.
  public init(allocator: consuming Allocator, rings: Int, entries: Int, timeout: Nanoseconds) {
    precondition(entries > 1 && entries & (entries - 1) == 0, "a ring holds a power of two")
    self.allocator = allocator
    self.timeout = timeout
    self.rings = FixedStorage(count: max(rings, 1)) { _ in FlushRing(entries: entries) }
    locks = FixedStorage(count: max(rings, 1)) { _ in FlushRingLock() }
  }

  /// The addresses that are handed out.
  public var aperture: IOVARange { allocator.aperture }

  /// The entries that were put into rings or taken out of them, each counted once either way.
  ///
  /// Complexity: O(rings). Context: any processor; takes each ring's lock.
  public var entriesHandled: UInt64 {
    var sum: UInt64 = 0
    for ring in 0..<rings.count {
      locks[ring].lock.lock()
      sum &+= rings[ring].put &+ rings[ring].taken
      locks[ring].lock.unlock()
    }
    return sum
  }

  /// Always defers.
  @inlinable public var defersInvalidation: Bool { true }

  /// As long as an entry of the queue may wait.
  public var parkingLimit: Nanoseconds? { timeout }

  /// Hands out addresses; what waits in the rings is not available, as in Linux.
  ///
  /// Complexity: that of the allocator; O(1) from a processor's magazine.
  @inlinable
  @inline(__always)
  public func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    try allocator.allocate(request, on: cpu)
  }

  /// Takes back addresses that no device ever learned of.
  @inlinable
  public func cancel(_ range: IOVARange, on cpu: CPUIndex) {
    allocator.free(range, on: cpu)
  }

  /// Queues the range on the processor's ring, flushing first if the ring is full.
  ///
  /// Complexity: O(1), but O(entries) for the call that finds a flush finished.
  @inlinable
  @inline(__always)
  public func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    let ring = cpu.rawValue < rings.count ? cpu.rawValue : cpu.rawValue % rings.count
    locks[ring].lock.lock()
    YieldPoint.reached(.load, shared.part(1))
    let finished = finished.load(ordering: .sequentiallyConsistent)
    if rings[ring].needsLook(finishedFlushes: finished) {
      if !prepare(ring, finishedFlushes: finished, on: cpu, issuer: issuer) {
        locks[ring].lock.unlock()
        return issuer.quarantine(range)
      }
    }
    // The entries were cleared, which is a write, before this read: a flush that it does not see
    // yet has to see them cleared. Taking the lock orders the two on x86 and s390, not everywhere
    // (Linux has the same fence: drivers/iommu/dma-iommu.c, queue_iova, smp_mb).
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    YieldPoint.reached(.load, shared.part(0))
    rings[ring].append(range, startedFlushes: started.load(ordering: .sequentiallyConsistent))
    locks[ring].lock.unlock()
    YieldPoint.reached(.store, shared.part(2))
    if !timerIsArmed.load(ordering: .relaxed) { armTimer(issuer) }
  }

  /// Flushes until an entry fits into a full ring, whose lock is held.
  ///
  /// False where a flush fails: that frees nothing, and what does not fit can never be reused.
  @inlinable
  @inline(never)
  func makeRoom<Issuer: InvalidationIssuer>(
    _ ring: Int, on cpu: CPUIndex, issuer: Issuer
  ) -> Bool {
    while rings[ring].isFull {
      if !issuer.flushAll(.queueFull, on: cpu) { return false }
      freeFlushed(ring, on: cpu)
      armUpkeep(issuer)
    }
    return true
  }

  /// Frees what has been flushed, where the oldest of it has, and makes room in a full ring, whose
  /// lock is held; `false` where there is none.
  @inlinable
  @inline(never)
  func prepare<Issuer: InvalidationIssuer>(
    _ ring: Int, finishedFlushes finished: UInt64, on cpu: CPUIndex, issuer: Issuer
  ) -> Bool {
    free(ring, finishedFlushes: finished, on: cpu)
    return !rings[ring].isFull || makeRoom(ring, on: cpu, issuer: issuer)
  }

  /// Arms the time-out, unless another processor was first.
  @usableFromInline
  @inline(never)
  func armTimer<Issuer: InvalidationIssuer>(_ issuer: Issuer) {
    if !timerIsArmed.exchange(true, ordering: .acquiringAndReleasing) {
      issuer.arm(.queue, after: timeout, .coarse)
    }
  }

  /// Takes a range out of the rings as if it had never been retired; `false` where none has it.
  ///
  /// For following another kernel, which may know of a flush that this scheme does not.
  /// Complexity: O(entries of all rings).
  package func withdraw(_ range: IOVARange) -> Bool {
    for ring in 0..<rings.count {
      locks[ring].lock.lock()
      defer { locks[ring].lock.unlock() }
      if rings[ring].withdraw(range) { return true }
    }
    return false
  }

  /// Counts a flush as started: entries queued from now on need a later one.
  public func beginGlobalInvalidation() -> InvalidationEpoch {
    YieldPoint.reached(.store, shared.part(0))
    return InvalidationEpoch(started.add(1, ordering: .sequentiallyConsistent).newValue)
  }

  /// Counts the flush as finished; the rings give up their entries when they are next touched.
  public func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {
    YieldPoint.reached(.store, shared.part(1))
    finished.max(epoch.rawValue, ordering: .sequentiallyConsistent)
  }

  /// Flushes, and frees what waits in all rings, when the time-out has passed.
  ///
  /// Complexity: O(entries of all rings).
  public func timerFired<Issuer: InvalidationIssuer>(
    _ purpose: TimerPurpose, on cpu: CPUIndex, issuer: Issuer
  ) {
    if purpose == .depot { return runUpkeep(issuer) }
    YieldPoint.reached(.store, shared.part(2))
    guard purpose == .queue, timerIsArmed.exchange(false, ordering: .acquiringAndReleasing) else {
      return
    }
    guard issuer.flushAll(.timeout, on: cpu) else {
      // What waits goes on waiting; try again a time-out later.
      YieldPoint.reached(.store, shared.part(2))
      if !timerIsArmed.exchange(true, ordering: .acquiringAndReleasing) {
        issuer.arm(.queue, after: timeout, .coarse)
      }
      return
    }
    for ring in 0..<rings.count {
      locks[ring].lock.lock()
      freeFlushed(ring, on: cpu)
      locks[ring].lock.unlock()
    }
    armUpkeep(issuer)
  }

  /// Has the allocator's upkeep done in time, if it has any: a drain leaves its caches overfull.
  @usableFromInline
  func armUpkeep<Issuer: InvalidationIssuer>(_ issuer: Issuer) {
    let now = issuer.now()
    guard let due = allocator.nextUpkeep(now: now) else { return }
    YieldPoint.reached(.store, shared.part(3))
    if upkeepIsArmed.exchange(true, ordering: .acquiringAndReleasing) { return }
    issuer.arm(.depot, after: due.since(now), .coarse)
  }

  private func runUpkeep<Issuer: InvalidationIssuer>(_ issuer: Issuer) {
    YieldPoint.reached(.store, shared.part(3))
    guard upkeepIsArmed.exchange(false, ordering: .acquiringAndReleasing) else { return }
    allocator.upkeep(now: issuer.now())
    armUpkeep(issuer)
  }

  /// Frees what waited in a ring for a flush that has finished; its lock is held.
  @inlinable
  func freeFlushed(_ ring: Int, on cpu: CPUIndex) {
    YieldPoint.reached(.load, shared.part(1))
    free(ring, finishedFlushes: finished.load(ordering: .sequentiallyConsistent), on: cpu)
  }

  @inlinable
  @inline(never)
  func free(_ ring: Int, finishedFlushes finished: UInt64, on cpu: CPUIndex) {
    allocator.freeAll(on: cpu) { rings[ring].takeFlushed(finishedFlushes: finished) }
  }
}
