public import Synchronization

/// What a domain counts: instructions issued by cause, pages, reuse.
///
/// Each processor counts in a line of its own, so counting contends with nobody; reading sums up
/// and is exact once the domain is quiet. Complexity: O(1) to count, O(processors) to read.
public final class InvalidationCounters: Sendable {
  /// Things counted besides invalidations.
  @frozen
  public enum Event: Int, Sendable, CaseIterable {
    /// A mapping was made.
    case maps = 16
    /// A mapping was taken back.
    case unmaps
    /// Pages of mappings made, beyond the first of each.
    case furtherPagesMapped
    /// Pages of mappings taken back, beyond the first of each.
    case furtherPagesUnmapped
    /// A mapping got its old translation back.
    case reuseHits
    /// A mapping looked for its old translation in vain.
    case reuseMisses
    /// A map-side invalidation freed stale pages on the way.
    case piggybacks
    /// Stale pages that a map-side invalidation freed on the way.
    case piggybackedPages
    /// An invalidation failed on a device that may still hold old translations.
    case failures
    /// A device's error was taken for success, because it reaches nothing.
    case absentDevices
  }

  @usableFromInline let cells: PerProcessor<32, Atomic<UInt64>>

  /// The mappings that are counted elsewhere.
  private let leased: @Sendable () -> LeasedMappings

  /// Counters at zero for `processors` processors; a higher number counts with another's.
  public convenience init(processors: Int) {
    self.init(processors: processors) { LeasedMappings(made: 0, takenBack: 0) }
  }

  /// The same where mappings made through leases are counted by others, whom `leased` asks.
  init(processors: Int, leased: @escaping @Sendable () -> LeasedMappings) {
    cells = PerProcessor(processors: max(processors, 1)) { Atomic(0) }
    self.leased = leased
  }

  /// Counts one invalidation instruction.
  @inlinable
  public func count(_ cause: InvalidationCause, on cpu: CPUIndex) {
    add(1, cause.rawValue, cpu)
  }

  /// Counts `number` more of `event`.
  @inlinable
  public func count(_ event: Event, _ number: UInt64 = 1, on cpu: CPUIndex) {
    add(number, event.rawValue, cpu)
  }

  /// The number of invalidation instructions issued for `cause`.
  public subscript(cause: InvalidationCause) -> UInt64 { sum(cause.rawValue) }

  /// The number of times that `event` happened.
  public subscript(event: Event) -> UInt64 {
    let here = sum(event.rawValue)
    switch event {
    case .maps: return here &+ leased().made
    case .unmaps: return here &+ leased().takenBack
    default: return here
    }
  }

  /// The pages of all mappings made.
  public var pagesMapped: UInt64 { self[.maps] &+ self[.furtherPagesMapped] }

  /// The pages of all mappings taken back.
  public var pagesUnmapped: UInt64 { self[.unmaps] &+ self[.furtherPagesUnmapped] }

  /// Counts a mapping made, of one page and `further` ones; just one, the usual case, is one
  /// addition.
  @inlinable
  @inline(__always)
  func countMap(furtherPages further: UInt64, on cpu: CPUIndex) {
    count(.maps, on: cpu)
    if further != 0 { count(.furtherPagesMapped, further, on: cpu) }
  }

  /// Counts a mapping taken back, of one page and `further` ones.
  @inlinable
  @inline(__always)
  func countUnmap(furtherPages further: UInt64, on cpu: CPUIndex) {
    count(.unmaps, on: cpu)
    if further != 0 { count(.furtherPagesUnmapped, further, on: cpu) }
  }

  /// All range invalidations.
  public var ranges: UInt64 { total { !$0.isGlobal } }

  /// All global invalidations.
  public var globals: UInt64 { total { $0.isGlobal } }

  private func total(_ includes: (InvalidationCause) -> Bool) -> UInt64 {
    var result: UInt64 = 0
    for cause in InvalidationCause.allCases where includes(cause) { result &+= self[cause] }
    return result
  }

  private func sum(_ kind: Int) -> UInt64 {
    var result: UInt64 = 0
    for slot in 0..<cells.count {
      result &+= cells[slot, kind].load(ordering: .relaxed)
    }
    return result
  }

  @inlinable
  @inline(__always)
  func add(_ number: UInt64, _ kind: Int, _ cpu: CPUIndex) {
    cells[cpu.rawValue, kind].wrappingAdd(number, ordering: .relaxed)
  }
}
