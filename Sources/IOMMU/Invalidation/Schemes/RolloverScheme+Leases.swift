/// Single pages with their leaf table at hand, as the allocator has them.
extension RolloverScheme {
  /// Has both.
  @inlinable public static var hasLeases: Bool { true }

  /// The next page of the processor's open word.
  @inlinable
  @inline(__always)
  public func takeOpenPage(on cpu: CPUIndex, log2: UInt64) -> OpenPage? {
    allocator.takeOpenPage(on: cpu, log2: log2)
  }

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
    clear: (OpenPage) -> Bool
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
