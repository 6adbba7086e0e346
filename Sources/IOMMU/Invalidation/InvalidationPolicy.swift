/// When stale translations are dropped, and so how long a device may still reach unmapped memory.
///
/// The value only names a policy; it holds no state and does nothing. Payloads are what a user may
/// choose; ``isValid`` tells whether they make sense.
@frozen
public enum InvalidationPolicy: Equatable, Sendable, BitwiseCopyable {
  /// No translation at all: device addresses are memory addresses. Protects nothing.
  case identity

  /// A range invalidation at each unmap: nothing is ever stale.
  case strict

  /// The s390 scheme of Linux up to 6.6: next-fit bitmap, one global invalidation at wrap-around.
  ///
  /// Source: Linux 6.6, arch/s390/pci/pci_dma.c, `dma_alloc_address` and `dma_free_address`.
  case legacy

  /// The same bitmap with an invalidation at each unmap, as `s390_iommu=strict` asked for.
  case legacyStrict

  /// A ring of `entries` unmapped ranges per processor, drained when full or `timeout` old.
  ///
  /// Source: Linux, drivers/iommu/dma-iommu.c, `queue_iova` and `fq_flush_timeout`.
  case queue(entries: Int, timeout: Nanoseconds)

  /// One ring for all processors, as s390 uses it from Linux 6.7 on.
  ///
  /// Source: Linux 6.7, drivers/iommu/dma-iommu.c, `iommu_dma_init_fq_single`.
  case singleQueue(entries: Int, timeout: Nanoseconds)

  /// A global invalidation when addresses run out; earlier where a bound is given.
  ///
  /// `age` bounds the age of the oldest stale page, `stale` the stale part of the aperture.
  case rollover(age: Nanoseconds?, stale: StaleShare?)

  /// The least number of ring entries: one fewer would leave no room beside the gap that tells a
  /// full ring from an empty one.
  @inlinable public static var entriesMin: Int { 2 }

  /// The greatest number of ring entries: a drain of more would hold its lock for a second or so.
  @inlinable public static var entriesMax: Int { 1 &<< 20 }

  /// Whether a ring of `entries` can be made: a power of two in bounds, as it is indexed by a mask.
  ///
  /// Source of the power of two: Linux, drivers/iommu/dma-iommu.c, `struct iova_fq`'s `mod_mask`.
  @inlinable
  public static func isValidRing(entries: Int) -> Bool {
    entries >= entriesMin && entries <= entriesMax && entries & (entries &- 1) == 0
  }

  /// Whether every payload is one that the policy can work with.
  @inlinable
  public var isValid: Bool {
    switch self {
    case .identity, .strict, .legacy, .legacyStrict: true
    case .queue(let entries, let timeout), .singleQueue(let entries, let timeout):
      Self.isValidRing(entries: entries) && timeout.rawValue > 0
    case .rollover(let age, _): age.map { $0.rawValue > 0 } ?? true
    }
  }
}

/// The part of an aperture that may be stale, in thousandths: more than none, at most all.
@frozen
public struct StaleShare: Comparable, Sendable, BitwiseCopyable {
  /// Thousandths of the aperture, 1 to 1000.
  public let perMille: UInt16

  /// A share of `perMille` thousandths, or `nil` outside 1 to 1000.
  @inlinable
  public init?(perMille: UInt16) {
    if perMille == 0 || perMille > 1_000 { return nil }
    self.perMille = perMille
  }

  /// Orders by size.
  @inlinable
  public static func < (left: StaleShare, right: StaleShare) -> Bool {
    left.perMille < right.perMille
  }

  /// The number of stale pages at which the share of an aperture of `pages` pages is reached.
  ///
  /// At least one, so that the bound means something on the smallest aperture.
  @inlinable
  public func pages(of pages: PageCount) -> PageCount {
    // Thousands and the rest apart: neither product can pass 64 bits, as a share is at most 1000.
    let share = UInt64(perMille)
    let (thousands, rest) = pages.rawValue.quotientAndRemainder(dividingBy: 1_000)
    return PageCount(max(thousands &* share &+ rest &* share / 1_000, 1))
  }
}
