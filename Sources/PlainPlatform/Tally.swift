public import IOMMU
public import Synchronization

/// Counts what happens on several processors, each in lines of its own.
///
/// Whoever only counts must not be what they contend on.
public final class Tally: Sendable {
  @usableFromInline let counts: FixedStorage<Atomic<UInt64>>

  /// The counts that lie between those of two processors: two pairs of cache lines.
  @inlinable
  static var stride: Int { 32 }

  /// Has counted nothing.
  ///
  /// Allocates: the counts, once, here.
  public init() { counts = FixedStorage(count: 17 * Self.stride) { _ in Atomic(0) } }

  /// Counts one more on `cpu`; sixteen are told apart.
  ///
  /// Allocates: never.
  @inlinable
  @inline(__always)
  public func add(on cpu: CPUIndex) {
    counts[(cpu.rawValue & 15) &* Self.stride &+ 16].wrappingAdd(1, ordering: .relaxed)
  }

  /// What all have counted; exact where nobody counts meanwhile.
  public var sum: UInt64 {
    var sum: UInt64 = 0
    for index in 0..<counts.count { sum += counts[index].load(ordering: .relaxed) }
    return sum
  }
}
