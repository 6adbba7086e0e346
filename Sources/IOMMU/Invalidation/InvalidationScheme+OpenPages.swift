/// A single page that was handed out for mapping, and where its entry is.
@frozen
public struct OpenPage: Sendable, BitwiseCopyable {
  /// Its first address.
  @usableFromInline let first: IOVA
  /// Which of the entries of `leaf` is the page's; higher bits mean nothing but to the scheme.
  @usableFromInline let index: UInt64
  /// The entries of its word or chunk, or none where the chunk holds no lease.
  @usableFromInline let leaf: LeafHandle
  /// What the scheme wants to be told when it takes the page back.
  @usableFromInline let place: OpenPagePlace

  @inlinable
  init(first: IOVA, index: UInt64, leaf: LeafHandle, place: OpenPagePlace) {
    self.first = first
    self.index = index
    self.leaf = leaf
    self.place = place
  }

  /// Its own entry.
  @inlinable
  var entry: LeafHandle {
    leaf.advanced(by: Int(truncatingIfNeeded: index & (LeafHandle.entryCount &- 1)))
  }
}

/// Where a scheme keeps what it needs to take an open page back.
///
/// It means something to that scheme alone, and proves nothing.
@frozen
public struct OpenPagePlace: Equatable, Sendable, BitwiseCopyable {
  @usableFromInline let rawValue: UInt64

  @inlinable
  init(rawValue: UInt64) { self.rawValue = rawValue }

  /// No place: of ranges that are not open pages.
  @inlinable static var none: OpenPagePlace { OpenPagePlace(rawValue: 0) }
}

/// What a scheme has for one processor, found once for each mapping.
///
/// It means something to that scheme alone, and proves nothing.
@frozen
public struct OpenPageSource: Sendable, BitwiseCopyable {
  @usableFromInline let rawValue: UInt

  @inlinable
  init(rawValue: UInt) { self.rawValue = rawValue }
}

/// How many mappings a domain made through leases, and took back.
public struct LeasedMappings: Sendable, BitwiseCopyable {
  let made: UInt64
  let takenBack: UInt64
}

/// What became of a page that was to be retired without a lock.
@frozen
public enum OpenPageRetirement: Sendable {
  /// It is stale.
  case retired
  /// Its entry is cleared; `retire` has to do the rest.
  case left
  /// There was no valid entry: nothing is known of the page.
  case refused
}

/// Schemes without pages at hand.
extension InvalidationScheme {
  /// Has none.
  @inlinable public static var hasLeases: Bool { false }

  /// Has nothing.
  @inlinable
  public func source(on cpu: CPUIndex) -> OpenPageSource { OpenPageSource(rawValue: 0) }

  /// Never has one.
  @inlinable
  public func takeOpenPage(from source: OpenPageSource, log2: UInt64) -> OpenPage? { nil }

  /// There are no leases.
  @inlinable public func countLeasedMap(from source: OpenPageSource) {}

  /// There are no leases.
  @inlinable public func countLeasedUnmap(on cpu: CPUIndex) {}

  /// None.
  public var leasedMappings: LeasedMappings { LeasedMappings(made: 0, takenBack: 0) }

  /// Never has one.
  @inlinable public func openNextPage(on cpu: CPUIndex, log2: UInt64) -> OpenPage? { nil }

  /// There are no leases.
  @inlinable public func leasedPage(at first: IOVA) -> OpenPage? { nil }

  /// No page was handed out this way.
  @inlinable
  public func retireOpenPage<Issuer: InvalidationIssuer>(
    _ first: IOVA, at place: OpenPagePlace, log2: UInt64, on cpu: CPUIndex, issuer: Issuer,
    clear: () -> Bool
  ) -> OpenPageRetirement { .refused }

  /// Has no chunks.
  @inlinable
  public func lease(chunkOf page: IOVA, _ begin: () -> LeafHandle?) -> Bool { false }

  /// Has no chunks.
  @inlinable
  public func endIdleLeases(visits: Int, endings: Int, _ end: (IOVA) -> Void) {}
}
