import IOMMU

/// Whether all that a domain can hold can be had again after everything was handed back.
extension Simulation {
  /// Hands everything back, flushes, and takes every page of the aperture once: what is missing
  /// must be in quarantine.
  func exhaust(_ domain: SimulatedDomain) {
    guard let target = domain.target, !domain.isIdentity else { return }
    empty(domain, target)
    if !hasDevices(domain) || failure != nil { return }
    if isPinningLimited { return }
    mapLongest(domain, target)
    let count = fill(domain, target)
    if failure != nil { return }
    mark(.filled)
    let capacity = domain.plan.capacity
    let missing = capacity - min(count, capacity)
    if missing > domain.plan.pagesLost(quarantined: target.books.quarantinedPages) {
      fail(
        .progress,
        "domain \(domain.number) handed out \(count) of \(capacity) pages, and "
          + "\(target.books.quarantinedPages) are in quarantine")
    }
    empty(domain, target)
  }

  private func empty(_ domain: SimulatedDomain, _ target: any SimulatedTarget) {
    while let holding = domain.held.last {
      enter(.boot)
      unmap(holding, domain, target, .boot)
    }
    flush(domain, target, .boot)
    // Rings give up what was flushed when their timers go off.
    pass(5_000_000_000, .boot)
  }

  /// Maps single pages until there is no address, and tells how many.
  private func fill(_ domain: SimulatedDomain, _ target: any SimulatedTarget) -> UInt64 {
    guard let page = PhysicalRange(first: buffers.first, byteCount: 4_096) else { return 0 }
    var count: UInt64 = 0
    while failure == nil {
      do throws(MapError) {
        let token = try inside(domain) { () throws(MapError) in
          try target.map(page, .toDevice, on: .boot)
        }
        take(token, in: domain, kind: .mapping, buffers: [page], direction: .toDevice, cpu: .boot)
        count += 1
      } catch {
        if case .noAddress = error { return count }
        fail(.progress, "a mapping ended with \(error) without faults")
      }
    }
    return count
  }

  /// With nothing mapped and nothing in quarantine, a mapping may be as large as the policy's
  /// allocator has room for.
  private func mapLongest(_ domain: SimulatedDomain, _ target: any SimulatedTarget) {
    if target.books.quarantinedPages > 0 || domain.plan.options.limits.segmentBoundaryMask != .max {
      return
    }
    let pages = min(domain.plan.longestRun, UInt64(plan.bufferPages))
    guard let whole = PhysicalRange(first: buffers.first, byteCount: pages << 12) else { return }
    do throws(MapError) {
      let token = try inside(domain) { () throws(MapError) in
        try target.map(whole, .bothWays, on: .boot)
      }
      take(token, in: domain, kind: .mapping, buffers: [whole], direction: .bothWays, cpu: .boot)
    } catch {
      return fail(.progress, "\(pages) pages, which fit, could not be mapped: \(error)")
    }
    empty(domain, target)
  }
}

/// What a policy's allocator can do on an empty aperture.
extension DomainPlan {
  /// The kinds of allocators behind the policies.
  private enum Allocator {
    case tree
    case bitmap
    case rollover
  }

  private var allocator: Allocator {
    switch choice.policy {
    case .legacy, .legacyStrict: .bitmap
    case .rollover: .rollover
    case .identity, .strict, .queue, .singleQueue: .tree
    }
  }

  /// The pages that the device's mask reaches, from the aperture's first to before `end`.
  private var end: UInt64 {
    let last = min(aperture.last.rawValue, options.limits.mask)
    return last == .max ? 1 << 52 : (last + 1) >> 12
  }

  private var first: UInt64 { aperture.first.rawValue >> 12 }

  /// The number of pages that can be handed out one by one.
  ///
  /// Linux's bitmap keeps the last page back (``BitmapAllocator``).
  var capacity: UInt64 {
    let pages = end > first ? end - first : 0
    return allocator == .bitmap ? pages - min(pages, 1) : pages
  }

  /// The pages of the longest run that can be handed out.
  ///
  /// Linux's tree aligns a run to its size, rounded up to a power of two (``TreeAllocator``).
  var longestRun: UInt64 {
    if allocator != .tree { return capacity }
    var longest: UInt64 = 0
    var size: UInt64 = 1
    while size <= capacity {
      if (first + size - 1) / size * size + size <= end { longest = size }
      size *= 2
    }
    return longest
  }

  /// The most pages that so many quarantined ones explain.
  ///
  /// Linux's tree takes short runs as the next power of two: less than twice as many.
  func pagesLost(quarantined: UInt64) -> UInt64 {
    allocator == .tree ? quarantined * 2 : quarantined
  }
}
