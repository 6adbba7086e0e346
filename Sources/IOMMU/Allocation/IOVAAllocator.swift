/// Something that hands out runs of device addresses and takes them back.
///
/// Having been given a range proves that nobody else has it and that no stale translation for it
/// can still be cached, as long as what the caller said about invalidations was true.
/// Context: any processor, several at once. Allocates: never, after `init`.
public protocol IOVAAllocator: ~Copyable, Sendable {
  /// The addresses that can be handed out, in whole granules.
  var aperture: IOVARange { get }

  /// The page size.
  var granule: Granule { get }

  /// Hands out a run of pages that meets `request`.
  borrowing func allocate(
    _ request: IOVARequest, on cpu: CPUIndex
  ) throws(IOVAAllocationError) -> IOVARange

  /// Takes back a range that no device can reach any more; it may be handed out at once.
  ///
  /// `range` is exactly what ``allocate(_:on:)`` gave.
  borrowing func free(_ range: IOVARange, on cpu: CPUIndex)

  /// Takes back one range after the other, as ``free(_:on:)`` would, until `next` has no more.
  ///
  /// `next` may be called with a lock held: it takes none itself.
  borrowing func freeAll(on cpu: CPUIndex, _ next: () -> IOVARange?)

  /// When ``upkeep(now:)`` should next be called, or `nil` while there is nothing to do.
  borrowing func nextUpkeep(now: Instant) -> Instant?

  /// Does what can wait: gives back what caches hold beyond their share.
  borrowing func upkeep(now: Instant)
}

extension IOVAAllocator where Self: ~Copyable {
  /// Takes them back one by one.
  @inlinable
  @inline(__always)
  public borrowing func freeAll(on cpu: CPUIndex, _ next: () -> IOVARange?) {
    while let range = next() { free(range, on: cpu) }
  }

  /// Has no upkeep.
  @inlinable
  public borrowing func nextUpkeep(now: Instant) -> Instant? { nil }

  /// Has no upkeep.
  @inlinable
  public borrowing func upkeep(now: Instant) {}
}

/// An allocator in which unmapped addresses wait until an invalidation has covered them.
///
/// This is the thread's "flush on running out of IOVAs" as an interface: stale pages live in the
/// same structure as free ones, and one global invalidate turns them all into free ones.
public protocol StaleTrackingAllocator: IOVAAllocator, ~Copyable {
  /// Takes back a range whose translations were removed from the table but may still be cached.
  ///
  /// The pages are handed out again only after an invalidation that began later than this call.
  borrowing func retire(_ range: IOVARange, at now: Instant, on cpu: CPUIndex)

  /// Marks the start of a global invalidation. Pages retired before this call are freed by the
  /// ``endGlobalInvalidation(_:)`` that is given the returned epoch.
  borrowing func beginGlobalInvalidation() -> InvalidationEpoch

  /// Says that the invalidation that `epoch` began has succeeded on every device.
  borrowing func endGlobalInvalidation(_ epoch: InvalidationEpoch)

  /// The number of pages that are stale now.
  var stalePages: UInt64 { get }
}

/// A global invalidation between its start and its end.
@frozen
public struct InvalidationEpoch: Equatable, Sendable, BitwiseCopyable {
  /// The number of this invalidation, from 1.
  public let rawValue: UInt64

  /// Invalidation number `rawValue`.
  @inlinable
  public init(_ rawValue: UInt64) {
    self.rawValue = rawValue
  }
}
