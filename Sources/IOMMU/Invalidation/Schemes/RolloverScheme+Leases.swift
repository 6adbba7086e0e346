public import Synchronization

/// Single pages with their leaf table at hand, as the allocator has them.
extension RolloverScheme {
  /// Has both.
  @inlinable public static var hasLeases: Bool { true }

  /// The processor's fields.
  @inlinable
  @inline(__always)
  public func source(on cpu: CPUIndex) -> OpenPageSource { allocator.source(on: cpu) }

  /// The next page of the processor's open word.
  @inlinable
  @inline(__always)
  public func takeOpenPage(from source: OpenPageSource, log2: UInt64) -> OpenPage? {
    allocator.takeOpenPage(from: source, log2: log2)
  }

  /// Counts beside the processor's open word.
  @inlinable
  @inline(__always)
  public func countLeasedMap(from source: OpenPageSource) {
    allocator.processors[at: source.rawValue].mapped.wrappingAdd(1, ordering: .relaxed)
  }

  /// Counts there as well.
  @inlinable
  @inline(__always)
  public func countLeasedUnmap(on cpu: CPUIndex) {
    allocator.processors[allocator.slot(of: cpu)].unmapped.wrappingAdd(1, ordering: .relaxed)
  }

  /// The sums of what the processors counted.
  public var leasedMappings: LeasedMappings { allocator.leasedMappings }

  /// The first page of the next word of the processor's chunk.
  @inlinable
  public func openNextPage(on cpu: CPUIndex, log2: UInt64) -> OpenPage? {
    allocator.openNextPage(on: cpu, log2: log2)
  }

  /// The page, if its chunk has a lease.
  @inlinable
  public func leasedPage(at first: IOVA) -> OpenPage? { allocator.leasedPage(at: first) }

  /// Marks the page stale in its chunk, where that waits for the next invalidation already.
  ///
  /// So the timer for its age runs. With a limit to the number of stale pages it never does.
  @inlinable
  @inline(__always)
  public func retireOpenPage<Issuer: InvalidationIssuer>(
    _ first: IOVA, at place: OpenPagePlace, log2: UInt64, on cpu: CPUIndex, issuer: Issuer,
    clear: () -> Bool
  ) -> OpenPageRetirement {
    allocator.retireOpenPage(
      first, at: place, log2: log2, on: cpu, now: { issuer.now() }, clear: clear)
  }

  /// Gives the chunk a lease.
  @inlinable
  public func lease(chunkOf page: IOVA, _ begin: () -> LeafHandle?) -> Bool {
    allocator.lease(chunkOf: page, begin)
  }

  /// Ends idle chunks' leases.
  @inlinable
  public func endIdleLeases(visits: Int, endings: Int, _ end: (IOVA) -> Void) {
    allocator.endIdleLeases(visits: visits, endings: endings, end)
  }
}
