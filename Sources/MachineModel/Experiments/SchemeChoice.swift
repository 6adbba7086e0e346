import IOMMU

/// Something generic over the scheme that a policy turns out to need.
protocol SchemeVisitor {
  associatedtype Result
  func visit<Scheme: PricedScheme>(_ scheme: Scheme) throws -> Result
}

/// The scheme that a policy names, on a machine.
///
/// Schemes are types, so that everything specialises; this is the one place where a policy, which
/// is a value, becomes one of them.
struct SchemeChoice {
  let policy: InvalidationPolicy
  let aperture: IOVARange
  let cpus: Int
  let kernel: TreeFlavour
  let cost: InvalidationCost

  /// Hands the scheme to `visitor`; `nil` for `identity`, which has none.
  func accept<Visitor: SchemeVisitor>(_ visitor: Visitor) throws -> Visitor.Result? {
    switch policy {
    case .identity:
      return nil
    case .strict:
      return try visitor.visit(StrictScheme(allocator: tree(kernel)))
    case .legacy:
      return try visitor.visit(BitmapScheme(allocator: bitmap(.lazy)))
    case .legacyStrict:
      return try visitor.visit(BitmapScheme(allocator: bitmap(.strict)))
    case .queue(let entries, let timeout):
      return try visitor.visit(
        QueueScheme(allocator: tree(kernel), rings: cpus, entries: entries, timeout: timeout))
    case .singleQueue(let entries, let timeout):
      // Single queues came with 6.7, whose magazines are those of 6.12.
      return try visitor.visit(
        QueueScheme(
          allocator: tree(.linux6_12), rings: 1, entries: entries, timeout: timeout))
    case .rollover(let age, let stale):
      let pages = aperture.pageCount(of: .fourKiB)
      return try visitor.visit(
        RolloverScheme(
          allocator: RolloverAllocator(aperture: aperture, granule: .fourKiB, cpus: cpus),
          age: age, staleLimit: stale?.pages(of: pages).rawValue ?? .max, cost: cost))
    }
  }

  private func tree(_ flavour: TreeFlavour) -> TreeAllocator {
    // A node for each range that can be out at once; more than the aperture has pages is waste.
    let pages = Int(clamping: aperture.pageCount(of: .fourKiB).rawValue)
    return TreeAllocator(
      aperture: aperture, granule: .fourKiB, flavour: flavour, cpus: cpus, forceDAC: false,
      capacity: min(pages, 1 << 20) + 64)
  }

  private func bitmap(_ mode: BitmapAllocator.Mode) -> BitmapAllocator {
    BitmapAllocator(aperture: aperture, granule: .fourKiB, mode: mode)
  }

  /// How long a page may be stale under `rollover` with a bound of `age`.
  ///
  /// The invalidation itself takes time, and may wait for one that is under way.
  static func longestStale(age: Nanoseconds) -> Nanoseconds {
    Nanoseconds(age.rawValue &+ age.rawValue / 5 &+ 100_000)
  }

  /// What the policy promises of unmapped pages, for the checkers.
  var promise: StalePromise {
    switch policy {
    case .identity, .strict, .legacyStrict: return .atUnmap
    case .legacy, .queue, .singleQueue, .rollover(nil, _): return .untilInvalidation
    case .rollover(let age?, _):
      return .within(Self.longestStale(age: age))
    }
  }
}
