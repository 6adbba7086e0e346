/// `legacy`: the s390 scheme of Linux up to 6.6, which flushes when its bitmap wraps around.
///
/// Source: Linux 6.1, arch/s390/pci/pci_dma.c, `dma_alloc_address` and `dma_free_address`: an
/// unmap only sets a lazy bit; when the search from the last position fails, everything is
/// invalidated once and the lazy pages are free. A page may stay reachable without any limit of
/// time. With an allocator in strict mode this is `legacy-strict`.
public final class BitmapScheme: InvalidationScheme {
  /// What hands out the addresses.
  public let allocator: BitmapAllocator
  @usableFromInline let wrapping = SpinLock("bitmap wrap")

  /// The scheme over `allocator`, whose mode says whether it is lazy.
  public init(allocator: consuming BitmapAllocator) {
    self.allocator = allocator
  }

  /// The addresses that are handed out.
  public var aperture: IOVARange { allocator.aperture }

  /// Whether the allocator is in lazy mode.
  @inlinable public var defersInvalidation: Bool { allocator.mode == .lazy }

  /// Hands out addresses, with a global invalidation at each wrap-around.
  ///
  /// Complexity: linear in the words of the run where the next pages are free; otherwise in those
  /// of the aperture, and once more with an invalidation.
  @inlinable
  @inline(__always)
  public func allocate<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    do throws(IOVAAllocationError) {
      return try allocator.allocate(request, on: cpu)
    } catch .needsInvalidation {
      return try allocateWrapping(request, on: cpu, issuer: issuer)
    } catch {
      throw error
    }
  }

  /// One processor invalidates; those that come at the same time find its result.
  ///
  /// Inlinable for the sake of what the flush does for each empty table.
  @inlinable
  @inline(never)
  func allocateWrapping<Issuer: InvalidationIssuer>(
    _ request: IOVARequest, on cpu: CPUIndex, issuer: Issuer
  ) throws(IOVAAllocationError) -> IOVARange {
    wrapping.lock()
    defer { wrapping.unlock() }
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

  /// Sets the lazy bits; in strict mode invalidates the range and frees it.
  ///
  /// Complexity: linear in the words that hold the range; strict, one instruction for each device.
  @inlinable
  @inline(__always)
  public func retire<Issuer: InvalidationIssuer>(
    _ range: IOVARange, since: Instant, on cpu: CPUIndex, issuer: Issuer
  ) {
    if allocator.mode == .lazy {
      allocator.retire(range, at: since, on: cpu)
    } else if issuer.flush(range, .unmap, on: cpu) {
      allocator.free(range, on: cpu)
    } else {
      issuer.quarantine(range)
    }
  }

  /// Remembers which pages are lazy now.
  public func beginGlobalInvalidation() -> InvalidationEpoch {
    allocator.beginGlobalInvalidation()
  }

  /// Frees the pages that were lazy at the start.
  ///
  /// Complexity: linear in the words of the aperture, some three instructions for each.
  public func endGlobalInvalidation(_ epoch: InvalidationEpoch, on cpu: CPUIndex) {
    allocator.endGlobalInvalidation(epoch)
  }
}
