/// `strict`: every unmap invalidates its range before the addresses can be handed out again.
///
/// After `unmap` returns, no device reaches the pages. Costs one instruction per unmap.
public final class StrictScheme<Allocator: IOVAAllocator & ~Copyable>: InvalidationScheme {
  /// What hands out the addresses.
  public let allocator: Allocator

  /// Strict invalidation over addresses from `allocator`.
  public init(allocator: consuming Allocator) {
    self.allocator = allocator
  }

  /// The addresses that are handed out.
  public var aperture: IOVARange { allocator.aperture }

  /// Never defers.
  @inlinable public var defersInvalidation: Bool { false }

  /// Hands out addresses; nothing is ever stale, so no invalidation could make room.
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

  /// Invalidates the range, then frees it; quarantines it where a device may still reach it.
  @inlinable
  @inline(__always)
  public func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    if issuer.flush(range, .unmap, on: cpu) {
      allocator.free(range, on: cpu)
    } else {
      issuer.quarantine(range)
    }
  }

  /// Nothing waits for a global invalidation.
  public func beginGlobalInvalidation() -> InvalidationEpoch { InvalidationEpoch(0) }

  /// Nothing waited.
  public func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {}
}
