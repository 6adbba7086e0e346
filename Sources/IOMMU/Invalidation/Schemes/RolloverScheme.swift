import Synchronization

/// `rollover`: unmapped pages wait in the allocator itself until it runs out, comes of age or
/// fills.
///
/// The thread's "flush on running out of IOVAs". Because addresses are handed out in sequence, what
/// is stale lies together: a few range invalidations may do what would otherwise need a global one,
/// and ``InvalidationCost`` decides which.
public final class RolloverScheme: InvalidationScheme {
  /// What hands out the addresses.
  public let allocator: RolloverAllocator
  @usableFromInline let age: Nanoseconds?
  @usableFromInline let staleLimit: UInt64
  /// Whether what is stale has an age or a limit.
  @usableFromInline let hasLimits: Bool
  @usableFromInline let cost: InvalidationCost
  @usableFromInline let aperturePages: UInt64
  /// When the timer goes off that matters, in nanoseconds; `.max` where none runs.
  let ageTimerDue = Atomic<UInt64>(.max)
  /// Names `ageTimerDue`.
  let shared = SharedObject("rollover timer")
  @usableFromInline let exhaustion = SpinLock("rollover flush")
  @usableFromInline let cleaning = SpinLock("rollover cleaning")

  /// The scheme over `allocator`; `staleLimit` pages at the most may be stale, `.max` for any
  /// number.
  public init(
    allocator: consuming RolloverAllocator, age: Nanoseconds? = nil, staleLimit: UInt64 = .max,
    cost: InvalidationCost = .shadowed
  ) {
    aperturePages = allocator.aperture.pageCount(of: allocator.granule).rawValue
    self.allocator = allocator
    self.age = age
    self.staleLimit = staleLimit
    hasLimits = age != nil || staleLimit != .max
    self.cost = cost
  }

  /// The addresses that are handed out.
  public var aperture: IOVARange { allocator.aperture }

  /// Always defers.
  @inlinable public var defersInvalidation: Bool { true }

  /// As long as any page may stay stale.
  public var parkingLimit: Nanoseconds? { age }

  /// Hands out addresses; on exhaustion one global invalidation frees all that is stale.
  @inlinable
  @inline(__always)
  public func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    do throws(IOVAAllocationError) {
      return try allocator.allocate(request, on: cpu)
    } catch .needsInvalidation {
      return try allocateFlushing(request, on: cpu, issuer: issuer)
    } catch {
      throw error
    }
  }

  /// One processor invalidates; those that come at the same time find its result.
  ///
  /// Inlinable for the sake of what the flush does for each empty table.
  @inlinable
  @inline(never)
  func allocateFlushing<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    let finished = allocator.finishedInvalidations
    exhaustion.lock()
    defer { exhaustion.unlock() }
    // Nobody has invalidated since the request was turned down: it would be again.
    if allocator.finishedInvalidations == finished, !issuer.flushAll(.exhaustion, on: cpu) {
      throw .exhausted(pages: request.pages, limit: request.limit)
    }
    return try FlushedAllocation.retry(request) { () throws(IOVAAllocationError) in
      try allocator.allocate(request, on: cpu)
    } flush: {
      issuer.flushAll(.exhaustion, on: cpu)
    }
  }

  /// Takes back addresses that no device ever learned of.
  @inlinable
  public func cancel(_ range: IOVARange, on cpu: CPUIndex) {
    allocator.free(range, on: cpu)
  }

  /// Leaves the range in the allocator as stale; invalidates where a limit is reached.
  @inlinable
  @inline(__always)
  public func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    allocator.retire(range, at: since, on: cpu)
    if hasLimits { keepLimits(since: since, on: cpu, issuer: issuer) }
  }

  /// Leaves a range that was parked in the allocator, which is told of its age.
  public func retireParked<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    allocator.retire(range, at: since, on: cpu)
    allocator.noteStale(range, since: since)
    if hasLimits { keepLimits(since: since, on: cpu, issuer: issuer) }
  }

  /// Starts a flush: pages retired from now on need a later one.
  public func beginGlobalInvalidation() -> InvalidationEpoch {
    allocator.beginGlobalInvalidation()
  }

  /// Ends the flush: all that was stale at its start is free, without a pass over it.
  public func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {
    allocator.endGlobalInvalidation(epoch)
  }
}
